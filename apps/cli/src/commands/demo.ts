/** `gainstage demo`, what `npm start` runs: mixes the demo song's stems, masters the mix, and shows what came of it. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { AudioFileInfo } from "@gainstage/audio-io";
import { type AudioMeasurement, measureAudio } from "@gainstage/dsp";
import type { Host } from "@gainstage/host";
import { deliver, loadPreset, type MasteredTrack, masterTracks } from "@gainstage/mastering";
import { type Mix, renderMix, withDerivedGraph } from "@gainstage/mixer";
import { encodeSession, type Session } from "@gainstage/session";
import type { Command } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { wholeNumber } from "../option-values.ts";
import { makeFolder, writeWhole } from "../output-flags.ts";
import { audioReport, graphReport } from "../report/gather.ts";
import { reportHtml } from "../report/report-html.ts";
import { readSessionFile, readStems, type Stem } from "../stems.ts";
import { Progress, styled, warn } from "../terminal.ts";
import { version } from "../version.ts";
import { dspKernels, hostFor, interruption } from "../workplace.ts";
import { loudnessTable } from "./analyze.ts";

const SONG = fileURLToPath(new URL("../../../../tools/demo-song/", import.meta.url));
const TARGET_LUFS = -14;
const CEILING_DBTP = -1;

interface Flags {
  readonly out: string;
  readonly jobs: number;
}

export function registerDemo(program: Command): void {
  program
    .command("demo")
    .description("mix and master the demo song; what npm start does")
    .option("--out <dir>", "folder for the results", "out")
    .option(
      "--jobs <n>",
      "threads; never changes the result",
      wholeNumber(1, 64),
      Math.min(4, availableParallelism()),
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const sessionPath = join(SONG, "song.session.json");
  if (!existsSync(sessionPath)) {
    throw new CommandError(
      ExitCode.Usage,
      "the demo song comes with the repository, not with the installed command",
    );
  }
  const host = hostFor({});
  const signal = interruption();
  const session = await readSessionFile(sessionPath);
  await makeFolder(flags.out);
  const speed = new Map<string, string>();

  const stems = await stage("read stems", async (progress) => {
    const started = performance.now();
    const read = await readStems(session, SONG, (done, total) => progress.update(done / total));
    const seconds = read.reduce((sum, stem) => sum + stem.channels[0].length / session.sampleRateHz, 0);
    const factor = timesRealTime(seconds, started);
    return { result: read, summary: `${read.length} stems, ${formatsOf(read)}, ${factor} real time` };
  });

  const measured = stems.map(({ channels }) => measureAudio(dspKernels(), channels, session.sampleRateHz));

  const mix = await stage("mix", async (progress) => {
    const started = performance.now();
    const follow = ({ framesDone, framesTotal }: { framesDone: number; framesTotal: number }) =>
      progress.update(framesDone / framesTotal);
    host.events.on("progress", follow);
    const made = await renderMix(host, {
      session,
      stems: new Map(stems.map(({ strip, channels }) => [strip.id, channels])),
      jobs: flags.jobs,
      signal,
    });
    host.events.off("progress", follow);
    speed.set("mix", timesRealTime(made.frames / made.sampleRateHz, started));
    const plugins = made.graph.nodes.filter((node) => node.kind === "plugin").length;
    const summary = `${made.graph.nodes.length} nodes, ${plugins} effects, ${speed.get("mix")} real time`;
    return { result: made, summary };
  });

  const master = await stage("master", async (progress) => {
    const started = performance.now();
    const [made] = await masterTracks(host, dspKernels(), {
      tracks: [{ name: session.title, sampleRateHz: mix.sampleRateHz, channels: mix.channels }],
      targetLufs: TARGET_LUFS,
      ceilingDbtp: CEILING_DBTP,
      mode: "track",
      preset: loadPreset("balanced"),
      signal,
      onProgress: (done) => progress.update(done),
    });
    for (const text of made.warnings) warn(text);
    speed.set("master", timesRealTime(mix.frames / mix.sampleRateHz, started));
    return {
      result: made,
      summary: `to ${TARGET_LUFS} LUFS under ${CEILING_DBTP} dBTP, ${speed.get("master")} real time`,
    };
  });

  const paths = await stage("write", async (progress) => ({
    result: await write({ host, session, stems, measured, mix, master, folder: flags.out }, (done) =>
      progress.update(done),
    ),
    summary: "mix, master, session and report",
  }));

  const rows = [
    ...stems.map(({ strip, readingSpeed }, i) => ({
      name: strip.name,
      measurement: measured[i],
      extra: timesText(readingSpeed),
    })),
    { name: "mix", measurement: master.before, extra: speed.get("mix") ?? "" },
    { name: "master", measurement: master.after, extra: speed.get("master") ?? "" },
  ];
  process.stdout.write(`\n${loudnessTable(rows)}\n\n`);
  const shown = paths.map(
    ([what, path]) => `${what.padEnd(8)} ${styled("cyan", relative(process.cwd(), path), process.stdout)}`,
  );
  process.stdout.write(`${shown.join("\n")}\n`);
}

/** One line of progress for one stage; an error clears it. */
async function stage<T>(
  label: string,
  work: (progress: Progress) => Promise<{ readonly result: T; readonly summary: string }>,
): Promise<T> {
  const progress = new Progress(label);
  try {
    const { result, summary } = await work(progress);
    progress.finish(summary);
    return result;
  } catch (error) {
    progress.abandon();
    throw error;
  }
}

