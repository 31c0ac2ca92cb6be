/** `gainstage process`: a chain of effects on a file. */
import { type Host, MAX_BLOCK_FRAMES, type RenderOutcome, type RenderSource } from "@gainstage/host";
import { deliver } from "@gainstage/mastering";
import { type Command, Option } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { chainOf, INPUT, OUTPUT, parseAutomation, parseFx } from "../fx-text.ts";
import { collect, decimal, PLUGINS_HELP, WATCH_HELP, wholeNumber } from "../option-values.ts";
import { bitsOption, ditherOption, type OutputFlags, refuseTarget } from "../output-flags.ts";
import { openAudio } from "../stems.ts";
import { Progress, say, warn } from "../terminal.ts";
import { searchingWatched, WatchedPlugins, type WatchFlags } from "../watched-plugins.ts";
import { dspKernels, hostFor, interruption, readAudio } from "../workplace.ts";

/** How long --tail auto lets a chain ring out. */
const LONGEST_TAIL_SECONDS = 10;

interface Flags extends OutputFlags, WatchFlags {
  readonly output: string;
  readonly fx: readonly string[];
  readonly automate: readonly string[];
  readonly block?: number;
  readonly rate?: number;
  readonly tempo?: number;
  readonly tail: "none" | "auto";
}

export function registerProcess(program: Command): void {
  program
    .command("process")
    .description("send a file through a chain of effects")
    .argument("<in>", "audio file")
    .requiredOption("-o, --output <out.wav>", "file to write")
    .option(
      "--fx <id[:param=value,...]>",
      "an effect; repeat it for a chain; preset=NAME comes first",
      collect,
      [],
    )
    .option(
      "--automate <N.param=seconds:value,...>",
      "move a parameter of the Nth effect; repeatable",
      collect,
      [],
    )
    .option("--block <frames>", "block size; never changes the result", wholeNumber(1, MAX_BLOCK_FRAMES))
    .option("--rate <hz>", "sample rate of the result", wholeNumber(8000, 768_000))
    .option("--tempo <bpm>", "tell effects a tempo, from the file's start", decimal(1, 999))
    .addOption(
      new Option("--tail <kind>", "let the chain ring out after the file")
        .choices(["none", "auto"])
        .default("none"),
    )
    .addOption(bitsOption("32f"))
    .addOption(ditherOption())
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--watch <dir>", WATCH_HELP)
    .option("--trust-modules", "run plugins that are JavaScript")
    .option("-f, --force", "replace an existing file")
    .addHelpText(
      "after",
      "\nExample:\n  gainstage process in.wav -o out.wav --fx equalizer:band1.type=bell,band1.gainDb=3 --fx limiter:ceilingDbtp=-1",
    )
    .action(run);
}

async function run(input: string, asked: Flags): Promise<void> {
  const flags = searchingWatched(asked);
  const watched = flags.watch === undefined ? undefined : new WatchedPlugins(flags.watch, flags);
  const host = hostFor(flags);
  const effects = flags.fx.map((text) => parseFx(host, text));
  await refuseTarget(flags.output, flags.force);
  // What is processed again and again, while plugins change, is read once; and the file may be written over meanwhile.
  const sound = await (watched ? wholeSound(input, flags.rate) : streamedSound(input, flags.rate));
  if (sound.channels > 2) {
    throw new CommandError(
      ExitCode.BadInput,
      `${input} has ${sound.channels} channels; effects take one or two: split it first`,
    );
  }
  const signal = interruption();
  await render(host, sound, flags, signal);
  if (sound.truncated()) say(`${input} was shorter than it says; what was there is processed`);
  if (!watched) return;
  watched.introduce(
    host,
    effects.map(({ manifest }) => manifest.id),
  );
  await host.renderer.close();
  await watched.follow(signal, async (rebuilt, news) => {
    try {
      await render(rebuilt, sound, { ...flags, force: true }, signal, news);
    } finally {
      await rebuilt.renderer.close();
    }
  });
  process.exitCode = ExitCode.Interrupted;
}

