/** From the reduction to the output: makeup, mix, the delayed input, and their product. */
import { DB_PER_OCTAVE, exp2x4 } from "@gainstage/dsp/assembly/decibel";
import { nextValue } from "@gainstage/dsp/assembly/ramp";
import { fillGlide, glide, MAKEUP, MIX } from "./glides";
import { State } from "./state";

/** Adds makeup and lays out the mix; a ramp is written frame by frame only while it moves. */
export function gains(s: State, frames: i32, one: bool): void {
  const makeup = glide(s, MAKEUP);
  if (makeup.left > 0) {
    for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
      const octaves = <f32>(nextValue(makeup) / DB_PER_OCTAVE);
      store<f32>(<usize>s.gain0 + i, load<f32>(<usize>s.gain0 + i) + octaves);
      if (!one) store<f32>(<usize>s.gain1 + i, load<f32>(<usize>s.gain1 + i) + octaves);
    }
  } else if (makeup.goal != 0) {
    const octaves = f32x4.splat(<f32>(makeup.goal / DB_PER_OCTAVE));
    for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
      v128.store(<usize>s.gain0 + i, f32x4.add(v128.load(<usize>s.gain0 + i), octaves));
      if (!one) v128.store(<usize>s.gain1 + i, f32x4.add(v128.load(<usize>s.gain1 + i), octaves));
    }
  }
  const mix = glide(s, MIX);
  s.mixing = mix.left > 0 || mix.goal != 1 ? 1 : 0;
  if (mix.left > 0) fillGlide(s, MIX, <usize>s.mixes, frames);
  else if (s.mixing) {
    const wet = f32x4.splat(<f32>mix.goal);
    for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) v128.store(<usize>s.mixes + i, wet);
  }
}

/** The signal path, late by the lookahead, to delayed0 and delayed1. */
export function delayInto(s: State, left: usize, right: usize, frames: i32): void {
  const length = s.lookahead;
  let head = s.head;
  let done = 0;
  while (done < frames) {
    const run = min(frames - done, length - head);
    const bytes = <usize>run << 2;
    const at = <usize>done << 2;
    const ring = <usize>head << 2;
    memory.copy(<usize>s.delayed0 + at, <usize>s.ring0 + ring, bytes);
    memory.copy(<usize>s.delayed1 + at, <usize>s.ring1 + ring, bytes);
    memory.copy(<usize>s.ring0 + ring, left + at, bytes);
    memory.copy(<usize>s.ring1 + ring, right + at, bytes);
    head += run;
    if (head == length) head = 0;
    done += run;
  }
  s.head = head;
}

/**
 * The bits of 2^-100, -602 dB. What is quieter counts as zero, since some processors take a hundred times longer for a
 * product with a subnormal factor or result.
 */
const INAUDIBLE: i32 = 0x0d800000;

/** Compares bits as integers, which takes no longer for subnormal numbers anywhere, and leaves the sign of a zero. */
// @ts-ignore: decorator
@inline
function loadAudible(at: usize): v128 {
  const x = v128.load(at);
  const inaudible = i32x4.lt_s(f32x4.abs(x), i32x4.splat(INAUDIBLE));
  return v128.andnot(x, i32x4.shr_u(inaudible, 1));
}

/** y = x (1 + mix (g - 1)), which for a mix of 1 is x g to the bit. With one envelope both channels share g. */
export function apply(
  s: State, left: usize, right: usize, toLeft: usize, toRight: usize, frames: i32, stereo: bool, one: bool,
): void {
  const gain0 = <usize>s.gain0;
  if (stereo && one) {
    if (s.mixing) multiply(s, gain0, left, toLeft, right, toRight, frames, true, true);
    else multiply(s, gain0, left, toLeft, right, toRight, frames, true, false);
    return;
  }
  single(s, gain0, left, toLeft, frames);
  if (stereo) single(s, <usize>s.gain1, right, toRight, frames);
}

function single(s: State, octaves: usize, from: usize, to: usize, frames: i32): void {
  if (s.mixing) multiply(s, octaves, from, to, 0, 0, frames, false, true);
  else multiply(s, octaves, from, to, 0, 0, frames, false, false);
}

// @ts-ignore: decorator
@inline
function multiply(
  s: State, octaves: usize, from0: usize, to0: usize, from1: usize, to1: usize, frames: i32, both: bool, mixing: bool,
): void {
  const one = f32x4.splat(1);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    let gain = exp2x4(v128.load(octaves + i));
    if (mixing) {
      const wet = v128.load(<usize>s.mixes + i);
      const mixed = f32x4.add(one, f32x4.mul(wet, f32x4.sub(gain, one)));
      gain = v128.bitselect(gain, mixed, f32x4.eq(wet, one));
    }
    v128.store(to0 + i, f32x4.mul(loadAudible(from0 + i), gain));
    if (both) v128.store(to1 + i, f32x4.mul(loadAudible(from1 + i), gain));
  }
}
