/**
 * A parameter on its way: a straight line to each new value, counted in frames, so that how the stream is cut into
 * blocks changes nothing. The twin of assembly/ramp.ts.
 */
export class Ramp {
  #goal: number;
  #start: number;
  #left = 0;
  readonly #lengthFrames: number;

  /** Stands at `value`; every later way takes `lengthFrames`. */
  constructor(value: number, lengthFrames: number) {
    this.#goal = value;
    this.#start = value;
    this.#lengthFrames = Math.max(1, lengthFrames);
  }

  /** At `value`, at once. */
  settle(value: number): void {
    this.#goal = value;
    this.#start = value;
    this.#left = 0;
  }

  /** Sets out for `value`; call at the head of each block. */
  aim(value: number): void {
    if (value === this.#goal) return;
    this.#start = this.value;
    this.#goal = value;
    this.#left = this.#lengthFrames;
  }

  get value(): number {
    if (this.#left === 0) return this.#goal;
    return this.#goal + ((this.#start - this.#goal) * this.#left) / this.#lengthFrames;
  }

  /** Frames until it stands. */
  get framesLeft(): number {
    return this.#left;
  }

  /** One frame on; the value then. */
  next(): number {
    if (this.#left > 0) this.#left--;
    return this.value;
  }
}
