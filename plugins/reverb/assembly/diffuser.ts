/** A Schroeder all-pass over one segment, in place: w = x + g w[-m], y = w[-m] - g w. See index.ts. */
import { DelayLine, head, mirror, SEGMENT_BYTES, tap } from "./delay-line";

export function diffuse(line: DelayLine, gain: f32, signal: usize): void {
  const g = f32x4.splat(gain);
  const late = tap(line, line.delay);
  const to = head(line);
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
    const delayed = v128.load(late + i);
    const w = f32x4.add(v128.load(signal + i), f32x4.mul(g, delayed));
    v128.store(to + i, w);
    v128.store(signal + i, f32x4.sub(delayed, f32x4.mul(g, w)));
  }
  mirror(line);
}
