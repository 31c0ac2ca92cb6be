/** `gainstage plugin validate`: proves a plugin against the contract, in threads that it cannot hold up. */
import { readFileSync } from "node:fs";
import type { CheckResult, Level, ValidateOptions, ValidationReport } from "@gainstage/conformance/validate";
import { checkManifest } from "@gainstage/plugin-api";
import { type Command, Option } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { collect, decimal, PLUGINS_HELP, wholeNumber } from "../option-values.ts";
import { refuseTarget, writeWhole } from "../output-flags.ts";
import { styled } from "../terminal.ts";
import { junitXml } from "../validation/junit.ts";
import { folderOf } from "../validation/plugin-folder.ts";
import { terminalReport } from "../validation/terminal-report.ts";
import { validationPage } from "../validation/validation-page.ts";
import type { HostFlags } from "../workplace.ts";

/** Times the random cases that a plugin's own tests try: who asks here waits for one plugin, a quarter of a minute. */
const EFFORT = 4;

interface Flags extends HostFlags {
  readonly only?: readonly string[];
  readonly level: Level;
  readonly seed?: number;
  readonly soak?: number;
  readonly case?: string;
  readonly json?: boolean;
  readonly junit?: string;
  readonly report?: string;
  readonly force?: boolean;
}

export function registerPluginValidate(plugin: Command): void {
  plugin
    .command("validate")
    .description("prove a plugin: every check of the contract that a machine can decide")
    .argument("<plugin>", "its folder, a .tgz as `npm pack` makes it, or an id")
    .option(
      "--only <ids>",
      "these checks alone, as in D01,T03; repeatable",
      (text, all: readonly string[]) => [...all, ...text.split(",")],
      [],
    )
    .addOption(
      new Option("--level <level>", "the weakest level to check")
        .choices(["must", "should", "info"])
        .default("info"),
    )
    .option(
      "--seed <number>",
      "of the random cases; the report says which it was",
      wholeNumber(1, 0x7fffffff),
    )
    .option("--soak <minutes>", "of audio in the endurance check R07", decimal(0.01, 10_000))
    .option("--case <file>", "run one failing case of a report again, as JSON")
    .option("--json", "print the report as one JSON object")
    .option("--junit <file>", "write it as JUnit XML")
    .option("--report <file>", "write it as a page, with the curves and figures that were measured")
    .option("--force", "replace files that are there already")
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--trust-modules", "allow a plugin that is JavaScript, which can do whatever this program can")
    .action(validatePlugin);
}

async function validatePlugin(what: string, flags: Flags): Promise<void> {
  for (const path of [flags.junit, flags.report])
    if (path !== undefined) await refuseTarget(path, flags.force);
  using found = folderOf(what, flags);
  const { validate } = await import("@gainstage/conformance/validate");
  const progress = new GroupProgress();
  const replay = flags.case === undefined ? {} : { replay: await caseIn(flags.case, found.folder) };
  const options: ValidateOptions = {
    level: flags.level,
    effort: EFFORT,
    ...(flags.only && flags.only.length > 0 && { only: flags.only }),
    ...(flags.seed !== undefined && { seed: flags.seed }),
    ...(flags.soak !== undefined && { soakMinutes: flags.soak }),
    ...replay,
    trustModules: flags.trustModules ?? false,
    onResult: (result) => progress.take(result),
  };
  const report = await validate(found.folder, options);
  progress.finish();
  const force = flags.force ?? false;
  if (flags.junit !== undefined) await writeWhole(flags.junit, junitXml(report), force);
  if (flags.report !== undefined) await writeWhole(flags.report, validationPage(report), force);
  process.stdout.write(`${flags.json ? JSON.stringify(report) : terminalReport(report)}\n`);
  process.exitCode = exitCodeOf(report);
}

function exitCodeOf({ loads, ok }: ValidationReport): ExitCode {
  if (!loads) return ExitCode.Plugin;
  return ok ? ExitCode.Ok : ExitCode.CheckFailed;
}

/** Throws a CommandError for a file that is no case of this plugin. */
async function caseIn(path: string, folder: string) {
  const { readCase } = await import("@gainstage/conformance/validate");
  try {
    const check = checkManifest(JSON.parse(readFileSync(`${folder}/plugin.json`, "utf8")));
    if (!check.ok) throw new Error("the plugin's manifest is not valid");
    return readCase(readFileSync(path, "utf8"), check.manifest);
  } catch (error) {
    throw new CommandError(ExitCode.BadInput, `${path}: ${(error as Error).message}`);
  }
}

/** One line for each group of checks, on stderr. */
class GroupProgress {
  #group: string | undefined;
  #counts = { passed: 0, failed: 0, warned: 0, "not-run": 0 };
  #ms = 0;

  take(result: CheckResult): void {
    if (result.group !== this.#group) {
      this.finish();
      this.#group = result.group;
      this.#counts = { passed: 0, failed: 0, warned: 0, "not-run": 0 };
      this.#ms = 0;
    }
    this.#counts[result.outcome]++;
    this.#ms += result.ms;
    if (isTerminal()) process.stderr.write(`\r\x1b[2K  ${result.group}: ${result.id}`);
  }

  finish(): void {
    if (this.#group === undefined || !isTerminal()) return;
    const { passed, failed, warned } = this.#counts;
    const mark = failed > 0 ? styled("red", "✗") : warned > 0 ? styled("yellow", "!") : styled("green", "✓");
    const wrong = [failed > 0 ? `, ${failed} failed` : "", warned > 0 ? `, ${warned} warned` : ""].join("");
    const time = styled("dim", `(${(this.#ms / 1000).toFixed(1)} s)`);
    process.stderr.write(`\r\x1b[2K${mark} ${this.#group.padEnd(26)} ${passed} passed${wrong} ${time}\n`);
    this.#group = undefined;
  }
}

function isTerminal(): boolean {
  return process.stderr.isTTY === true && process.env.TERM !== "dumb";
}
