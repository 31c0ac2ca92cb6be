/**
 * The static curve: the reduction, in dB, that the levels of four frames ask for.
 *
 *   |x| or RMS ─▶ dB ─▶ link ─▶ static curve (eq. 4)
 *
 * Numbers that a loop needs stand in memory: one loaded costs less than one that the engine makes anew each time round.
 */
import { DB_PER_OCTAVE, log2x4 } from "@gainstage/dsp/assembly/decibel";
import { curveMoves, fillGlide, glide, KNEE, LINK, RMS, SLOPE, THRESHOLD } from "./glides";
import { CEILING, FLOOR, State } from "./state";

/** All bits of an f32 but its sign. */
export const MAGNITUDE = memory.data<u32>([0x7fffffff]);
const LIMITS = memory.data<f32>([FLOOR, CEILING]);
const OCTAVE = memory.data<f32>([<f32>DB_PER_OCTAVE]);

/** The curve as it stands, for ask1 and ask2. */
export function layCurve(s: State): void {
  s.kneeDb = <f32>glide(s, KNEE).goal;
  s.kneeStartDb = <f32>glide(s, THRESHOLD).goal - s.kneeDb * 0.5;
  s.bend = <f32>0.5 / s.kneeDb;
  s.slope = <f32>glide(s, SLOPE).goal;
  s.link = <f32>glide(s, LINK).goal;
}

/** What a block of peaks, or of the mean squares that the detector left, asks for: to target0 and target1. */
export function ask(s: State, from0: usize, from1: usize, frames: i32, rms: bool): void {
  const mean0 = rms ? <usize>s.square0s : from0;
  const mean1 = rms ? <usize>s.square1s : from1;
  if (curveMoves(s)) {
    askMoving(s, from0, from1, mean0, mean1, frames);
    return;
  }
  layCurve(s);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) ask2(s, mean0, mean1, i);
}

/** Four frames from byte `i` on, both channels as the louder one of them: to target0. */
// @ts-ignore: decorator
@inline
export function ask1(s: State, from0: usize, from1: usize, i: usize): void {
  v128.store(<usize>s.target0 + i, wantedNow(s, log2x4(louderOf(from0 + i, from1 + i))));
}

/** Each channel's own level, so far linked with the louder one as the link says: to target0 and target1. */
// @ts-ignore: decorator
@inline
export function ask2(s: State, from0: usize, from1: usize, i: usize): void {
  const level0 = level(from0 + i);
  const level1 = level(from1 + i);
  const octaves0 = log2x4(level0);
  const octaves1 = log2x4(level1);
  const louder = v128.bitselect(octaves0, octaves1, f32x4.gt(level0, level1));
  const link = v128.load32_splat(changetype<usize>(s), offsetof<State>("link"));
  v128.store(<usize>s.target0 + i, wantedNow(s, towards(octaves0, louder, link)));
  v128.store(<usize>s.target1 + i, wantedNow(s, towards(octaves1, louder, link)));
}

/** The same with the curve, the link and the share of the mean in the level, in dB, of each frame. */
function askMoving(s: State, from0: usize, from1: usize, mean0: usize, mean1: usize, frames: i32): void {
  const thresholds = fillGlide(s, THRESHOLD, <usize>s.thresholds, frames);
  const slopes = fillGlide(s, SLOPE, <usize>s.slopes, frames);
  const knees = fillGlide(s, KNEE, <usize>s.knees, frames);
  const links = fillGlide(s, LINK, <usize>s.links, frames);
  const shares = fillGlide(s, RMS, <usize>s.rmsShares, frames);
  const half = f32x4.splat(0.5);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    const peak0 = level(from0 + i);
    const peak1 = level(from1 + i);
    const square0 = level(mean0 + i);
    const square1 = level(mean1 + i);
    const share = v128.load(shares + i);
    const level0 = towards(log2x4(peak0), log2x4(square0), share);
    const level1 = towards(log2x4(peak1), log2x4(square1), share);
    const louder = towards(log2x4(f32x4.pmax(peak0, peak1)), log2x4(f32x4.pmax(square0, square1)), share);
    const slope = v128.load(slopes + i);
    const knee = v128.load(knees + i);
    const bend = f32x4.div(half, knee);
    const start = f32x4.sub(v128.load(thresholds + i), f32x4.mul(knee, half));
    const link = v128.load(links + i);
    v128.store(<usize>s.target0 + i, wanted(towards(level0, louder, link), start, knee, bend, slope));
    v128.store(<usize>s.target1 + i, wanted(towards(level1, louder, link), start, knee, bend, slope));
  }
}

/** The levels of four frames. pmax(a, b) is a < b ? b : a, so here what is not a number becomes the floor. */
// @ts-ignore: decorator
@inline
function level(at: usize): v128 {
  const floor = v128.load32_splat(LIMITS);
  return f32x4.pmin(v128.load32_splat(LIMITS, 4), f32x4.pmax(floor, magnitude(at)));
}

/** The larger of two levels. */
// @ts-ignore: decorator
@inline
function louderOf(at0: usize, at1: usize): v128 {
  const floor = v128.load32_splat(LIMITS);
  const louder = f32x4.pmax(f32x4.pmax(floor, magnitude(at0)), magnitude(at1));
  return f32x4.pmin(v128.load32_splat(LIMITS, 4), louder);
}

// @ts-ignore: decorator
@inline
function magnitude(at: usize): v128 {
  return v128.and(v128.load(at), v128.load32_splat(MAGNITUDE));
}

/** `share` of the way from one level to another, all of it to the bit: a glide that comes to rest changes nothing. */
// @ts-ignore: decorator
@inline
function towards(from: v128, to: v128, share: v128): v128 {
  const mixed = f32x4.add(from, f32x4.mul(share, f32x4.sub(to, from)));
  return v128.bitselect(to, mixed, f32x4.eq(share, f32x4.splat(1)));
}

/** By the curve that layCurve() left. */
// @ts-ignore: decorator
@inline
function wantedNow(s: State, octaves: v128): v128 {
  const at = changetype<usize>(s);
  return wanted(
    octaves,
    v128.load32_splat(at, offsetof<State>("kneeStartDb")),
    v128.load32_splat(at, offsetof<State>("kneeDb")),
    v128.load32_splat(at, offsetof<State>("bend")),
    v128.load32_splat(at, offsetof<State>("slope")),
  );
}

/** Eq. 4 as a reduction, never negative: slope (q^2 / (2 knee) + w) with q the way into the knee, w beyond it. */
// @ts-ignore: decorator
@inline
function wanted(octaves: v128, start: v128, knee: v128, bend: v128, slope: v128): v128 {
  const way = f32x4.pmax(f32x4.sub(f32x4.mul(octaves, v128.load32_splat(OCTAVE)), start), f32x4.splat(0));
  const q = f32x4.pmin(way, knee);
  const w = f32x4.sub(way, q);
  return f32x4.mul(slope, f32x4.add(f32x4.mul(f32x4.mul(q, q), bend), w));
}
