/** From the reduction to the output: makeup, mix, the delayed input, and their product. */
import { DB_PER_OCTAVE, exp2x4 } from "@gainstage/dsp/assembly/decibel";
import { nextValue } from "@gainstage/dsp/assembly/ramp";
import { MAGNITUDE } from "./curve";
import { fillGlide, glide, MAKEUP, MIX } from "./glides";
import { State } from "./state";

/** Adds makeup and lays out the mix; a ramp is written frame by frame only while it moves. */
export function gains(s: State, frames: i32): void {
  const makeup = glide(s, MAKEUP);
  if (makeup.left > 0) {
    for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
      const octaves = <f32>(nextValue(makeup) / DB_PER_OCTAVE);
      store<f32>(<usize>s.gain0 + i, load<f32>(<usize>s.gain0 + i) + octaves);
      store<f32>(<usize>s.gain1 + i, load<f32>(<usize>s.gain1 + i) + octaves);
    }
  } else if (makeup.goal != 0) {
    const octaves = f32x4.splat(<f32>(makeup.goal / DB_PER_OCTAVE));
    for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
      v128.store(<usize>s.gain0 + i, f32x4.add(v128.load(<usize>s.gain0 + i), octaves));
      v128.store(<usize>s.gain1 + i, f32x4.add(v128.load(<usize>s.gain1 + i), octaves));
    }
  }
  const mix = glide(s, MIX);
  if (mix.left > 0) fillGlide(s, MIX, <usize>s.mixes, frames);
  else {
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
const INAUDIBLE = memory.data<i32>([0x0d800000]);

/** Compares bits as integers, which takes no longer for subnormal numbers anywhere, and leaves the sign of a zero. */
// @ts-ignore: decorator
@inline
function loadAudible(at: usize): v128 {
  const x = v128.load(at);
  const inaudible = i32x4.lt_s(v128.and(x, v128.load32_splat(MAGNITUDE)), v128.load32_splat(INAUDIBLE));
  return v128.andnot(x, i32x4.shr_u(inaudible, 1));
}

/** Four frames of both channels by the gains at byte `i` of gain0, with makeup and mix as they stand. */
// @ts-ignore: decorator
@inline
export function play1(s: State, from0: usize, from1: usize, to0: usize, to1: usize, i: usize): void {
  const gain = gainAt(s, <usize>s.gain0 + i);
  v128.store(to0, f32x4.mul(loadAudible(from0), gain));
  v128.store(to1, f32x4.mul(loadAudible(from1), gain));
}

/** The same where each channel has its own. */
// @ts-ignore: decorator
@inline
export function play2(s: State, from0: usize, from1: usize, to0: usize, to1: usize, i: usize): void {
  v128.store(to0, f32x4.mul(loadAudible(from0), gainAt(s, <usize>s.gain0 + i)));
  v128.store(to1, f32x4.mul(loadAudible(from1), gainAt(s, <usize>s.gain1 + i)));
}

// @ts-ignore: decorator
@inline
function gainAt(s: State, octaves: usize): v128 {
  const makeup = v128.load32_splat(changetype<usize>(s), offsetof<State>("makeupOctaves"));
  const gain = exp2x4(f32x4.add(v128.load(octaves), makeup));
  return s.wet == 1 ? gain : mixed(gain, f32x4.splat(s.wet));
}

/** y = x (1 + mix (g - 1)), which for a mix of 1 is x g to the bit, from gains that have their makeup. */
export function apply(s: State, octaves: usize, from: usize, to: usize, frames: i32): void {
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    const gain = exp2x4(v128.load(octaves + i));
    const wet = v128.load(<usize>s.mixes + i);
    const all = v128.bitselect(gain, mixed(gain, wet), f32x4.eq(wet, f32x4.splat(1)));
    v128.store(to + i, f32x4.mul(loadAudible(from + i), all));
  }
}

// @ts-ignore: decorator
@inline
function mixed(gain: v128, wet: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.add(one, f32x4.mul(wet, f32x4.sub(gain, one)));
}
