/** The first reflections at one microphone, as taps on the two diffused channels. Found in spaces.ts. */
import { Processor, takeActive } from "@gainstage/plugin-api/assembly/processor";
import { DelayLine, SEGMENT, SEGMENT_BYTES, tap } from "./delay-line";
import { findReflections, REFLECTION_BYTES, reflectionAt, TAPS } from "./spaces";

@unmanaged
export class Reflections {
  /** Reflection records, in order of delay. */
  table: u32;
  count: i32;
}

/** [control] */
export function newReflections(p: Processor, space: i32, scale: f64, microphone: i32): Reflections {
  const r = changetype<Reflections>(takeActive(p, offsetof<Reflections>()));
  r.table = <u32>takeActive(p, <usize>TAPS * REFLECTION_BYTES);
  r.count = findReflections(space, scale, microphone, <usize>r.table);
  return r;
}

/** Frames from the diffused signal, which is a segment late already. */
function tapFrames(r: Reflections, index: i32, framesPerMs: f64): i32 {
  return max(0, <i32>Math.round(reflectionAt(<usize>r.table, index).delayMs * framesPerMs) - SEGMENT);
}

export function longestTap(r: Reflections, framesPerMs: f64): i32 {
  return r.count == 0 ? 0 : tapFrames(r, r.count - 1, framesPerMs);
}

/** Writes the sum of all reflections over one segment to `to`. Four taps share a pass. */
export function sumReflections(r: Reflections, framesPerMs: f64, left: DelayLine, right: DelayLine, to: usize): void {
  memory.fill(to, 0, SEGMENT_BYTES);
  for (let k = 0; k < r.count; k += 4) {
    const from0 = reflectionTap(r, k, framesPerMs, left, right);
    const from1 = reflectionTap(r, k + 1, framesPerMs, left, right);
    const from2 = reflectionTap(r, k + 2, framesPerMs, left, right);
    const from3 = reflectionTap(r, k + 3, framesPerMs, left, right);
    const gain0 = reflectionGain(r, k);
    const gain1 = reflectionGain(r, k + 1);
    const gain2 = reflectionGain(r, k + 2);
    const gain3 = reflectionGain(r, k + 3);
    for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
      const a = f32x4.add(f32x4.mul(gain0, v128.load(from0 + i)), f32x4.mul(gain1, v128.load(from1 + i)));
      const b = f32x4.add(f32x4.mul(gain2, v128.load(from2 + i)), f32x4.mul(gain3, v128.load(from3 + i)));
      v128.store(to + i, f32x4.add(v128.load(to + i), f32x4.add(a, b)));
    }
  }
}

function reflectionTap(r: Reflections, index: i32, framesPerMs: f64, left: DelayLine, right: DelayLine): usize {
  const line = reflectionAt(<usize>r.table, index).source == 0 ? left : right;
  return tap(line, tapFrames(r, index, framesPerMs));
}

// @ts-ignore: decorator
@inline function reflectionGain(r: Reflections, index: i32): v128 {
  return f32x4.splat(<f32>reflectionAt(<usize>r.table, index).gain);
}
