/** `gainstage master`: files to a loudness target under a true-peak ceiling. */
import { basename, extname, join } from "node:path";
import type { WavSampleFormat } from "@gainstage/audio-io";
import type { Host } from "@gainstage/host";
import {
  deliver,
  loadPreset,
  type MasteredTrack,
  masterTracks,
  presetNames,
  type Track,
} from "@gainstage/mastering";
import { type Command, Option } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { parseFx } from "../fx-text.ts";
import { collect, decimal, PLUGINS_HELP } from "../option-values.ts";
import {
  ditherOption,
  makeFolder,
  type OutputFlags,
  refuseExisting,
  refuseFolder,
  writeWhole,
} from "../output-flags.ts";
import { audioReport, graphReport } from "../report/gather.ts";
import { reportHtml } from "../report/report-html.ts";
import { Progress, warn } from "../terminal.ts";
import { version } from "../version.ts";
import { dspKernels, type HostFlags, hostFor, interruption, readAudio } from "../workplace.ts";
import { loudnessTable } from "./analyze.ts";

interface Flags extends Omit<OutputFlags, "bits">, HostFlags {
  readonly output: string;
  readonly target: number;
  readonly ceiling: number;
  readonly mode: "track" | "album";
  readonly preset: string;
  readonly fx: readonly string[];
  readonly format: WavSampleFormat;
  readonly report?: "html" | "json";
}

export function registerMaster(program: Command): void {
  program
    .command("master")
    .description("master files to a loudness target under a true-peak ceiling")
    .argument("<files...>", "mixes, in album order")
    .requiredOption("-o, --output <dir>", "folder for the masters")
    .option("--target <lufs>", "integrated loudness", decimal(-40, -5), -14)
    .option("--ceiling <dbtp>", "true-peak ceiling", decimal(-12, 0), -1)
    .addOption(
      new Option("--mode <mode>", "each track to the target, or the album as a whole")
        .choices(["track", "album"])
        .default("track"),
    )
    .option("--preset <name>", `one of ${presetNames().join(", ")}`, "balanced")
    .option(
      "--fx <id[:param=value,...]>",
      "a further effect before the limiter; repeatable; preset=NAME comes first",
      collect,
      [],
    )
    .addOption(
      new Option("--report <kind>", "html: a page beside each master; json: the figures to stdout").choices([
        "html",
        "json",
      ]),
    )
    .addOption(
      new Option("--format <format>", "sample format of the masters")
        .choices(["16", "24", "32f", "64f"])
        .default("24"),
    )
    .addOption(ditherOption())
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--trust-modules", "run plugins that are JavaScript")
    .option("-f, --force", "replace existing files")
    .action(run);
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  const host = hostFor(flags);
  const preset = namedPreset(flags.preset);
  const inserts = flags.fx.map((text) => {
    const { manifest, params } = parseFx(host, text);
    return { plugin: manifest.id, params };
  });
  const targets = outputPaths(paths, flags.output);
  const pages = flags.report === "html" ? targets.map((path) => path.replace(/\.wav$/, ".html")) : [];
  for (const path of [...targets, ...pages]) await refuseExisting(path, flags.force);
  await refuseFolder(flags.output);
  const tracks: Track[] = [];
  for (const path of paths) {
    const { audio } = await readAudio(path);
    if (audio.channels.length > 2) {
      throw new CommandError(
        ExitCode.BadInput,
        `${path} has ${audio.channels.length} channels; a master has one or two`,
      );
    }
    tracks.push({ name: basename(path), sampleRateHz: audio.sampleRateHz, channels: audio.channels });
  }
  const progress = new Progress("master");
  let mastered: MasteredTrack[];
  try {
    mastered = await masterTracks(host, dspKernels(), {
      tracks,
      targetLufs: flags.target,
      ceilingDbtp: flags.ceiling,
      mode: flags.mode,
      preset,
      inserts,
      signal: interruption(),
      onProgress: (done) => progress.update(done),
    });
    await makeFolder(flags.output);
    for (const [i, track] of mastered.entries()) {
      await deliver(dspKernels(), targets[i], track.channels, track.sampleRateHz, {
        format: flags.format,
        dither: flags.dither,
        force: flags.force ?? false,
        measurement: track.after,
        description: `${track.name}, mastered to ${flags.target} LUFS`,
      });
      for (const text of track.warnings) warn(`${track.name}: ${text}`);
      if (pages[i] !== undefined)
        await writeWhole(pages[i], page(host, tracks[i], track, flags), flags.force ?? false);
    }
  } catch (error) {
    progress.abandon();
    throw error;
  }
  progress.finish(`${mastered.length === 1 ? "1 track" : `${mastered.length} tracks`} in ${flags.output}`);
  printFigures(mastered, targets, flags);
}

/** The report of one track, its mix being what came in. */
function page(host: Host, source: Track, track: MasteredTrack, flags: Flags): string {
  const kernels = dspKernels();
  return reportHtml({
    title: source.name,
    gainstageVersion: version(),
    targetLufs: flags.target,
    ceilingDbtp: flags.ceiling,
    stems: [],
    mix: audioReport(kernels, "Mix", source.channels, source.sampleRateHz),
    master: audioReport(kernels, "Master", track.channels, track.sampleRateHz),
    headroomTrimDb: 0,
    driveDb: track.driveDb,
    gainReduction: [
      { name: "Compressor", trace: track.compressorGain },
      { name: "Limiter", trace: track.limiterGain },
    ],
    graphs: [graphReport(host, "Master", track, track.sampleRateHz, new Map())],
    notes: [...track.faults.map((fault) => fault.message), ...track.warnings],
  });
}

function printFigures(mastered: readonly MasteredTrack[], targets: readonly string[], flags: Flags): void {
  if (flags.report === "json") {
    const tracks = mastered.map(({ before, after, driveDb, warnings }, i) => ({
      path: targets[i],
      before,
      after,
      driveDb,
      warnings,
    }));
    process.stdout.write(
      `${JSON.stringify({ targetLufs: flags.target, ceilingDbtp: flags.ceiling, mode: flags.mode, tracks })}\n`,
    );
    return;
  }
  const rows = mastered.flatMap((track, i) => [
    { name: track.name, measurement: track.before },
    { name: `  ${targets[i]}`, measurement: track.after },
  ]);
  process.stdout.write(`${loudnessTable(rows)}\n`);
}

function namedPreset(name: string) {
  try {
    return loadPreset(name);
  } catch (error) {
    throw new CommandError(ExitCode.Usage, (error as Error).message);
  }
}

/** A master for each mix, numbered where two mixes have the same name. */
function outputPaths(paths: readonly string[], folder: string): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const stem = basename(path, extname(path));
    let name = `${stem}.wav`;
    for (let n = 2; taken.has(name); n++) name = `${stem}-${n}.wav`;
    taken.add(name);
    return join(folder, name);
  });
}
