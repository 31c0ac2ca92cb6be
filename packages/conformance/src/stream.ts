/** Runs a plugin over a whole signal, cut into any blocks, with parameter changes at given frames. */
import {
  type Host,
  type LoadedPlugin,
  processSetup,
  type RunningProcessor,
  reasonOf,
  type SetupRequest,
} from "@gainstage/plugin-api";
import type { Song } from "./case.ts";
import { CheckFailed } from "./compare.ts";
import { framesUntilJump, transportAt } from "./song.ts";

export const SAMPLE_RATE_HZ = 48_000;
export const MAX_FRAMES = 1024;

export interface ParamChange {
  readonly frame: number;
  /** Index in the manifest. */
  readonly param: number;
  readonly value: number;
}

export interface StreamOptions {
  /** Lengths of the blocks, repeated as often as needed. */
  readonly blocks?: readonly number[];
  /** In the order of their frames. Blocks are cut there, as a host does. */
  readonly changes?: readonly ParamChange[];
  /** The transport; blocks are cut where it jumps. Default: none. */
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
    throw new CheckFailed(`does not activate with ${JSON.stringify(request)}: ${reasonOf(error)}`);
  }
}

/** Runs the block that is set up. Throws a CheckFailed if the plugin throws; returns what process() said. */
export function runBlock(processor: RunningProcessor, frames: number): number {
  processor.block.frames = frames;
  try {
    return processor.process();
  } catch (error) {
    throw new CheckFailed(`process() failed with a block of ${frames} frames: ${reasonOf(error)}`);
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
  const heard = () => (options.allOutputs ? block.outputs.flat() : mainOutputOf(processor));
  const output = heard().map(() => new Float32Array(frames));
  let done = 0;
  let nextChange = 0;
  for (let k = 0; done < frames; k++) {
    let left = Math.min(blocks[k % blocks.length], frames - done);
    while (left > 0) {
      for (; nextChange < changes.length && changes[nextChange].frame <= done; nextChange++) {
        block.params[changes[nextChange].param] = changes[nextChange].value;
      }
      let run = Math.min(left, (changes[nextChange]?.frame ?? Number.POSITIVE_INFINITY) - done);
      if (song) {
        run = Math.min(run, framesUntilJump(song, from + done));
        block.transport = transportAt(song, from + done, sampleRateHz);
      }
      feed(processor, signal, done, run, options.hints === true);
      options.beforeBlock?.(done, run);
      const remaining = runBlock(processor, run);
      for (const [c, channel] of heard().entries()) output[c].set(channel.subarray(0, run), done);
      done += run;
      left -= run;
      options.onBlock?.(remaining, done);
    }
  }
  return output;
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
  for (const [p, port] of inputs.entries()) {
    const wanted = feeds[p] ?? "reversed";
    silentInputs[p] = hints && wanted === "silence" ? (1 << port.length) - 1 : 0;
    if (wanted === "silence") continue;
    for (const [c, channel] of port.entries()) {
      const source =
        signal[wanted === "signal" ? c % signal.length : signal.length - 1 - (c % signal.length)];
      const part = source.subarray(at, at + frames);
      channel.set(part);
      if (hints && part.every((x) => x === 0)) silentInputs[p] |= 1 << c;
    }
  }
  silentOutputs.fill(0);
  for (const port of outputs) for (const channel of port) channel.fill(Number.NaN, 0, frames);
}
