/** Sound and silence without a click: a gain of 3t² − 2t³ that opens or closes in so many frames, and may turn round. [audio] */
export class Fade {
  readonly #frames: number;
  /** t in frames: 0 is silence, all of them is a gain of exactly 1. */
  #at = 0;
  #step = 0;

  constructor(frames: number) {
    this.#frames = frames;
  }

  get isClosed(): boolean {
    return this.#at === 0 && this.#step === 0;
  }

  /** Frames until it stands still; Infinity if it does. */
  get framesLeft(): number {
    if (this.#step === 0) return Number.POSITIVE_INFINITY;
    return this.#step > 0 ? this.#frames - this.#at : this.#at;
  }

  open(): void {
    this.#step = this.#at < this.#frames ? 1 : 0;
  }

  openAtOnce(): void {
    this.#at = this.#frames;
    this.#step = 0;
  }

  close(): void {
    this.#step = this.#at > 0 ? -1 : 0;
  }

  /** Goes on by at most `framesLeft` frames, those of `channels` from `from` on. */
  apply(channels: readonly Float32Array[], from: number, frames: number): void {
    if (this.#step === 0) return;
    for (let i = 1; i <= frames; i++) {
      const t = (this.#at + this.#step * i) / this.#frames;
      const gain = t * t * (3 - 2 * t);
      for (let c = 0; c < channels.length; c++) channels[c][from + i - 1] *= gain;
    }
    this.#at += this.#step * frames;
    if (this.#at === 0 || this.#at === this.#frames) this.#step = 0;
  }
}
