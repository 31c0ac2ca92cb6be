/** `gainstage bench`: runs tools/bench of the repository this command belongs to, in a process of its own. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { decimal, wholeNumber } from "../option-values.ts";

interface Flags {
  readonly peers: boolean;
  readonly peersFrom?: string;
  readonly only?: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly scale?: boolean;
  readonly json?: boolean;
}

export function registerBench(program: Command): void {
  program
    .command("bench")
    .description("time the workloads W1 to W5, side by side with what a user would pick instead")
    .option("--peers", "beside the other engines that this machine has", true)
    .option("--no-peers", "only our own")
    .option("--peers-from <dir>", "where npm has installed peers that are no dependency of ours")
    .option("--only <workloads>", "some of W1,W2,W3,W4,W5", workloads)
    .option("--rounds <n>", "rounds, taken in turn; the median counts", wholeNumber(1, 99), 5)
    .option("--seconds <n>", "length of the audio", decimal(0.5, 600), 60)
    .option(
      "--scale",
      "instead: how our own cost grows with nodes, tracks and plugins, and what it is made of",
    )
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample:\n  gainstage bench --only W1,W4 --rounds 9 --seconds 600")
    .action(run);
}

function workloads(text: string): string {
  if (/^W[1-5](,W[1-5])*$/.test(text)) return text;
  throw new InvalidArgumentError("It must be some of W1,W2,W3,W4,W5, with commas between them.");
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
  if (flags.peersFrom !== undefined) args.push(`--peers-from=${flags.peersFrom}`);
  if (flags.only !== undefined) args.push(`--only=${flags.only}`);
  if (flags.scale) args.push("--scale");
  if (flags.json) args.push("--json");
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (code !== 0) throw new CommandError(ExitCode.CheckFailed, "the benchmark ended early");
}
