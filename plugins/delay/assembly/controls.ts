/**
 * What the parameters move, but for the time: each value in a straight line of 20 ms from where it is to where it should
 * be, counted in frames, so that how the stream is cut changes nothing. Any change sends all of them on their way again.
 * A value is kept in both lanes of an f64x2, as the loop over the frames wants it.
 */
import { param, Processor } from "@gainstage/plugin-api/assembly/processor";
import {
  DEPTH_MS, DUCK_DB, FEEDBACK_PERCENT, HIGH_CUT_HZ, HIGH_CUT_OFF_HZ, LOW_CUT_HZ, LOW_CUT_OFF_HZ, MIX_PERCENT, MODE,
  PARAMS, WIDTH_PERCENT,
} from "./params";

export const FEEDBACK: usize = 0;
/** 0 where the lines feed themselves (stereo), 1 where each feeds the other (ping-pong). */
export const CROSS: usize = 16;
/** Of each filter: its coefficient, see filters.ts, and 0 (off) to 1 (on). */
export const LOW_GAIN: usize = 32;
export const LOW_ON: usize = 48;
export const HIGH_GAIN: usize = 64;
export const HIGH_ON: usize = 80;
/** Of each line in its own channel and in the other one. */
export const OWN: usize = 96;
export const OTHER: usize = 112;
export const DRY: usize = 128;
export const WET: usize = 144;
/** Frames either side. */
export const DEPTH: usize = 160;
/** The echoes are divided by 1 + this at most. */
export const DUCK: usize = 176;
const BYTES: usize = 192;

export const TABLE_BYTES: usize = BYTES;
export const RAMP_MS: f64 = 20;

@unmanaged
export class Controls {
  sampleRateHz: f64;
  /** Tables of BYTES, and the parameters last seen. */
  now: u32;
  step: u32;
  goal: u32;
  known: u32;
  /** Frames still to go, and of a whole way. */
  left: i32;
  length: i32;
  mono: bool;
}

// @ts-ignore: decorator
@inline export function both(c: Controls, at: usize): v128 {
  return v128.load(<usize>c.now + at);
}

// @ts-ignore: decorator
@inline export function value(c: Controls, at: usize): f64 {
  return load<f64>(<usize>c.now + at);
}

// @ts-ignore: decorator
@inline export function goal(c: Controls, at: usize): f64 {
  return load<f64>(<usize>c.goal + at);
}

function setGoal(c: Controls, at: usize, to: f64): void {
  v128.store(<usize>c.goal + at, f64x2.splat(to));
}

function design(c: Controls, p: Processor): void {
  const pingPong = param(p, MODE) < 0.5;
  const lowHz = param(p, LOW_CUT_HZ);
  const highHz = param(p, HIGH_CUT_HZ);
  const width = param(p, WIDTH_PERCENT) * 0.01;
  const mix = param(p, MIX_PERCENT) * 0.01;
  setGoal(c, FEEDBACK, param(p, FEEDBACK_PERCENT) * 0.01);
  setGoal(c, CROSS, pingPong ? 1 : 0);
  setGoal(c, LOW_GAIN, filterGain(lowHz, c.sampleRateHz));
  setGoal(c, LOW_ON, lowHz > LOW_CUT_OFF_HZ ? 1 : 0);
  setGoal(c, HIGH_GAIN, filterGain(highHz, c.sampleRateHz));
  setGoal(c, HIGH_ON, highHz < HIGH_CUT_OFF_HZ ? 1 : 0);
  if (c.mono) {
    // One channel holds every echo once: those of both lines in ping-pong, of either where they are the same.
    setGoal(c, OWN, 1);
    setGoal(c, OTHER, pingPong ? 1 : 0);
  } else if (pingPong) {
    // Echoes that never sound together are as loud in the middle as at the sides: constant power.
    setGoal(c, OWN, Math.cos((Math.PI / 4) * (1 - width)));
    setGoal(c, OTHER, Math.sin((Math.PI / 4) * (1 - width)));
  } else {
    // Sides that sound together keep their sum.
    setGoal(c, OWN, (1 + width) / 2);
    setGoal(c, OTHER, (1 - width) / 2);
  }
  // Below the middle the dry sound is whole and the echoes rise, above it the echoes are whole and the dry sound falls.
  setGoal(c, DRY, min<f64>(1, 2 - 2 * mix));
  setGoal(c, WET, min<f64>(1, 2 * mix));
  setGoal(c, DEPTH, param(p, DEPTH_MS) * 0.001 * c.sampleRateHz);
  setGoal(c, DUCK, Math.pow(10, param(p, DUCK_DB) / 20) - 1);
}

/** g / (1 + g) with g = tan(π f / fs): see filters.ts. */
function filterGain(cutoffHz: f64, sampleRateHz: f64): f64 {
  const g = Math.tan((Math.PI * min<f64>(cutoffHz, 0.49 * sampleRateHz)) / sampleRateHz);
  return g / (1 + g);
}

/** True if any parameter has changed since the last call. */
function noteParams(c: Controls, p: Processor): bool {
  let changed = false;
  for (let k = 0; k < PARAMS; k++) {
    const at = <usize>c.known + (<usize>k << 3);
    if (load<f64>(at) != param(p, k)) changed = true;
    store<f64>(at, param(p, k));
  }
  return changed;
}

/** At what the parameters ask for, at once. */
export function settle(c: Controls, p: Processor): void {
  noteParams(c, p);
  design(c, p);
  arrive(c);
}

/** On the way to what the parameters ask for, if they have changed. */
export function follow(c: Controls, p: Processor): void {
  if (!noteParams(c, p)) return;
  design(c, p);
  for (let i: usize = 0; i < BYTES; i += 16) {
    const way = f64x2.sub(v128.load(<usize>c.goal + i), v128.load(<usize>c.now + i));
    v128.store(<usize>c.step + i, f64x2.div(way, f64x2.splat(<f64>c.length)));
  }
  c.left = c.length;
}

function arrive(c: Controls): void {
  memory.copy(<usize>c.now, <usize>c.goal, BYTES);
  c.left = 0;
}

/** One frame on. */
export function advance(c: Controls): void {
  if (--c.left == 0) {
    arrive(c);
    return;
  }
  for (let i: usize = 0; i < BYTES; i += 16) {
    v128.store(<usize>c.now + i, f64x2.add(v128.load(<usize>c.now + i), v128.load(<usize>c.step + i)));
  }
}
