/** Runs a plugin over a whole signal, cut into any blocks, with parameter changes at given frames. */
import {
  type Host,
  type LoadedPlugin,
  processSetup,
  type RunningProcessor,
  reasonOf,
  type SetupRequest,
} from "@gainstage/plugin-api";
import type { Song } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { SongClock } from "./song.ts";

export const SAMPLE_RATE_HZ = 48_000;
export const MAX_FRAMES = 1024;

export interface ParamChange {
  readonly frame: number;
  /** Index in the manifest. */
  readonly param: number;
  readonly value: number;
}

export interface StreamOptions {
  /** Lengths of the blocks, repeated as often as needed; each at most the maxFrames of start(). Default [128]. */
  readonly blocks?: readonly number[];
  /** In the order of their frames. Blocks are cut there, as a host does. */
  readonly changes?: readonly ParamChange[];
  /** The transport; blocks are cut where it jumps and where its tempo changes. Default: none. */
  readonly song?: Song | undefined;
  /** The plugin's frame at which this signal begins, for the song. Default 0. */
  readonly from?: number;
  /** Says which input channels are silent, as the contract allows. Default: says nothing. */
  readonly hints?: boolean;
  /** Every output port's channels, in manifest order, instead of the main output's. */
  readonly allOutputs?: boolean;
  /** Called before every block with the frames done. */
  readonly beforeBlock?: (framesDone: number, frames: number) => void;
  /** Called after every block with what process() returned and the frames done. */
  readonly onBlock?: (remaining: number, framesDone: number) => void;
}

/** What each input port of a processor gets: a port that is not connected stays silent, as the contract says. */
interface Wiring {
  readonly feeds: readonly ("signal" | "reversed" | "silence")[];
  readonly mainInput: number;
  readonly mainOutput: number;
  readonly sampleRateHz: number;
}
const wiringOf = new WeakMap<RunningProcessor, Wiring>();
const STRAIGHT: Wiring = { feeds: ["signal"], mainInput: 0, mainOutput: 0, sampleRateHz: SAMPLE_RATE_HZ };

/** An activated processor. Throws a CheckFailed if the plugin refuses. */
export function start(
  plugin: LoadedPlugin,
  request: Partial<SetupRequest> = {},
  host?: Host,
): RunningProcessor {
  const { manifest } = plugin;
  const setup = processSetup(manifest, { sampleRateHz: SAMPLE_RATE_HZ, maxFrames: MAX_FRAMES, ...request });
  try {
    const processor = plugin.activate(setup, host);
    wiringOf.set(processor, {
      feeds: setup.inputs.map(({ connected }, p) => {
        if (!connected) return "silence";
        return manifest.inputs[p].role === "main" ? "signal" : "reversed";
      }),
      mainInput: manifest.inputs.findIndex((p) => p.role === "main"),
      mainOutput: manifest.outputs.findIndex((p) => p.role === "main"),
      sampleRateHz: setup.sampleRateHz,
    });
    return processor;
  } catch (error) {
    const asked = Object.keys(request).length === 0 ? "its defaults" : JSON.stringify(request);
    throw new CheckFailed(`does not activate with ${asked}: ${reasonOf(error)}`, undefined, error);
  }
}

/** Runs the block that is set up. Throws a CheckFailed if the plugin throws; returns what process() said. */
export function runBlock(processor: RunningProcessor, frames: number): number {
  processor.block.frames = frames;
  try {
    return processor.process();
  } catch (error) {
    const what = `process() failed with a block of ${frames} frames: ${reasonOf(error)}`;
    throw new CheckFailed(what, undefined, error);
  }
}

/** The channels of the main input. */
export function mainInputOf(processor: RunningProcessor): readonly Float32Array[] {
  return processor.block.inputs[(wiringOf.get(processor) ?? STRAIGHT).mainInput];
}

export function mainOutputOf(processor: RunningProcessor): readonly Float32Array[] {
  return processor.block.outputs[(wiringOf.get(processor) ?? STRAIGHT).mainOutput];
}

