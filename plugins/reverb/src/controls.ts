/** Every number that a parameter moves, on one common ramp. The twin of assembly/controls.ts. */
import { absorption, lineGain } from "./absorption.ts";
import { LINES, SEGMENT } from "./spaces.ts";

export const SPACE = 0;
export const SIZE_PERCENT = 1;
export const PRE_DELAY_MS = 2;
const DECAY_S = 3;

/** Of each line: low b, c, a, then high b, c, a. After them, single values. */
export const ROWS = 6;
export const INJECTION = ROWS * LINES;
export const EARLY = INJECTION + 1;
export const LATE = INJECTION + 2;
export const SIDE = INJECTION + 3;
export const DRY = INJECTION + 4;
export const WET = INJECTION + 5;
export const TURN = INJECTION + 6;
const COUNT = INJECTION + 7;

const RAMP_MS = 20;
const MOST_TURN = 0.6;

export class Controls {
  /** At the head of the segment, and the change within it. */
  readonly now = new Float64Array(COUNT);
  readonly step = new Float64Array(COUNT);
  /** Segments of a whole ramp. */
  readonly length: number;
  readonly #goal = new Float64Array(COUNT);
  readonly #known: Float64Array;
  readonly #lines: readonly number[];
  readonly #sampleRateHz: number;
  #left = 0;

  constructor(params: Float64Array, lines: readonly number[], sampleRateHz: number) {
    this.#lines = lines;
    this.#sampleRateHz = sampleRateHz;
    this.#known = params.slice();
    this.length = Math.ceil((RAMP_MS * 0.001 * sampleRateHz) / SEGMENT);
    this.settle(params);
  }

  /** At what is wanted, at once. */
  settle(params: Float64Array): void {
    this.#known.set(params);
    this.#design(params);
    this.#arrive();
  }

  /** Call at the head of each segment but the first. */
  advance(): void {
    if (this.#left === 0) return;
    this.#left--;
    if (this.#left === 0) this.#arrive();
    else for (let i = 0; i < COUNT; i++) this.now[i] += this.step[i];
  }

  /** Sets out for what is wanted, if that has changed. Call at the head of each segment. */
  follow(params: Float64Array): void {
    let changed = false;
    for (let k = DECAY_S; k < params.length; k++) changed ||= params[k] !== this.#known[k];
    if (!changed) return;
    this.#known.set(params);
    this.#design(params);
    for (let i = 0; i < COUNT; i++) this.step[i] = (this.#goal[i] - this.now[i]) / this.length;
    this.#left = this.length;
  }

  /** The value `share` of the way through the segment. */
  at(index: number, share: number): number {
    return this.now[index] + this.step[index] * share;
  }

  #arrive(): void {
    this.now.set(this.#goal);
    this.step.fill(0);
    this.#left = 0;
  }

  #design(params: Float64Array): void {
    const goal = this.#goal;
    const [midS, lowRatio, lowHz, highRatio, highHz, late, width, modulation, mix] = params.subarray(DECAY_S);
    let energy = 0;
    for (const [l, delay] of this.#lines.entries()) {
      const [low, high] = absorption(delay, { midS, lowRatio, lowHz, highRatio, highHz }, this.#sampleRateHz);
      goal.set([low.b, low.c, low.a, high.b, high.c, high.a], ROWS * l);
      energy += lineGain(delay, midS, this.#sampleRateHz) ** 2 / LINES;
    }
    goal[INJECTION] = Math.sqrt((1 - energy) / 8);
    goal[EARLY] = Math.sqrt(1 - late / 100);
    goal[LATE] = Math.sqrt(late / 100);
    goal[SIDE] = width / 100;
    goal[DRY] = Math.sqrt(1 - mix / 100);
    goal[WET] = Math.sqrt(mix / 100);
    goal[TURN] = (modulation / 100) * MOST_TURN;
  }
}
