/**
 * Delay lines: the past of one port, written once a block and read at any number of delays, for latency compensation, for
 * what is fed back, and for the delay node. [audio thread]
 */
import { copy } from "./mix";
import { hush, isHushed, unhush } from "./silence";

@unmanaged
export class Line {
  /** Frames of each ring: the longest delay and the longest block. */
  frames: i32;
  /** Where the next frame goes. */
  head: i32;
  /** One ring a channel, one after the other. */
  rings: u32;
  channels: i32;
  /** Frames of silence written last; from `frames` on the rings hold nothing else. */
  silentFrames: i32;
  reserved: i32;
}

/** How a step writes its target. */
export const ONTO_COPY: i32 = 0;
export const ONTO_FIRST: i32 = 1;
export const ONTO_ADD: i32 = 2;

export function resetLine(line: Line): void {
  memory.fill(<usize>line.rings, 0, (<usize>line.frames * <usize>line.channels) << 2);
  line.head = 0;
  line.silentFrames = line.frames;
}

export function writeLine(line: Line, from: usize, stride: usize, frames: i32): void {
  let silent = true;
  for (let c = 0; c < line.channels; c++) silent = silent && isHushed(from + <usize>c * stride);
  const isEmpty = line.silentFrames >= line.frames;
  line.silentFrames = silent ? min(line.silentFrames + frames, line.frames) : 0;
  const head = line.head;
  line.head = head + frames < line.frames ? head + frames : head + frames - line.frames;
  if (silent && isEmpty) return;
  const first = min(frames, line.frames - head);
  for (let c = 0; c < line.channels; c++) {
    const ring = <usize>line.rings + (<usize>(c * line.frames) << 2);
    const at = from + <usize>c * stride;
    copy(ring + (<usize>head << 2), at, first);
    copy(ring, at + (<usize>first << 2), frames - first);
  }
}

/** `ahead`: this block is not written yet. `to` is another buffer than the one written from. */
export function readLine(
  line: Line,
  delayFrames: i32,
  ahead: bool,
  onto: i32,
  to: usize,
  stride: usize,
  frames: i32,
): void {
  const back = ahead ? delayFrames : delayFrames + frames;
  if (line.silentFrames >= back) {
    if (onto != ONTO_ADD) for (let c = 0; c < line.channels; c++) hush(to + <usize>c * stride);
    return;
  }
  const from = line.head >= back ? line.head - back : line.head - back + line.frames;
  const first = min(frames, line.frames - from);
  for (let c = 0; c < line.channels; c++) {
    const ring = <usize>line.rings + (<usize>(c * line.frames) << 2);
    const at = to + <usize>c * stride;
    const late = at + (<usize>first << 2);
    const start = ring + (<usize>from << 2);
    if (onto == ONTO_ADD && !isHushed(at)) {
      addExactly(at, start, first);
      addExactly(late, ring, frames - first);
    } else if (onto == ONTO_COPY) {
      copy(at, start, first);
      copy(late, ring, frames - first);
    } else {
      positiveExactly(at, start, first);
      positiveExactly(late, ring, frames - first);
    }
    unhush(at);
  }
}

/** Nothing beyond `frames` is touched: it is the other half of the block. */
function addExactly(to: usize, from: usize, frames: i32): void {
  const whole = to + ((<usize>frames & ~3) << 2);
  const end = to + (<usize>frames << 2);
  for (; to < whole; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

/** x + 0: no sum holds -0. */
function positiveExactly(to: usize, from: usize, frames: i32): void {
  const whole = to + ((<usize>frames & ~3) << 2);
  const end = to + (<usize>frames << 2);
  const zero = f32x4.splat(0);
  for (; to < whole; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(from), zero));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from) + 0);
}
