/**
 * What the parameters move, on one common ramp of 20 ms; a delay that jumps far is faded over to. The twin of
 * assembly/controls.ts, which says why.
 */
import { REACH } from "./interpolation.ts";

export const VOICES = 8;

const VOICE_COUNT = 0;
export const RATE_HZ = 1;
const DEPTH_MS = 2;
const DELAY_MS = 3;
const FEEDBACK_PERCENT = 4;
const SPREAD_PERCENT = 5;
const MIX_PERCENT = 6;
const LFO = 7;

export const DELAY = 0;
export const DEPTH = 1;
export const FEEDBACK = 2;
export const DRY = 3;
export const SHAPE = 4;
/** Pairs of left and right. */
export const GAINS = 5;
const COUNT = GAINS + 2 * VOICES;
const RAMP_MS = 20;
const FADE_MS = 50;
/** Frames a frame. */
const FASTEST_GLIDE = 0.25;

export class Controls {
  readonly now = new Float64Array(COUNT);
  readonly #goal = new Float64Array(COUNT);
  readonly #step = new Float64Array(COUNT);
  readonly #known: Float64Array;
  readonly #framesPerMs: number;
  readonly #length: number;
  readonly #fadeLength: number;
  /** Where the old heads stand while the sound fades over. */
  oldDelay = 0;
  oldDepth = 0;
  #wantedDelay = 0;
  #wantedDepth = 0;
  #left = 0;
  #fadeLeft = 0;

  constructor(params: Float64Array, sampleRateHz: number) {
    this.#framesPerMs = sampleRateHz / 1000;
    this.#length = Math.round(RAMP_MS * this.#framesPerMs);
    this.#fadeLength = Math.round(FADE_MS * this.#framesPerMs);
    this.#known = params.slice();
    this.settle(params);
  }

  /** At what is wanted, at once. */
  settle(params: Float64Array): void {
    this.#known.set(params);
    this.#design(params);
    this.#aimDelayAt(this.#wantedDelay);
    this.now.set(this.#goal);
    this.#left = 0;
    this.#fadeLeft = 0;
  }

  /** Sets out for what is wanted, if that has changed; while `resting` it is there at once, since nothing is heard. */
  follow(params: Float64Array, resting: boolean): void {
    if (params.every((value, k) => k === RATE_HZ || value === this.#known[k])) return;
    if (resting) {
      this.settle(params);
      return;
    }
    this.#known.set(params);
    this.#design(params);
    this.#setOut();
  }

  /** One frame on. */
  advance(): void {
    if (this.#left > 0) {
      this.#left--;
      if (this.#left === 0) this.now.set(this.#goal);
      else for (let k = 0; k < COUNT; k++) this.now[k] += this.#step[k];
    }
    if (this.#fadeLeft > 0) {
      this.#fadeLeft--;
      if (this.#fadeLeft === 0 && this.#goal[DELAY] !== this.#wantedDelay) this.#setOut();
    }
  }

  /** How far the sound has gone over from the old heads, on a smooth step from 0 to 1. */
  get shareOfNew(): number {
    const way = 1 - this.#fadeLeft / this.#fadeLength;
    return way * way * (3 - 2 * way);
  }

  #setOut(): void {
    const delay = this.now[DELAY];
    if (Math.abs(this.#wantedDelay - delay) <= FASTEST_GLIDE * this.#length) {
      this.#aimDelayAt(this.#wantedDelay);
    } else if (this.#fadeLeft > 0) {
      this.#aimDelayAt(delay);
    } else {
      this.oldDelay = delay;
      this.oldDepth = this.now[DEPTH];
      this.#fadeLeft = this.#fadeLength;
      this.#aimDelayAt(this.#wantedDelay);
      this.now[DELAY] = this.#goal[DELAY];
      this.now[DEPTH] = this.#goal[DEPTH];
    }
    for (let k = 0; k < COUNT; k++) this.#step[k] = (this.#goal[k] - this.now[k]) / this.#length;
    this.#left = this.#length;
  }

  #aimDelayAt(delay: number): void {
    this.#goal[DELAY] = delay;
    this.#goal[DEPTH] = Math.min(this.#wantedDepth, delay - (REACH + 1));
  }

  #design(params: Float64Array): void {
    const goal = this.#goal;
    const voices = Math.round(params[VOICE_COUNT]);
    const mix = params[MIX_PERCENT] / 100;
    this.#wantedDelay = Math.max(params[DELAY_MS] * this.#framesPerMs, REACH + 1);
    this.#wantedDepth = params[DEPTH_MS] * this.#framesPerMs;
    goal[FEEDBACK] = params[FEEDBACK_PERCENT] / 100;
    goal[DRY] = Math.sqrt(1 - mix);
    goal[SHAPE] = Math.round(params[LFO]);
    for (let v = 0; v < VOICES; v++) {
      const level = v < voices ? Math.sqrt((2 * mix) / voices) : 0;
      const angle = (Math.PI / 4) * (1 + (params[SPREAD_PERCENT] / 100) * position(v, voices));
      goal[GAINS + 2 * v] = level * Math.cos(angle);
      goal[GAINS + 2 * v + 1] = level * Math.sin(angle);
    }
  }
}

/** From -1 to 1: the first two voices outermost, later pairs between them, an odd one in the middle. */
function position(voice: number, voices: number): number {
  if (voices === 1) return 0;
  const outward = 1 - (2 * Math.floor(voice / 2)) / (voices - 1);
  return voice % 2 === 0 ? -outward : outward;
}
