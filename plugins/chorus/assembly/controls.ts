/**
 * What the parameters move, on one common ramp of 20 ms, frame by frame: every value in a straight line from where it
 * is to where it should be. Any change sends all of them on their way again.
 */
import { REACH } from "./interpolation";

export const VOICES: i32 = 8;

export const DELAY: i32 = 0;
export const DEPTH: i32 = 1;
export const FEEDBACK: i32 = 2;
export const DRY: i32 = 3;
/** 0 for a sine, 1 for a triangle. */
export const SHAPE: i32 = 4;
/** Pairs of left and right, one for each voice. */
export const GAINS: i32 = 6;
const COUNT: i32 = GAINS + 2 * VOICES;
export const TABLE_BYTES: usize = <usize>COUNT << 3;

/** Three tables of COUNT f64. */
@unmanaged
export class Controls {
  now: u32;
  step: u32;
  goal: u32;
  /** Frames still to go, and of a whole ramp. */
  left: i32;
  length: i32;
  /** Voices that sound, or have yet to fade out. */
  voices: i32;
  wantedVoices: i32;
}

// @ts-ignore: decorator
@inline export function value(c: Controls, index: i32): f64 {
  return load<f64>(<usize>c.now + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline function setGoal(c: Controls, index: i32, to: f64): void {
  store<f64>(<usize>c.goal + (<usize>index << 3), to);
}

/** Fills `goal`. Shares are from 0 to 1, feedback from -1 to 1. */
export function design(
  c: Controls,
  voices: i32,
  delayFrames: f64,
  depthFrames: f64,
  feedback: f64,
  spread: f64,
  mix: f64,
  shape: f64,
): void {
  // The interpolation must not reach for a frame that is not there yet.
  const delay = max<f64>(delayFrames, REACH + 1);
  setGoal(c, DELAY, delay);
  setGoal(c, DEPTH, min<f64>(depthFrames, delay - (REACH + 1)));
  setGoal(c, FEEDBACK, feedback);
  setGoal(c, DRY, Math.sqrt(1 - mix));
  setGoal(c, SHAPE, shape);
  for (let v = 0; v < VOICES; v++) {
    // Constant power: cos² + sin² = 1 for each, and a whole of 1 in each channel. In the middle both gains are 1.
    const level = v < voices ? Math.sqrt((2 * mix) / voices) : 0;
    const angle = (Math.PI / 4) * (1 + spread * position(v, voices));
    setGoal(c, GAINS + 2 * v, level * Math.cos(angle));
    setGoal(c, GAINS + 2 * v + 1, level * Math.sin(angle));
  }
  c.wantedVoices = voices;
}

/** From -1 to 1: the first two voices outermost, later pairs between them, an odd one in the middle. */
function position(voice: i32, voices: i32): f64 {
  if (voices == 1) return 0;
  const outward = 1 - <f64>(2 * (voice >> 1)) / <f64>(voices - 1);
  return (voice & 1) == 0 ? -outward : outward;
}

export function arrive(c: Controls): void {
  memory.copy(<usize>c.now, <usize>c.goal, TABLE_BYTES);
  c.left = 0;
  c.voices = c.wantedVoices;
}

/** From wherever the values are to their goals. */
export function setOut(c: Controls): void {
  for (let k = 0; k < COUNT; k++) {
    const at = <usize>k << 3;
    const way = load<f64>(<usize>c.goal + at) - load<f64>(<usize>c.now + at);
    store<f64>(<usize>c.step + at, way / <f64>c.length);
  }
  c.left = c.length;
  c.voices = max(c.voices, c.wantedVoices);
}

/** One frame on. */
// @ts-ignore: decorator
@inline export function advance(c: Controls): void {
  if (c.left > 0) move(c);
}

function move(c: Controls): void {
  c.left--;
  if (c.left == 0) {
    arrive(c);
    return;
  }
  for (let i: usize = 0; i < TABLE_BYTES; i += 16) {
    v128.store(<usize>c.now + i, f64x2.add(v128.load(<usize>c.now + i), v128.load(<usize>c.step + i)));
  }
}
