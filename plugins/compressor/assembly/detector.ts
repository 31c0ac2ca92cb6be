/**
 * What the detector hears, as the reduction it asks for:
 *
 *   x ─▶ high-pass ─▶ |x| or RMS ─▶ dB ─▶ link ─▶ static curve (eq. 4) ─▶ dB of reduction
 */
import { loadPair, section, STATE_BYTES, storeHighpass } from "@gainstage/dsp/assembly/biquad";
import { DB_PER_OCTAVE, gainToDb, log2x4 } from "@gainstage/dsp/assembly/decibel";
import {
  curveMoves, fillGlide, furthestOver, glide, HIGHPASS, KNEE, LINK, lowest, nextExp, RELEASE, RMS, SLOPE, THRESHOLD,
} from "./glides";
import {
  CEILING, FLOOR, HIGHPASS_NEPERS, HIGHPASS_OFF, LARGEST_DB, LOUDEST, SETTLED_DB, SILENT_SQUARE, State,
} from "./state";

/**
 * Levels and the static curve: leaves the reduction wanted, in dB, for each frame in detector0 and detector1, or for
 * `one` envelope in detector0 alone.
 */
export function detect(s: State, left: usize, right: usize, frames: i32, linked: bool, one: bool): void {
  let from0 = left;
  let from1 = right;
  if (filtering(s)) {
    highpass(s, left, right, frames);
    from0 = <usize>s.detector0;
    from1 = <usize>s.detector1;
  }
  const rms = listeningToMean(s);
  if (rms) meanSquares(s, from0, from1, frames);
  if (curveMoves(s)) {
    askMoving(s, from0, from1, frames, rms);
    return;
  }
  if (rms) {
    from0 = <usize>s.square0s;
    from1 = <usize>s.square1s;
  }
  if (linked) askLinked(s, from0, from1, frames, one);
  else ask(s, from0, from1, frames);
}

// @ts-ignore: decorator
@inline
function filtering(s: State): bool {
  const corner = glide(s, HIGHPASS);
  return corner.goal > HIGHPASS_OFF || corner.left > 0;
}

// @ts-ignore: decorator
@inline
function listeningToMean(s: State): bool {
  const share = glide(s, RMS);
  return share.goal != 0 || share.left > 0;
}

/** A detector and a filter that are switched on begin with nothing heard. Call before the glides are aimed. */
export function forgetUnused(s: State): void {
  if (!filtering(s)) memory.fill(<usize>s.highpassState, 0, STATE_BYTES);
  if (listeningToMean(s)) return;
  s.square0 = 0;
  s.square1 = 0;
}

/** The levels of four frames. pmax(a, b) is a < b ? b : a, so here what is not a number becomes the floor. */
// @ts-ignore: decorator
@inline
function levels(at: usize): v128 {
  return f32x4.pmin(f32x4.splat(CEILING), f32x4.pmax(f32x4.splat(FLOOR), f32x4.abs(v128.load(at))));
}

/** Both channels as the louder one of them; for `one` envelope only to detector0. */
function askLinked(s: State, from0: usize, from1: usize, frames: i32, one: bool): void {
  const threshold = f32x4.splat(<f32>glide(s, THRESHOLD).goal);
  const slope = f32x4.splat(<f32>glide(s, SLOPE).goal);
  const knee = f32x4.splat(<f32>glide(s, KNEE).goal);
  const bend = f32x4.div(f32x4.splat(0.5), knee);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    const louder = f32x4.pmax(levels(from0 + i), levels(from1 + i));
    const both = wanted(log2x4(louder), threshold, slope, knee, bend);
    v128.store(<usize>s.detector0 + i, both);
    if (!one) v128.store(<usize>s.detector1 + i, both);
  }
}

/** Each channel's own level, so far linked with the louder one as the link says. */
function ask(s: State, from0: usize, from1: usize, frames: i32): void {
  const threshold = f32x4.splat(<f32>glide(s, THRESHOLD).goal);
  const slope = f32x4.splat(<f32>glide(s, SLOPE).goal);
  const knee = f32x4.splat(<f32>glide(s, KNEE).goal);
  const bend = f32x4.div(f32x4.splat(0.5), knee);
  const link = f32x4.splat(<f32>glide(s, LINK).goal);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    const level0 = levels(from0 + i);
    const level1 = levels(from1 + i);
    const louder = log2x4(f32x4.pmax(level0, level1));
    v128.store(<usize>s.detector0 + i, wanted(towards(log2x4(level0), louder, link), threshold, slope, knee, bend));
    v128.store(<usize>s.detector1 + i, wanted(towards(log2x4(level1), louder, link), threshold, slope, knee, bend));
  }
}

/** The same with the curve, the link and the share of the mean in the level, in dB, of each frame. */
function askMoving(s: State, from0: usize, from1: usize, frames: i32, rms: bool): void {
  const mean0 = rms ? <usize>s.square0s : from0;
  const mean1 = rms ? <usize>s.square1s : from1;
  const thresholds = fillGlide(s, THRESHOLD, <usize>s.thresholds, frames);
  const slopes = fillGlide(s, SLOPE, <usize>s.slopes, frames);
  const knees = fillGlide(s, KNEE, <usize>s.knees, frames);
  const links = fillGlide(s, LINK, <usize>s.links, frames);
  const shares = fillGlide(s, RMS, <usize>s.rmsShares, frames);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    const peak0 = levels(from0 + i);
    const peak1 = levels(from1 + i);
    const square0 = levels(mean0 + i);
    const square1 = levels(mean1 + i);
    const share = v128.load(shares + i);
    const level0 = towards(log2x4(peak0), log2x4(square0), share);
    const level1 = towards(log2x4(peak1), log2x4(square1), share);
    const louder = towards(log2x4(f32x4.pmax(peak0, peak1)), log2x4(f32x4.pmax(square0, square1)), share);
    const threshold = v128.load(thresholds + i);
    const slope = v128.load(slopes + i);
    const knee = v128.load(knees + i);
    const bend = f32x4.div(f32x4.splat(0.5), knee);
    const link = v128.load(links + i);
    v128.store(<usize>s.detector0 + i, wanted(towards(level0, louder, link), threshold, slope, knee, bend));
    v128.store(<usize>s.detector1 + i, wanted(towards(level1, louder, link), threshold, slope, knee, bend));
  }
}

