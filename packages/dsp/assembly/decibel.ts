/**
 * Decibels, four at a time: log2 and exp2 by range reduction and a polynomial, error below 2e-7 (log2, absolute)
 * and 3e-7 (exp2, relative), which is 2e-6 dB. The scalar forms are for control rate and exact to f64.
 *
 * log2: x = m 2^e with m in [sqrt(1/2), sqrt(2)), ln(m) by the minimax polynomial of Cephes' logf (Moshier).
 * exp2: x = r + f with f in [-1/2, 1/2), 2^f by the one of Cephes' exp2f.
 */

/** 20 log10(2): decibels of an octave of amplitude. */
export const DB_PER_OCTAVE: f64 = 6.020599913279624;

export function dbToGain(db: f64): f64 {
  return Math.pow(10, db / 20);
}

export function gainToDb(gain: f64): f64 {
  return 20 * Math.log10(gain);
}

/** log2 of four positive normal numbers. */
// @ts-ignore: decorator
@inline export function log2x4(x: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const m = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), f32x4.splat(1));
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  const z = f32x4.mul(m, m);
  const ln = f32x4.add(f32x4.sub(f32x4.mul(f32x4.mul(p, m), z), f32x4.mul(f32x4.splat(0.5), z)), m);
  return f32x4.add(f32x4.mul(ln, f32x4.splat(1.4426950408889634)), f32x4.convert_i32x4_s(exponent));
}

/** 2^x of four numbers from -126 to 127. */
// @ts-ignore: decorator
@inline export function exp2x4(x: v128): v128 {
  const r = f32x4.floor(f32x4.add(x, f32x4.splat(0.5)));
  const f = f32x4.sub(x, r);
  let p = f32x4.splat(1.535336188319500e-4);
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.339887440266574e-3));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(9.618437357674640e-3));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(5.550332471162809e-2));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.402264791363012e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(6.931472028550421e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(r), i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}
