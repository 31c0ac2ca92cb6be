/** `gainstage bench`: runs tools/bench of the repository this command belongs to, in a process of its own. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { wholeNumber } from "../option-values.ts";

interface Flags {
  readonly peers: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly json?: boolean;
}

export function registerBench(program: Command): void {
  program
    .command("bench")
    .description("time the workloads W1 and W5, side by side with what a user would pick instead")
    .option("--peers", "beside other engines", true)
    .option("--no-peers", "only our own")
    .option("--rounds <n>", "rounds, taken in turn; the median counts", wholeNumber(1, 99), 5)
    .option("--seconds <n>", "length of the audio", wholeNumber(1, 600), 60)
    .option("--json", "print one JSON object")
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const script = fileURLToPath(new URL("../../../../tools/bench/src/main.ts", import.meta.url));
  if (!existsSync(script)) {
    throw new CommandError(
      ExitCode.Usage,
      "the benchmarks come with the repository, not with the installed command",
    );
  }
  const args = [script, `--rounds=${flags.rounds}`, `--seconds=${flags.seconds}`];
  if (!flags.peers) args.push("--no-peers");
  if (flags.json) args.push("--json");
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (code !== 0) throw new CommandError(ExitCode.CheckFailed, "the benchmark ended early");
}
