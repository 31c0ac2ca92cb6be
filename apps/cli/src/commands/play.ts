/** `gainstage play`: a file or a session as live sound, moved by keys where a terminal has them. */
import { openLiveSound } from "@gainstage/audio-io";
import type { EditOutcome, Host, LoopRange, Playing } from "@gainstage/host";
import { PluginFault } from "@gainstage/plugin-api";
import { type Command, Option } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { collect, decimal, PLUGINS_HELP, timeRange, WATCH_HELP, wholeNumber } from "../option-values.ts";
import { clock, dropoutsText, PlayKeys } from "../play-keys.ts";
import { type Song, type SongFlags, songAt } from "../song.ts";
import { decibels, Progress, say, warn } from "../terminal.ts";
import { searchingWatched, WatchedPlugins, type WatchFlags } from "../watched-plugins.ts";
import { hostFor, interruption } from "../workplace.ts";

interface Flags extends SongFlags, WatchFlags {
  readonly sink: "default" | "none";
  readonly seconds?: number;
  readonly from?: number;
  readonly loop?: [number, number];
}

const SECONDS_HELP = "end after so much of the song, counted from where it begins";
const KEYS_HELP = `
In a terminal, keys move the song: space plays and stops, left and right go 5 s back and on, q ends.`;

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
    .option(
      "--from <seconds>",
      "begin there; default: the song's beginning, or the loop's",
      decimal(0, 360_000),
    )
    .addOption(new Option("--seconds <n>", SECONDS_HELP).argParser(decimal(0.01, 360_000)))
    .addOption(
      new Option(
        "--loop <a-b>",
        "play from a to b over and over, in seconds, as in 10-25.5; until q or Ctrl+C",
      )
        .argParser(timeRange)
        .conflicts("seconds"),
    )
    .addOption(
      new Option("--sink <sink>", "none plays without a sound card, to nobody")
        .choices(["default", "none"])
        .default("default"),
    )
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--watch <dir>", WATCH_HELP)
    .option("--trust-modules", "run plugins that are JavaScript")
    .addHelpText("after", KEYS_HELP)
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
  const { fromFrame, loop } = placesIn(song, path, flags);
  const limit = fromFrame + Math.round((flags.seconds ?? Number.POSITIVE_INFINITY) * sampleRateHz);
  const frames = Math.min(song.frames, limit);
  const playing = await host.player.play(
    {
      graph,
      output: output.id,
      sampleRateHz,
      frames,
      fromFrame,
      ...(loop && { loop }),
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
  let [heard, peak, dropouts] = [fromFrame / sampleRateHz, 0, 0];
  const keys = PlayKeys.ofTerminal(playing, { sampleRateHz, frames, fromFrame });
  host.events.on("position", (position) => {
    heard = position.frame / sampleRateHz;
    dropouts = position.dropouts;
    const level = Math.max(...position.peaks);
    peak = Math.max(peak, level);
    if (keys) keys.tell(position, dbfs(level));
    else progress.update(Math.min(1, position.frame / frames), `${clock(heard)}  ${dbfs(level)}`);
  });
  const over = new AbortController();
  const stop = () => over.abort();
  interrupted.addEventListener("abort", stop);
  const following = watched?.follow(over.signal, (rebuilt, news) => goTo(playing, song, rebuilt, news));
  try {
    const ends = [playing.ended, aborted(interrupted), ...(keys ? [keys.quit] : [])];
    await Promise.race([...ends, ...(following ? [following] : [])]);
  } catch (error) {
    progress.abandon();
    throw error;
  } finally {
    stop();
    keys?.release();
    await playing.close();
    await following;
  }
  progress.finish(
    `${path}: ${heard.toFixed(2)} s at ${sampleRateHz} Hz, peak ${dbfs(peak)}, ${dropoutsText(dropouts)}`,
  );
  if (peak > 1) warn("samples above full scale were clipped by the sound card; turn it down");
  if (interrupted.aborted) process.exitCode = ExitCode.Interrupted;
}

/** Where the song begins, and what of it is looped, in frames. Throws a CommandError for what is beyond it. */
function placesIn(
  { frames, sampleRateHz }: Song,
  path: string,
  { from, loop }: Flags,
): { readonly fromFrame: number; readonly loop?: LoopRange } {
  const length = `${path} is ${(frames / sampleRateHz).toFixed(2)} s long`;
  const fromFrame = Math.round((from ?? loop?.[0] ?? 0) * sampleRateHz);
  if (fromFrame >= frames)
    throw new CommandError(ExitCode.Usage, `${length}: there is nothing from ${from} s on`);
  if (!loop) return { fromFrame };
  const [startFrame, endFrame] = loop.map((seconds) => Math.round(seconds * sampleRateHz));
  if (endFrame > frames)
    throw new CommandError(ExitCode.Usage, `${length}: the loop cannot end at ${loop[1]} s`);
  if (fromFrame >= endFrame)
    throw new CommandError(ExitCode.Usage, `--from ${from} is behind the end of the loop, at ${loop[1]} s`);
  return { fromFrame, loop: { startFrame, endFrame } };
}

async function goTo(playing: Playing, song: Song, rebuilt: Host, news: string): Promise<void> {
  const started = performance.now();
  const outcome = await playing.edit(song.graph(rebuilt), rebuilt);
  if (outcome.kind === "superseded") return;
  const at = clock(outcome.frame / song.sampleRateHz);
  say(`${news}: heard from ${at} on${stateText(outcome)} (${Math.round(performance.now() - started)} ms)`);
  for (const { node, message } of outcome.states.lost)
    warn(`${message} (node ${node}): it starts without the state it had`);
}

function stateText({ states }: Extract<EditOutcome, { kind: "settled" }>): string {
  return states.carried.length > 0 ? `, state kept in ${states.carried.join(", ")}` : "";
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

function dbfs(peak: number): string {
  return `${decibels(peak > 0 ? 20 * Math.log10(peak) : null)} dBFS`;
}
