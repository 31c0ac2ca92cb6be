/** `gainstage play`: a file or a session as live sound. */
import { openLiveSound } from "@gainstage/audio-io";
import type { Host, Playing, SwapOutcome } from "@gainstage/host";
import { PluginFault } from "@gainstage/plugin-api";
import { type Command, Option } from "commander";
import { ExitCode } from "../exit-code.ts";
import { collect, decimal, PLUGINS_HELP, WATCH_HELP, wholeNumber } from "../option-values.ts";
import { type Song, type SongFlags, songAt } from "../song.ts";
import { decibels, Progress, say, warn } from "../terminal.ts";
import { searchingWatched, WatchedPlugins, type WatchFlags } from "../watched-plugins.ts";
import { hostFor, interruption } from "../workplace.ts";

interface Flags extends SongFlags, WatchFlags {
  readonly sink: "default" | "none";
  readonly seconds?: number;
}

const LONGEST_TAIL_SECONDS = 10;
/** A plugin that is watched may get so much more latency, 170 ms at 48 kHz, without moving the song. */
const SPARE_LATENCY_FRAMES = 8192;
/** For the error to be printed. */
const LAST_WORDS_MS = 1000;

export function registerPlay(program: Command): void {
  program
    .command("play")
    .description("play a file, a session or a folder of stems")
    .argument("<session|file>", "audio file, session file, or folder of audio files")
    .option(
      "--fx <id[:param=value,...]>",
      "an effect for a file; repeat it for a chain; preset=NAME comes first",
      collect,
      [],
    )
    .option("--stems <dir>", "where the session's sources are; default: beside it")
    .option("--rate <hz>", "sample rate of a file or a folder", wholeNumber(8000, 192_000))
    .option("--tempo <bpm>", "tell effects a tempo, from the file's start", decimal(1, 999))
    .option("--seconds <n>", "end after so much of the song", decimal(0.01, 360_000))
    .addOption(
      new Option("--sink <sink>", "none plays without a sound card, to nobody")
        .choices(["default", "none"])
        .default("default"),
    )
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--watch <dir>", WATCH_HELP)
    .option("--trust-modules", "run plugins that are JavaScript")
    .action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
  try {
    await play(path, searchingWatched(flags));
  } catch (error) {
    // The thread of a plugin that does not return would keep the process for ever.
    if (error instanceof PluginFault && error.code === "hang")
      setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
    throw error;
  }
}

async function play(path: string, flags: Flags): Promise<void> {
  const watched = flags.watch === undefined ? undefined : new WatchedPlugins(flags.watch, flags);
  const host = hostFor(flags);
  const song = await songAt(path, flags, host);
  const graph = song.graph(host);
  const interrupted = interruption();
  const { sampleRateHz } = song;
  const output = graph.nodes.find((node) => node.kind === "output")!;
  const limit = Math.round((flags.seconds ?? Number.POSITIVE_INFINITY) * sampleRateHz);
  const frames = Math.min(song.frames, limit);
  const playing = await host.player.play(
    {
      graph,
      output: output.id,
      sampleRateHz,
      frames,
      sourceFrames: song.frames,
      sources: song.sources,
      longestTailFrames: limit > song.frames ? LONGEST_TAIL_SECONDS * sampleRateHz : 0,
      latencyFrames: watched ? SPARE_LATENCY_FRAMES : 0,
      missing: song.missing,
    },
    (worklet) =>
      openLiveSound({ worklet, sampleRateHz, channels: output.channels === 1 ? 1 : 2, sink: flags.sink }),
  );
  const used = graph.nodes.flatMap((node) => (node.kind === "plugin" ? [node.plugin] : []));
  watched?.introduce(host, used);

  const progress = new Progress("play");
  let [heard, peak] = [0, 0];
  host.events.on("position", ({ frame, peaks }) => {
    heard = frame / sampleRateHz;
    const level = Math.max(...peaks);
    peak = Math.max(peak, level);
    progress.update(Math.min(1, frame / frames), `${clock(heard)}  ${dbfs(level)}`);
  });
  const over = new AbortController();
  const stop = () => over.abort();
  interrupted.addEventListener("abort", stop);
  const following = watched?.follow(over.signal, (rebuilt, news) => swap(playing, song, rebuilt, news));
  try {
    await Promise.race([playing.ended, aborted(interrupted), ...(following ? [following] : [])]);
  } catch (error) {
    progress.abandon();
    throw error;
  } finally {
    stop();
    await playing.stop();
    await following;
  }
  progress.finish(`${path}: ${heard.toFixed(2)} s at ${sampleRateHz} Hz, peak ${dbfs(peak)}`);
  if (peak > 1) warn("samples above full scale were clipped by the sound card; turn it down");
  if (interrupted.aborted) process.exitCode = ExitCode.Interrupted;
}

async function swap(playing: Playing, song: Song, rebuilt: Host, news: string): Promise<void> {
  const started = performance.now();
  const outcome = await playing.swap(song.graph(rebuilt), rebuilt);
  if (outcome.kind === "superseded") return;
  const at = clock(outcome.frame / song.sampleRateHz);
  say(`${news}: heard from ${at} on${stateText(outcome)} (${Math.round(performance.now() - started)} ms)`);
  for (const { node, message } of outcome.states.lost)
    warn(`${message} (node ${node}): it starts without the state it had`);
}

function stateText({ states }: Extract<SwapOutcome, { kind: "swapped" }>): string {
  return states.carried.length > 0 ? `, state kept in ${states.carried.join(", ")}` : "";
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function dbfs(peak: number): string {
  return `${decibels(peak > 0 ? 20 * Math.log10(peak) : null)} dBFS`;
}
