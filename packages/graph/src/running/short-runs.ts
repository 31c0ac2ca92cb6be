/**
 * Blocks longer than the shortest way back of a graph, cut so that what is fed back is there in time. The cuts are the
 * engine's own: they change no sample.
 */
import { copyFrames } from "./copy-frames.ts";

/** By node id, [channel]. */
export type Ports = ReadonlyMap<string, readonly Float32Array[]>;

export class ShortRuns {
  /** Frames. */
  readonly longest: number;
  /** Whole blocks, for the host. */
  readonly inputs: Ports;
  readonly outputs: Ports;
  readonly #toEngine: readonly Pair[];
  readonly #fromEngine: readonly Pair[];

  /** [control] `inputs` and `outputs` are the engine's own. */
  constructor(longest: number, maxFrames: number, inputs: Ports, outputs: Ports) {
    this.longest = longest;
    this.inputs = wholeBlocks(inputs, maxFrames);
    this.outputs = wholeBlocks(outputs, maxFrames);
    this.#toEngine = pairs(this.inputs, inputs);
    this.#fromEngine = pairs(outputs, this.outputs);
  }

  /** [audio] Frames `at` to `at + frames` of the host's block. */
  takeIn(at: number, frames: number): void {
    for (let i = 0; i < this.#toEngine.length; i++) {
      const { from, to } = this.#toEngine[i];
      copyFrames(to, 0, from, at, frames);
    }
  }

  /** [audio] */
  putOut(at: number, frames: number): void {
    for (let i = 0; i < this.#fromEngine.length; i++) {
      const { from, to } = this.#fromEngine[i];
      copyFrames(to, at, from, 0, frames);
    }
  }
}

interface Pair {
  readonly from: Float32Array;
  readonly to: Float32Array;
}

function wholeBlocks(ports: Ports, frames: number): Ports {
  return new Map([...ports].map(([id, channels]) => [id, channels.map(() => new Float32Array(frames))]));
}

function pairs(from: Ports, to: Ports): readonly Pair[] {
  return [...from].flatMap(([id, channels]) =>
    channels.map((channel, c) => ({ from: channel, to: to.get(id)![c] })),
  );
}
