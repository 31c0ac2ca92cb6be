/**
 * A block in which nothing glides, hardly slower than its envelope alone. Each frame of that waits some twelve cycles
 * for the one before, in which the processor would idle; so one loop takes the envelope four frames on, asks for the
 * targets of four that come later, and puts out four that came before:
 *
 *   targets of frames n + 8 …   ‖   envelope of frames n …   ‖   output of frames n - 8 …
 *
 * None of the three waits for another then, and a processor that looks a few hundred instructions ahead runs them side
 * by side.
 */
import { DB_PER_OCTAVE } from "@gainstage/dsp/assembly/decibel";
import { followFrames } from "./ballistics";
import { ask1, ask2, layCurve } from "./curve";
import { ATTACK, curveMoves, glide, LINK, MAKEUP, MIX, RELEASE } from "./glides";
import { play1, play2 } from "./output";
import { State } from "./state";

/** Bytes of f32, eight frames. */
const AHEAD: usize = 32;
const BEHIND: usize = 32;

/** Octaves. Where each gain of a block is further from 0, or is 0, no reduction has to be made 0 for being settled. */
const NEARLY_SETTLED: f32 = 1.7e-7;
/** The bits of -0, and one more. */
const BELOW_ZERO = memory.data<u32>([0x80000001]);

/** Whether everything behind the detector stands. */
export function isSteady(s: State): bool {
  if (curveMoves(s) || glide(s, ATTACK).left > 0 || glide(s, RELEASE).left > 0) return false;
  return glide(s, MAKEUP).left == 0 && glide(s, MIX).left == 0;
}

/** From peaks, or the mean squares that the detector left, and the delayed input to the output. */
export function steadyBlock(
  s: State, peak0: usize, peak1: usize, from0: usize, from1: usize, to0: usize, to1: usize, frames: i32, rms: bool,
): void {
  const heard0 = rms ? <usize>s.square0s : peak0;
  const heard1 = rms ? <usize>s.square1s : peak1;
  // Fully linked, both channels have one envelope as soon as what lay between them before has faded.
  const one = glide(s, LINK).goal == 1 && s.reduction0 == s.reduction1;
  layCurve(s);
  s.wet = <f32>glide(s, MIX).goal;
  s.makeupOctaves = <f32>(glide(s, MAKEUP).goal / DB_PER_OCTAVE);
  if (one) runOne(s, heard0, heard1, from0, from1, to0, to1, <usize>frames << 2);
  else runTwo(s, heard0, heard1, from0, from1, to0, to1, <usize>frames << 2);
}

/** In functions of their own: asc makes two branches that differ in no more than a constant into one. */
function runOne(
  s: State, heard0: usize, heard1: usize, from0: usize, from1: usize, to0: usize, to1: usize, end: usize,
): void {
  run(s, heard0, heard1, from0, from1, to0, to1, end, true);
}

function runTwo(
  s: State, heard0: usize, heard1: usize, from0: usize, from1: usize, to0: usize, to1: usize, end: usize,
): void {
  run(s, heard0, heard1, from0, from1, to0, to1, end, false);
}

// @ts-ignore: decorator
@inline
function run(
  s: State, heard0: usize, heard1: usize, from0: usize, from1: usize, to0: usize, to1: usize, end: usize, one: bool,
): void {
  const target1 = <usize>(one ? s.target0 : s.target1);
  const whole = end & ~15;
  const last = (end - 1) & ~15;
  // An attack slower than the release takes the smaller of both: that is the larger one, upside down.
  const sign: f64 = s.attackShare < s.releaseShare ? -1 : 1;
  const attackInput = f64x2.splat(sign * s.attackShare);
  const releaseInput = f64x2.splat(sign * s.releaseShare);
  const attack = f64x2.splat(1 - s.attackShare);
  const release = f64x2.splat(1 - s.releaseShare);
  const octaves = f64x2.splat(-sign / DB_PER_OCTAVE);
  let reduction = f64x2.replace_lane(f64x2.splat(sign * s.reduction0), 1, sign * s.reduction1);
  let nearest = i32x4.splat(-1);
  for (let i: usize = 0; i < AHEAD; i += 16) ask(s, heard0, heard1, min(i, last), one);
  for (let i: usize = 0; i < whole; i += 16) {
    ask(s, heard0, heard1, min(i + AHEAD, last), one);
    reduction = one
      ? follow1(s, i, reduction, attack, attackInput, release, releaseInput, octaves)
      : follow2(s, i, reduction, attack, attackInput, release, releaseInput, octaves);
    nearest = i32x4.min_u(nearest, distances(<usize>s.gain0 + i));
    if (!one) nearest = i32x4.min_u(nearest, distances(<usize>s.gain1 + i));
    if (i >= BEHIND) play(s, from0, from1, to0, to1, i - BEHIND, one);
  }
  // A block in which the envelope settles is followed once more, frame by frame.
  let done = whole;
  if (i32x4.all_true(i32x4.gt_u(nearest, i32x4.splat(reinterpret<i32>(NEARLY_SETTLED))))) {
    reduction = f64x2.mul(reduction, f64x2.splat(sign));
    s.reduction0 = f64x2.extract_lane(reduction, 0);
    s.reduction1 = one ? s.reduction0 : f64x2.extract_lane(reduction, 1);
  } else done = 0;
  followFrames(s, target1, done, end);
  for (let i = done > BEHIND ? done - BEHIND : 0; i < end; i += 16) play(s, from0, from1, to0, to1, i, one);
}

