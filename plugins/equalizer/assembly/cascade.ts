/**
 * Runs second-order sections one after the other over a stretch of frames, both lanes at a time, in transposed direct
 * form II and f64. Their b0 are left out, and make one gain at the end:
 *
 *   y = x + s1,   s1 = b1/b0 x - a1 y + s2,   s2 = b2/b0 x - a2 y
 *
 * Up to four sections go through together, their states in registers: one alone would wait for its own feedback. What
 * lies between two groups stands in `pairs`, as f64, so that how sections are grouped changes no bit.
 */
import { loadPair } from "@gainstage/dsp/assembly/biquad";
import { flushed, storeNormal } from "./subnormal";

/**
 * A section's memory begins with b0, b1, b2, -a1, -a2 as pairs, one f64 a lane, and two pairs of state. Then come, once
 * normalise() has been there, b1/b0, b2/b0 and the product of all b0 up to here, by which the state is then divided.
 */
export const STATE: usize = 80;
const B1: usize = 112;
const B2: usize = 128;
const PRODUCT: usize = 144;
export const CASCADE_BYTES: usize = 160;

const GROUP: i32 = 4;

/**
 * `count` normalised sections, whose addresses stand at `list`. The first group reads `left` and `right` if `reads`, else `pairs`;
 * the last one writes `toLeft` and `toRight`, times the pair at `gain`, if `writes`, else `pairs`. At least one section.
 */
export function cascade(
  list: usize, count: i32, left: usize, right: usize, pairs: usize, toLeft: usize, toRight: usize, gain: usize,
  frames: i32, reads: bool, writes: bool,
): void {
  let done = 0;
  while (done < count) {
    const size = min(GROUP, count - done);
    const first = reads && done == 0;
    const last = writes && done + size == count;
    const at = list + (<usize>done << 2);
    if (size == 4) group(4, at, left, right, pairs, toLeft, toRight, gain, frames, first, last);
    else if (size == 3) group(3, at, left, right, pairs, toLeft, toRight, gain, frames, first, last);
    else if (size == 2) group(2, at, left, right, pairs, toLeft, toRight, gain, frames, first, last);
    else group(1, at, left, right, pairs, toLeft, toRight, gain, frames, first, last);
    done += size;
  }
}

// @ts-ignore: decorator
@inline
function group(
  size: i32, list: usize, left: usize, right: usize, pairs: usize, toLeft: usize, toRight: usize, gain: usize,
  frames: i32, first: bool, last: bool,
): void {
  if (first) {
    if (last) sections(size, list, left, right, pairs, toLeft, toRight, gain, frames, true, true);
    else sections(size, list, left, right, pairs, toLeft, toRight, gain, frames, true, false);
  } else if (last) sections(size, list, left, right, pairs, toLeft, toRight, gain, frames, false, true);
  else sections(size, list, left, right, pairs, toLeft, toRight, gain, frames, false, false);
}

