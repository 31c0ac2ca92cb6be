// K-weighting and its energy, ITU-R BS.1770-5 Annex 1: two channels at a time, one in each lane of f64x2.
//
//   x ──► high shelf (+4 dB, head) ──► high-pass (38 Hz, RLB) ──► y,  Σ y²
//
// Both filters are biquads in transposed direct form II. The standard prints their coefficients for 48 kHz only. For any
// other rate they come from the analogue filters behind that table, by the bilinear transform with the corner frequency
// kept; the analogue parameters are those of B. De Man, "Evaluation of Implementations of the EBU R128 Loudness
// Measurement", AES 145, 2018.

const SHELF_HZ: f64 = 1681.974450955533;
const SHELF_GAIN_DB: f64 = 3.999843853973347;
const SHELF_Q: f64 = 0.7071752369554196;
const SHELF_BAND_EXPONENT: f64 = 0.4996667741545416;
const HIGH_PASS_HZ: f64 = 38.13547087602444;
const HIGH_PASS_Q: f64 = 0.5003270373238773;

/** A filter state below this (-600 dB) is set to zero, so that silence never computes with subnormal numbers. */
const SILENCE: f64 = 1e-30;

/** Writes seven f64: b0 b1 b2 a1 a2 of the shelf, then a1 a2 of the high-pass, whose numerator is 1 -2 1. */
export function kWeightingDesign(sampleRateHz: f64, coefficients: usize): void {
  let k = Math.tan((Math.PI * SHELF_HZ) / sampleRateHz);
  const high = Math.pow(10, SHELF_GAIN_DB / 20);
  const band = Math.pow(high, SHELF_BAND_EXPONENT);
  let a0 = 1 + k / SHELF_Q + k * k;
  store<f64>(coefficients, (high + (band * k) / SHELF_Q + k * k) / a0, 0);
  store<f64>(coefficients, (2 * (k * k - high)) / a0, 8);
  store<f64>(coefficients, (high - (band * k) / SHELF_Q + k * k) / a0, 16);
  store<f64>(coefficients, (2 * (k * k - 1)) / a0, 24);
  store<f64>(coefficients, (1 - k / SHELF_Q + k * k) / a0, 32);

  k = Math.tan((Math.PI * HIGH_PASS_HZ) / sampleRateHz);
  a0 = 1 + k / HIGH_PASS_Q + k * k;
  store<f64>(coefficients, (2 * (k * k - 1)) / a0, 40);
  store<f64>(coefficients, (1 - k / HIGH_PASS_Q + k * k) / a0, 48);
}

@inline function flushed(state: v128): v128 {
  return v128.and(state, f64x2.gt(f64x2.abs(state), f64x2.splat(SILENCE)));
}

/**
 * Filters `frames` samples of two planar f32 channels and writes the sum of the squared output of each to `energy`
 * (two f64). `state` holds four f64x2: s1 s2 of the shelf, s1 s2 of the high-pass.
 */
export function kWeightedEnergy(
  left: usize, right: usize, frames: i32, coefficients: usize, state: usize, energy: usize,
): void {
  const b0 = v128.load64_splat(coefficients, 0);
  const b1 = v128.load64_splat(coefficients, 8);
  const b2 = v128.load64_splat(coefficients, 16);
  const a1 = v128.load64_splat(coefficients, 24);
  const a2 = v128.load64_splat(coefficients, 32);
  const c1 = v128.load64_splat(coefficients, 40);
  const c2 = v128.load64_splat(coefficients, 48);
  let s1 = v128.load(state, 0);
  let s2 = v128.load(state, 16);
  let t1 = v128.load(state, 32);
  let t2 = v128.load(state, 48);
  let sum = f64x2.splat(0);

  const end = left + (<usize>frames << 2);
  for (; left < end; left += 4, right += 4) {
    const x = f64x2.promote_low_f32x4(v128.load32_lane(right, v128.load32_zero(left), 1));
    const y = f64x2.add(f64x2.mul(b0, x), s1);
    s1 = f64x2.sub(f64x2.add(f64x2.mul(b1, x), s2), f64x2.mul(a1, y));
    s2 = f64x2.sub(f64x2.mul(b2, x), f64x2.mul(a2, y));
    const z = f64x2.add(y, t1);
    t1 = f64x2.sub(f64x2.sub(t2, f64x2.add(y, y)), f64x2.mul(c1, z));
    t2 = f64x2.sub(y, f64x2.mul(c2, z));
    sum = f64x2.add(sum, f64x2.mul(z, z));
  }

  v128.store(state, flushed(s1), 0);
  v128.store(state, flushed(s2), 16);
  v128.store(state, flushed(t1), 32);
  v128.store(state, flushed(t2), 48);
  v128.store(energy, sum);
}
