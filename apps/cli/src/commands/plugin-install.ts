/** `gainstage plugin install|uninstall|release`: the user's own plugins, and those that failed. None of their code runs. */
import { installPlugins, shortName, uninstallPlugin, userPluginFolder } from "@gainstage/host";
import type { Command } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { say, styled } from "../terminal.ts";
import { userQuarantine } from "../workplace.ts";

export function registerPluginInstall(plugin: Command): void {
  plugin
    .command("install")
    .description("check a plugin and copy it to your own, where every command finds it")
    .argument("<path>", "a plugin's folder, or a .tgz as `npm pack` makes it")
    .option("--force", "put it in the place of the same version")
    .action(install);
  plugin
    .command("uninstall")
    .description("remove one of your own plugins")
    .argument("<id>", "ID, or ID@VERSION where there are several versions")
    .action(uninstall);
  plugin
    .command("release")
    .description("let a plugin that failed out of quarantine")
    .argument("<id>", "its id, or the hash that `gainstage plugin info` shows")
    .action(release);
}

function install(path: string, flags: { readonly force?: boolean }): void {
  const options = { force: flags.force ?? false, quarantine: userQuarantine() };
  for (const { entry, folder } of installPlugins(path, userPluginFolder(), options)) {
    const { id, version, entry: code } = entry.manifest;
    const trust = "module" in code ? "; it is JavaScript and needs --trust-modules" : "";
    say(`${styled("green", "✓")} ${shortName(id)} ${version} is in ${folder}${trust}`);
  }
}

function uninstall(name: string): void {
  say(`${styled("green", "✓")} ${uninstallPlugin(name, userPluginFolder())} is removed`);
}

function release(idOrHash: string): void {
  const quarantine = userQuarantine();
  const released = quarantine.release(idOrHash);
  for (const { id, version, why, when } of released)
    say(`${styled("green", "✓")} ${shortName(id)} ${version} is free again (${why}, ${when})`);
  if (released.length === 0) {
    const inside = [...new Set(quarantine.entries.map(({ id }) => shortName(id)))].join(", ");
    const there = inside === "" ? "there is nothing in it" : `there is ${inside}`;
    throw new CommandError(ExitCode.Plugin, `${idOrHash} is not in quarantine; ${there}`);
  }
}
