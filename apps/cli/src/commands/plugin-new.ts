/** `gainstage plugin new DIR`: a small effect that works, in the language of the author's choice. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { OutputError } from "@gainstage/audio-io";
import { didYouMean } from "@gainstage/host";
import { API_VERSION, checkManifest } from "@gainstage/plugin-api";
import type { Command } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { makeFolder } from "../output-flags.ts";
import { renderTemplate, type TemplateFacts, templateFacts, templateNames } from "../plugin-template.ts";
import { say, styled } from "../terminal.ts";
import { version } from "../version.ts";

interface Flags {
  readonly template: string;
  readonly id?: string;
  readonly name?: string;
  readonly vendor?: string;
}

export function registerPluginNew(plugin: Command): void {
  plugin
    .command("new")
    .description("start a plugin: a small effect with its build, test, picture and README")
    .argument("<dir>", "a folder that is not there yet, or is empty")
    .option("--template <language>", `one of ${templateNames().join(", ")}`, "assemblyscript")
    .option("--id <id>", "reverse DNS, for ever (default: com.example. and the folder's name)")
    .option("--name <name>", "what users see (default: from the folder's name)")
    .option("--vendor <name>", "who makes it (default: from the id)")
    .action(create);
}

async function create(dir: string, flags: Flags): Promise<void> {
  const names = templateNames();
  if (!names.includes(flags.template)) {
    throw new CommandError(
      ExitCode.Usage,
      `there is no template "${flags.template}".${didYouMean(flags.template, names)} There are ${names.join(", ")}`,
    );
  }
  const folder = resolve(dir);
  const slug = slugOf(basename(folder));
  const id = flags.id ?? `com.example.${slug}`;
  const files = renderTemplate(flags.template, {
    api: API_VERSION,
    id,
    name: flags.name ?? titleOf(slug),
    vendor: flags.vendor ?? (titleOf(id.split(".").at(1) ?? "") || id),
    slug,
    version: `^${version()}`,
  });
  refuseBadManifest(files.get("plugin.json")!);
  refuseTaken(folder, dir);
  await makeFolder(dirname(folder));
  writeAll(folder, files);
  say(`${styled("green", "✓")} ${dir}: ${id}, an effect in ${templateFacts(flags.template).language}`);
  say(nextSteps(folder, id, templateFacts(flags.template)));
}

/** "my-glue" for "My Glue 2.0": what stands in an id, a file name and a package name. Throws a CommandError. */
function slugOf(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g);
  if (!words) {
    throw new CommandError(
      ExitCode.Usage,
      `"${name}" has no letter that an id may hold (a to z, 0 to 9): give the folder a name that has`,
    );
  }
  return words.join("-");
}

/** "My Glue" for "my-glue". */
function titleOf(slug: string): string {
  return slug.replace(
    /(^|-)(.)/g,
    (_, gap: string, letter: string) => (gap ? " " : "") + letter.toUpperCase(),
  );
}

function refuseBadManifest(manifest: string): void {
  const check = checkManifest(JSON.parse(manifest));
  if (check.ok) return;
  throw new CommandError(ExitCode.Usage, check.problems.map((p) => `the ${p.path} ${p.message}`).join("; "));
}

/** Throws an OutputError unless `folder` is free or an empty folder. */
function refuseTaken(folder: string, dir: string): void {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (!status) return;
  if (!status.isDirectory()) throw new OutputError(dir, "it is there already, and no folder");
  if (readdirSync(folder).length > 0) {
    throw new OutputError(dir, "the folder is not empty; nothing in it was touched. Name a new one");
  }
}

/**
 * All or nothing: written beside the folder and renamed, or, where it is there already, into it, since the working folder
 * cannot be replaced. Throws an OutputError.
 */
function writeAll(folder: string, files: ReadonlyMap<string, string>): void {
  const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined;
  let made: string | undefined;
  const moved: string[] = [];
  try {
    made = mkdtempSync(isThere ? join(folder, ".new-") : join(dirname(folder), `.${basename(folder)}-`));
    const plugin = join(made, "plugin");
    for (const [path, text] of files) {
      mkdirSync(dirname(join(plugin, path)), { recursive: true });
      writeFileSync(join(plugin, path), text);
    }
    if (!isThere) renameSync(plugin, folder);
    else
      for (const name of readdirSync(plugin)) {
        renameSync(join(plugin, name), join(folder, name));
        moved.push(join(folder, name));
      }
  } catch (error) {
    for (const path of moved) rmSync(path, { recursive: true, force: true });
    throw new OutputError(folder, (error as Error).message);
  } finally {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  }
}

function nextSteps(folder: string, id: string, { source, needs, trust }: TemplateFacts): string {
  const lines = [
    `It takes ${needs}. ${source} is the effect; README.md says the rest. Next:`,
    ...(folder === process.cwd() ? [] : [`  cd ${relative(process.cwd(), folder)}`]),
    ...installSteps(),
    "  npm test",
    `  gainstage process in.wav -o out.wav --plugins .${trust} --fx ${id}`,
  ];
  return lines.join("\n");
}

/** From npm, or, where this command runs from a clone of the repository, as the clone makes them. */
function installSteps(): string[] {
  if (import.meta.url.endsWith(".js")) return ["  npm install"];
  const clone = fileURLToPath(new URL("../../../../", import.meta.url));
  const packages = join(tmpdir(), "gainstage-packages");
  return [
    `  npm run --prefix ${clone} release:pack -- ${packages}`,
    `  npm install --save-dev ${join(packages, "*.tgz")}`,
  ];
}
