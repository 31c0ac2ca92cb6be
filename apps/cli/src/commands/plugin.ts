/** `gainstage plugin …`: each subcommand registers itself. */
import type { Command } from "commander";
import { registerPluginBench } from "./plugin-bench.ts";
import { registerPluginInfo } from "./plugin-info.ts";
import { registerPluginInstall } from "./plugin-install.ts";
import { registerPluginList } from "./plugin-list.ts";
import { registerPluginNew } from "./plugin-new.ts";
import { registerPluginValidate } from "./plugin-validate.ts";

export function registerPlugin(program: Command): void {
  const plugin = program
    .command("plugin")
    .description("look at plugins, install them, make and prove new ones");
  registerPluginList(plugin);
  registerPluginInfo(plugin);
  registerPluginInstall(plugin);
  registerPluginNew(plugin);
  registerPluginValidate(plugin);
  registerPluginBench(plugin);
}
