/**
 * What the parameters move, on one common ramp of 20 ms, frame by frame: every value in a straight line from where it
 * is to where it should be. Any change sends all of them on their way again.
 *
 * A delay that moves bends the pitch, and what is fed back is bent again at each turn: a jump of many milliseconds would
 * be heard as a chirp. So the delay glides to what is near; to what is far the sound fades over, to a second set of heads
 * that stand there already. A far change that comes during a fade waits for its end.
 */
import { Processor, takeActive } from "@gainstage/plugin-api/assembly/processor";
import { REACH } from "./interpolation";

export const VOICES: i32 = 8;

const RAMP_MS: f64 = 20;
const FADE_MS: f64 = 50;
/** Frames a frame: a faster glide would bend the pitch by more than about four semitones. */
const FASTEST_GLIDE: f64 = 0.25;

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
  /** Frames until the sound has gone over from the old heads, and of a whole fade. */
  fadeLeft: i32;
  fadeLength: i32;
  /** Voices that sound, or have yet to fade out. */
  voices: i32;
  wantedVoices: i32;
  /** Delay and depth asked for, and those of the old heads, in frames. */
  wantedDelay: f64;
  wantedDepth: f64;
  oldDelay: f64;
  oldDepth: f64;
}

/** [control] */
export function openControls(p: Processor, sampleRateHz: f64): Controls {
  const c = changetype<Controls>(takeActive(p, offsetof<Controls>()));
  c.now = <u32>takeActive(p, TABLE_BYTES);
  c.step = <u32>takeActive(p, TABLE_BYTES);
  c.goal = <u32>takeActive(p, TABLE_BYTES);
  c.length = <i32>Math.round(RAMP_MS * 0.001 * sampleRateHz);
  c.fadeLength = <i32>Math.round(FADE_MS * 0.001 * sampleRateHz);
  return c;
}

// @ts-ignore: decorator
@inline export function value(c: Controls, index: i32): f64 {
  return load<f64>(<usize>c.now + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline function goal(c: Controls, index: i32): f64 {
  return load<f64>(<usize>c.goal + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline function setGoal(c: Controls, index: i32, to: f64): void {
  store<f64>(<usize>c.goal + (<usize>index << 3), to);
}

/** Takes down what is wanted. Shares are from 0 to 1, feedback from -1 to 1. */
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
  c.wantedDelay = max<f64>(delayFrames, REACH + 1);
  c.wantedDepth = depthFrames;
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

// The interpolation must not reach for a frame that is not there yet.
function aimDelayAt(c: Controls, delay: f64): void {
  setGoal(c, DELAY, delay);
  setGoal(c, DEPTH, min<f64>(c.wantedDepth, delay - (REACH + 1)));
}

/** At what is wanted, at once. */
export function settle(c: Controls): void {
  aimDelayAt(c, c.wantedDelay);
  arrive(c);
  c.fadeLeft = 0;
}

function arrive(c: Controls): void {
  memory.copy(<usize>c.now, <usize>c.goal, TABLE_BYTES);
  c.left = 0;
  c.voices = c.wantedVoices;
}

/** From wherever the values are to what is wanted. */
export function setOut(c: Controls): void {
  const delay = value(c, DELAY);
  if (abs<f64>(c.wantedDelay - delay) <= FASTEST_GLIDE * <f64>c.length) {
    aimDelayAt(c, c.wantedDelay);
  } else if (c.fadeLeft > 0) {
    aimDelayAt(c, delay);
  } else {
    c.oldDelay = delay;
    c.oldDepth = value(c, DEPTH);
    c.fadeLeft = c.fadeLength;
    aimDelayAt(c, c.wantedDelay);
    store<f64>(<usize>c.now + (DELAY << 3), goal(c, DELAY));
    store<f64>(<usize>c.now + (DEPTH << 3), goal(c, DEPTH));
  }
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
  if (c.fadeLeft > 0) fade(c);
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

function fade(c: Controls): void {
  c.fadeLeft--;
  if (c.fadeLeft == 0 && goal(c, DELAY) != c.wantedDelay) setOut(c);
}

/** How far the sound has gone over from the old heads, on a smooth step from 0 to 1. */
// @ts-ignore: decorator
@inline export function shareOfNew(c: Controls): f64 {
  if (c.fadeLeft == 0) return 1;
  const way = 1 - <f64>c.fadeLeft / <f64>c.fadeLength;
  return way * way * (3 - 2 * way);
}
