/**
 * Second-order sections in transposed direct form II, two channels in the lanes of f64x2:
 *
 *   y = b0 x + s1,   s1 = b1 x - a1 y + s2,   s2 = b2 x - a2 y
 *
 * Coefficients are kept as pairs, one for each lane, so that left and right, or mid and side, may differ; a1 and a2
 * are stored negated. A section's coefficients take 80 bytes, its state 32.
 */

export const COEFFICIENT_BYTES: usize = 80;
export const STATE_BYTES: usize = 32;

/** The same coefficients for both lanes. */
export function storeSection(at: usize, b0: f64, b1: f64, b2: f64, a1: f64, a2: f64): void {
  v128.store(at, f64x2.splat(b0));
  v128.store(at, f64x2.splat(b1), 16);
  v128.store(at, f64x2.splat(b2), 32);
  v128.store(at, f64x2.splat(-a1), 48);
  v128.store(at, f64x2.splat(-a2), 64);
}

/** Butterworth high-pass, 12 dB an octave, by the bilinear transform with its corner prewarped. */
export function storeHighpass(at: usize, cutoffHz: f64, sampleRateHz: f64): void {
  const k = Math.tan((Math.PI * min(cutoffHz, 0.49 * sampleRateHz)) / sampleRateHz);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  storeSection(at, norm, -2 * norm, norm, 2 * (k * k - 1) * norm, (1 - Math.SQRT2 * k + k * k) * norm);
}

/** One frame of two lanes. */
// @ts-ignore: decorator
@inline export function section(coefficients: usize, state: usize, x: v128): v128 {
  const y = f64x2.add(f64x2.mul(v128.load(coefficients), x), v128.load(state));
  const s2 = v128.load(state, 16);
  v128.store(
    state,
    f64x2.add(
      f64x2.mul(v128.load(coefficients, 48), y),
      f64x2.add(f64x2.mul(v128.load(coefficients, 16), x), s2),
    ),
  );
  v128.store(
    state,
    f64x2.add(f64x2.mul(v128.load(coefficients, 64), y), f64x2.mul(v128.load(coefficients, 32), x)),
    16,
  );
  return y;
}

/** The frame of two f32 channels as f64x2. */
// @ts-ignore: decorator
@inline export function loadPair(left: usize, right: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load32_lane(right, v128.load32_zero(left), 1));
}

// @ts-ignore: decorator
@inline export function storePair(left: usize, right: usize, x: v128): void {
  const y = f32x4.demote_f64x2_zero(x);
  v128.store32_lane(left, y, 0);
  v128.store32_lane(right, y, 1);
}
