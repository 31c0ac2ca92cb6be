/**
 * The highest point of the wave between one frame and the next, where it comes near a ceiling: ITU-R BS.1770-5 Annex 2
 * with longer filters and a finer grid. src/inter-sample-peak.ts has the diagram and says why nothing is lost.
 *
 * The first two steps work on four frames at once; the last, which one frame in fifty or so reaches, on one. What a
 * frame gives never depends on the three beside it, so the blocks of a stream may be cut anywhere.
 *
 * The coarse rows are symmetrical, and 1/4 and 3/4 are each other's mirror image. With e the sum and d the difference
 * of two frames as far from the middle, a row costs half: half = Σ h e, and quarters = Σ s e ± Σ t d, where s and t are
 * half the sum and half the difference of the two rows.
 */
import { besselI0 } from "@gainstage/dsp/assembly/resampler";

const COARSE_TAPS: i32 = 32;
const COARSE_BETA: f64 = 5;
const FINE_TAPS: i32 = 128;
const FINE_BETA: f64 = 4;
const HALF_GATE: f32 = 0.6;
const QUARTER_GATE: f32 = 0.8;

/** Frames that must be known on either side of the frame asked about. */
export const REACH_FRAMES: i32 = FINE_TAPS / 2;

const COARSE_BYTES: usize = COARSE_TAPS << 2;
/** From a frame back to the first tap. */
const COARSE_START: usize = ((COARSE_TAPS / 2 - 1) << 2);
const FINE_BYTES: usize = FINE_TAPS << 2;
const FINE_START: usize = ((FINE_TAPS / 2 - 1) << 2);

/** Half the taps of the half-way row, of the sums s and of the differences t, side by side: 12 bytes a tap. */
const COARSE_TABLE_BYTES: usize = 12 * (COARSE_TAPS / 2);
/** The coarse taps, then the rows 1/8 to 7/8, then room for the peaks of four frames and where they are. */
export const TABLE_BYTES: usize = COARSE_TABLE_BYTES + 7 * FINE_BYTES + 32;
const LINE: usize = COARSE_TABLE_BYTES + 7 * FINE_BYTES;

function tap(k: i32, taps: i32, fraction: f64, beta: f64): f64 {
  const half = taps / 2;
  const t = <f64>(k - half + 1) - fraction;
  const edge = t / half;
  const window = edge * edge < 1 ? besselI0(beta * Math.sqrt(1 - edge * edge)) / besselI0(beta) : 0;
  return (window * Math.sin(Math.PI * t)) / (Math.PI * t);
}

export function fillTables(tables: usize): void {
  for (let k = 0; k < COARSE_TAPS / 2; k++) {
    const quarter = tap(k, COARSE_TAPS, 0.25, COARSE_BETA);
    const threeQuarters = tap(k, COARSE_TAPS, 0.75, COARSE_BETA);
    const at = tables + <usize>(12 * k);
    store<f32>(at, <f32>tap(k, COARSE_TAPS, 0.5, COARSE_BETA));
    store<f32>(at, <f32>(0.5 * (quarter + threeQuarters)), 4);
    store<f32>(at, <f32>(0.5 * (quarter - threeQuarters)), 8);
  }
  for (let q = 1; q < 8; q++) {
    const row = tables + COARSE_TABLE_BYTES + <usize>(q - 1) * FINE_BYTES;
    for (let k = 0; k < FINE_TAPS; k++) {
      store<f32>(row + (<usize>k << 2), <f32>tap(k, FINE_TAPS, <f64>q / 8, FINE_BETA));
    }
  }
}

/**
 * The largest magnitude among samples that, however they are arranged, cannot lift a half-way point to the gate of a
 * ceiling of 1.
 */
export function quietest(tables: usize): f32 {
  let sum: f32 = 0;
  for (let k: usize = 0; k < COARSE_TABLE_BYTES; k += 12) sum += 2 * abs<f32>(load<f32>(tables + k));
  return <f32>0.999 * (HALF_GATE / sum);
}

/** The peaks of four frames from the one at `x`, each at least the frame's own magnitude; exact near `ceiling`. */
export function interSamplePeaks(x: usize, tables: usize, ceiling: f32): v128 {
  const sample = f32x4.abs(v128.load(x));
  const next = f32x4.abs(v128.load(x, 4));
  const half = halfWay(x - COARSE_START, tables);
  const near = f32x4.pmax(f32x4.pmax(sample, next), half);
  if (!v128.any_true(f32x4.gt(near, f32x4.splat(HALF_GATE * ceiling)))) return sample;
  return searchFour(x, tables, ceiling, sample, next, half, near);
}

