/** Ways to break the sound plugins, and what a broken one is expected to be found out for. */
import type { Block, Manifest, Processor, ProcessSetup } from "@gainstage/plugin-api";
import { activateCompressor, compressorManifest } from "./sound-compressor.ts";
import { type MemoryPlugin, spoilt } from "./sound-plugin.ts";

export interface Broken {
  readonly what: string;
  /** The id of the check that it does not pass. */
  readonly breaks: string;
  readonly plugin: MemoryPlugin;
  /** Checks of the same group that cannot but fail too, or may. Default none. */
  readonly also?: readonly string[];
  /** Asked of no other check, which would take long. */
  readonly alone?: boolean;
  readonly says: RegExp;
}

/** The sound plugin with its process() followed by `after`. */
export function afterwards(
  after: (block: Block, remaining: number, setup: ProcessSetup) => unknown,
  changes: Partial<Manifest> = {},
): MemoryPlugin {
  return spoilt(
    (processor, setup) => ({
      ...processor,
      process(block) {
        const remaining = processor.process(block);
        const said = after(block, remaining, setup);
        return typeof said === "number" ? said : remaining;
      },
    }),
    changes,
  );
}

/** Writes another value for every output sample. */
export function everySample(
  block: Block,
  change: (sample: number, frame: number, channel: number) => number,
): void {
  for (const [c, channel] of block.outputs[0].entries())
    for (let i = 0; i < block.frames; i++) channel[i] = change(channel[i], i, c);
}

/** What each processor owns beside the sound plugin's own state. */
export function withState(
  run: (block: Block, state: Float64Array) => void,
  reset: (state: Float64Array) => void = (state) => state.fill(0),
  state = () => new Float64Array(4),
): MemoryPlugin {
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
export function blur(block: Block, state: Float64Array): void {
  for (const [c, channel] of block.outputs[0].entries()) {
    for (let i = 0; i < block.frames; i++) {
      const now = channel[i];
      channel[i] += 0.1 * state[c];
      state[c] = now;
    }
  }
}

/** The sound compressor with its meter read otherwise. */
export function meterReads(change: (reading: number, block: Block) => number): MemoryPlugin {
  return {
    manifest: compressorManifest,
    activate: (setup, host) => {
      const processor = activateCompressor(setup, host);
      return {
        ...processor,
        process(block) {
          const remaining = processor.process(block);
          block.meters[0] = change(block.meters[0], block);
          return remaining;
        },
      };
    },
  };
}

/** The sound compressor with its transfer curve drawn otherwise. */
export function drawsTransfer(change: (inDb: number, outDb: number) => number): MemoryPlugin {
  return {
    manifest: compressorManifest,
    activate: (setup, host) => {
      const processor = activateCompressor(setup, host);
      const { curve } = processor.extension!("curve/1")!;
      const drawn: typeof curve = (kind, x, y) => {
        const has = curve(kind, x, y);
        for (const [i, outDb] of y.entries()) y[i] = change(x[i], outDb);
        return has;
      };
      return { ...processor, extension: (() => ({ curve: drawn })) as NonNullable<Processor["extension"]> };
    },
  };
}

/** Louder by a thousandth at each activation. */
export function anotherEachTime(): MemoryPlugin {
  let activations = 0;
  return spoilt((processor) => {
    const gain = 1 + activations++ / 1000;
    return {
      ...processor,
      process(block) {
        const remaining = processor.process(block);
        everySample(block, (x) => x * gain);
        return remaining;
      },
    };
  });
}