/**
 * Feeds `signal` ([channel]) to the main input, and its channels in reverse order to every connected sidechain.
 * Returns the main output, [channel]. Outputs are filled with NaN before each call: what is not written shows.
 * Throws a RangeError for a block that is no whole number of frames from 1 to the processor's maxFrames.
 */
export function stream(
  processor: RunningProcessor,
  signal: readonly Float32Array[],
  options: StreamOptions = {},
): Float32Array[] {
  const { block } = processor;
  const { sampleRateHz } = wiringOf.get(processor) ?? STRAIGHT;
  const { blocks = [128], changes = [], song, from = 0 } = options;
  const frames = signal[0].length;
  if (blocks.length === 0) throw new RangeError("there is no length of a block");
  for (const length of blocks) checkLength(processor, length, frames);
  const clock = song && new SongClock(song, sampleRateHz);
  const heard = () => (options.allOutputs ? block.outputs : [mainOutputOf(processor)]);
  const output = heard().flatMap((port) => port.map(() => new Float32Array(frames)));
  let done = 0;
  let nextChange = 0;
  for (let k = 0; done < frames; k++) {
    let left = Math.min(blocks[k % blocks.length], frames - done);
    while (left > 0) {
      for (; nextChange < changes.length && changes[nextChange].frame <= done; nextChange++) {
        block.params[changes[nextChange].param] = changes[nextChange].value;
      }
      let run = Math.min(left, (changes[nextChange]?.frame ?? Number.POSITIVE_INFINITY) - done);
      if (clock) {
        run = Math.min(run, clock.framesUntilCut(from + done));
        block.transport = clock.at(from + done);
      }
      feed(processor, signal, done, run, options.hints === true);
      options.beforeBlock?.(done, run);
      const remaining = runBlock(processor, run);
      // Loops, not subarrays: blocks are short, and there are millions of them. The channels may be others each time.
      let c = 0;
      for (const port of heard()) for (const channel of port) copy(channel, 0, output[c++], done, run);
      done += run;
      left -= run;
      options.onBlock?.(remaining, done);
    }
  }
  return output;
}

/** `frames` is the length of the signal: no block gets longer. */
function checkLength(processor: RunningProcessor, length: number, frames: number): void {
  if (!(Number.isInteger(length) && length >= 1))
    throw new RangeError(`a block of ${length} frames: a block has a whole number of frames, at least 1`);
  const maxFrames = mainInputOf(processor)[0].length;
  if (Math.min(length, frames) > maxFrames)
    throw new RangeError(
      `a block of ${length} frames is longer than the processor's maxFrames of ${maxFrames}: start(plugin, { maxFrames: ${length} }) makes one that takes it`,
    );
}

function copy(source: Float32Array, from: number, target: Float32Array, at: number, frames: number): void {
  for (let i = 0; i < frames; i++) target[at + i] = source[from + i];
}

function feed(
  processor: RunningProcessor,
  signal: readonly Float32Array[],
  at: number,
  frames: number,
  hints: boolean,
): void {
  const { inputs, outputs, silentInputs, silentOutputs } = processor.block;
  const { feeds } = wiringOf.get(processor) ?? STRAIGHT;
  for (let p = 0; p < inputs.length; p++) {
    const port = inputs[p];
    const wanted = feeds[p] ?? "reversed";
    silentInputs[p] = hints && wanted === "silence" ? (1 << port.length) - 1 : 0;
    if (wanted === "silence") continue;
    for (let c = 0; c < port.length; c++) {
      const source = c % signal.length;
      copy(signal[wanted === "signal" ? source : signal.length - 1 - source], at, port[c], 0, frames);
      if (hints && port[c].subarray(0, frames).every((x) => x === 0)) silentInputs[p] |= 1 << c;
    }
  }
  silentOutputs.fill(0);
  for (const port of outputs) for (const channel of port) channel.fill(Number.NaN, 0, frames);
}
