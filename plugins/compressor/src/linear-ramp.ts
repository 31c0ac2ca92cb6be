/** A parameter on its way to each new value in a straight line, counted in frames. */
export class LinearRamp {
  readonly #frames: number;
  #goal: number;
  #start: number;
  #left = 0;

  constructor(value: number, frames: number) {
    this.#frames = frames;
    this.#goal = value;
    this.#start = value;
  }

  /** At `value`, at once. */
  settle(value: number): void {
    this.#goal = value;
    this.#left = 0;
  }

  aim(value: number): void {
    if (value === this.#goal) return;
    this.#start = this.#value();
    this.#goal = value;
    this.#left = this.#frames;
  }

  next(): number {
    if (this.#left > 0) this.#left--;
    return this.#value();
  }

  #value(): number {
    return this.#goal + ((this.#start - this.#goal) * this.#left) / this.#frames;
  }
}
