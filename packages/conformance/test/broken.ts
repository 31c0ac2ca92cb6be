/** Ways to break the sound plugin, and what a broken one is expected to be found out for. */
import type { Block, LoadedPlugin } from "@gainstage/plugin-api";
import { spoilt } from "./sound-plugin.ts";

/** The sound plugin with its process() followed by `after`. */
export function afterwards(after: (block: Block, remaining: number) => number | undefined): LoadedPlugin {
  return spoilt((processor) => ({
    ...processor,
    process(block) {
      const remaining = processor.process(block);
      return after(block, remaining) ?? remaining;
    },
  }));
}

export const everySample = (block: Block, change: (sample: number, frame: number) => number) => {
  for (const channel of block.outputs[0]) {
    for (let i = 0; i < block.frames; i++) channel[i] = change(channel[i], i);
  }
  return undefined;
};

/** What each processor owns beside the sound plugin's own state. */
export function withState(
  run: (block: Block, state: Float64Array) => void,
  reset: (state: Float64Array) => void = (state) => state.fill(0),
  state = () => new Float64Array(4),
): LoadedPlugin {
  return spoilt((processor) => {
    const own = state();
    return {
      ...processor,
      reset() {
        processor.reset();
        reset(own);
      },
      process(block) {
        const remaining = processor.process(block);
        run(block, own);
        return remaining;
      },
    };
  });
}

/** Adds a part of the sample before. */
export const blur = (block: Block, state: Float64Array) => {
  for (const [c, channel] of block.outputs[0].entries()) {
    for (let i = 0; i < block.frames; i++) {
      const now = channel[i];
      channel[i] += 0.1 * state[c];
      state[c] = now;
    }
  }
};

export interface Broken {
  readonly what: string;
  readonly check: string;
  readonly plugin: LoadedPlugin;
  /** Checks that cannot but fail too. Default none. */
  readonly also?: readonly string[];
  readonly says: RegExp;
}