/** What goes through the chain. */
interface Sound {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Undefined where only reading to the end tells. */
  readonly frames: number | undefined;
  readonly source: RenderSource;
  /** Whether the file was shorter than it says, once it has been processed. */
  truncated(): boolean;
}

async function wholeSound(path: string, rate: number | undefined): Promise<Sound> {
  const { audio, info } = await readAudio(path, rate);
  const { sampleRateHz, frames, channels } = audio;
  return {
    sampleRateHz,
    frames,
    channels: channels.length,
    source: channels,
    truncated: () => info.truncated,
  };
}

async function streamedSound(path: string, rate: number | undefined): Promise<Sound> {
  const source = await openAudio(path, rate);
  const { sampleRateHz, channels, frames, info } = source;
  let truncated = info.truncated;
  const open = () => {
    const stream = source.open();
    const close = () => {
      truncated ||= stream.outcome?.truncated ?? false;
      return stream.close();
    };
    return { read: stream.read.bind(stream), close };
  };
  return { sampleRateHz, channels, frames, source: { ...source, open }, truncated: () => truncated };
}

/** One round from a sound to the file written. `news` is added to what is told of it. */
async function render(
  host: Host,
  sound: Sound,
  flags: Flags,
  signal: AbortSignal,
  news?: string,
): Promise<void> {
  const { sampleRateHz } = sound;
  const effects = flags.fx.map((text) => parseFx(host, text));
  const lanes = flags.automate.map((text) => parseAutomation(effects, sampleRateHz, text));
  for (const [i, lane] of lanes.entries()) {
    const isTaken = lanes.slice(0, i).some(({ node, param }) => node === lane.node && param === lane.param);
    if (isTaken) {
      throw new CommandError(
        ExitCode.Usage,
        `--automate ${flags.automate[i]}: this parameter is automated already; put all its points into one --automate`,
      );
    }
  }
  const { graph: chain, channels } = chainOf(effects, sound.channels === 1 ? 1 : 2, lanes);
  const graph =
    flags.tempo === undefined ? chain : { ...chain, song: { tempo: [{ frame: 0, bpm: flags.tempo }] } };
  const progress = new Progress("process");
  host.events.on("progress", ({ framesDone, framesTotal }) =>
    progress.update(framesDone / Math.max(1, framesTotal)),
  );
  try {
    const longestTailFrames = flags.tail === "none" ? 0 : Math.ceil(LONGEST_TAIL_SECONDS * sampleRateHz);
    let rendered: RenderOutcome | undefined;
    const made = {
      channels,
      ...(sound.frames !== undefined && { mostFrames: sound.frames + longestTailFrames }),
      writeTo: async (write: (piece: readonly Float32Array[]) => Promise<void>) => {
        rendered = await host.renderer.renderTo(
          {
            graph,
            sampleRateHz,
            ...(sound.frames !== undefined && { frames: sound.frames }),
            sources: new Map([[INPUT, sound.source]]),
            tail: flags.tail,
            longestTailFrames,
            signal,
            ...(flags.block !== undefined && { blockFrames: flags.block }),
          },
          (outputs) => write(outputs.get(OUTPUT)!),
        );
      },
    };
    const written = await deliver(dspKernels(), flags.output, made, sampleRateHz, {
      format: flags.bits,
      dither: flags.dither,
      force: flags.force ?? false,
    });
    const { frames, latencyFrames } = rendered!;
    if (written.clippedSamples > 0) {
      warn(
        `${written.clippedSamples} samples were above full scale and were clipped; turn it down or use --bits 32f`,
      );
    }
    progress.finish(
      `${flags.output}: ${(frames / sampleRateHz).toFixed(2)} s at ${sampleRateHz} Hz` +
        (latencyFrames > 0 ? `, ${latencyFrames} frames of latency removed` : "") +
        (news === undefined ? "" : `, with ${news}`),
    );
  } catch (error) {
    progress.abandon();
    throw error;
  }
}
