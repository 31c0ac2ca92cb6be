/**
 * The two filters of the side signal: constant-voltage crossovers (R. H. Small, JAES 19(1), 1971), low = 3 p² - 2 p³ with
 * p = 1/(1 + s), and a Linkwitz-Riley high-pass of fourth order, both integrated by the trapezoidal rule (V. Zavalishin,
 * The Art of VA Filter Design, 2012). src/side-filters.ts explains them.
 *
 * The low-passes of the three crossovers run side by side in the lanes of two f64x2; lane 1 of the second is idle.
 */

/** Three poles of two pairs of lanes. */
export const LOWPASS_BYTES: usize = 96;
/** Two integrators of each of two sections. */
export const HIGHPASS_BYTES: usize = 32;

const SMALLEST: f64 = 1e-200;

/** The integrator's gain for a corner, prewarped. */
export function integratorGain(cornerHz: f64, sampleRateHz: f64): f64 {
  return Math.tan((Math.PI * min(cornerHz, 0.49 * sampleRateHz)) / sampleRateHz);
}

/** low = 3 p² - 2 p³, from what two and three poles in a row put out. */
// @ts-ignore: decorator
@inline export function smoothstep(twice: v128, thrice: v128): v128 {
  return f64x2.sub(f64x2.mul(f64x2.splat(3), twice), f64x2.mul(f64x2.splat(2), thrice));
}

/** Of the high-pass, by its integrator's gain: what both of its sections divide by. */
// @ts-ignore: decorator
@inline export function highpassScale(g: f64): f64 {
  return 1 / (1 + g * (g + Math.SQRT2));
}

/** One frame of the high-pass; `g` is the integrator's gain, `scale` what highpassScale() makes of it. */
// @ts-ignore: decorator
@inline export function linkwitzRileyHighpass(state: usize, x: f64, g: f64, scale: f64): f64 {
  return butterworth(state + 16, butterworth(state, x, g, scale), g, scale);
}

// @ts-ignore: decorator
@inline
function butterworth(state: usize, x: f64, g: f64, scale: f64): f64 {
  const s1 = load<f64>(state);
  const s2 = load<f64>(state, 8);
  const high = (x - (g + Math.SQRT2) * s1 - s2) * scale;
  const band = g * high + s1;
  const low = g * band + s2;
  store<f64>(state, g * high + band);
  store<f64>(state, g * band + low, 8);
  return high;
}

/** A filter left ringing on silence ends in subnormal numbers, which some processors add a hundred times slower. */
export function flushSubnormal(state: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 8) {
    if (Math.abs(load<f64>(state + i)) < SMALLEST) store<f64>(state + i, 0);
  }
}
