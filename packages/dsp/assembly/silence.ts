/** How long an input has been silent: what a processor needs to say when it may sleep. */

/** Frames at the end of the block that are exactly zero in both channels; `frames` if all are. */
export function silentFramesAtEnd(left: usize, right: usize, frames: i32): i32 {
  let i = frames;
  while (i > 0) {
    const at = <usize>(i - 1) << 2;
    if (load<f32>(left + at) != 0 || load<f32>(right + at) != 0) break;
    i--;
  }
  return frames - i;
}

/** The silence so far: goes on if the whole block was silent, else begins at its last sound. Saturates. */
// @ts-ignore: decorator
@inline export function silenceAfter(before: i32, left: usize, right: usize, frames: i32): i32 {
  const atEnd = silentFramesAtEnd(left, right, frames);
  return atEnd < frames ? atEnd : min(before, 0x3fffffff) + frames;
}
