/**
 * The LFO of the modulation: a sine whose phase follows from the count of frames in f64, so that it does not drift. It
 * starts at 0 with the first sound after a rest: an effect that sleeps at rest then wakes as if it had not.
 */

@unmanaged
export class Oscillator {
  /** Cycles at the frame when the rate was set, and the frames since. */
  phase: f64;
  since: f64;
  rateHz: f64;
  sampleRateHz: f64;
}

export function restart(o: Oscillator): void {
  o.phase = 0;
  o.since = 0;
}

/** A new rate goes on from the present phase. */
export function followRate(o: Oscillator, rateHz: f64): void {
  if (rateHz == o.rateHz) return;
  const cycles = o.phase + (o.rateHz * o.since) / o.sampleRateHz;
  o.phase = cycles - Math.floor(cycles);
  o.since = 0;
  o.rateHz = rateHz;
}

/** sin(2π p) as sin(π/2 · triangle(p)), by its series to the 13th power: within 7e-10. */
// @ts-ignore: decorator
@inline export function swingOf(o: Oscillator): f64 {
  const p = o.phase + (o.rateHz * o.since) / o.sampleRateHz + 0.25;
  const x = (Math.PI / 2) * (1 - 4 * Math.abs(p - Math.floor(p) - 0.5));
  const z = x * x;
  let sum: f64 = 1 / 6227020800.0;
  sum = sum * z - 1 / 39916800.0;
  sum = sum * z + 1 / 362880.0;
  sum = sum * z - 1 / 5040.0;
  sum = sum * z + 1 / 120.0;
  sum = sum * z - 1 / 6.0;
  return x * (1 + sum * z);
}
