/**
 * Runs second-order sections one after the other over a stretch of frames, both lanes at a time, in transposed direct
 * form II and f64. Their b0 are left out, and make one gain at the end:
 *
 *   y = x + s1,   s1 = b1/b0 x - a1 y + s2,   s2 = b2/b0 x - a2 y
 *
 * Four frames at a time stay in registers and go from section to section. In one section each waits for the one before
 * it, but meanwhile the next sections have begun: the processor multiplies and adds nearly all the time.
 */
import { pair0, pair1, pair2, pair3, storeFour } from "./pairs";
import { flushed } from "./subnormal";

/** A section's memory begins with b0, b1, b2, -a1, -a2 as pairs, one f64 a lane, and two pairs of state. */
export const STATE: usize = 80;
export const CASCADE_BYTES: usize = 112;

/**
 * What runs of it is a row: b1/b0, b2/b0, -a1, -a2, the state divided by the product of all b0 up to here, and that
 * product.
 */
const ROW_STATE: usize = 64;
const PRODUCT: usize = 96;
export const ROW_BYTES: usize = 112;

/** `count` rows over `pairs` in place. */
export function cascade(rows: usize, count: i32, pairs: usize, frames: i32): void {
  const last = rows + <usize>count * ROW_BYTES;
  const whole = <usize>(frames & ~3) << 2;
  fours(rows, last, pairs, 0, 0, 0, f64x2.splat(1), whole, false);
  const end = pairs + (<usize>frames << 4);
  for (let at = pairs + (whole << 2); at < end; at += 16) {
    let x = v128.load(at);
    for (let row = rows; row < last; row += ROW_BYTES) {
      const y = f64x2.add(x, v128.load(row, ROW_STATE));
      v128.store(row, next1(v128.load(row), v128.load(row, 32), x, y, v128.load(row, ROW_STATE + 16)), ROW_STATE);
      v128.store(row, next2(v128.load(row, 16), v128.load(row, 48), x, y), ROW_STATE + 16);
      x = y;
    }
    v128.store(at, x);
  }
  flush(rows, last);
}

/**
 * From `left` and `right` to `toLeft` and `toRight`, times the pair at `product` and `gain`; `frames` is a multiple of 4.
 * The same bits as by way of pairs, and sooner where sections are so few that there is time for conversions.
 */
export function cascadeThrough(
  rows: usize, count: i32, left: usize, right: usize, toLeft: usize, toRight: usize, product: usize, gain: f64,
  frames: i32,
): void {
  const last = rows + <usize>count * ROW_BYTES;
  const gains = f64x2.mul(v128.load(product), f64x2.splat(gain));
  fours(rows, last, left, right, toLeft, toRight, gains, <usize>frames << 2, true);
  flush(rows, last);
}

/** `from` is the left channel if it goes `through`, else pairs. Up to byte `end` of the channels. */
// @ts-ignore: decorator
@inline
function fours(
  rows: usize, last: usize, from: usize, right: usize, toLeft: usize, toRight: usize, gains: v128, end: usize,
  through: bool,
): void {
  for (let i: usize = 0; i < end; i += 16) {
    const pairs = from + (i << 2);
    const l = v128.load(through ? from + i : pairs);
    const r = v128.load(through ? right + i : pairs + 16);
    let x0 = through ? pair0(l, r) : l;
    let x1 = through ? pair1(l, r) : r;
    let x2 = through ? pair2(l, r) : v128.load(pairs, 32);
    let x3 = through ? pair3(l, r) : v128.load(pairs, 48);
    for (let row = rows; row < last; row += ROW_BYTES) {
      const b1 = v128.load(row), b2 = v128.load(row, 16), a1 = v128.load(row, 32), a2 = v128.load(row, 48);
      let s1 = v128.load(row, ROW_STATE);
      let s2 = v128.load(row, ROW_STATE + 16);
      const y0 = f64x2.add(x0, s1);
      s1 = next1(b1, a1, x0, y0, s2);
      s2 = next2(b2, a2, x0, y0);
      const y1 = f64x2.add(x1, s1);
      s1 = next1(b1, a1, x1, y1, s2);
      s2 = next2(b2, a2, x1, y1);
      const y2 = f64x2.add(x2, s1);
      s1 = next1(b1, a1, x2, y2, s2);
      s2 = next2(b2, a2, x2, y2);
      const y3 = f64x2.add(x3, s1);
      v128.store(row, next1(b1, a1, x3, y3, s2), ROW_STATE);
      v128.store(row, next2(b2, a2, x3, y3), ROW_STATE + 16);
      x0 = y0;
      x1 = y1;
      x2 = y2;
      x3 = y3;
    }
    if (through) {
      storeFour(toLeft + i, toRight + i, x0, x1, x2, x3, gains);
      continue;
    }
    v128.store(pairs, x0);
    v128.store(pairs, x1, 16);
    v128.store(pairs, x2, 32);
    v128.store(pairs, x3, 48);
  }
}

function flush(rows: usize, last: usize): void {
  for (let row = rows; row < last; row += ROW_BYTES) {
    v128.store(row, flushed(v128.load(row, ROW_STATE)), ROW_STATE);
    v128.store(row, flushed(v128.load(row, ROW_STATE + 16)), ROW_STATE + 16);
  }
}

// @ts-ignore: decorator
@inline
function next1(b1: v128, a1: v128, x: v128, y: v128, s2: v128): v128 {
  return f64x2.add(f64x2.mul(a1, y), f64x2.add(f64x2.mul(b1, x), s2));
}

// @ts-ignore: decorator
@inline
function next2(b2: v128, a2: v128, x: v128, y: v128): v128 {
  return f64x2.add(f64x2.mul(a2, y), f64x2.mul(b2, x));
}

/** Rows of `count` sections, whose addresses stand at `list`. The product of all b0, a pair, goes to `product`. */
export function normalise(list: usize, count: i32, rows: usize, product: usize): void {
  let all = f64x2.splat(1);
  for (const end = list + (<usize>count << 2); list < end; list += 4, rows += ROW_BYTES) {
    const section = <usize>load<u32>(list);
    const b0 = v128.load(section);
    all = f64x2.mul(all, b0);
    v128.store(rows, f64x2.div(v128.load(section, 16), b0));
    v128.store(rows, f64x2.div(v128.load(section, 32), b0), 16);
    v128.store(rows, v128.load(section, 48), 32);
    v128.store(rows, v128.load(section, 64), 48);
    v128.store(rows, f64x2.div(v128.load(section, STATE), all), ROW_STATE);
    v128.store(rows, f64x2.div(v128.load(section, STATE + 16), all), ROW_STATE + 16);
    v128.store(rows, all, PRODUCT);
  }
  v128.store(product, all);
}

/** Gives the sections the states that they would have with their b0. */
export function restore(list: usize, count: i32, rows: usize, product: usize): void {
  for (const end = list + (<usize>count << 2); list < end; list += 4, rows += ROW_BYTES) {
    const section = <usize>load<u32>(list);
    const all = v128.load(rows, PRODUCT);
    v128.store(section, f64x2.mul(v128.load(rows, ROW_STATE), all), STATE);
    v128.store(section, f64x2.mul(v128.load(rows, ROW_STATE + 16), all), STATE + 16);
  }
  v128.store(product, f64x2.splat(1));
}

/** Forgets what `count` rows have heard. */
export function silenceRows(rows: usize, count: i32): void {
  const end = rows + <usize>count * ROW_BYTES;
  for (; rows < end; rows += ROW_BYTES) memory.fill(rows + ROW_STATE, 0, 32);
}
