/**
 * What the detector hears, as the reduction it asks for:
 *
 *   x ─▶ high-pass ─▶ |x| or RMS ─▶ dB ─▶ link ─▶ static curve (eq. 4) ─▶ dB of reduction
 */
import { loadPair, section, STATE_BYTES } from "@gainstage/dsp/assembly/biquad";
import { DB_PER_OCTAVE, gainToDb, log2x4 } from "@gainstage/dsp/assembly/decibel";
import { param, Processor } from "@gainstage/plugin-api/assembly/processor";
import {
  CEILING,
  DETECTOR,
  FLOOR,
  HIGHPASS_HZ,
  HIGHPASS_NEPERS,
  HIGHPASS_OFF_HZ,
  KNEE_DB,
  LARGEST_DB,
  LINK_PERCENT,
  LOUDEST,
  RATIO,
  SETTLED_DB,
  SILENT_SQUARE,
  State,
  THRESHOLD_DB,
} from "./state";

/**
 * Levels and the static curve: leaves the reduction wanted, in dB, for each frame in detector0 and detector1, or for
 * `one` envelope in detector0 alone.
 */
export function detect(
  s: State, left: usize, right: usize, frames: i32, p: Processor, linked: bool, one: bool,
): void {
  let from0 = left;
  let from1 = right;
  if (param(p, HIGHPASS_HZ) > HIGHPASS_OFF_HZ) {
    highpass(s, left, right, frames);
    from0 = <usize>s.detector0;
    from1 = <usize>s.detector1;
  }
  if (param(p, DETECTOR) != 0) {
    meanSquares(s, from0, from1, frames);
    from0 = <usize>s.detector0;
    from1 = <usize>s.detector1;
  }
  const linkPercent = param(p, LINK_PERCENT);
  const link = f32x4.splat(<f32>(linkPercent * 0.01));
  const kneeDb = max<f64>(param(p, KNEE_DB), 1e-6);
  const threshold = f32x4.splat(<f32>param(p, THRESHOLD_DB));
  const knee = f32x4.splat(<f32>kneeDb);
  const halfKnee = f32x4.splat(<f32>(kneeDb * 0.5));
  const bend = f32x4.splat(<f32>(0.5 / kneeDb));
  const slope = f32x4.splat(<f32>(1 - 1 / param(p, RATIO)));
  const floor = f32x4.splat(FLOOR);
  const ceiling = f32x4.splat(CEILING);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    // pmax(a, b) is a < b ? b : a, so in this order what is not a number becomes the floor.
    const level0 = f32x4.pmin(ceiling, f32x4.pmax(floor, f32x4.abs(v128.load(from0 + i))));
    const level1 = f32x4.pmin(ceiling, f32x4.pmax(floor, f32x4.abs(v128.load(from1 + i))));
    const louder = f32x4.pmax(level0, level1);
    if (linked) {
      const both = wanted(log2x4(louder), threshold, slope, knee, halfKnee, bend);
      v128.store(<usize>s.detector0 + i, both);
      if (!one) v128.store(<usize>s.detector1 + i, both);
    } else {
      const common = log2x4(louder);
      const own0 = log2x4(level0);
      const own1 = log2x4(level1);
      const mixed0 = f32x4.add(own0, f32x4.mul(link, f32x4.sub(common, own0)));
      const mixed1 = f32x4.add(own1, f32x4.mul(link, f32x4.sub(common, own1)));
      v128.store(<usize>s.detector0 + i, wanted(mixed0, threshold, slope, knee, halfKnee, bend));
      v128.store(<usize>s.detector1 + i, wanted(mixed1, threshold, slope, knee, halfKnee, bend));
    }
  }
}

/** Eq. 4 as a reduction, never negative: slope (q^2 / (2 knee) + w) with q the way into the knee, w beyond it. */
// @ts-ignore: decorator
@inline
function wanted(octaves: v128, threshold: v128, slope: v128, knee: v128, halfKnee: v128, bend: v128): v128 {
  const zero = f32x4.splat(0);
  const over = f32x4.sub(f32x4.mul(octaves, f32x4.splat(<f32>DB_PER_OCTAVE)), threshold);
  const q = f32x4.pmin(f32x4.pmax(f32x4.add(over, halfKnee), zero), knee);
  const w = f32x4.pmax(f32x4.sub(over, halfKnee), zero);
  return f32x4.mul(slope, f32x4.add(f32x4.mul(f32x4.mul(q, q), bend), w));
}

function highpass(s: State, left: usize, right: usize, frames: i32): void {
  const loudest = f64x2.splat(LOUDEST);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const x = loadPair(left + i, right + i);
    const sane = v128.and(x, f64x2.lt(f64x2.abs(x), loudest));
    const y = f32x4.demote_f64x2_zero(section(<usize>s.highpass, <usize>s.highpassState, sane));
    v128.store32_lane(<usize>s.detector0 + i, y, 0);
    v128.store32_lane(<usize>s.detector1 + i, y, 1);
  }
  flushSubnormal(<usize>s.highpassState);
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
    v128.store32_lane(<usize>s.detector0 + i, level, 0);
    v128.store32_lane(<usize>s.detector1 + i, level, 1);
  }
  s.square0 = f64x2.extract_lane(mean, 0);
  s.square1 = f64x2.extract_lane(mean, 1);
}

/** Frames of silence until the detector and the envelope are where they start: until then they must go on. */
export function framesToRest(p: Processor, s: State): i32 {
  let frames: f64 = 0;
  let highest = max(s.reduction0, s.reduction1);
  if (param(p, DETECTOR) != 0) {
    const square = max(s.square0, s.square1);
    if (square > 0) {
      frames += Math.ceil(Math.log(square / SILENT_SQUARE) / -Math.log(s.rmsPole)) + 1;
      // The envelope may still rise, but never to more than what the level is over the knee's lower end.
      highest = max(highest, gainToDb(Math.sqrt(square)) - param(p, THRESHOLD_DB) + param(p, KNEE_DB) / 2);
    }
  }
  const highpassHz = param(p, HIGHPASS_HZ);
  if (highpassHz > HIGHPASS_OFF_HZ) {
    const ring = (HIGHPASS_NEPERS * Math.SQRT2 * s.sampleRateHz) / (2 * Math.PI * highpassHz);
    if (s.detectorSilentFrames < ring) {
      frames += Math.ceil(ring) - s.detectorSilentFrames;
      highest = LARGEST_DB;
    }
  }
  if (highest > 0) frames += Math.ceil(Math.log(max(1, highest / SETTLED_DB)) / -Math.log(s.releasePole)) + 1;
  return <i32>min<f64>(1e9, frames);
}
