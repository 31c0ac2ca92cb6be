/** The delay lines and the voices that listen to them, a frame at a time. See index.ts. */
import { REACH, rowAt, TAPS, tapsAt } from "./interpolation";
import { FRAME_HEAD_BYTES, Reading, READING_BYTES } from "./oscillator";

/** -180 dB: below this a line holds zeros, so that an echo ends and nothing turns subnormal. */
const QUIET: f32 = 1e-9;
/** -400 dB: below this an input is zero. Numbers that are subnormal, or turn it by a gain, take many times as long. */
const NOTHING: f32 = 1e-20;
/** What is louder, or not a number, is not let into the line, where feedback would keep it. */
const LOUDEST: f32 = 1e10;

@unmanaged
export class State {
  sampleRateHz: f64;
  /** Phase in cycles at the frame when the rate was set, and the frames since. */
  phase: f64;
  frames: f64;
  rateHz: f64;
  controls: u32;
  /** The parameters last seen. */
  known: u32;
  /** Lines of left and right: `length` f32, a power of two, and the first TAPS again behind them. */
  line0: u32;
  line1: u32;
  length: i32;
  head: i32;
  /** Where the voices listen, for a run of frames. */
  readings: u32;
  silentFrames: i32;
  /** Frames since something other than zero went into a line, while not at rest. */
  emptyFrames: i32;
  /** The lines hold zeros, and all else is as after reset(): the next sound begins anew. */
  resting: bool;
}

/** Bytes into a line of the first frame under the taps, for a point `behind` frames before the present one. */
// @ts-ignore: decorator
@inline function firstTap(head: i32, behind: i32, mask: i32): usize {
  return <usize>((head - behind - (REACH - 1)) & mask) << 2;
}

// @ts-ignore: decorator
@inline function put(line: usize, head: i32, mask: i32, x: f32): void {
  const at = line + (<usize>head << 2);
  store<f32>(at, x);
  if (head < TAPS) store<f32>(at + (<usize>(mask + 1) << 2), x);
}

/** What may go into a line: neither what would never end nor what no one could hear. */
// @ts-ignore: decorator
@inline function sane(x: f32): f32 {
  const magnitude = abs<f32>(x);
  return magnitude >= QUIET && magnitude < LOUDEST ? x : 0;
}

// @ts-ignore: decorator
@inline function audible(x: f32): f32 {
  return abs<f32>(x) < NOTHING ? 0 : x;
}

// @ts-ignore: decorator
@inline function sumOf(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 2, 3));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/**
 * At rest: the dry signal up to the first frame that a line would take. Returns the frames written. One channel is given
 * twice.
 */
export function passDry(s: State, dry: f32, frames: i32, left: usize, right: usize, toLeft: usize, toRight: usize): i32 {
  for (let i = 0; i < frames; i++) {
    const at = <usize>i << 2;
    const x0 = load<f32>(left + at);
    const x1 = load<f32>(right + at);
    if (sane(x0) != 0 || sane(x1) != 0) {
      s.resting = false;
      return i;
    }
    store<f32>(toLeft + at, dry * audible(x0));
    store<f32>(toRight + at, dry * audible(x1));
  }
  return frames;
}

/** Writes both channels; the readings, `count` a frame, are those of oscillator.ts. */
export function stereo(s: State, frames: i32, count: i32, left: usize, right: usize, toLeft: usize, toRight: usize): void {
  const line0 = <usize>s.line0;
  const line1 = <usize>s.line1;
  const mask = s.length - 1;
  let head = s.head;
  let empty = s.emptyFrames;
  let at = <usize>s.readings;
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const dry = load<f32>(at);
    at += FRAME_HEAD_BYTES;
    let back0: f32 = 0;
    let back1: f32 = 0;
    let wet0 = f32x4.splat(0);
    let wet1 = f32x4.splat(0);
    for (let v = 0; v < count; v++, at += READING_BYTES) {
      const reading = changetype<Reading>(at);
      const row = rowAt(reading.row);
      const way = f32x4.splat(reading.way);
      const from = firstTap(head, reading.behind, mask);
      const from0 = line0 + from;
      const from1 = line1 + from;
      let taps = tapsAt(row, 0, way);
      let sum0 = f32x4.mul(taps, v128.load(from0));
      let sum1 = f32x4.mul(taps, v128.load(from1));
      for (let k: usize = 16; k < <usize>TAPS << 2; k += 16) {
        taps = tapsAt(row, k, way);
        sum0 = f32x4.add(sum0, f32x4.mul(taps, v128.load(from0 + k)));
        sum1 = f32x4.add(sum1, f32x4.mul(taps, v128.load(from1 + k)));
      }
      if (reading.feedback != 0) {
        back0 += reading.feedback * sumOf(sum0);
        back1 += reading.feedback * sumOf(sum1);
      }
      wet0 = f32x4.add(wet0, f32x4.mul(f32x4.splat(reading.gain0), sum0));
      wet1 = f32x4.add(wet1, f32x4.mul(f32x4.splat(reading.gain1), sum1));
    }
    const x0 = load<f32>(left + i);
    const x1 = load<f32>(right + i);
    store<f32>(toLeft + i, dry * audible(x0) + sumOf(wet0));
    store<f32>(toRight + i, dry * audible(x1) + sumOf(wet1));
    const in0 = sane(sane(x0) + back0);
    const in1 = sane(sane(x1) + back1);
    put(line0, head, mask, in0);
    put(line1, head, mask, in1);
    head = (head + 1) & mask;
    empty = in0 == 0 && in1 == 0 ? empty + 1 : 0;
  }
  s.head = head;
  s.emptyFrames = empty;
}

/** One channel: pans, which would be balances, do nothing. */
export function mono(s: State, frames: i32, count: i32, from: usize, to: usize): void {
  const line = <usize>s.line0;
  const mask = s.length - 1;
  let head = s.head;
  let empty = s.emptyFrames;
  let at = <usize>s.readings;
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const dry = load<f32>(at);
    at += FRAME_HEAD_BYTES;
    let back: f32 = 0;
    let wet = f32x4.splat(0);
    for (let v = 0; v < count; v++, at += READING_BYTES) {
      const reading = changetype<Reading>(at);
      const row = rowAt(reading.row);
      const way = f32x4.splat(reading.way);
      const from0 = line + firstTap(head, reading.behind, mask);
      let sum = f32x4.splat(0);
      for (let k: usize = 0; k < <usize>TAPS << 2; k += 16) {
        sum = f32x4.add(sum, f32x4.mul(tapsAt(row, k, way), v128.load(from0 + k)));
      }
      if (reading.feedback != 0) back += reading.feedback * sumOf(sum);
      wet = f32x4.add(wet, f32x4.mul(f32x4.splat(reading.gain0), sum));
    }
    const x = load<f32>(from + i);
    store<f32>(to + i, dry * audible(x) + sumOf(wet));
    const into = sane(sane(x) + back);
    put(line, head, mask, into);
    head = (head + 1) & mask;
    empty = into == 0 ? empty + 1 : 0;
  }
  s.head = head;
  s.emptyFrames = empty;
}
