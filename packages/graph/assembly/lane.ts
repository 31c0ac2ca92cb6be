/**
 * Automation lanes: a parameter's value as a function of the absolute frame.
 *
 * A value is computed from the frame alone, never carried on from the sample before, so that neither the size of a
 * block nor a seek changes a bit. Curves: hold, linear, exponential v0 (v1/v0)^t, S t^2 (3 - 2 t). An exponential
 * one is linear where there is no ratio: from or to zero, or across it.
 * [audio thread]
 */
import { frameHeard, heardUntil, jumpsOnTheWay } from "./song";

export const HOLD: i32 = 0;
export const LINEAR: i32 = 1;
export const EXPONENTIAL: i32 = 2;

/** Frames between two steps of a plugin parameter on a curve, counted from the song's first frame. */
const GRID_FRAMES: f64 = 32;

@unmanaged
export class Point {
  frame: f64;
  value: f64;
  /** Curve from this point to the next. */
  shape: i32;
  reserved: i32;
}

@unmanaged
export class Lane {
  /** Compensated latency in front of the node: it hears the song so many frames late (song.ts). */
  lateFrames: f64;
  points: u32;
  count: i32;
  /** Index of the segment that was asked for last: only makes the search short. */
  hint: i32;
  /** Parameter index, for a plugin's lane. */
  param: i32;
}

// @ts-ignore: decorator
@inline function pointAt(lane: Lane, index: i32): Point {
  return changetype<Point>(<usize>lane.points + <usize>index * offsetof<Point>());
}

/** The last point at or before `frame`, -1 before the first. */
function segmentOf(lane: Lane, frame: f64): i32 {
  let i = lane.hint;
  while (i >= 0 && pointAt(lane, i).frame > frame) i--;
  while (i + 1 < lane.count && pointAt(lane, i + 1).frame <= frame) i++;
  lane.hint = max(i, 0);
  return i;
}

/** The value at a frame of the song. */
export function laneValue(lane: Lane, frame: f64): f64 {
  return segmentValue(lane, segmentOf(lane, frame), frame);
}

/** What a plugin is told there: the value at the last point or grid frame, wherever the block begins. */
export function laneStepValue(lane: Lane, frame: f64): f64 {
  const i = segmentOf(lane, frame);
  const grid = Math.floor(frame / GRID_FRAMES) * GRID_FRAMES;
  return segmentValue(lane, i, i < 0 ? grid : max(grid, pointAt(lane, i).frame));
}

function segmentValue(lane: Lane, i: i32, frame: f64): f64 {
  if (i < 0) return pointAt(lane, 0).value;
  const from = pointAt(lane, i);
  if (i + 1 == lane.count || from.shape == HOLD) return from.value;
  const to = pointAt(lane, i + 1);
  const t = (frame - from.frame) / (to.frame - from.frame);
  const ratio = to.value / from.value;
  if (from.shape == EXPONENTIAL && ratio > 0 && ratio < Infinity) return from.value * Math.pow(ratio, t);
  if (from.shape == LINEAR || from.shape == EXPONENTIAL) return from.value + (to.value - from.value) * t;
  return from.value + (to.value - from.value) * t * t * (3 - 2 * t);
}

/** The first frame of the song after `frame` at which the value may differ from the one at `frame`. */
function constantUntil(lane: Lane, frame: f64): f64 {
  const i = segmentOf(lane, frame);
  if (i + 1 == lane.count) return Infinity;
  const next = pointAt(lane, i + 1);
  if (i < 0) return next.frame;
  const from = pointAt(lane, i);
  if (from.shape == HOLD || from.value == next.value) return next.frame;
  return frame + 1;
}

/** The first frame of the song after `frame` at which a plugin that hears steps must be told a new value. */
export function laneNextStep(lane: Lane, frame: f64): f64 {
  const until = constantUntil(lane, frame);
  if (until > frame + 1) return until;
  const grid = (Math.floor(frame / GRID_FRAMES) + 1) * GRID_FRAMES;
  const i = segmentOf(lane, frame);
  const next = i + 1 < lane.count ? pointAt(lane, i + 1).frame : Infinity;
  return min(grid, next);
}

/** Whether the node hears one value in all of the block. */
export function laneRests(lane: Lane, frames: i32): bool {
  const onTheWay = jumpsOnTheWay(lane.lateFrames, 0);
  if (heardUntil(onTheWay, lane.lateFrames, frames) < frames) return false;
  const frame = frameHeard(onTheWay, lane.lateFrames, 0);
  return constantUntil(lane, frame) >= frame + <f64>frames;
}

/** The value that the node hears at the block's first frame. */
export function laneFirst(lane: Lane): f64 {
  return laneValue(lane, frameHeard(jumpsOnTheWay(lane.lateFrames, 0), lane.lateFrames, 0));
}
