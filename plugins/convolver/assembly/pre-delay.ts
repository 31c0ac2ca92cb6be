/**
 * What stands before the convolution: crossfeed, then the pre-delay.
 *
 *   l ─▶ + a (r - l) ─┐
 *                     ├─▶ ring of pairs, read at one distance, or at two while a change cross-fades
 *   r ─▶ + a (l - r) ─┘
 *
 * What is in the middle is not changed by a crossfeed; what is on one side alone comes to be heard on both.
 */
import { nextValue, Ramp, settle } from "@gainstage/dsp/assembly/ramp";
import { takeActive, Processor } from "@gainstage/plugin-api/assembly/processor";

@unmanaged
export class PreDelay {
  /** Pairs of f32; and the mask of a frame's place in it. */
  ring: u32;
  mask: i32;
  head: i32;
  /** Frames since the first sound, as many as the ring has: what is older was not heard, and is not cleared. */
  heard: i32;
  delay: i32;
  next: i32;
  fadeLeft: i32;
  fadeLength: i32;
  /** Of a, 0 to 1/2. */
  cross: u32;
}

/** [control] */
export function newPreDelay(p: Processor, longest: i32, fadeLength: i32): PreDelay {
  const d = changetype<PreDelay>(takeActive(p, offsetof<PreDelay>()));
  const frames = 1 << (32 - clz(longest));
  d.ring = <u32>takeActive(p, <usize>frames << 3);
  d.mask = frames - 1;
  d.fadeLength = fadeLength;
  d.cross = <u32>takeActive(p, offsetof<Ramp>());
  return d;
}

/** Forgets all sound and is at `delay` and `cross` at once. */
export function restPreDelay(d: PreDelay, delay: i32, cross: f64): void {
  d.head = 0;
  d.heard = 0;
  d.delay = delay;
  d.fadeLeft = 0;
  settle(changetype<Ramp>(<usize>d.cross), cross, d.fadeLength);
}

// @ts-ignore: decorator
@inline function tap(d: PreDelay, delay: i32): usize {
  return <usize>d.ring + (<usize>((d.head - delay) & d.mask) << 3);
}

/** Puts in `frames` from left and right, and writes what comes out to `toLeft` and `toRight`; on its way to `wanted`. */
export function delayFrames(
  d: PreDelay, wanted: i32, left: usize, right: usize, toLeft: usize, toRight: usize, frames: i32,
): void {
  const cross = changetype<Ramp>(<usize>d.cross);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    if (d.fadeLeft == 0 && wanted != d.delay) {
      d.next = wanted;
      d.fadeLeft = d.fadeLength;
    }
    const here = tap(d, 0);
    const x0 = load<f32>(left + i);
    const x1 = load<f32>(right + i);
    const over = <f32>nextValue(cross) * (x1 - x0);
    store<f32>(here, x0 + over);
    store<f32>(here, x1 - over, 4);
    let l = read(d, d.delay, 0);
    let r = read(d, d.delay, 4);
    if (d.fadeLeft > 0) {
      const share = <f32>1 - <f32>d.fadeLeft / <f32>d.fadeLength;
      l += share * (read(d, d.next, 0) - l);
      r += share * (read(d, d.next, 4) - r);
      if (--d.fadeLeft == 0) d.delay = d.next;
    }
    store<f32>(toLeft + i, l);
    store<f32>(toRight + i, r);
    d.head = (d.head + 1) & d.mask;
    d.heard = min(d.heard + 1, d.mask + 1);
  }
}

// @ts-ignore: decorator
@inline function read(d: PreDelay, delay: i32, channel: usize): f32 {
  return d.heard < delay ? 0 : load<f32>(tap(d, delay) + channel);
}
