/**
 * Copy, sum, gains and down-mix of channels, four samples at a time, the busiest loops four vectors a turn. Buffers have 64
 * bytes to spare, and what lies beyond `frames` is never read as audio, so that no loop needs a remainder.
 *
 * A sum never holds -0: its first term is taken as x + 0. So a silent term changes no bit of it and may be left out.
 * [audio thread]
 */
import { hush, isHushed, unhush } from "./silence";

/** Any place, any length, nothing beyond it. */
export function copy(to: usize, from: usize, frames: i32): void {
  memory.copy(to, from, <usize>frames << 2);
}

/** A channel to another, to the bit. */
export function copyChannel(to: usize, from: usize, frames: i32): void {
  if (isHushed(from)) {
    hush(to);
    return;
  }
  copy(to, from, frames);
  unhush(to);
}

/** The first term of a sum: x + 0. */
export function firstChannel(to: usize, from: usize, frames: i32): void {
  if (isHushed(from)) {
    hush(to);
    return;
  }
  const zero = f32x4.splat(0);
  const end = to + (<usize>frames << 2);
  unhush(to);
  for (; to < end; to += 64, from += 64) {
    v128.store(to, f32x4.add(v128.load(from), zero));
    v128.store(to, f32x4.add(v128.load(from, 16), zero), 16);
    v128.store(to, f32x4.add(v128.load(from, 32), zero), 32);
    v128.store(to, f32x4.add(v128.load(from, 48), zero), 48);
  }
}

/** Another term of a sum. */
export function addChannel(to: usize, from: usize, frames: i32): void {
  if (isHushed(from)) return;
  if (isHushed(to)) {
    firstChannel(to, from, frames);
    return;
  }
  unhush(to);
  const end = to + (<usize>frames << 2);
  for (; to < end; to += 64, from += 64) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), v128.load(from, 32)), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), v128.load(from, 48)), 48);
  }
}

/** A term times a gain: the first of a sum, or another. */
export function mixChannel(to: usize, from: usize, gain: f32, first: bool, frames: i32): void {
  if (isHushed(from)) {
    if (first) hush(to);
    return;
  }
  const end = to + (<usize>frames << 2);
  const fresh = first || isHushed(to);
  unhush(to);
  const g = f32x4.splat(gain);
  const zero = f32x4.splat(0);
  for (; to < end; to += 16, from += 16) {
    const before = fresh ? zero : v128.load(to);
    v128.store(to, f32x4.add(f32x4.mul(v128.load(from), g), before));
  }
}

/** Stereo to mono: (L + R) / 2, so that what is equal on both sides keeps its level. */
export function downmix(to: usize, left: usize, right: usize, frames: i32): void {
  if (isHushed(left) && isHushed(right)) {
    hush(to);
    return;
  }
  const half = f32x4.splat(0.5);
  const end = to + (<usize>frames << 2);
  unhush(to);
  for (; to < end; to += 16, left += 16, right += 16) {
    v128.store(to, f32x4.mul(f32x4.add(v128.load(left), v128.load(right)), half));
  }
}

/**
 * to = from * gain. A gain of 0 is silence, +0, and a negative one puts out no -0, so that what is shut or turned over
 * can be known as silent.
 */
export function scale(to: usize, from: usize, gain: f32, frames: i32): void {
  if (gain == 0 || isHushed(from)) {
    hush(to);
    return;
  }
  const g = f32x4.splat(gain);
  const end = to + (<usize>frames << 2);
  unhush(to);
  if (gain < 0) {
    const zero = f32x4.splat(0);
    for (; to < end; to += 16, from += 16) v128.store(to, f32x4.add(f32x4.mul(v128.load(from), g), zero));
    return;
  }
  for (; to < end; to += 64, from += 64) {
    v128.store(to, f32x4.mul(v128.load(from), g));
    v128.store(to, f32x4.mul(v128.load(from, 16), g), 16);
    v128.store(to, f32x4.mul(v128.load(from, 32), g), 32);
    v128.store(to, f32x4.mul(v128.load(from, 48), g), 48);
  }
}

/** to[i] = from[i] * gains[i], the same bits as scale() for the same gain. */
export function scaleEach(to: usize, from: usize, gains: usize, frames: i32): void {
  if (isHushed(from)) {
    hush(to);
    return;
  }
  const zero = f32x4.splat(0);
  const end = to + (<usize>frames << 2);
  unhush(to);
  for (; to < end; to += 16, from += 16, gains += 16) {
    const g = v128.load(gains);
    const product = f32x4.mul(v128.load(from), g);
    const positive = v128.bitselect(product, f32x4.add(product, zero), f32x4.gt(g, zero));
    v128.store(to, v128.andnot(positive, f32x4.eq(g, zero)));
  }
}

/** +60 dBFS. */
const LOUDEST: f32 = 1000;

/**
 * True if every sample is a number within ±60 dBFS. Without their sign, bits of floats are integers in the order of what they
 * stand for, with infinity and then NaN above all numbers: so the largest tells of all.
 */
export function allSound(from: usize, frames: i32): bool {
  const magnitude = i32x4.splat(0x7fffffff);
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const whole = from + ((<usize>frames & ~15) << 2);
  const end = from + (<usize>frames << 2);
  for (; from < whole; from += 64) {
    a = i32x4.max_s(a, v128.and(v128.load(from), magnitude));
    b = i32x4.max_s(b, v128.and(v128.load(from, 16), magnitude));
    c = i32x4.max_s(c, v128.and(v128.load(from, 32), magnitude));
    d = i32x4.max_s(d, v128.and(v128.load(from, 48), magnitude));
  }
  for (; from < end; from += 4) if (!(abs(load<f32>(from)) <= LOUDEST)) return false;
  const largest = i32x4.max_s(i32x4.max_s(a, b), i32x4.max_s(c, d));
  return !v128.any_true(i32x4.gt_s(largest, i32x4.splat(reinterpret<i32>(LOUDEST))));
}