// @ts-ignore: decorator
@inline
function sections(
  size: i32, list: usize, left: usize, right: usize, pairs: usize, toLeft: usize, toRight: usize, gain: usize,
  frames: i32, reads: bool, writes: bool,
): void {
  const p = <usize>load<u32>(list);
  const q = <usize>load<u32>(list + (size > 1 ? 4 : 0));
  const r = <usize>load<u32>(list + (size > 2 ? 8 : 0));
  const t = <usize>load<u32>(list + (size > 3 ? 12 : 0));
  const pb1 = v128.load(p, B1), pb2 = v128.load(p, B2), pa1 = v128.load(p, 48), pa2 = v128.load(p, 64);
  const qb1 = v128.load(q, B1), qb2 = v128.load(q, B2), qa1 = v128.load(q, 48), qa2 = v128.load(q, 64);
  const rb1 = v128.load(r, B1), rb2 = v128.load(r, B2), ra1 = v128.load(r, 48), ra2 = v128.load(r, 64);
  const tb1 = v128.load(t, B1), tb2 = v128.load(t, B2), ta1 = v128.load(t, 48), ta2 = v128.load(t, 64);
  let p1 = v128.load(p, STATE), p2 = v128.load(p, STATE + 16);
  let q1 = v128.load(q, STATE), q2 = v128.load(q, STATE + 16);
  let r1 = v128.load(r, STATE), r2 = v128.load(r, STATE + 16);
  let t1 = v128.load(t, STATE), t2 = v128.load(t, STATE + 16);
  const gains = v128.load(gain);
  const end = <usize>frames << 2;
  for (let i: usize = 0; i < end; i += 4) {
    let x = reads ? loadPair(left + i, right + i) : v128.load(pairs + (i << 2));
    let y = f64x2.add(x, p1);
    p1 = f64x2.add(f64x2.mul(pa1, y), f64x2.add(f64x2.mul(pb1, x), p2));
    p2 = f64x2.add(f64x2.mul(pa2, y), f64x2.mul(pb2, x));
    if (size > 1) {
      x = y;
      y = f64x2.add(x, q1);
      q1 = f64x2.add(f64x2.mul(qa1, y), f64x2.add(f64x2.mul(qb1, x), q2));
      q2 = f64x2.add(f64x2.mul(qa2, y), f64x2.mul(qb2, x));
    }
    if (size > 2) {
      x = y;
      y = f64x2.add(x, r1);
      r1 = f64x2.add(f64x2.mul(ra1, y), f64x2.add(f64x2.mul(rb1, x), r2));
      r2 = f64x2.add(f64x2.mul(ra2, y), f64x2.mul(rb2, x));
    }
    if (size > 3) {
      x = y;
      y = f64x2.add(x, t1);
      t1 = f64x2.add(f64x2.mul(ta1, y), f64x2.add(f64x2.mul(tb1, x), t2));
      t2 = f64x2.add(f64x2.mul(ta2, y), f64x2.mul(tb2, x));
    }
    if (writes) storeNormal(toLeft + i, toRight + i, f64x2.mul(y, gains));
    else v128.store(pairs + (i << 2), y);
  }
  v128.store(p, flushed(p1), STATE);
  v128.store(p, flushed(p2), STATE + 16);
  if (size > 1) {
    v128.store(q, flushed(q1), STATE);
    v128.store(q, flushed(q2), STATE + 16);
  }
  if (size > 2) {
    v128.store(r, flushed(r1), STATE);
    v128.store(r, flushed(r2), STATE + 16);
  }
  if (size > 3) {
    v128.store(t, flushed(t1), STATE);
    v128.store(t, flushed(t2), STATE + 16);
  }
}

/** Leaves out the b0 of `count` sections; their product, a pair, goes to `product`. */
export function normalise(list: usize, count: i32, product: usize): void {
  let all = f64x2.splat(1);
  for (const end = list + (<usize>count << 2); list < end; list += 4) {
    const section = <usize>load<u32>(list);
    const b0 = v128.load(section);
    all = f64x2.mul(all, b0);
    v128.store(section, f64x2.div(v128.load(section, 16), b0), B1);
    v128.store(section, f64x2.div(v128.load(section, 32), b0), B2);
    v128.store(section, all, PRODUCT);
    v128.store(section, f64x2.div(v128.load(section, STATE), all), STATE);
    v128.store(section, f64x2.div(v128.load(section, STATE + 16), all), STATE + 16);
  }
  v128.store(product, all);
}

/** Gives normalised sections the states that they would have with their b0. */
export function restore(list: usize, count: i32, product: usize): void {
  for (const end = list + (<usize>count << 2); list < end; list += 4) {
    const section = <usize>load<u32>(list);
    const all = v128.load(section, PRODUCT);
    v128.store(section, f64x2.mul(v128.load(section, STATE), all), STATE);
    v128.store(section, f64x2.mul(v128.load(section, STATE + 16), all), STATE + 16);
  }
  v128.store(product, f64x2.splat(1));
}

export function loadPairs(left: usize, right: usize, pairs: usize, frames: i32): void {
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    v128.store(pairs + (i << 2), loadPair(left + i, right + i));
  }
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