interface Results {
  readonly host: Host;
  readonly session: Session;
  readonly stems: readonly Stem[];
  /** Of each stem. */
  readonly measured: readonly AudioMeasurement[];
  readonly mix: Mix;
  readonly master: MasteredTrack;
  readonly folder: string;
}

async function write(
  results: Results,
  reach: (done: number) => void,
): Promise<[what: string, path: string][]> {
  const { session, mix, master, folder } = results;
  const at = (name: string) => join(folder, name);
  const kernels = dspKernels();
  const files: [string, string][] = [
    ["mix", at("mix.wav")],
    ["master", at("master.wav")],
    ["CD", at("master-16bit.wav")],
    ["session", at("song.gainstage")],
    ["report", at("report.html")],
  ];
  const common = { dither: "tpdf", force: true } as const;
  const description = `${session.title}, made with Gainstage ${version()}`;
  const [mixed, mastered] = [master.before, master.after];
  const rate = mix.sampleRateHz;
  await deliver(kernels, at("mix.wav"), mix.channels, rate, {
    ...common,
    format: "24",
    measurement: mixed,
    description,
  });
  reach(0.25);
  await deliver(kernels, at("master.wav"), master.channels, rate, {
    ...common,
    format: "24",
    measurement: mastered,
    description,
  });
  await deliver(kernels, at("master-16bit.wav"), master.channels, rate, {
    ...common,
    format: "16",
    measurement: mastered,
    description,
  });
  reach(0.5);
  await writeWhole(at("song.gainstage"), encodeSession(withDerivedGraph(session, mix.graph)), true);
  await writeWhole(at("report.html"), report(results), true);
  return files;
}

function report({ host, session, stems, measured, mix, master }: Results): string {
  const kernels = dspKernels();
  const names = new Map([...session.strips, ...session.buses].map((channel) => [channel.id, channel.name]));
  return reportHtml({
    title: session.title,
    gainstageVersion: version(),
    targetLufs: TARGET_LUFS,
    ceilingDbtp: CEILING_DBTP,
    stems: stems.map(({ strip, info }, i) => ({
      name: strip.name,
      file: describeFile(info),
      measurement: measured[i],
    })),
    mix: audioReport(kernels, "Mix", mix.channels, mix.sampleRateHz),
    master: audioReport(kernels, "Master", master.channels, master.sampleRateHz),
    headroomTrimDb: mix.headroomTrimDb,
    driveDb: master.driveDb,
    gainReduction: [
      { name: "Compressor", trace: master.compressorGain },
      { name: "Limiter", trace: master.limiterGain },
    ],
    graphs: [
      graphReport(host, "Mix", mix, mix.sampleRateHz, names),
      graphReport(host, "Master", master, master.sampleRateHz, new Map()),
    ],
    notes: [...mix.faults, ...master.faults].map((fault) => fault.message).concat(master.warnings),
  });
}

/** "FLAC, 44.1 kHz, 24 bit, mono" */
export function describeFile(info: AudioFileInfo): string {
  const bits = info.bitDepth === undefined ? [] : [`${info.bitDepth} bit`];
  const width = info.channels === 1 ? "mono" : info.channels === 2 ? "stereo" : `${info.channels} channels`;
  return [info.format.toUpperCase(), `${info.sampleRateHz / 1000} kHz`, ...bits, width].join(", ");
}

function formatsOf(stems: readonly Stem[]): string {
  return [...new Set(stems.map((stem) => stem.info.format.toUpperCase()))].join("/");
}

function timesRealTime(seconds: number, startedMs: number): string {
  return timesText((seconds * 1000) / (performance.now() - startedMs));
}

function timesText(factor: number): string {
  return `${factor >= 100 ? factor.toFixed(0) : factor.toFixed(1)}×`;
}
