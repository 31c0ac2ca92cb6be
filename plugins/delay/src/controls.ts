/** What the parameters move, but for the time, on one common ramp of 20 ms. The twin of assembly/controls.ts. */
import {
  DEPTH_MS,
  DUCK_DB,
  FEEDBACK_PERCENT,
  HIGH_CUT_HZ,
  LOW_CUT_HZ,
  MIX_PERCENT,
  MODE,
  WIDTH_PERCENT,
} from "./params.ts";

const RAMP_MS = 20;
const LOW_CUT_OFF_HZ = 20;
const HIGH_CUT_OFF_HZ = 20_000;

/** Every value by its name, in the unit that the loop takes. */
export interface Values {
  feedback: number;
  cross: number;
  lowGain: number;
  lowOn: number;
  highGain: number;
  highOn: number;
  own: number;
  other: number;
  dry: number;
  wet: number;
  depthFrames: number;
  duck: number;
}

export class Controls {
  now: Values;
  goal: Values;
  left = 0;
  readonly #wants: (params: Float64Array) => Values;
  readonly #length: number;
  #step: Values;
  #known = new Float64Array();

  constructor(params: Float64Array, sampleRateHz: number, mono: boolean) {
    this.#wants = (now) => valuesOf(now, sampleRateHz, mono);
    this.#length = Math.max(1, Math.ceil((RAMP_MS * sampleRateHz) / 1000));
    this.now = this.goal = this.#step = this.#wants(params);
  }

  /** At what is wanted, at once. */
  settle(params: Float64Array): void {
    this.#known = params.slice();
    this.goal = this.#wants(params);
    this.now = { ...this.goal };
    this.left = 0;
  }

  /** Sets out for what is wanted, if that has changed. */
  follow(params: Float64Array): void {
    if (params.every((value, k) => value === this.#known[k])) return;
    this.#known = params.slice();
    this.goal = this.#wants(params);
    this.#step = mapValues(this.goal, (goal, key) => (goal - this.now[key]) / this.#length);
    this.left = this.#length;
  }

  /** One frame on. */
  advance(): void {
    if (this.left === 0) return;
    this.left--;
    this.now = this.left === 0 ? { ...this.goal } : mapValues(this.now, (now, key) => now + this.#step[key]);
  }
}

function mapValues(values: Values, change: (value: number, key: keyof Values) => number): Values {
  const entries = Object.entries(values) as [keyof Values, number][];
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value, key)])) as unknown as Values;
}

function valuesOf(params: Float64Array, sampleRateHz: number, mono: boolean): Values {
  const pingPong = params[MODE] === 0;
  const mix = params[MIX_PERCENT] / 100;
  return {
    feedback: params[FEEDBACK_PERCENT] / 100,
    cross: pingPong ? 1 : 0,
    lowGain: filterGain(params[LOW_CUT_HZ], sampleRateHz),
    lowOn: params[LOW_CUT_HZ] > LOW_CUT_OFF_HZ ? 1 : 0,
    highGain: filterGain(params[HIGH_CUT_HZ], sampleRateHz),
    highOn: params[HIGH_CUT_HZ] < HIGH_CUT_OFF_HZ ? 1 : 0,
    ...placesOf(pingPong, mono, params[WIDTH_PERCENT] / 100),
    dry: Math.min(1, 2 - 2 * mix),
    wet: Math.min(1, 2 * mix),
    depthFrames: (params[DEPTH_MS] * sampleRateHz) / 1000,
    duck: 10 ** (params[DUCK_DB] / 20) - 1,
  };
}

/** Gains of a line in its own channel and in the other. */
function placesOf(pingPong: boolean, mono: boolean, width: number): { own: number; other: number } {
  if (mono) return { own: 1, other: pingPong ? 1 : 0 };
  const angle = (Math.PI / 4) * (1 - width);
  return pingPong
    ? { own: Math.cos(angle), other: Math.sin(angle) }
    : { own: (1 + width) / 2, other: (1 - width) / 2 };
}

function filterGain(cutoffHz: number, sampleRateHz: number): number {
  const g = Math.tan((Math.PI * Math.min(cutoffHz, 0.49 * sampleRateHz)) / sampleRateHz);
  return g / (1 + g);
}
