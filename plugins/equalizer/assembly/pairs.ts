/** Two channels of f32 as pairs of f64, one a lane, and back; pairs of left and right as those of mid and side. */
import { storePair } from "@gainstage/dsp/assembly/biquad";
import { normal, ROUNDS_TO_NORMAL } from "./subnormal";

/** Also reads up to three frames more. No harm comes from finding something there, nor of a sum that overflows. */
export function allFinite(left: usize, right: usize, frames: i32): bool {
  let sum = f32x4.splat(0);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    sum = f32x4.add(sum, f32x4.add(v128.load(left + i), v128.load(right + i)));
  }
  return isFinite4(sum);
}

/** Whether all of it is finite, as allFinite() has it. */
export function loadPairs(left: usize, right: usize, pairs: usize, frames: i32): bool {
  let sum = f32x4.splat(0);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    const l = v128.load(left + i);
    const r = v128.load(right + i);
    const to = pairs + (i << 2);
    v128.store(to, pair0(l, r));
    v128.store(to, pair1(l, r), 16);
    v128.store(to, pair2(l, r), 32);
    v128.store(to, pair3(l, r), 48);
    sum = f32x4.add(sum, f32x4.add(l, r));
  }
  return isFinite4(sum);
}

// @ts-ignore: decorator
@inline
function isFinite4(x: v128): bool {
  return i32x4.all_true(f32x4.lt(f32x4.abs(x), f32x4.splat(Infinity)));
}

/** The first to the fourth frame of two vectors. */
// @ts-ignore: decorator
@inline
export function pair0(l: v128, r: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(l, r, 0, 4, 1, 5));
}

// @ts-ignore: decorator
@inline
export function pair1(l: v128, r: v128): v128 {
  const first = v128.shuffle<f32>(l, r, 0, 4, 1, 5);
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(first, first, 1, 1));
}

// @ts-ignore: decorator
@inline
export function pair2(l: v128, r: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(l, r, 2, 6, 3, 7));
}

// @ts-ignore: decorator
@inline
export function pair3(l: v128, r: v128): v128 {
  const last = v128.shuffle<f32>(l, r, 2, 6, 3, 7);
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(last, last, 1, 1));
}

/** What is not finite becomes silence. */
export function dropNonFinite(pairs: usize, frames: i32): void {
  for (const end = pairs + (<usize>frames << 4); pairs < end; pairs += 16) {
    const x = v128.load(pairs);
    v128.store(pairs, v128.and(x, f64x2.lt(f64x2.abs(x), f64x2.splat(Infinity))));
  }
}

/** Times `gains`, a pair. */
// @ts-ignore: decorator
@inline
export function storePairs(left: usize, right: usize, pairs: usize, gains: v128, frames: i32): void {
  const whole = <usize>(frames & ~3) << 2;
  for (let i: usize = 0; i < whole; i += 16) {
    const from = pairs + (i << 2);
    storeFour(
      left + i, right + i, v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48), gains,
    );
  }
  const rounds = v128.load64_splat(ROUNDS_TO_NORMAL);
  for (let i = whole, end = <usize>frames << 2; i < end; i += 4) {
    storePair(left + i, right + i, normal(f64x2.mul(v128.load(pairs + (i << 2)), gains), rounds));
  }
}

/** Four frames of pairs times `gains`. */
// @ts-ignore: decorator
@inline
export function storeFour(left: usize, right: usize, x0: v128, x1: v128, x2: v128, x3: v128, gains: v128): void {
  const rounds = v128.load64_splat(ROUNDS_TO_NORMAL);
  const y0 = f32x4.demote_f64x2_zero(normal(f64x2.mul(x0, gains), rounds));
  const y1 = f32x4.demote_f64x2_zero(normal(f64x2.mul(x1, gains), rounds));
  const y2 = f32x4.demote_f64x2_zero(normal(f64x2.mul(x2, gains), rounds));
  const y3 = f32x4.demote_f64x2_zero(normal(f64x2.mul(x3, gains), rounds));
  const first = v128.shuffle<f32>(y0, y1, 0, 4, 1, 5);
  const last = v128.shuffle<f32>(y2, y3, 0, 4, 1, 5);
  v128.store(left, v128.shuffle<f64>(first, last, 0, 2));
  v128.store(right, v128.shuffle<f64>(first, last, 1, 3));
}

/** Of `pairs` times the pair at `gain`, and times `half`: left and right to mid and side with 1/2, and back with 1. */
export function sumAndDifference(pairs: usize, frames: i32, gain: usize, half: f64): void {
  const gains = v128.load(gain);
  const scale = f64x2.splat(half);
  for (const end = pairs + (<usize>frames << 4); pairs < end; pairs += 16) {
    const x = f64x2.mul(v128.load(pairs), gains);
    const swapped = v128.shuffle<f64>(x, x, 1, 0);
    const both = v128.shuffle<f64>(f64x2.add(x, swapped), f64x2.sub(x, swapped), 0, 2);
    v128.store(pairs, f64x2.mul(both, scale));
  }
}
