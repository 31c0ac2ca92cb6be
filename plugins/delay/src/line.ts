/** One channel's memory since the last rest, and two heads that read it. The twin of assembly/line.ts. */
import { kaiserSinc } from "@gainstage/dsp";

export const REACH = 12;
const ROWS = 512;
const BETA = 11.16;
const TAPS = Array.from({ length: 2 * REACH }, (_, k) => k - REACH + 1);
const TABLE = Array.from({ length: ROWS + 1 }, (_, row) =>
  TAPS.map((tap) => kaiserSinc(tap - row / ROWS, REACH, BETA)),
);

export class Memory {
  #frames: number[] = [];

  forget(): void {
    this.#frames = [];
  }

  push(x: number): void {
    this.#frames.push(Math.fround(x));
  }

  /** The frame so many frames ago; zero before the first. */
  ago(frames: number): number {
    return this.#frames[this.#frames.length - frames] ?? 0;
  }

  /** `delay` frames ago, swung by `swing` times `depth` as far as there is room. */
  read(delay: number, depth: number, swing: number): number {
    if (depth === 0) return this.ago(delay);
    const point = delay + Math.min(depth, delay - (REACH + 1)) * swing;
    const behind = Math.ceil(point);
    const position = (behind - point) * ROWS;
    const row = Math.floor(position);
    const weights = TABLE[row].map((h, k) => h + (position - row) * ((TABLE[row + 1] ?? TABLE[row])[k] - h));
    return TAPS.reduce((sum, tap, k) => sum + weights[k] * this.ago(behind - tap), 0);
  }
}

/** Two heads: at a new time one starts there, and the sound fades over along a smooth step. */
export class Heads {
  wanted = 0;
  #from = 0;
  #to = 0;
  #fadeLeft = 0;
  readonly #fadeFrames: number;

  constructor(fadeFrames: number) {
    this.#fadeFrames = fadeFrames;
  }

  /** At the wanted time, at once. */
  jump(): void {
    this.#from = this.#to = this.wanted;
    this.#fadeLeft = 0;
  }

  /** How much of what `at` gives is heard of which delay, one frame on. */
  mix(at: (delay: number) => readonly number[]): readonly number[] {
    const old = at(this.#from);
    if (this.#fadeLeft === 0 && this.#from === this.wanted) return old;
    if (this.#fadeLeft === 0) {
      this.#to = this.wanted;
      this.#fadeLeft = this.#fadeFrames;
    }
    this.#fadeLeft--;
    const way = 1 - this.#fadeLeft / this.#fadeFrames;
    const share = way * way * (3 - 2 * way);
    const mixed = at(this.#to).map((x, c) => old[c] + share * (x - old[c]));
    if (this.#fadeLeft === 0) this.#from = this.#to;
    return mixed;
  }

  /** Frames that must have been empty before nothing more can come out. */
  hold(depth: number): number {
    const longest = Math.max(this.#from, this.#fadeLeft > 0 ? this.#to : 0);
    return depth === 0 ? longest : longest + Math.ceil(depth) + REACH;
  }
}
