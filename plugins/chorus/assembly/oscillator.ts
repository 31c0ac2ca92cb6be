/**
 * Where each voice listens, for a run of frames: delay and LFO, two voices at a time in f64x2.
 *
 * Nothing here depends on the sound, so it is worked out ahead of it; each frame's values follow from the frame's own
 * phase and controls alone.
 */
import {
  advance, Controls, DELAY, DEPTH, DRY, FEEDBACK, GAINS, SHAPE, shareOfNew, value, VOICES,
} from "./controls";
import { PHASES, ROW_BYTES } from "./interpolation";

/** Frames worked out in one go. */
export const RUN: i32 = 32;

/** Of one voice at one frame. */
@unmanaged
export class Reading {
  /** Whole frames back to the frame before the point. */
  behind: i32;
  /** Bytes into the table of the interpolation: the row below, and the way from it to the next. */
  row: i32;
  way: f32;
  gain0: f32;
  gain1: f32;
  /** Gain of what goes back into the line. */
  feedback: f32;
}

export const READING_BYTES: usize = 32;
/** The gain of the dry signal stands before a frame's readings. */
export const FRAME_HEAD_BYTES: usize = 16;
/** While the sound fades over, each voice has two heads. Readings are written in pairs: an odd last one takes two. */
export const RUN_BYTES: usize = <usize>RUN * (FRAME_HEAD_BYTES + 2 * <usize>VOICES * READING_BYTES) + READING_BYTES;

/** Where the voices stand in the cycle of the LFO. Any first few of them are spread evenly, or nearly. */
const OFFSETS = memory.data<f64>([0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875]);
/** Later voices listen a little further back, so that they never speak in unison, even at no depth. */
const STAGGER = memory.data<f64>([
  1, 1 + 1.0 / 16, 1 + 2.0 / 16, 1 + 3.0 / 16, 1 + 4.0 / 16, 1 + 5.0 / 16, 1 + 6.0 / 16, 1 + 7.0 / 16,
]);

/**
 * Writes `frames` (at most RUN) frames to `to`, each its dry gain and its readings, and moves the controls on.
 * The phase, in cycles, was `phase` when the rate was set, `since` frames before the first of them. Returns the readings
 * of a frame.
 */
export function listen(c: Controls, phase: f64, rateHz: f64, since: f64, sampleRateHz: f64, mono: bool, frames: i32, to: usize): i32 {
  const voices = c.voices;
  const fading = c.fadeLeft > 0;
  const setBytes = <usize>voices * READING_BYTES;
  for (let i = 0; i < frames; i++) {
    advance(c);
    store<f32>(to, <f32>value(c, DRY));
    to += FRAME_HEAD_BYTES;
    const cycles = phase + (rateHz * (since + <f64>i)) / sampleRateHz;
    const share = shareOfNew(c);
    place(c, voices, cycles, value(c, DELAY), value(c, DEPTH), share, mono, to);
    to += setBytes;
    if (fading) {
      place(c, voices, cycles, c.oldDelay, c.oldDepth, 1 - share, mono, to);
      to += setBytes;
    }
  }
  return fading ? 2 * voices : voices;
}

/** The readings of one set of heads. Only the first voice feeds back. */
// @ts-ignore: decorator
@inline function place(c: Controls, voices: i32, phase: f64, delayFrames: f64, depthFrames: f64, share: f64, mono: bool, to: usize): void {
  const cycles = f64x2.splat(phase);
  const shape = f64x2.splat(value(c, SHAPE));
  const centre = f64x2.splat(delayFrames);
  const depth = f64x2.splat(depthFrames);
  const level = f64x2.splat(share);
  let feedback = <f32>(share * value(c, FEEDBACK));
  for (let v = 0; v < voices; v += 2) {
    const at = <usize>v << 3;
    const turn = lfo(f64x2.add(cycles, v128.load(OFFSETS + at)), shape);
    const delay = f64x2.add(f64x2.mul(centre, v128.load(STAGGER + at)), f64x2.mul(depth, turn));
    const behind = f64x2.ceil(delay);
    const rows = f64x2.mul(f64x2.sub(behind, delay), f64x2.splat(PHASES));
    const below = f64x2.floor(rows);
    const way = f32x4.demote_f64x2_zero(f64x2.sub(rows, below));
    const wholeFrames = i32x4.trunc_sat_f64x2_s_zero(behind);
    const wholeRows = i32x4.mul(i32x4.trunc_sat_f64x2_s_zero(below), i32x4.splat(<i32>ROW_BYTES));
    const gains = <usize>c.now + (<usize>(GAINS + 2 * v) << 3);
    let gains0 = f64x2.mul(level, v128.load(gains));
    let gains1 = f64x2.mul(level, v128.load(gains, 16));
    if (mono) {
      gains0 = power(gains0);
      gains1 = power(gains1);
    }
    const reading = to + <usize>v * READING_BYTES;
    v128.store32_lane(reading, wholeFrames, 0);
    v128.store32_lane(reading, wholeRows, 0, 4);
    v128.store32_lane(reading, way, 0, 8);
    v128.store64_lane(reading, f32x4.demote_f64x2_zero(gains0), 0, 12);
    store<f32>(reading, feedback, 20);
    feedback = 0;
    v128.store32_lane(reading, wholeFrames, 1, 32);
    v128.store32_lane(reading, wholeRows, 1, 36);
    v128.store32_lane(reading, way, 1, 40);
    v128.store64_lane(reading, f32x4.demote_f64x2_zero(gains1), 0, 44);
    store<f32>(reading, 0, 52);
  }
}

/** sin(2π p) as sin(π/2 · triangle(p)), by its series to the 13th power: within 7e-10. */
// @ts-ignore: decorator
@inline function lfo(cycles: v128, shape: v128): v128 {
  const half = f64x2.splat(0.5);
  const p = f64x2.add(cycles, f64x2.splat(0.25));
  const folded = f64x2.abs(f64x2.sub(f64x2.sub(p, f64x2.floor(p)), half));
  const triangle = f64x2.sub(f64x2.splat(1), f64x2.mul(f64x2.splat(4), folded));
  const x = f64x2.mul(triangle, f64x2.splat(Math.PI / 2));
  const z = f64x2.mul(x, x);
  let sum = f64x2.add(f64x2.splat(-1 / 39916800.0), f64x2.mul(z, f64x2.splat(1 / 6227020800.0)));
  sum = f64x2.add(f64x2.splat(1 / 362880.0), f64x2.mul(z, sum));
  sum = f64x2.add(f64x2.splat(-1 / 5040.0), f64x2.mul(z, sum));
  sum = f64x2.add(f64x2.splat(1 / 120.0), f64x2.mul(z, sum));
  sum = f64x2.add(f64x2.splat(-1 / 6.0), f64x2.mul(z, sum));
  const sine = f64x2.mul(x, f64x2.add(f64x2.splat(1), f64x2.mul(z, sum)));
  return f64x2.add(sine, f64x2.mul(shape, f64x2.sub(triangle, sine)));
}

/** The gain in one channel of what two gains are together: both lanes √((l² + r²) / 2). */
// @ts-ignore: decorator
@inline function power(gains: v128): v128 {
  const squares = f64x2.mul(gains, gains);
  const sum = f64x2.add(squares, v128.shuffle<f64>(squares, squares, 1, 0));
  return f64x2.sqrt(f64x2.mul(sum, f64x2.splat(0.5)));
}
