/** The gainstage command. */
import { Command, CommanderError } from "commander";
import { registerAnalyze } from "./commands/analyze.ts";
import { registerBench } from "./commands/bench.ts";
import { registerDemo } from "./commands/demo.ts";
import { registerMaster } from "./commands/master.ts";
import { registerMix } from "./commands/mix.ts";
import { registerPlay } from "./commands/play.ts";
import { registerPlugin } from "./commands/plugin.ts";
import { registerProcess } from "./commands/process.ts";
import { registerSession } from "./commands/session.ts";
import { ExitCode, exitCodeOf } from "./exit-code.ts";
import { say, styled } from "./terminal.ts";
import { version } from "./version.ts";

const program = new Command("gainstage")
  .description("mix and master audio with a modular graph of plugins")
  .version(version())
  .showSuggestionAfterError(true)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, styled("red", "error:"))) });
// Inherited by the commands registered after it.
program.exitOverride();
registerProcess(program);
registerMix(program);
registerPlay(program);
registerMaster(program);
registerAnalyze(program);
registerPlugin(program);
registerSession(program);
registerBench(program);
registerDemo(program);

// Output into a pipe whose reader has gone is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(ExitCode.Ok);
  say(`${styled("red", "error:")} cannot write to the standard output: ${error.message}`);
  process.exit(ExitCode.Output);
});
// Nobody to tell is no reason to leave the work half done.
process.stderr.on("error", () => {});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  // Commander has printed its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  const code = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  say(`${styled("red", "error:")} ${message}`);
  if (code !== undefined) return code;
  if (error instanceof RangeError) return ExitCode.Usage;
  say("This is a defect of Gainstage. Please report it with the command and these lines:");
  say(error instanceof Error ? (error.stack ?? "") : "");
  return ExitCode.CheckFailed;
}
