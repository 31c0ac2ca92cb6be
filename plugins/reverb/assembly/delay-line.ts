/**
 * Delay lines that move a segment at a time.
 *
 * The wet path works in segments of 64 frames, counted from where the sound began. No delay inside a loop is shorter than a
 * segment, so each segment can be worked out as a whole, in vectors, from what is already in the lines; how the host
 * cuts the stream cannot show. Heads stand on whole segments; the first segment is mirrored behind the last, so that
 * a read of 64 frames never has to wrap.
 */
import { Processor, takeActive } from "@gainstage/plugin-api/assembly/processor";

export const SEGMENT: i32 = 64;
export const SEGMENT_BYTES: usize = 256;

@unmanaged
export class DelayLine {
  samples: u32;
  /** Frames, a multiple of SEGMENT. */
  capacity: i32;
  /** Where the present segment is written. */
  head: i32;
  /** The delay that the line was made for. */
  delay: i32;
}

export const LINE_BYTES: usize = 16;

// @ts-ignore: decorator
@inline export function lineAt(lines: usize, index: i32): DelayLine {
  return changetype<DelayLine>(lines + <usize>index * LINE_BYTES);
}

/** [control] */
export function openLine(p: Processor, line: DelayLine, delay: i32): void {
  line.delay = delay;
  line.capacity = ((delay + SEGMENT - 1) / SEGMENT) * SEGMENT + SEGMENT;
  line.samples = <u32>takeActive(p, <usize>(line.capacity + SEGMENT) << 2);
}

export function clearLine(line: DelayLine): void {
  memory.fill(<usize>line.samples, 0, <usize>(line.capacity + SEGMENT) << 2);
  line.head = 0;
}

/** 64 frames, `delay` before the present segment. Below 64 they reach into what is being written. */
// @ts-ignore: decorator
@inline export function tap(line: DelayLine, delay: i32): usize {
  let at = line.head - delay;
  if (at < 0) at += line.capacity;
  return <usize>line.samples + (<usize>at << 2);
}

// @ts-ignore: decorator
@inline export function head(line: DelayLine): usize {
  return <usize>line.samples + (<usize>line.head << 2);
}

/** Call when the present segment is written and before it is read. */
export function mirror(line: DelayLine): void {
  if (line.head == 0) {
    memory.copy(<usize>line.samples + (<usize>line.capacity << 2), <usize>line.samples, SEGMENT_BYTES);
  }
}

export function advance(line: DelayLine): void {
  line.head += SEGMENT;
  if (line.head == line.capacity) line.head = 0;
}

/** The largest magnitude of the present segment. */
export function headPeak(line: DelayLine): f32 {
  return segmentPeak(head(line));
}

export function segmentPeak(at: usize): f32 {
  let peak = f32x4.splat(0);
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) peak = f32x4.pmax(peak, f32x4.abs(v128.load(at + i)));
  return max(
    max(f32x4.extract_lane(peak, 0), f32x4.extract_lane(peak, 1)),
    max(f32x4.extract_lane(peak, 2), f32x4.extract_lane(peak, 3)),
  );
}
