/** A delay line, one frame at a time. */
export class Delay {
  /** Of the past that it holds, beside the present one. */
  readonly frames: number;
  readonly #samples: Float64Array;
  #head = 0;
  #peak = 0;

  constructor(frames: number) {
    this.frames = frames;
    this.#samples = new Float64Array(frames + 1);
  }

  push(x: number): void {
    this.#head = (this.#head + 1) % this.#samples.length;
    this.#samples[this.#head] = x;
    this.#peak = Math.max(this.#peak, Math.abs(x));
  }

  /** The largest magnitude that was pushed since this was asked last. */
  takePeak(): number {
    const peak = this.#peak;
    this.#peak = 0;
    return peak;
  }

  /** What was pushed `frames` before the last. */
  tap(frames: number): number {
    const length = this.#samples.length;
    return this.#samples[(this.#head - frames + length) % length];
  }

  clear(): void {
    this.#samples.fill(0);
    this.#peak = 0;
  }
}

/** Schroeder's all-pass: w = x + g w[-m], y = w[-m] - g w (JAES 10(3), 1962). */
export class AllPass {
  readonly line: Delay;
  readonly #frames: number;
  readonly #gain: number;

  constructor(frames: number, gain: number) {
    this.line = new Delay(frames);
    this.#frames = frames;
    this.#gain = gain;
  }

  next(x: number): number {
    const delayed = this.line.tap(this.#frames - 1);
    const w = x + this.#gain * delayed;
    this.line.push(w);
    return delayed - this.#gain * w;
  }
}
