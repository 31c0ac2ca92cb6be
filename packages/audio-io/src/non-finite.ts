// NaN and infinities become silence: one such sample would stay in every recursive filter after it for ever.

export class NonFiniteSamples {
  #count = 0;
  #firstFrame = Number.POSITIVE_INFINITY;
  #firstChannel = 0;

  /** Replaces them by 0, in place, in the first `frames` frames; `at` is where these stand in the recording. */
  silence(channels: readonly Float32Array[], frames: number, at: number): void {
    for (const [channel, samples] of channels.entries()) {
      for (let frame = 0; frame < frames; frame++) {
        // x - x is 0 for every finite x and NaN for the others.
        if (samples[frame] - samples[frame] === 0) continue;
        samples[frame] = 0;
        this.#count++;
        if (at + frame < this.#firstFrame) {
          this.#firstFrame = at + frame;
          this.#firstChannel = channel;
        }
      }
    }
  }

  /** The warning to show; undefined when all samples were finite. */
  get warning(): string | undefined {
    if (this.#count === 0) return undefined;
    const subject = this.#count === 1 ? "1 sample was" : `${this.#count} samples were`;
    const where = `first at frame ${this.#firstFrame} of channel ${this.#firstChannel}`;
    return `${subject} not finite (${where}) and ${this.#count === 1 ? "was" : "were"} read as silence`;
  }
}
