/** What is heard in a plugin's place: its main input, late by the plugin's latency, or nothing. */
import { copyFrames } from "./copy-frames.ts";

export class DryPath {
  #inputs: readonly Float32Array[];
  readonly #latencyFrames: number;
  /** The past of the input, latency and one block long. Empty where nothing is late. [channel] */
  readonly #ring: readonly Float32Array[];
  #head = 0;

  /** `inputs` are the channels of the plugin's main input in the engine; none for silence. */
  constructor(inputs: readonly Float32Array[], latencyFrames: number, maxFrames: number) {
    this.#inputs = inputs;
    this.#latencyFrames = latencyFrames;
    const frames = latencyFrames + maxFrames;
    this.#ring = latencyFrames > 0 ? inputs.map(() => new Float32Array(frames)) : [];
  }

  /** [control, between blocks] To other buffers of the engine, as many as before. */
  move(inputs: readonly Float32Array[]): void {
    this.#inputs = inputs;
  }

  /** [audio] Takes in frames `offset` to `offset + frames` of the engine's block. */
  keep(offset: number, frames: number): void {
    if (this.#ring.length === 0) return;
    const { length } = this.#ring[0];
    const first = Math.min(frames, length - this.#head);
    for (let c = 0; c < this.#ring.length; c++) {
      copyFrames(this.#ring[c], this.#head, this.#inputs[c], offset, first);
      copyFrames(this.#ring[c], 0, this.#inputs[c], offset + first, frames - first);
    }
    this.#head = (this.#head + frames) % length;
  }

  /** [audio] Writes those frames, kept before, to `outputs`; a mono input stands on every channel. */
  play(outputs: readonly Float32Array[], offset: number, frames: number): void {
    for (let c = 0; c < outputs.length; c++) {
      const from = Math.min(c, this.#inputs.length - 1);
      if (from < 0) outputs[c].fill(0, offset, offset + frames);
      else if (this.#ring.length === 0) copyFrames(outputs[c], offset, this.#inputs[from], offset, frames);
      else this.#playLate(outputs[c], this.#ring[from], offset, frames);
    }
  }

  #playLate(output: Float32Array, ring: Float32Array, offset: number, frames: number): void {
    let at = this.#head - frames - this.#latencyFrames;
    if (at < 0) at += ring.length;
    for (let i = offset; i < offset + frames; i++) {
      output[i] = ring[at];
      if (++at === ring.length) at = 0;
    }
  }

  /** [audio] */
  reset(): void {
    for (const channel of this.#ring) channel.fill(0);
    this.#head = 0;
  }
}
