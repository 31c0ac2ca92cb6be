// Test signals, and the kernels under test.

import { readFileSync } from "node:fs";
import { DspKernels, kernelsUrl } from "@gainstage/dsp";

export const kernels = DspKernels.instantiate(readFileSync(kernelsUrl));

export function fromDb(db: number): number {
  return 10 ** (db / 20);
}

export function toDb(magnitude: number): number {
  return 20 * Math.log10(magnitude);
}

export interface Sine {
  readonly hz: number;
  readonly rateHz: number;
  readonly amplitude?: number;
  readonly phaseDegrees?: number;
}

export function sine(
  frames: number,
  { hz, rateHz, amplitude = 1, phaseDegrees = 0 }: Sine,
): Float32Array<ArrayBuffer> {
  const phase = (phaseDegrees * Math.PI) / 180;
  return Float32Array.from(
    { length: frames },
    (_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / rateHz + phase),
  );
}

/** White noise, uniform in ±amplitude, from the generator of Numerical Recipes §7.1. */
export function noise(frames: number, seed: number, amplitude = 1): Float32Array<ArrayBuffer> {
  let state = (Math.imul(seed, 0x9e3779b9) ^ 0x1234567) >>> 0;
  return Float32Array.from({ length: frames }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return amplitude * (state / 2 ** 31 - 1);
  });
}

/** One stretch of a sequence of tones: seconds and level in dBFS, where -Infinity is silence. */
export type Stretch = readonly [seconds: number, dbfs: number];

/** A 1 kHz sine that runs on through changes of level, as in EBU Tech 3341. */
export function toneSequence(stretches: readonly Stretch[], rateHz: number): Float32Array<ArrayBuffer> {
  const lengths = stretches.map(([seconds]) => Math.round(seconds * rateHz));
  const out = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
  let n = 0;
  stretches.forEach(([, dbfs], i) => {
    const amplitude = fromDb(dbfs);
    for (const end = n + lengths[i]; n < end; n++) {
      out[n] = amplitude * Math.sin((2 * Math.PI * 1000 * n) / rateHz);
    }
  });
  return out;
}

/** Splits a recording into chunks whose lengths go round `lengths`. */
export function* chunks(
  channels: readonly Float32Array[],
  lengths: readonly number[],
): Generator<Float32Array[]> {
  let start = 0;
  for (let i = 0; start < channels[0].length; i++) {
    const end = start + lengths[i % lengths.length];
    yield channels.map((channel) => channel.subarray(start, end));
    start = end;
  }
}

/** The least-squares fit of a sine of known frequency, and how much of the power is left over, in dB. */
export function fitSine(
  x: ArrayLike<number>,
  hz: number,
  rateHz: number,
): { amplitude: number; residualDb: number } {
  const w = (2 * Math.PI * hz) / rateHz;
  let cc = 0;
  let ss = 0;
  let cs = 0;
  let xc = 0;
  let xs = 0;
  for (let n = 0; n < x.length; n++) {
    const c = Math.cos(w * n);
    const s = Math.sin(w * n);
    cc += c * c;
    ss += s * s;
    cs += c * s;
    xc += x[n] * c;
    xs += x[n] * s;
  }
  const determinant = cc * ss - cs * cs;
  const a = (xc * ss - xs * cs) / determinant;
  const b = (xs * cc - xc * cs) / determinant;
  let signal = 0;
  let rest = 0;
  for (let n = 0; n < x.length; n++) {
    const fit = a * Math.cos(w * n) + b * Math.sin(w * n);
    signal += fit * fit;
    rest += (x[n] - fit) ** 2;
  }
  return { amplitude: Math.hypot(a, b), residualDb: 10 * Math.log10(rest / signal) };
}
