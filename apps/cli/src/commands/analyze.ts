/** `gainstage analyze`: loudness and peaks of files. */
import { type AudioMeasurement, measureAudio } from "@gainstage/dsp";
import type { Command } from "commander";
import { CommandError, ExitCode, exitCodeOf } from "../exit-code.ts";
import { decibels, Progress, say, styled, table } from "../terminal.ts";
import { dspKernels, readAudio } from "../workplace.ts";

interface FileMeasurement extends AudioMeasurement {
  readonly path: string;
}

export function registerAnalyze(program: Command): void {
  program
    .command("analyze")
    .description("measure loudness (BS.1770, EBU R 128), true peak and correlation")
    .argument("<files...>", "audio files")
    .option("--json", "print one JSON object")
    .action(run);
}

async function run(paths: readonly string[], flags: { readonly json?: boolean }): Promise<void> {
  const files: FileMeasurement[] = [];
  const failures: unknown[] = [];
  const progress = new Progress("analyze");
  for (const [i, path] of paths.entries()) {
    try {
      const { audio } = await readAudio(path);
      files.push({ path, ...measureAudio(dspKernels(), audio.channels, audio.sampleRateHz) });
    } catch (error) {
      if (exitCodeOf(error) === undefined || paths.length === 1) {
        progress.abandon();
        throw error;
      }
      failures.push(error);
      progress.abandon();
      say(`${styled("red", "error:")} ${(error as Error).message}`);
    }
    progress.update((i + 1) / paths.length);
  }
  progress.abandon();
  if (flags.json) process.stdout.write(`${JSON.stringify({ files })}\n`);
  else if (files.length > 0)
    process.stdout.write(`${loudnessTable(files.map((f) => ({ name: f.path, measurement: f })))}\n`);
  if (failures.length > 0) {
    throw new CommandError(
      files.length > 0 ? ExitCode.PartOfBatch : ExitCode.BadInput,
      `${failures.length} of ${paths.length} files could not be measured`,
    );
  }
}

/** LUFS, range, true peak, PLR and correlation, a row each. */
export function loudnessTable(
  rows: readonly { readonly name: string; readonly measurement: AudioMeasurement; readonly extra?: string }[],
): string {
  const withExtra = rows.some((row) => row.extra !== undefined);
  const right = "right" as const;
  const columns = [
    { title: "file" },
    { title: "LUFS", align: right },
    { title: "range LU", align: right },
    { title: "true peak", align: right },
    { title: "PLR", align: right },
    { title: "corr.", align: right },
    ...(withExtra ? [{ title: "speed", align: right }] : []),
  ];
  return table(
    columns,
    rows.map(({ name, measurement: m, extra }) => [
      name,
      decibels(m.integratedLufs),
      m.loudnessRangeLu === null ? "n/a" : m.loudnessRangeLu.toFixed(1),
      decibels(m.truePeakDbtp),
      m.truePeakDbtp === null || m.integratedLufs === null
        ? "n/a"
        : decibels(m.truePeakDbtp - m.integratedLufs),
      m.correlation === null ? "n/a" : decibels(m.correlation, 2),
      ...(withExtra ? [extra ?? ""] : []),
    ]),
  );
}
