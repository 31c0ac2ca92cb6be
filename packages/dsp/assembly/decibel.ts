/**
 * Decibels, four at a time: log2 and exp2 by range reduction and a polynomial, error below 2e-7 (log2, absolute)
 * and 3e-7 (exp2, relative), which is 2e-6 dB. The scalar forms are for control rate and exact to f64.
 *
 * log2: x = m 2^e with m in [sqrt(1/2), sqrt(2)); log2(m) = 2 artanh(s) / ln(2) = s P(s^2) with s = (m - 1) / (m + 1),
 * P the minimax polynomial of three terms (Remez).
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

/**
 * Constants stand in memory, where one costs a load: of one that is written as a v128 V8 makes three instructions, on
 * the busiest ports, in each round of a loop.
 */
const SQRT_HALF_BITS = memory.data<i32>([0x3f3504f3]);
const LOG2 = memory.data<f32>([2.88539042424, 0.961588325974, 0.595780723413, 1]);
const EXP2 = memory.data<f32>([
  1, 6.931472028550421e-1, 2.402264791363012e-1, 5.550332471162809e-2, 9.618437357674640e-3, 1.339887440266574e-3,
  1.535336188319500e-4,
]);
/** 1.5 · 2^23: its sum with a small number is rounded to a whole one, which stands in the lowest bits. */
const ROUNDS_TO_WHOLE = memory.data<f32>([12582912]);

// @ts-ignore: decorator
@inline function constant(table: usize, index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

/** p x + c */
// @ts-ignore: decorator
@inline function step(p: v128, x: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(p, x), c);
}

/** log2 of four positive normal numbers. */
// @ts-ignore: decorator
@inline export function log2x4(x: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, v128.load32_splat(SQRT_HALF_BITS)), 23);
  const m = i32x4.sub(x, i32x4.shl(exponent, 23));
  const one = constant(LOG2, 3);
  const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
  const u = f32x4.mul(s, s);
  const p = step(step(constant(LOG2, 2), u, constant(LOG2, 1)), u, constant(LOG2, 0));
  return step(p, s, f32x4.convert_i32x4_s(exponent));
}

/** 2^x of four numbers from -126 to 127. */
// @ts-ignore: decorator
@inline export function exp2x4(x: v128): v128 {
  const magic = v128.load32_splat(ROUNDS_TO_WHOLE);
  const whole = f32x4.add(x, magic);
  const f = f32x4.sub(x, f32x4.sub(whole, magic));
  let p = constant(EXP2, 6);
  p = step(p, f, constant(EXP2, 5));
  p = step(p, f, constant(EXP2, 4));
  p = step(p, f, constant(EXP2, 3));
  p = step(p, f, constant(EXP2, 2));
  p = step(p, f, constant(EXP2, 1));
  p = step(p, f, constant(EXP2, 0));
  return i32x4.add(p, i32x4.shl(whole, 23));
}
