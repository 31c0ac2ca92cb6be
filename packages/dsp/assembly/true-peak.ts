// True peak, ITU-R BS.1770-5 Annex 2, by a search on three grids that ends in a 16-times oversampled reading.
//
//   samples ──► 2x, everywhere ──► 4x, where 2x comes near the peak ──► 16x, around the local maxima of 4x
//                  32 taps               32 taps                             96 taps
//
// Why the search loses nothing: d sample periods away from where a band-limited signal reaches its maximum M it is at
// least M·cos(πd) (R. J. Duffin and A. C. Schaeffer, "Some Properties of Functions of Exponential Type", Bull. AMS 44,
// 1938). A point of the 2x grid is within 1/4 period, so it reads ≥ 0.707 M; a point of the 4x grid is within 1/8 and
// reads ≥ 0.924 M. Whatever could raise the peak thus shows on the coarser grid; the thresholds leave 0.4 dB and more
// for the short coarse filter. A plain 4x meter reads up to 0.69 dB low.
//
// The interpolators are Kaiser-windowed sincs with the cut-off at half the sample rate: point p/16 after frame n is
// Σ h_p[k] · x[n - taps/2 + 1 + k].

import { besselI0 } from "./resampler";

const COARSE_TAPS: i32 = 32;
const COARSE_BETA: f64 = 5;
const FINE_TAPS: i32 = 96;
const FINE_BETA: f64 = 7;
const FINE_PHASES: i32 = 16;
const THRESHOLD_2X: f32 = 0.66;
const THRESHOLD_4X: f32 = 0.88;

/** Where frame 0 of a block stands in the buffer: the fine filter reaches this far back, and one frame more ahead. */
const CENTRE: usize = FINE_TAPS / 2 - 1;
const CENTRE_BYTES: usize = CENTRE << 2;
const COARSE_OFFSET: usize = (CENTRE - (COARSE_TAPS / 2 - 1)) << 2;
const COARSE_BYTES: usize = COARSE_TAPS << 2;
const FINE_BYTES: usize = FINE_TAPS << 2;

function row(table: usize, taps: i32, fraction: f64, beta: f64): void {
  const half = taps / 2;
  for (let k = 0; k < taps; k++) {
    const t = <f64>(k - half + 1) - fraction;
    const edge = t / half;
    const window = edge * edge < 1 ? besselI0(beta * Math.sqrt(1 - edge * edge)) / besselI0(beta) : 0;
    const sinc = t == 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    store<f32>(table + (<usize>k << 2), <f32>(sinc * window));
  }
}

/** Fills `tables`: three coarse rows (1/4, 1/2, 3/4) of 32 taps, then sixteen fine rows of 96 taps; 6528 bytes of f32. */
export function truePeakTables(tables: usize): void {
  for (let p = 1; p < 4; p++) row(tables + <usize>(p - 1) * COARSE_BYTES, COARSE_TAPS, <f64>p / 4, COARSE_BETA);
  const fine = tables + 3 * COARSE_BYTES;
  for (let p = 0; p < FINE_PHASES; p++) row(fine + <usize>p * FINE_BYTES, FINE_TAPS, <f64>p / FINE_PHASES, FINE_BETA);
}

@inline function sumOfLanes(v: v128): f32 {
  const w = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(w, 0) + f32x4.extract_lane(w, 1);
}

/** The magnitude of the coarse point `phase`/4 (1 to 3) after the frame whose taps start at `x`. */
function coarsePoint(x: usize, tables: usize, phase: i32): f32 {
  const taps = tables + <usize>(phase - 1) * COARSE_BYTES;
  let sum = f32x4.splat(0);
  for (let k: usize = 0; k < COARSE_BYTES; k += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(taps + k), v128.load(x + k)));
  return abs<f32>(sumOfLanes(sum));
}

/** The largest magnitude on the 16x grid within 1/8 frame of point `phase`/4 after the frame centred at `x`. */
function finePeak(x: usize, phase: i32, tables: usize): f32 {
  const fine = tables + 3 * COARSE_BYTES;
  let peak: f32 = 0;
  for (let point = phase * 4 - 2; point <= phase * 4 + 2; point++) {
    const taps = fine + <usize>(point & 15) * FINE_BYTES;
    const start = point < 0 ? x - 4 : x;
    let sum = f32x4.splat(0);
    for (let k: usize = 0; k < FINE_BYTES; k += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(taps + k), v128.load(start + k)));
    }
    peak = max<f32>(peak, abs<f32>(sumOfLanes(sum)));
  }
  return peak;
}

/** Writes the sixteen points of four frames in order of time. */
@inline function storeInOrder(line: usize, sample: v128, quarter: v128, half: v128, threeQuarters: v128): void {
  const low = v128.shuffle<f32>(sample, quarter, 0, 4, 1, 5);
  const lowNext = v128.shuffle<f32>(half, threeQuarters, 0, 4, 1, 5);
  const high = v128.shuffle<f32>(sample, quarter, 2, 6, 3, 7);
  const highNext = v128.shuffle<f32>(half, threeQuarters, 2, 6, 3, 7);
  v128.store(line, v128.shuffle<f32>(low, lowNext, 0, 1, 4, 5), 0);
  v128.store(line, v128.shuffle<f32>(low, lowNext, 2, 3, 6, 7), 16);
  v128.store(line, v128.shuffle<f32>(high, highNext, 0, 1, 4, 5), 32);
  v128.store(line, v128.shuffle<f32>(high, highNext, 2, 3, 6, 7), 48);
}

