/**
 * A parameter on its way: a straight line to each new value, counted in frames, so that how the host cuts the stream into
 * blocks does not change one bit.
 */
export class Ramp {
  readonly #length: number;
  #goal = 0;
  #start = 0;
  #left = 0;

  /** Every way takes `lengthFrames`. */
  constructor(lengthFrames: number) {
    this.#length = lengthFrames;
  }

  /** Frames until it arrives. */
  get left(): number {
    return this.#left;
  }

  /** At `value`, at once. */
  settle(value: number): void {
    this.#goal = value;
    this.#start = value;
    this.#left = 0;
  }

  /** Call at the head of each block. */
  aim(value: number): void {
    if (value === this.#goal) return;
    this.#start = this.#value();
    this.#goal = value;
    this.#left = this.#length;
  }

  /** One frame on; the value then. */
  next(): number {
    if (this.#left > 0) this.#left--;
    return this.#value();
  }

  #value(): number {
    if (this.#left === 0) return this.#goal;
    return this.#goal + ((this.#start - this.#goal) * this.#left) / this.#length;
  }
}
