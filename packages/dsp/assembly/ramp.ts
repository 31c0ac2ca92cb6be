/**
 * A parameter on its way: a straight line to each new value, counted in frames, so that how the stream is cut into
 * blocks changes nothing. Zeroed memory is a ramp that stands at 0; settle() puts it somewhere else.
 */

@unmanaged
export class Ramp {
  goal: f64;
  start: f64;
  left: i32;
  length: i32;
}

/** At `value`, at once. `length` in frames is what every later way takes. */
export function settle(ramp: Ramp, value: f64, length: i32): void {
  ramp.goal = value;
  ramp.start = value;
  ramp.left = 0;
  ramp.length = max(1, length);
}

/** Call at the head of each block. */
// @ts-ignore: decorator
@inline export function aim(ramp: Ramp, value: f64): void {
  if (value != ramp.goal) {
    ramp.start = rampValue(ramp);
    ramp.goal = value;
    ramp.left = ramp.length;
  }
}

// @ts-ignore: decorator
@inline export function rampValue(ramp: Ramp): f64 {
  return ramp.left == 0 ? ramp.goal : ramp.goal + ((ramp.start - ramp.goal) * <f64>ramp.left) / <f64>ramp.length;
}

/** One frame on; the value then. */
// @ts-ignore: decorator
@inline export function nextValue(ramp: Ramp): f64 {
  if (ramp.left > 0) ramp.left--;
  return rampValue(ramp);
}

/** The next `frames` values as f32 at `to`. Room for whole vectors is not needed. */
export function fillRamp(ramp: Ramp, to: usize, frames: i32): void {
  for (let i = 0; i < frames; i++) store<f32>(to + (<usize>i << 2), <f32>nextValue(ramp));
}
