/**
 * What the detector hears before it takes levels: the signal or the sidechain, high-passed, or its mean square.
 *
 *   x ─▶ high-pass ─▶ x or the root of its mean square
 */
import { loadPair, section, STATE_BYTES, storeHighpass } from "@gainstage/dsp/assembly/biquad";
import { gainToDb } from "@gainstage/dsp/assembly/decibel";
import { furthestOver, glide, HIGHPASS, lowest, nextExp, RELEASE, RMS } from "./glides";
import { HIGHPASS_NEPERS, HIGHPASS_OFF, LARGEST_DB, LOUDEST, SETTLED_DB, SILENT_SQUARE, State } from "./state";

// @ts-ignore: decorator
@inline
export function filtering(s: State): bool {
  const corner = glide(s, HIGHPASS);
  return corner.goal > HIGHPASS_OFF || corner.left > 0;
}

// @ts-ignore: decorator
@inline
export function listeningToMean(s: State): bool {
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

/** To detector0 and detector1. */
export function highpass(s: State, left: usize, right: usize, frames: i32): void {
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

/** The roots of the mean squares, to square0s and square1s. */
export function meanSquares(s: State, left: usize, right: usize, frames: i32): void {
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
    frames += Math.ceil(Math.log(max(1, largest / SETTLED_DB)) / slowestRelease(s)) + 1;
  }
  return <i32>min<f64>(1e9, frames);
}

/** Nepers a frame; seldom another than in the block before. */
function slowestRelease(s: State): f64 {
  const logShare = lowest(s, RELEASE);
  if (logShare != s.slowestLogShare) {
    s.slowestLogShare = logShare;
    s.slowestNepers = -Math.log(1 - Math.exp(logShare));
  }
  return s.slowestNepers;
}
