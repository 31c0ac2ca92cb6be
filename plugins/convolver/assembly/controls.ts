/**
 * What the parameters move, but for the pre-delay: each value in a straight line of 20 ms from where it is to where it should
 * be, counted in frames, so that how the stream is cut changes nothing. Any change sends all of them on their way again.
 */
import { dbToGain } from "@gainstage/dsp/assembly/decibel";
import { param, Processor } from "@gainstage/plugin-api/assembly/processor";
import {
  GAIN_DB, HIGH_CUT_HZ, HIGH_CUT_OFF_HZ, LOW_CUT_HZ, LOW_CUT_OFF_HZ, MIX_PERCENT, PARAMS, WIDTH_PERCENT,
} from "./params";

/** Of each filter: tan(π f / fs), and 0 (off) to 1 (on). */
export const LOW_TAN: i32 = 0;
export const LOW_ON: i32 = 1;
export const HIGH_TAN: i32 = 2;
export const HIGH_ON: i32 = 3;
export const DRY: i32 = 4;
/** Of each wet channel in its own output and in the other one. */
export const STRAIGHT: i32 = 5;
export const ACROSS: i32 = 6;
const COUNT: i32 = 7;

export const TABLE_BYTES: usize = 64;
const RAMP_MS: f64 = 20;

@unmanaged
export class Controls {
  sampleRateHz: f64;
  /** Tables of COUNT f64, and the parameters last seen. */
  now: u32;
  step: u32;
  goal: u32;
  known: u32;
  /** Frames still to go, and of a whole way. */
  left: i32;
  length: i32;
  mono: bool;
}

export function rampFrames(sampleRateHz: f64): i32 {
  return <i32>Math.ceil(RAMP_MS * 0.001 * sampleRateHz);
}

// @ts-ignore: decorator
@inline export function value(c: Controls, index: i32): f64 {
  return load<f64>(<usize>c.now + (<usize>index << 3));
}

function setGoal(c: Controls, index: i32, to: f64): void {
  store<f64>(<usize>c.goal + (<usize>index << 3), to);
}

function design(c: Controls, p: Processor): void {
  const lowHz = param(p, LOW_CUT_HZ);
  const highHz = param(p, HIGH_CUT_HZ);
  const mix = param(p, MIX_PERCENT) * 0.01;
  setGoal(c, LOW_TAN, warped(lowHz, c.sampleRateHz));
  setGoal(c, LOW_ON, lowHz > LOW_CUT_OFF_HZ ? 1 : 0);
  setGoal(c, HIGH_TAN, warped(highHz, c.sampleRateHz));
  setGoal(c, HIGH_ON, highHz < HIGH_CUT_OFF_HZ ? 1 : 0);
  // Equal power: what is dry and what is wet have nothing to do with each other.
  setGoal(c, DRY, Math.sqrt(1 - mix));
  const wet = Math.sqrt(mix) * dbToGain(param(p, GAIN_DB));
  const side = c.mono ? 1 : param(p, WIDTH_PERCENT) * 0.01;
  setGoal(c, STRAIGHT, (wet * (1 + side)) / 2);
  setGoal(c, ACROSS, (wet * (1 - side)) / 2);
}

function warped(cutoffHz: f64, sampleRateHz: f64): f64 {
  return Math.tan((Math.PI * min<f64>(cutoffHz, 0.49 * sampleRateHz)) / sampleRateHz);
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
  for (let i: usize = 0; i < <usize>COUNT << 3; i += 8) {
    const way = load<f64>(<usize>c.goal + i) - load<f64>(<usize>c.now + i);
    store<f64>(<usize>c.step + i, way / <f64>c.length);
  }
  c.left = c.length;
}

function arrive(c: Controls): void {
  memory.copy(<usize>c.now, <usize>c.goal, TABLE_BYTES);
  c.left = 0;
}

/** One frame on. */
export function advance(c: Controls): void {
  if (--c.left == 0) {
    arrive(c);
    return;
  }
  for (let i: usize = 0; i < <usize>COUNT << 3; i += 8) {
    store<f64>(<usize>c.now + i, load<f64>(<usize>c.now + i) + load<f64>(<usize>c.step + i));
  }
}
