/** Runs a plugin over a whole signal, cut into any blocks, with parameter changes at given frames. */
import {
  type LoadedPlugin,
  processSetup,
  type RunningProcessor,
  reasonOf,
  type SetupRequest,
} from "@gainstage/plugin-api";
import { CheckFailed } from "./compare.ts";

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
  /** Called after every block with what process() returned and the frames done. */
  readonly onBlock?: (remaining: number, framesDone: number) => void;
}

/** What each input port of a processor gets: a port that is not connected stays silent, as the contract says. */
const feedsOf = new WeakMap<RunningProcessor, readonly ("signal" | "reversed" | "silence")[]>();

/** An activated processor. Throws a CheckFailed if the plugin refuses. */
export function start(plugin: LoadedPlugin, request: Partial<SetupRequest> = {}): RunningProcessor {
  const setup = processSetup(plugin.manifest, {
    sampleRateHz: SAMPLE_RATE_HZ,
    maxFrames: MAX_FRAMES,
    ...request,
  });
  try {
    const processor = plugin.activate(setup);
    feedsOf.set(
      processor,
      setup.inputs.map(({ connected }, p) => {
        if (!connected) return "silence";
        return plugin.manifest.inputs[p].role === "main" ? "signal" : "reversed";
      }),
    );
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
  const frames = signal[0].length;
  const blocks = options.blocks ?? [128];
  const changes = options.changes ?? [];
  const output = block.outputs[0].map(() => new Float32Array(frames));
  let done = 0;
  let nextChange = 0;
  for (let k = 0; done < frames; k++) {
    let left = Math.min(blocks[k % blocks.length], frames - done);
    while (left > 0) {
      for (; nextChange < changes.length && changes[nextChange].frame <= done; nextChange++) {
        block.params[changes[nextChange].param] = changes[nextChange].value;
      }
      const until = changes[nextChange]?.frame ?? Number.POSITIVE_INFINITY;
      const run = Math.min(left, until - done);
      feed(processor, signal, done, run);
      const remaining = runBlock(processor, run);
      for (const [c, channel] of output.entries()) channel.set(block.outputs[0][c].subarray(0, run), done);
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
): void {
  const { inputs, outputs } = processor.block;
  const feeds = feedsOf.get(processor);
  for (const [p, port] of inputs.entries()) {
    const wanted = feeds?.[p] ?? (p === 0 ? "signal" : "reversed");
    if (wanted === "silence") continue;
    for (const [c, channel] of port.entries()) {
      const source =
        signal[wanted === "signal" ? c % signal.length : signal.length - 1 - (c % signal.length)];
      channel.set(source.subarray(at, at + frames));
    }
  }
  for (const port of outputs) for (const channel of port) channel.fill(Number.NaN, 0, frames);
}
