/** A run of frames inside a tick: input to convolution, filters, width and mix. See index.ts for the diagram. */
import { silenceAfter } from "@gainstage/dsp/assembly/silence";
import { Processor } from "@gainstage/plugin-api/assembly/processor";
import { ACROSS, advance, Controls, DRY, STRAIGHT, value } from "./controls";
import { filterFrames, flushFilters } from "./filters";
import { Convolution, inputAt, tick, wetFrames } from "./partition";
import { delayFrames, PreDelay } from "./pre-delay";
import { TICK, TICK_BYTES } from "./stage";
import { rest, State, wake, wantedPreDelay } from "./state";

/** -400 dB: below this a sample is zero. Numbers that are subnormal, or turn it by a gain, take many times as long. */
const NOTHING: f32 = 1e-20;
/** What is louder, or not a number, is not let into the convolution, where it would stay. */
const LOUDEST: f32 = 1e10;

/** Of a tick and a vector to spare. */
export const SCRATCH_BYTES: usize = TICK_BYTES + 64;

/** Runs up to `frames`, which lie within the tick, and returns how many: fewer where a rest ends in between. */
export function runFrames(p: Processor, s: State, x0: usize, x1: usize, y0: usize, y1: usize, frames: i32): i32 {
  const c = changetype<Controls>(<usize>s.controls);
  const v = changetype<Convolution>(<usize>s.convolution);
  const heard0 = <usize>s.heard;
  const heard1 = heard0 + SCRATCH_BYTES;
  const wet0 = <usize>s.wet;
  const wet1 = wet0 + SCRATCH_BYTES;
  letIn(x0, heard0, frames);
  letIn(x1, heard1, frames);
  if (s.resting) {
    const silent = silentAtStart(heard0, heard1, frames);
    if (silent > 0) {
      memory.fill(wet0, 0, 2 * SCRATCH_BYTES);
      mixFrames(c, x0, x1, wet0, wet1, y0, y1, silent);
      return silent;
    }
    wake(s);
  }

  const into0 = inputAt(v, 0, s.phase);
  const into1 = inputAt(v, 1, s.phase);
  const preDelay = changetype<PreDelay>(<usize>s.preDelay);
  delayFrames(preDelay, wantedPreDelay(p, s), heard0, heard1, into0, into1, frames);
  for (let channel = 0; channel < v.channels; channel++) {
    wetFrames(v, channel, s.phase, frames, wet0 + SCRATCH_BYTES * channel);
  }
  for (let i = 0; i < frames; ) {
    // While anything moves, a frame at a time.
    const run = c.left > 0 ? 1 : frames - i;
    if (c.left > 0) advance(c);
    const at = <usize>i << 2;
    filterFrames(c, <usize>s.filters, wet0 + at, wet1 + at, run);
    mixFrames(c, x0 + at, x1 + at, wet0 + at, wet1 + at, y0 + at, y1 + at, run);
    i += run;
  }

  s.silentFrames = silenceAfter(s.silentFrames, heard0, heard1, frames);
  s.phase += frames;
  if (s.phase == TICK) {
    s.phase = 0;
    flushFilters(<usize>s.filters);
    if (s.silentFrames >= s.restFrames) rest(p, s);
    else tick(v);
  }
  return frames;
}

/** What may be heard of x, else zeros. Writes whole vectors. */
function letIn(x: usize, to: usize, frames: i32): void {
  const loudest = f32x4.splat(LOUDEST);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    const given = v128.load(x + i);
    v128.store(to + i, v128.and(audible(given), f32x4.lt(f32x4.abs(given), loudest)));
  }
}

// @ts-ignore: decorator
@inline function audible(x: v128): v128 {
  return v128.and(x, f32x4.ge(f32x4.abs(x), f32x4.splat(NOTHING)));
}

function silentAtStart(left: usize, right: usize, frames: i32): i32 {
  for (let i = 0; i < frames; i++) {
    const at = <usize>i << 2;
    if (load<f32>(left + at) != 0 || load<f32>(right + at) != 0) return i;
  }
  return frames;
}

/** y = dry x + straight w + across of the other w. What is written beyond `frames` is written again. */
function mixFrames(
  c: Controls, x0: usize, x1: usize, w0: usize, w1: usize, y0: usize, y1: usize, frames: i32,
): void {
  const bytes = <usize>frames << 2;
  if (value(c, STRAIGHT) == 0 && value(c, ACROSS) == 0) {
    memory.copy(y0, x0, bytes);
    memory.copy(y1, x1, bytes);
    return;
  }
  const dry = f32x4.splat(<f32>value(c, DRY));
  const straight = f32x4.splat(<f32>value(c, STRAIGHT));
  const across = f32x4.splat(<f32>value(c, ACROSS));
  for (let i: usize = 0; i < bytes; i += 16) {
    const left = audible(v128.load(w0 + i));
    const right = audible(v128.load(w1 + i));
    const wetLeft = f32x4.add(f32x4.mul(straight, left), f32x4.mul(across, right));
    const wetRight = f32x4.add(f32x4.mul(straight, right), f32x4.mul(across, left));
    v128.store(y0 + i, f32x4.add(f32x4.mul(dry, v128.load(x0 + i)), wetLeft));
    v128.store(y1 + i, f32x4.add(f32x4.mul(dry, v128.load(x1 + i)), wetRight));
  }
}
