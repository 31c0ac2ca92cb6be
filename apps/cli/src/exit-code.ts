/** What the shell learns, and how every error becomes one clear line and one of these. */
import { InputError, LiveSoundError, OutputError } from "@gainstage/audio-io";
import { GraphError } from "@gainstage/graph";
import { SilentTrackError } from "@gainstage/mastering";
import { PluginFault } from "@gainstage/plugin-api";
import { SessionError } from "@gainstage/session";

export const ExitCode = {
  Ok: 0,
  CheckFailed: 1,
  Usage: 2,
  BadInput: 3,
  Plugin: 4,
  Output: 5,
  PartOfBatch: 6,
  Interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** An error whose message is for the user as it stands. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The exit code for anything thrown; undefined for what should never have been, a defect of ours. */
export function exitCodeOf(error: unknown): ExitCode | undefined {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof InputError || error instanceof SessionError) return ExitCode.BadInput;
  if (error instanceof GraphError || error instanceof SilentTrackError) return ExitCode.BadInput;
  // A parameter that does not exist or is out of range is a mistake in what was typed.
  if (error instanceof PluginFault) return error.code === "param" ? ExitCode.Usage : ExitCode.Plugin;
  if (error instanceof OutputError || error instanceof LiveSoundError) return ExitCode.Output;
  if (error instanceof Error && error.name === "AbortError") return ExitCode.Interrupted;
  return undefined;
}
