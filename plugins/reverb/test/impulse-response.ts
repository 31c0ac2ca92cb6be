/** What ISO 3382-1 and the papers measure on an impulse response, from scratch. */

import { start, stream } from "@gainstage/conformance";
import type { LoadedPlugin } from "@gainstage/plugin-api";

export const SAMPLE_RATE_HZ = 48_000;

/** The wet response to an impulse in both channels. */
export function impulseResponse(
  plugin: LoadedPlugin,
  params: Record<string, number>,
  seconds: number,
): Float32Array[] {
  const signal = [0, 1].map(() => {
    const channel = new Float32Array(Math.round(seconds * SAMPLE_RATE_HZ));
    channel[0] = 1;
    return channel;
  });
  return stream(start(plugin, { params: { mixPercent: 100, ...params } }), signal, { blocks: [1024] });
}

/**
 * Normalised echo density around `timeMs`: the weight of samples outside the standard deviation, in a Hann window of
 * 20 ms, as a share of what Gaussian noise has (Abel & Huang, AES 121st Convention, 2006).
 */
export function echoDensity(response: Float32Array, timeMs: number): number {
  const frames = Math.round(0.02 * SAMPLE_RATE_HZ);
  const first = Math.round((timeMs / 1000) * SAMPLE_RATE_HZ) - frames / 2;
  const weight = (i: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / frames);
  const sample = (i: number) => Math.abs(response[first + i] ?? 0);
  let total = 0;
  let power = 0;
  for (let i = 0; i < frames; i++) {
    total += weight(i);
    power += weight(i) * sample(i) ** 2;
  }
  let outside = 0;
  for (let i = 0; i < frames; i++) if (sample(i) > Math.sqrt(power / total)) outside += weight(i);
  return outside / total / 0.3173;
}

/**
 * The largest autocorrelation, as a share of that at lag 0, of half a second of tail with its decay undone, at lags
 * of 5 to 100 ms. Gaussian noise stays below 0.03; what repeats itself does not.
 */
export function strongestRepetition(response: Float32Array, decayS: number): number {
  const first = Math.round(0.1 * SAMPLE_RATE_HZ);
  const frames = Math.round(0.5 * SAMPLE_RATE_HZ);
  const tail = Float64Array.from({ length: frames }, (_, i) => {
    return response[first + i] * 10 ** ((3 * i) / SAMPLE_RATE_HZ / decayS);
  });
  const at = (lag: number) => {
    let sum = 0;
    for (let i = lag; i < frames; i++) sum += tail[i] * tail[i - lag];
    return sum;
  };
  let largest = 0;
  for (let lag = 0.005 * SAMPLE_RATE_HZ; lag <= 0.1 * SAMPLE_RATE_HZ; lag++) {
    largest = Math.max(largest, Math.abs(at(lag)));
  }
  return largest / at(0);
}

/** The cross-correlation of two channels at lag 0, from -1 to 1. */
export function correlation(a: Float32Array, b: Float32Array): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}

export function energyOf(x: Float32Array): number {
  return x.reduce((sum, v) => sum + v * v, 0);
}
