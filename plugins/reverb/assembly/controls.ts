/**
 * Every number that a parameter moves, on one common ramp: straight lines of about 20 ms, in whole segments.
 *
 * Parameters are read at the heads of segments. That is what makes smoothing independent of how the host cuts the
 * stream, and lets a segment run on constant coefficients whenever nothing moves.
 */
import { lineGain, ROWS, storeAbsorption } from "./absorption";
import { lineAt } from "./delay-line";
import { LINES } from "./spaces";

/** Rows of absorption first, then these. */
const SCALARS: i32 = ROWS * LINES;
export const INJECTION: i32 = SCALARS;
export const EARLY: i32 = SCALARS + 1;
export const LATE: i32 = SCALARS + 2;
export const SIDE: i32 = SCALARS + 3;
export const DRY: i32 = SCALARS + 4;
export const WET: i32 = SCALARS + 5;
/** Sine of the largest rotation. */
export const TURN: i32 = SCALARS + 6;
const COUNT: i32 = SCALARS + 8;
export const CONTROL_BYTES: usize = <usize>COUNT << 2;

const MOST_TURN: f64 = 0.6;

/** Three tables of COUNT f32: the values at the head of the segment, their change within it, and where they go. */
@unmanaged
export class Controls {
  now: u32;
  step: u32;
  goal: u32;
  /** Segments still to go. */
  left: i32;
  /** Segments of a whole ramp. */
  length: i32;
}

/** What the parameters ask for, in their own units. */
@unmanaged
export class Wanted {
  decayS: f64;
  lowRatio: f64;
  lowHz: f64;
  highRatio: f64;
  highHz: f64;
  earlyLatePercent: f64;
  widthPercent: f64;
  modulationPercent: f64;
  mixPercent: f64;
}

// @ts-ignore: decorator
@inline export function value(c: Controls, index: i32): f32 {
  return load<f32>(<usize>c.now + (<usize>index << 2));
}

/** The value at the head of the next segment. */
// @ts-ignore: decorator
@inline export function valueAfter(c: Controls, index: i32): f32 {
  return value(c, index) + load<f32>(<usize>c.step + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline function setGoal(c: Controls, index: i32, to: f64): void {
  store<f32>(<usize>c.goal + (<usize>index << 2), <f32>to);
}

/** Fills `goal`. `lines` are those of the network. */
function design(c: Controls, w: Wanted, lines: usize, sampleRateHz: f64): void {
  let energy: f64 = 0;
  for (let l = 0; l < LINES; l++) {
    const delay = lineAt(lines, l).delay;
    storeAbsorption(<usize>c.goal, l, delay, sampleRateHz, w.decayS, w.lowRatio, w.lowHz, w.highRatio, w.highHz);
    const gain = lineGain(delay, w.decayS, sampleRateHz);
    energy += (gain * gain) / LINES;
  }
  // Noise that comes in at 1 then makes each output settle at about 1, whatever the decay: 8 lines of the 16 hear a
  // channel, 8 are heard by one, and what goes round is 1 / (1 - energy) of what comes in.
  setGoal(c, INJECTION, Math.sqrt((1 - energy) / 8));
  const late = w.earlyLatePercent * 0.01;
  setGoal(c, EARLY, Math.sqrt(1 - late));
  setGoal(c, LATE, Math.sqrt(late));
  setGoal(c, SIDE, w.widthPercent * 0.01);
  const mix = w.mixPercent * 0.01;
  setGoal(c, DRY, Math.sqrt(1 - mix));
  setGoal(c, WET, Math.sqrt(mix));
  setGoal(c, TURN, w.modulationPercent * 0.01 * MOST_TURN);
}

/** At what is wanted, at once. */
export function settleControls(c: Controls, w: Wanted, lines: usize, sampleRateHz: f64): void {
  design(c, w, lines, sampleRateHz);
  arrive(c);
}

/** On the way to what is wanted, from wherever the controls are. */
export function aimControls(c: Controls, w: Wanted, lines: usize, sampleRateHz: f64): void {
  design(c, w, lines, sampleRateHz);
  const share = f32x4.splat(1 / <f32>c.length);
  for (let i: usize = 0; i < CONTROL_BYTES; i += 16) {
    const way = f32x4.sub(v128.load(<usize>c.goal + i), v128.load(<usize>c.now + i));
    v128.store(<usize>c.step + i, f32x4.mul(way, share));
  }
  c.left = c.length;
}

/** Call when a segment is done. */
export function advanceControls(c: Controls): void {
  if (c.left == 0) return;
  c.left--;
  if (c.left == 0) {
    arrive(c);
    return;
  }
  for (let i: usize = 0; i < CONTROL_BYTES; i += 16) {
    v128.store(<usize>c.now + i, f32x4.add(v128.load(<usize>c.now + i), v128.load(<usize>c.step + i)));
  }
}

function arrive(c: Controls): void {
  memory.copy(<usize>c.now, <usize>c.goal, CONTROL_BYTES);
  memory.fill(<usize>c.step, 0, CONTROL_BYTES);
  c.left = 0;
}
