/** What was heard: where it begins anew, and what in it is steep. Nothing here is of Node alone. */

import { CHECK_MS, STOP_MS } from "./soak.ts";
import { RATE_HZ } from "./song.ts";

export const CHECK_FRAMES: number = (CHECK_MS / 1000) * RATE_HZ;
/** Nothing but a stop is silent for so long. */
const LEAST_STOP = ((STOP_MS / 1000) * RATE_HZ) / 3;

/** The first frame of sound after each stop. */
export function beginnings(heard: readonly Float32Array[]): readonly number[] {
  const found: number[] = [];
  let silent = 0;
  for (let n = 0; n < heard[0].length; n++) {
    if (heard.every((channel) => channel[n] === 0)) {
      silent++;
      continue;
    }
    if (silent >= LEAST_STOP && n > silent) found.push(n);
    silent = 0;
  }
  return found;
}

/** The largest step from one sample to the next, and the largest sample. */
export function largest(heard: readonly Float32Array[]): { readonly step: number; readonly peak: number } {
  let [step, peak] = [0, 0];
  for (const channel of heard) {
    for (let n = 1; n < channel.length; n++) {
      step = Math.max(step, Math.abs(channel[n] - channel[n - 1]));
      peak = Math.max(peak, Math.abs(channel[n]));
    }
  }
  return { step, peak };
}
