/**
 * A Schroeder all-pass over one segment, in place: w = x + g w[-m], y = w[-m] - g w. See index.ts.
 *
 * An all-pass forgets sooner than the network behind it, and would sink to subnormal numbers, which take many times as
 * long, while that still sounds. Adding a number and taking it away again leaves nothing of what is 24 bits below it,
 * and of what is heard everything but the last bit.
 */
import { DelayLine, head, mirror, SEGMENT_BYTES, tap } from "./delay-line";

/** Rounds what is smaller than 1e-24 to zero. */
const ROUNDING: f32 = 1e-17;

export function diffuse(line: DelayLine, gain: f32, signal: usize): void {
  const g = f32x4.splat(gain);
  const rounding = f32x4.splat(ROUNDING);
  const late = tap(line, line.delay);
  const to = head(line);
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
    const delayed = v128.load(late + i);
    const sum = f32x4.add(v128.load(signal + i), f32x4.mul(g, delayed));
    const w = f32x4.sub(f32x4.add(sum, rounding), rounding);
    v128.store(to + i, w);
    v128.store(signal + i, f32x4.sub(delayed, f32x4.mul(g, w)));
  }
  mirror(line);
}