// @ts-ignore: decorator
@inline
function ask(s: State, heard0: usize, heard1: usize, i: usize, one: bool): void {
  if (one) ask1(s, heard0, heard1, i);
  else ask2(s, heard0, heard1, i);
}

// @ts-ignore: decorator
@inline
function play(s: State, from0: usize, from1: usize, to0: usize, to1: usize, i: usize, one: bool): void {
  if (one) play1(s, from0 + i, from1 + i, to0 + i, to1 + i, i);
  else play2(s, from0 + i, from1 + i, to0 + i, to1 + i, i);
}

/** Four frames of one envelope, to gain0. Only the first lane counts. */
// @ts-ignore: decorator
@inline
function follow1(
  s: State, i: usize, before: v128, attack: v128, attackInput: v128, release: v128, releaseInput: v128, octaves: v128,
): v128 {
  const t01 = f64x2.promote_low_f32x4(v128.load64_zero(<usize>s.target0 + i));
  const t23 = f64x2.promote_low_f32x4(v128.load64_zero(<usize>s.target0 + i, 8));
  const a01 = f64x2.mul(attackInput, t01), r01 = f64x2.mul(releaseInput, t01);
  const a23 = f64x2.mul(attackInput, t23), r23 = f64x2.mul(releaseInput, t23);
  const x0 = next(before, attack, a01, release, r01);
  const x1 = next(x0, attack, second(a01), release, second(r01));
  const x2 = next(x1, attack, a23, release, r23);
  const x3 = next(x2, attack, second(a23), release, second(r23));
  const g01 = f32x4.demote_f64x2_zero(f64x2.mul(v128.shuffle<f64>(x0, x1, 0, 2), octaves));
  const g23 = f32x4.demote_f64x2_zero(f64x2.mul(v128.shuffle<f64>(x2, x3, 0, 2), octaves));
  v128.store(<usize>s.gain0 + i, v128.shuffle<f64>(g01, g23, 0, 2));
  return x3;
}

/** Four frames of two envelopes, one a lane, to gain0 and gain1. */
// @ts-ignore: decorator
@inline
function follow2(
  s: State, i: usize, before: v128, attack: v128, attackInput: v128, release: v128, releaseInput: v128, octaves: v128,
): v128 {
  const left = v128.load(<usize>s.target0 + i);
  const right = v128.load(<usize>s.target1 + i);
  const t01 = v128.shuffle<f32>(left, right, 0, 4, 1, 5);
  const t23 = v128.shuffle<f32>(left, right, 2, 6, 3, 7);
  const t0 = f64x2.promote_low_f32x4(t01), t1 = f64x2.promote_low_f32x4(second(t01));
  const t2 = f64x2.promote_low_f32x4(t23), t3 = f64x2.promote_low_f32x4(second(t23));
  const x0 = next(before, attack, f64x2.mul(attackInput, t0), release, f64x2.mul(releaseInput, t0));
  const x1 = next(x0, attack, f64x2.mul(attackInput, t1), release, f64x2.mul(releaseInput, t1));
  const x2 = next(x1, attack, f64x2.mul(attackInput, t2), release, f64x2.mul(releaseInput, t2));
  const x3 = next(x2, attack, f64x2.mul(attackInput, t3), release, f64x2.mul(releaseInput, t3));
  const g0 = f32x4.demote_f64x2_zero(f64x2.mul(x0, octaves)), g1 = f32x4.demote_f64x2_zero(f64x2.mul(x1, octaves));
  const g2 = f32x4.demote_f64x2_zero(f64x2.mul(x2, octaves)), g3 = f32x4.demote_f64x2_zero(f64x2.mul(x3, octaves));
  const g01 = v128.shuffle<f32>(g0, g1, 0, 4, 1, 5);
  const g23 = v128.shuffle<f32>(g2, g3, 0, 4, 1, 5);
  v128.store(<usize>s.gain0 + i, v128.shuffle<f64>(g01, g23, 0, 2));
  v128.store(<usize>s.gain1 + i, v128.shuffle<f64>(g01, g23, 1, 3));
  return x3;
}

// @ts-ignore: decorator
@inline
function next(before: v128, attack: v128, attackPart: v128, release: v128, releasePart: v128): v128 {
  const attacked = f64x2.add(f64x2.mul(attack, before), attackPart);
  return f64x2.pmax(attacked, f64x2.add(f64x2.mul(release, before), releasePart));
}

/** The second lane in both. */
// @ts-ignore: decorator
@inline
function second(x: v128): v128 {
  return v128.shuffle<f64>(x, x, 1, 1);
}

/** The bits of gains as numbers that grow with their distance from 0, and of those that are 0 the largest number. */
// @ts-ignore: decorator
@inline
function distances(gains: usize): v128 {
  return i32x4.sub(v128.load(gains), v128.load32_splat(BELOW_ZERO));
}
