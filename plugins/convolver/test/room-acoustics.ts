/** What ISO 3382-1 measures on an impulse response at 48 kHz, from scratch. */
import { RATE_HZ } from "./convolver-runs.ts";

/** C80: energy of the first 80 ms against the rest, in dB. */
export function clarityDb(response: readonly Float32Array[]): number {
  const edge = 0.08 * RATE_HZ;
  let [early, late] = [0, 0];
  for (const channel of response)
    for (const [i, x] of channel.entries()) {
      if (i < edge) early += x * x;
      else late += x * x;
    }
  return 10 * Math.log10(early / late);
}
