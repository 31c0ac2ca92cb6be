/**
 * The memory of both lines, left and right side by side, as a ring; and the two heads that read it.
 *
 * A change of time, by a knob or by the song, moves nothing: a second head starts at the new time, and the sound fades
 * over to it along a smooth step of 50 ms whose gains add up to 1. Unlike a head that travels it makes no sweep of pitch;
 * unlike gains of equal power it can never be louder than what was there, which a loop at 100 % needs. A change that comes
 * during a fade waits for its end.
 */
import { between, REACH, TAPS } from "./interpolation";

export const FADE_MS: f64 = 50;
const FRAME_SHIFT: usize = 3;

@unmanaged
export class Line {
  ring: u32;
  /** Frames of the ring, a power of two, less one. */
  mask: i32;
  /** Where the next frame goes. */
  head: i32;
  /** Frames written since the line was last forgotten: what lies further back is not read, and need not be erased. */
  age: i32;
  /** Delays in frames: of the head that sounds, of the one that fades in, and what is asked for. */
  from: i32;
  to: i32;
  wanted: i32;
  fadeLeft: i32;
  fadeLength: i32;
  /** Frames before the first that modulated heads may reach for, which must hold zeros. */
  margin: i32;
}

export function ringFrames(longest: i32, margin: i32): i32 {
  let frames = 1024;
  while (frames < longest + margin) frames <<= 1;
  return frames;
}

export function ringBytes(frames: i32): usize {
  return <usize>(frames + TAPS) << FRAME_SHIFT;
}

/** Empty, in no time: only the margin is erased. At the time that is asked for. */
export function forget(line: Line): void {
  const ring = <usize>line.ring;
  memory.fill(ring, 0, <usize>line.margin << FRAME_SHIFT);
  memory.fill(ring + (<usize>(line.mask + 1) << FRAME_SHIFT), 0, <usize>TAPS << FRAME_SHIFT);
  line.head = line.margin;
  line.age = 0;
  jump(line);
}

/** To the time that is asked for, at once: there is nothing to be heard. */
// @ts-ignore: decorator
@inline export function jump(line: Line): void {
  line.from = line.wanted;
  line.to = line.wanted;
  line.fadeLeft = 0;
}

/** The frame `delay` frames ago, swung by `swing` times `depth` frames as far as there is room. */
// @ts-ignore: decorator
@inline function headAt(line: Line, delay: i32, depth: f64, swing: f64): v128 {
  if (depth == 0) {
    if (delay > line.age) return f64x2.splat(0);
    const at = <usize>((line.head - delay) & line.mask) << FRAME_SHIFT;
    return f64x2.promote_low_f32x4(v128.load64_zero(<usize>line.ring + at));
  }
  const reach = min<f64>(depth, <f64>(delay - (REACH + 1)));
  if (<f64>(delay - REACH) - reach > <f64>line.age) return f64x2.splat(0);
  const point = <f64>delay + reach * swing;
  const behind = Math.ceil(point);
  const first = (line.head - <i32>behind - (REACH - 1)) & line.mask;
  return between(<usize>line.ring + (<usize>first << FRAME_SHIFT), behind - point);
}

/** What comes out of both lines at this frame. */
// @ts-ignore: decorator
@inline export function readLine(line: Line, depth: f64, swing: f64): v128 {
  let heard = headAt(line, line.from, depth, swing);
  if (line.fadeLeft == 0) {
    if (line.from == line.wanted) return heard;
    line.to = line.wanted;
    line.fadeLeft = line.fadeLength;
  }
  line.fadeLeft--;
  const way = 1 - <f64>line.fadeLeft / <f64>line.fadeLength;
  const share = f64x2.splat(way * way * (3 - 2 * way));
  heard = f64x2.add(heard, f64x2.mul(share, f64x2.sub(headAt(line, line.to, depth, swing), heard)));
  if (line.fadeLeft == 0) line.from = line.to;
  return heard;
}

/** Frames that must have been empty before nothing more can come out. */
// @ts-ignore: decorator
@inline export function holdFrames(line: Line, depth: f64): i32 {
  const longest = max(line.from, line.fadeLeft > 0 ? line.to : 0);
  return depth == 0 ? longest : longest + <i32>Math.ceil(depth) + REACH;
}

/** Takes the next frame, and moves on. */
// @ts-ignore: decorator
@inline export function writeLine(line: Line, frame: v128): void {
  const at = <usize>line.ring + (<usize>line.head << FRAME_SHIFT);
  const pair = f32x4.demote_f64x2_zero(frame);
  v128.store64_lane(at, pair, 0);
  // The first frames once more behind the end, so that the taps need not be split.
  if (line.head < TAPS) v128.store64_lane(at + (<usize>(line.mask + 1) << FRAME_SHIFT), pair, 0);
  line.head = (line.head + 1) & line.mask;
  line.age = min(line.age, 0x3fffffff) + 1;
}