// @ts-ignore: decorator
@inline
function halfWay(first: usize, tables: usize): v128 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  let mirror = first + COARSE_BYTES - 4;
  const end = tables + COARSE_TABLE_BYTES;
  for (let at = tables; at < end; at += 24, first += 8, mirror -= 8) {
    const e0 = f32x4.add(v128.load(first), v128.load(mirror));
    const e1 = f32x4.add(v128.load(first, 4), v128.load(mirror - 4));
    even = f32x4.add(even, f32x4.mul(v128.load32_splat(at), e0));
    odd = f32x4.add(odd, f32x4.mul(v128.load32_splat(at, 12), e1));
  }
  return f32x4.abs(f32x4.add(even, odd));
}

function searchFour(
  x: usize,
  tables: usize,
  ceiling: f32,
  sample: v128,
  next: v128,
  half: v128,
  near: v128,
): v128 {
  let first = x - COARSE_START;
  let mirror = first + COARSE_BYTES - 4;
  let sum = f32x4.splat(0);
  let difference = f32x4.splat(0);
  for (let at = tables, end = tables + COARSE_TABLE_BYTES; at < end; at += 12, first += 4, mirror -= 4) {
    const a = v128.load(first);
    const b = v128.load(mirror);
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(at, 4), f32x4.add(a, b)));
    difference = f32x4.add(difference, f32x4.mul(v128.load32_splat(at, 8), f32x4.sub(a, b)));
  }
  const quarter = f32x4.abs(f32x4.add(sum, difference));
  const threeQuarters = f32x4.abs(f32x4.sub(sum, difference));
  const highest = f32x4.pmax(f32x4.pmax(sample, quarter), f32x4.pmax(half, threeQuarters));

  // On a slope the neighbouring interval has the maximum.
  const rising = f32x4.gt(next, highest);
  const previous = f32x4.abs(v128.load(x - 4));
  const falling = v128.and(f32x4.eq(highest, sample), f32x4.gt(previous, sample));
  const gated = v128.and(
    f32x4.gt(near, f32x4.splat(HALF_GATE * ceiling)),
    f32x4.gt(highest, f32x4.splat(QUARTER_GATE * ceiling)),
  );
  let lanes = i32x4.bitmask(v128.andnot(gated, v128.or(rising, falling)));
  if (lanes == 0) return sample;

  let points = i32x4.splat(6);
  points = v128.bitselect(i32x4.splat(4), points, f32x4.eq(half, highest));
  points = v128.bitselect(i32x4.splat(2), points, f32x4.eq(quarter, highest));
  points = v128.bitselect(i32x4.splat(0), points, f32x4.eq(sample, highest));
  const line = tables + LINE;
  v128.store(line, sample);
  v128.store(line, points, 16);
  while (lanes) {
    const lane = <usize>ctz(lanes) << 2;
    lanes &= lanes - 1;
    const peak = finePeak(x + lane, load<i32>(line + lane, 16), tables);
    store<f32>(line + lane, max<f32>(load<f32>(line + lane), peak));
  }
  return v128.load(line);
}

/** The maximum within an eighth of a frame around point `centre`/8 after the frame at `x`. */
function finePeak(x: usize, centre: i32, tables: usize): f32 {
  const left = eighth(x, centre - 1, tables);
  const middle = eighth(x, centre, tables);
  const right = eighth(x, centre + 1, tables);
  const highest = max<f32>(middle, max<f32>(left, right));
  const slope = right - left;
  const curvature: f32 = <f32>2 * middle - right - left;
  const topInside = curvature > 0 && abs<f32>(slope) < <f32>2 * curvature;
  return topInside ? max<f32>(highest, middle + (slope * slope) / (<f32>8 * curvature)) : highest;
}

function eighth(x: usize, q: i32, tables: usize): f32 {
  if (q == 0) return abs<f32>(load<f32>(x));
  let first = (q < 0 ? x - 4 : x) - FINE_START;
  const row = tables + COARSE_TABLE_BYTES + <usize>((q & 7) - 1) * FINE_BYTES;
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  for (let at = row, end = row + FINE_BYTES; at < end; at += 32, first += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(at), v128.load(first)));
    odd = f32x4.add(odd, f32x4.mul(v128.load(at, 16), v128.load(first, 16)));
  }
  const sum = f32x4.add(even, odd);
  const pair = f32x4.add(sum, v128.shuffle<f32>(sum, sum, 2, 3, 0, 1));
  return abs<f32>(f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1));
}
