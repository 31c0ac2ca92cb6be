/** A delay line, one frame at a time. */
export class Delay {
  readonly #samples: Float64Array;
  #head = 0;

  /** Holds the last `longest` frames and the present one. */
  constructor(longest: number) {
    this.#samples = new Float64Array(longest + 1);
  }

  push(x: number): void {
    this.#head = (this.#head + 1) % this.#samples.length;
    this.#samples[this.#head] = x;
  }

  /** What was pushed `frames` before the last. */
  tap(frames: number): number {
    const length = this.#samples.length;
    return this.#samples[(this.#head - frames + length) % length];
  }

  clear(): void {
    this.#samples.fill(0);
  }
}

/** Schroeder's all-pass: w = x + g w[-m], y = w[-m] - g w (JAES 10(3), 1962). */
export class AllPass {
  readonly #line: Delay;
  readonly #frames: number;
  readonly #gain: number;

  constructor(frames: number, gain: number) {
    this.#line = new Delay(frames);
    this.#frames = frames;
    this.#gain = gain;
  }

  next(x: number): number {
    const delayed = this.#line.tap(this.#frames - 1);
    const w = x + this.#gain * delayed;
    this.#line.push(w);
    return delayed - this.#gain * w;
  }

  clear(): void {
    this.#line.clear();
  }
}