/** `share` of the way from one level to another, all of it to the bit: a glide that comes to rest changes nothing. */
// @ts-ignore: decorator
@inline
function towards(from: v128, to: v128, share: v128): v128 {
  const mixed = f32x4.add(from, f32x4.mul(share, f32x4.sub(to, from)));
  return v128.bitselect(to, mixed, f32x4.eq(share, f32x4.splat(1)));
}

/** Eq. 4 as a reduction, never negative: slope (q^2 / (2 knee) + w) with q the way into the knee, w beyond it. */
// @ts-ignore: decorator
@inline
function wanted(octaves: v128, threshold: v128, slope: v128, knee: v128, bend: v128): v128 {
  const zero = f32x4.splat(0);
  const halfKnee = f32x4.mul(knee, f32x4.splat(0.5));
  const over = f32x4.sub(f32x4.mul(octaves, f32x4.splat(<f32>DB_PER_OCTAVE)), threshold);
  const q = f32x4.pmin(f32x4.pmax(f32x4.add(over, halfKnee), zero), knee);
  const w = f32x4.pmax(f32x4.sub(over, halfKnee), zero);
  return f32x4.mul(slope, f32x4.add(f32x4.mul(f32x4.mul(q, q), bend), w));
}

function highpass(s: State, left: usize, right: usize, frames: i32): void {
  const loudest = f64x2.splat(LOUDEST);
  const corner = glide(s, HIGHPASS);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    if (corner.left > 0) tuneHighpass(s, nextExp(s, HIGHPASS));
    const x = loadPair(left + i, right + i);
    const sane = v128.and(x, f64x2.lt(f64x2.abs(x), loudest));
    const filtered = section(<usize>s.highpass, <usize>s.highpassState, sane);
    // Off from the frame on which it comes to its lowest corner, wherever the block ends.
    const off = corner.left == 0 && corner.goal <= HIGHPASS_OFF;
    const y = f32x4.demote_f64x2_zero(off ? x : filtered);
    v128.store32_lane(<usize>s.detector0 + i, y, 0);
    v128.store32_lane(<usize>s.detector1 + i, y, 1);
  }
  flushSubnormal(<usize>s.highpassState);
}

export function tuneHighpass(s: State, cornerHz: f64): void {
  storeHighpass(<usize>s.highpass, cornerHz, s.sampleRateHz);
}

/** A filter left ringing on silence ends in subnormal numbers, which some processors add a hundred times slower. */
function flushSubnormal(state: usize): void {
  for (let i: usize = 0; i < STATE_BYTES; i += 8) {
    if (Math.abs(load<f64>(state + i)) < 1e-200) store<f64>(state + i, 0);
  }
}

function meanSquares(s: State, left: usize, right: usize, frames: i32): void {
  const k = f64x2.splat(s.rmsPole);
  const loudest = f64x2.splat(LOUDEST);
  const tiny = f64x2.splat(SILENT_SQUARE);
  let mean = f64x2.replace_lane(f64x2.splat(s.square0), 1, s.square1);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const x = loadPair(left + i, right + i);
    const sane = v128.and(x, f64x2.lt(f64x2.abs(x), loudest));
    const square = f64x2.mul(sane, sane);
    mean = f64x2.add(square, f64x2.mul(k, f64x2.sub(mean, square)));
    mean = v128.and(mean, f64x2.gt(mean, tiny));
    const level = f32x4.demote_f64x2_zero(f64x2.sqrt(mean));
    v128.store32_lane(<usize>s.square0s + i, level, 0);
    v128.store32_lane(<usize>s.square1s + i, level, 1);
  }
  s.square0 = f64x2.extract_lane(mean, 0);
  s.square1 = f64x2.extract_lane(mean, 1);
}

/** Frames of silence until the detector and the envelope are where they start: until then they must go on. */
export function framesToRest(s: State): i32 {
  let frames: f64 = 0;
  let largest = max(s.reduction0, s.reduction1);
  if (listeningToMean(s)) {
    const square = max(s.square0, s.square1);
    if (square > 0) {
      frames += Math.ceil(Math.log(square / SILENT_SQUARE) / -Math.log(s.rmsPole)) + 1;
      // The envelope may still rise, but never to more than what the level is over the knee's lower end.
      largest = max(largest, furthestOver(s, gainToDb(Math.sqrt(square))));
    }
  }
  if (filtering(s)) {
    const ring = (HIGHPASS_NEPERS * Math.SQRT2 * s.sampleRateHz) / (2 * Math.PI * Math.exp(lowest(s, HIGHPASS)));
    if (s.detectorSilentFrames < ring) {
      frames += Math.ceil(ring) - s.detectorSilentFrames;
      largest = LARGEST_DB;
    }
  }
  if (largest > 0) {
    const share = Math.exp(lowest(s, RELEASE));
    frames += Math.ceil(Math.log(max(1, largest / SETTLED_DB)) / -Math.log(1 - share)) + 1;
  }
  return <i32>min<f64>(1e9, frames);
}
