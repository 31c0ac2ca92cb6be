/** An engine whose outputs are held back, so that they are as late as those of another one. */
import { copyFrames } from "../running/copy-frames.ts";
import type { Engine } from "../running/engine.ts";

/** Blocks of named ports, [port][channel], in an order that all engines of one swap share. */
export type Blocks = readonly (readonly Float32Array[])[];

export class DelayedEngine {
  readonly engine: Engine;
  /** How late the outputs are in all. */
  readonly latencyFrames: number;
  /** After run(): the block of each output. */
  readonly outputs: Blocks;
  readonly #inputs: Blocks;
  readonly #undelayed: Blocks;
  readonly #delayFrames: number;
  /** The past of each output channel, delay and one block long; empty where nothing is held back. */
  readonly #rings: Blocks;
  #head = 0;

  /** [control] `latencyFrames` is at least that of the engine. The ids give the order of the blocks. */
  constructor(
    engine: Engine,
    latencyFrames: number,
    inputIds: readonly string[],
    outputIds: readonly string[],
  ) {
    this.engine = engine;
    this.latencyFrames = latencyFrames;
    this.#delayFrames = latencyFrames - engine.latencyFrames;
    this.#inputs = inputIds.map((id) => engine.inputs.get(id)!);
    this.#undelayed = outputIds.map((id) => engine.outputs.get(id)!);
    const buffers = (frames: number): Blocks =>
      this.#undelayed.map((channels) => channels.map(() => new Float32Array(frames)));
    const isLate = this.#delayFrames > 0;
    this.#rings = isLate ? buffers(this.#delayFrames + engine.maxFrames) : [];
    this.outputs = isLate ? buffers(engine.maxFrames) : this.#undelayed;
  }

  /** [audio] */
  run(inputs: Blocks, frames: number): void {
    for (let p = 0; p < inputs.length; p++) {
      for (let c = 0; c < inputs[p].length; c++) copyFrames(this.#inputs[p][c], 0, inputs[p][c], 0, frames);
    }
    this.engine.run(frames);
    if (this.#rings.length === 0) return;
    const length = this.#delayFrames + this.engine.maxFrames;
    const first = Math.min(frames, length - this.#head);
    let from = this.#head - this.#delayFrames;
    if (from < 0) from += length;
    const firstOut = Math.min(frames, length - from);
    for (let p = 0; p < this.#rings.length; p++) {
      for (let c = 0; c < this.#rings[p].length; c++) {
        const ring = this.#rings[p][c];
        copyFrames(ring, this.#head, this.#undelayed[p][c], 0, first);
        copyFrames(ring, 0, this.#undelayed[p][c], first, frames - first);
        copyFrames(this.outputs[p][c], 0, ring, from, firstOut);
        copyFrames(this.outputs[p][c], firstOut, ring, 0, frames - firstOut);
      }
    }
    this.#head = (this.#head + frames) % length;
  }
}
