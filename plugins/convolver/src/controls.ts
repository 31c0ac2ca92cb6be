/** What the parameters move, but for the pre-delay, on one common ramp of 20 ms. The twin of assembly/controls.ts. */
import {
  GAIN_DB,
  HIGH_CUT_HZ,
  HIGH_CUT_OFF_HZ,
  LOW_CUT_HZ,
  LOW_CUT_OFF_HZ,
  MIX_PERCENT,
  WIDTH_PERCENT,
} from "./params.ts";

const RAMP_MS = 20;

export interface Values {
  lowTan: number;
  lowOn: number;
  highTan: number;
  highOn: number;
  dry: number;
  /** Of each wet channel in its own output and in the other one. */
  straight: number;
  across: number;
}

export class Controls {
  now: Values;
  readonly length: number;
  readonly #wants: (params: Float64Array) => Values;
  #goal: Values;
  #step: Values;
  #left = 0;
  #known = new Float64Array();

  constructor(params: Float64Array, sampleRateHz: number, mono: boolean) {
    this.#wants = (now) => valuesOf(now, sampleRateHz, mono);
    this.length = Math.ceil((RAMP_MS * sampleRateHz) / 1000);
    this.now = this.#goal = this.#step = this.#wants(params);
  }

  /** At what is wanted, at once. */
  settle(params: Float64Array): void {
    this.#known = params.slice();
    this.#goal = this.#wants(params);
    this.now = { ...this.#goal };
    this.#left = 0;
  }

  /** Sets out for what is wanted, if that has changed. */
  follow(params: Float64Array): void {
    if (params.every((value, k) => value === this.#known[k])) return;
    this.#known = params.slice();
    this.#goal = this.#wants(params);
    this.#step = mapValues(this.#goal, (goal, key) => (goal - this.now[key]) / this.length);
    this.#left = this.length;
  }

  /** One frame on. */
  advance(): void {
    if (this.#left === 0) return;
    this.#left--;
    this.now =
      this.#left === 0 ? { ...this.#goal } : mapValues(this.now, (now, key) => now + this.#step[key]);
  }
}

function mapValues(values: Values, change: (value: number, key: keyof Values) => number): Values {
  const entries = Object.entries(values) as [keyof Values, number][];
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value, key)])) as unknown as Values;
}

function valuesOf(params: Float64Array, sampleRateHz: number, mono: boolean): Values {
  const warped = (hz: number) => Math.tan((Math.PI * Math.min(hz, 0.49 * sampleRateHz)) / sampleRateHz);
  const mix = params[MIX_PERCENT] / 100;
  const wet = Math.sqrt(mix) * 10 ** (params[GAIN_DB] / 20);
  const side = mono ? 1 : params[WIDTH_PERCENT] / 100;
  return {
    lowTan: warped(params[LOW_CUT_HZ]),
    lowOn: params[LOW_CUT_HZ] > LOW_CUT_OFF_HZ ? 1 : 0,
    highTan: warped(params[HIGH_CUT_HZ]),
    highOn: params[HIGH_CUT_HZ] < HIGH_CUT_OFF_HZ ? 1 : 0,
    dry: Math.sqrt(1 - mix),
    straight: (wet * (1 + side)) / 2,
    across: (wet * (1 - side)) / 2,
  };
}
