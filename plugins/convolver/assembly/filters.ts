/**
 * Low cut and high cut of the wet signal, 12 dB an octave (Butterworth), two channels in the lanes of f64x2: state variable
 * filters by trapezoidal integration, steady while their corners move (V. Zavalishin, The Art of VA Filter Design, 2012,
 * §4). With g = tan(π f / fs), k = √2 and D = 1 / (1 + g (g + k)):
 *
 *   high = (x - (g + k) s1 - s2) D,   band = g high + s1,   low = g band + s2,   s1 = g high + band,   s2 = g band + low
 *
 * Each is blended in by its `on`: y = x + on (high - x).
 */
import { loadPair, storePair } from "@gainstage/dsp/assembly/biquad";
import { Controls, HIGH_ON, HIGH_TAN, LOW_ON, LOW_TAN, value } from "./controls";

/** s1 and s2 of the low cut, then of the high cut, each a pair. */
export const FILTER_BYTES: usize = 64;
/** -300 dB: below this a state is 0. It would decay into subnormal numbers. */
const NOTHING: f64 = 1e-15;

/** Filters `frames` of both channels in place; one that is off and not on its way costs nothing, and forgets. */
export function filterFrames(c: Controls, states: usize, left: usize, right: usize, frames: i32): void {
  const low = value(c, LOW_ON);
  if (low > 0) run(value(c, LOW_TAN), low, false, states, left, right, frames);
  else memory.fill(states, 0, 32);
  const high = value(c, HIGH_ON);
  if (high > 0) run(value(c, HIGH_TAN), high, true, states + 32, left, right, frames);
  else memory.fill(states + 32, 0, 32);
}

function run(tan: f64, on: f64, takesLow: bool, state: usize, left: usize, right: usize, frames: i32): void {
  const g = f64x2.splat(tan);
  const gk = f64x2.splat(tan + Math.SQRT2);
  const d = f64x2.splat(1 / (1 + tan * (tan + Math.SQRT2)));
  const share = f64x2.splat(on);
  let s1 = v128.load(state);
  let s2 = v128.load(state, 16);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const x = loadPair(left + i, right + i);
    const high = f64x2.mul(f64x2.sub(f64x2.sub(x, f64x2.mul(gk, s1)), s2), d);
    const v1 = f64x2.mul(g, high);
    const band = f64x2.add(v1, s1);
    const v2 = f64x2.mul(g, band);
    const low = f64x2.add(v2, s2);
    s1 = f64x2.add(v1, band);
    s2 = f64x2.add(v2, low);
    const y = takesLow ? low : high;
    storePair(left + i, right + i, f64x2.add(x, f64x2.mul(share, f64x2.sub(y, x))));
  }
  v128.store(state, s1);
  v128.store(state, s2, 16);
}

/** Once a tick: what has died away is zero. */
export function flushFilters(states: usize): void {
  for (let i: usize = 0; i < FILTER_BYTES; i += 16) {
    const s = v128.load(states + i);
    v128.store(states + i, v128.and(s, f64x2.ge(f64x2.abs(s), f64x2.splat(NOTHING))));
  }
}
