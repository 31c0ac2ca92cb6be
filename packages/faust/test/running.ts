/** Programs compiled for a test, and run. */
import { processSetup, type RunningProcessor, type SetupRequest, WasmPlugin } from "@gainstage/plugin-api";
import { compileFaust, type FaustOptions } from "../src/index.ts";

export const RATE_HZ = 48_000;
const MAX_FRAMES = 1024;

/** Loads the program `source` with Faust's libraries at hand. */
export async function pluginOf(source: string, options: FaustOptions = {}): Promise<WasmPlugin> {
  const { manifest, wasm } = await compileFaust(`import("stdfaust.lib");\n${source}`, {
    id: "com.example.test.program",
    ...options,
  });
  return new WasmPlugin(manifest, new WebAssembly.Module(wasm));
}

export function startOf(plugin: WasmPlugin, request: Partial<SetupRequest> = {}): RunningProcessor {
  return plugin.activate(
    processSetup(plugin.manifest, { sampleRateHz: RATE_HZ, maxFrames: MAX_FRAMES, ...request }),
  );
}

export interface RunOptions {
  /** Sizes of blocks, taken in turn. Default 256. */
  readonly blocks?: readonly number[];
  /** After each block. */
  readonly onBlock?: (remaining: number, done: number) => void;
  /** Before each. */
  readonly beforeBlock?: (done: number) => void;
}

/** The output for `inputs`: a signal for each input channel, sidechains after the main ones. */
export function run(
  processor: RunningProcessor,
  inputs: readonly Float32Array[],
  options: RunOptions = {},
): Float32Array[] {
  const { blocks = [256], onBlock, beforeBlock } = options;
  const { block } = processor;
  const [frames] = inputs.map((signal) => signal.length);
  const outputs = block.outputs[0].map(() => new Float32Array(frames));
  for (let done = 0, k = 0; done < frames; k++) {
    const size = Math.min(blocks[k % blocks.length], frames - done);
    block.frames = size;
    beforeBlock?.(done);
    for (const [c, channel] of block.inputs.flat().entries())
      channel.set(inputs[c].subarray(done, done + size));
    for (const channel of block.outputs[0]) channel.fill(Number.NaN);
    const remaining = processor.process();
    for (const [c, channel] of block.outputs[0].entries()) outputs[c].set(channel.subarray(0, size), done);
    done += size;
    onBlock?.(remaining, done);
  }
  return outputs;
}

/** Uniform noise: a linear congruential generator with the constants of Numerical Recipes.  */
export function noise(frames: number, seed: number, amplitude = 0.5): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: frames }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return amplitude * (state / 2 ** 31 - 1);
  });
}

/** Throws an Error that names the first frame at which the two are further apart than `tolerance`. */
export function within(
  actual: Float32Array,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  for (let i = 0; i < actual.length; i++) {
    if (Math.abs(actual[i] - expected[i]) <= tolerance) continue;
    throw new Error(`${what}: frame ${i} is ${actual[i]}, must be ${expected[i]} to within ${tolerance}`);
  }
}