/**
 * `peak`, raised by the 4x grid of eight frames and by the 16x grid around it. The magnitudes of the 2x grid are given;
 * `line` has room for the 4x grid and one neighbour on each side.
 */
function searchEight(
  x: usize, sample: v128, half: v128, nextSample: v128, nextHalf: v128, tables: usize, line: usize, peak: f32,
): f32 {
  const near = x + COARSE_OFFSET;
  let quarter = f32x4.splat(0);
  let threeQuarters = f32x4.splat(0);
  let nextQuarter = f32x4.splat(0);
  let nextThreeQuarters = f32x4.splat(0);
  for (let k: usize = 0; k < COARSE_BYTES; k += 4) {
    const tap1 = v128.load32_splat(tables + k);
    const tap3 = v128.load32_splat(tables + k, 2 * COARSE_BYTES);
    const frames = v128.load(near + k);
    const nextFrames = v128.load(near + k, 16);
    quarter = f32x4.add(quarter, f32x4.mul(tap1, frames));
    threeQuarters = f32x4.add(threeQuarters, f32x4.mul(tap3, frames));
    nextQuarter = f32x4.add(nextQuarter, f32x4.mul(tap1, nextFrames));
    nextThreeQuarters = f32x4.add(nextThreeQuarters, f32x4.mul(tap3, nextFrames));
  }
  quarter = f32x4.abs(quarter);
  threeQuarters = f32x4.abs(threeQuarters);
  nextQuarter = f32x4.abs(nextQuarter);
  nextThreeQuarters = f32x4.abs(nextThreeQuarters);
  const highest = f32x4.pmax(
    f32x4.pmax(f32x4.pmax(sample, half), f32x4.pmax(nextSample, nextHalf)),
    f32x4.pmax(f32x4.pmax(quarter, threeQuarters), f32x4.pmax(nextQuarter, nextThreeQuarters)),
  );
  if (!v128.any_true(f32x4.gt(highest, f32x4.splat(THRESHOLD_4X * peak)))) return peak;

  storeInOrder(line + 4, sample, quarter, half, threeQuarters);
  storeInOrder(line + 68, nextSample, nextQuarter, nextHalf, nextThreeQuarters);
  store<f32>(line, coarsePoint(near - 4, tables, 3));
  store<f32>(line, abs<f32>(load<f32>(x + CENTRE_BYTES, 32)), 132);
  for (let i = 0; i < 32; i++) {
    const at = line + (<usize>i << 2);
    const value = load<f32>(at, 4);
    if (value > THRESHOLD_4X * peak && value >= load<f32>(at) && value >= load<f32>(at, 8)) {
      peak = max<f32>(peak, finePeak(x + <usize>(i & ~3), i & 3, tables));
    }
  }
  return peak;
}

/**
 * Raises `peak` to the true peak of `frames` frames (a multiple of 8) and returns it. `x` is f32: 48 frames of history,
 * the frames, and 48 frames ahead. `line` is scratch for 34 f32.
 */
export function truePeak(x: usize, frames: i32, tables: usize, line: usize, peak: f32): f32 {
  x += 4;
  const end = x + (<usize>frames << 2);
  const halfTaps = tables + COARSE_BYTES;
  for (; x < end; x += 32) {
    // The half-way points of eight frames; the filter is symmetrical, and two taps share a coefficient.
    const near = x + COARSE_OFFSET;
    let half = f32x4.splat(0);
    let nextHalf = f32x4.splat(0);
    for (let k: usize = 0; k < COARSE_BYTES / 2; k += 4) {
      const tap = v128.load32_splat(halfTaps + k);
      const mirror = near + COARSE_BYTES - 4 - k;
      half = f32x4.add(half, f32x4.mul(tap, f32x4.add(v128.load(near + k), v128.load(mirror))));
      nextHalf = f32x4.add(nextHalf, f32x4.mul(tap, f32x4.add(v128.load(near + k, 16), v128.load(mirror, 16))));
    }
    half = f32x4.abs(half);
    nextHalf = f32x4.abs(nextHalf);
    const sample = f32x4.abs(v128.load(x + CENTRE_BYTES));
    const nextSample = f32x4.abs(v128.load(x + CENTRE_BYTES, 16));
    const highest = f32x4.pmax(f32x4.pmax(sample, half), f32x4.pmax(nextSample, nextHalf));
    if (v128.any_true(f32x4.gt(highest, f32x4.splat(THRESHOLD_2X * peak)))) {
      peak = searchEight(x, sample, half, nextSample, nextHalf, tables, line, peak);
    }
  }
  return peak;
}

/** The largest sample magnitude of `frames` f32 (a multiple of 4). */
export function samplePeak(x: usize, frames: i32): f32 {
  let peak = f32x4.splat(0);
  const end = x + (<usize>frames << 2);
  for (; x < end; x += 16) peak = f32x4.pmax(peak, f32x4.abs(v128.load(x)));
  const folded = f32x4.pmax(peak, v128.shuffle<f32>(peak, peak, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(folded, 0), f32x4.extract_lane(folded, 1));
}
