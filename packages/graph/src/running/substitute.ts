/**
 * What is heard in the place of a plugin that failed or is bypassed: its main input, late by its latency, or silence; joined
 * to the last good sample by a fade, since a plugin fails at a frame and not at a zero crossing. [audio thread]
 */
import type { DryPath } from "./dry-path.ts";

export class Substitute {
  readonly dry: DryPath;
  /** Whether the dry path is heard, or silence. */
  isDry = true;
  #outputs: readonly (readonly Float32Array[])[];
  readonly #mainOut: number;
  readonly #fadeFrames: number;
  /** The last good sample of each main output channel, and frames left of the fade from it. */
  readonly #from: Float64Array;
  #left = 0;

  /** `outputs` are the engine's, [port][channel]. */
  constructor(
    dry: DryPath,
    outputs: readonly (readonly Float32Array[])[],
    mainOut: number,
    fadeFrames: number,
  ) {
    this.dry = dry;
    this.#outputs = outputs;
    this.#mainOut = mainOut;
    this.#fadeFrames = fadeFrames;
    this.#from = new Float64Array(outputs[mainOut]?.length ?? 0);
  }

  /** [control, between blocks] To other buffers of the engine. */
  move(inputs: readonly Float32Array[], outputs: readonly (readonly Float32Array[])[]): void {
    this.dry.move(inputs);
    this.#outputs = outputs;
  }

  /** The next frames fall from these samples. */
  fallFrom(samples: Float64Array): void {
    this.#from.set(samples);
    this.#left = this.#fadeFrames;
  }

  reset(): void {
    this.dry.reset();
    this.#left = 0;
  }

  /** Writes frames `offset` to `offset + frames` of the engine's block. */
  play(offset: number, frames: number): void {
    for (let p = 0; p < this.#outputs.length; p++) {
      if (p === this.#mainOut && this.isDry) continue;
      for (const channel of this.#outputs[p]) channel.fill(0, offset, offset + frames);
    }
    const outputs = this.#outputs[this.#mainOut];
    if (this.isDry) this.dry.play(outputs, offset, frames);
    for (let i = offset; i < offset + frames && this.#left > 0; i++) {
      const old = this.#left-- / this.#fadeFrames;
      for (let c = 0; c < this.#from.length; c++) {
        outputs[c][i] = outputs[c][i] * (1 - old) + this.#from[c] * old;
      }
    }
  }
}
