/** How much of a plugin is heard beside what takes its place: all, nothing, or a straight line between. [audio thread] */
export class WetShare {
  #goal: 0 | 1;
  /** Frames that are still as before, and then frames of the line. */
  #hold = 0;
  #left = 0;
  #length = 1;
  #start: number;

  constructor(share: 0 | 1) {
    this.#goal = share;
    this.#start = share;
  }

  /** True while the plugin alone is heard, and will be. */
  get isWhole(): boolean {
    return this.#goal === 1 && this.#left === 0;
  }

  /** At once. */
  jumpTo(share: 0 | 1): void {
    this.#goal = share;
    this.#hold = 0;
    this.#left = 0;
  }

  /** From where it is, over `frames`, after `hold` frames of nothing new. */
  aimAt(share: 0 | 1, frames: number, hold = 0): void {
    this.#start = this.#value;
    this.#goal = share;
    this.#hold = hold;
    this.#left = frames;
    this.#length = frames;
  }

  /** Of the next frame. */
  next(): number {
    const value = this.#value;
    if (this.#hold > 0) this.#hold--;
    else if (this.#left > 0) this.#left--;
    return value;
  }

  get #value(): number {
    if (this.#left === 0) return this.#goal;
    return this.#goal + ((this.#start - this.#goal) * this.#left) / this.#length;
  }
}
