/**
 * The arithmetic of the imager on a run of frames: first frames in which some ramp moves or a filter runs, one by one,
 * and for the rest, in which neither happens, two at a time or a plain copy. All three give the same bits, but
 * that the copy alone keeps -0 and subnormal numbers; where one ends and the next begins is counted in frames, so the
 * blocks of a stream may be cut anywhere.
 */
import { nextValue, Ramp } from "@gainstage/dsp/assembly/ramp";
import {
  flushSubnormal,
  HIGHPASS_BYTES,
  highpassScale,
  linkwitzRileyHighpass,
  LOWPASS_BYTES,
  smoothstep,
} from "./side-filters";

/** Indices of the ramps: w4 - 1, weights and shares of C1 to C3, high-pass in or out and its gain, the matrix. */
export const WHOLE: i32 = 0;
export const WEIGHT: i32 = 1;
export const SHARE: i32 = 4;
export const MONO: i32 = 7;
export const MONO_GAIN: i32 = 8;
export const MATRIX: i32 = 9;
export const RAMPS: i32 = 13;

/** What is louder, or not a number, is not let into the filters, where it would stay for ever. */
const LOUDEST: f64 = 1e10;

/**
 * 1.5 · 2^-74, added and taken away, leaves multiples of 2^-126, the smallest normal f32, of what is smaller than itself:
 * subnormal outputs, with which some processors compute a hundred times slower, become 0 or the smallest normal one.
 */
const ROUNDS_TO_NORMAL: f64 = 7.940933880509066e-23;

@unmanaged
export class Image {
  /** RAMPS ramps in a row, and their values now: f64 in the same order. */
  ramps: u32;
  values: u32;
  lowpasses: u32;
  highpass: u32;
}

// @ts-ignore: decorator
@inline export function rampAt(image: Image, index: i32): Ramp {
  return changetype<Ramp>(<usize>image.ramps + <usize>index * offsetof<Ramp>());
}

// @ts-ignore: decorator
@inline
function value(image: Image, index: i32): f64 {
  return load<f64>(<usize>image.values + (<usize>index << 3));
}

/** Frames until every ramp stands. */
export function movingFrames(image: Image): i32 {
  let most = 0;
  for (let i = 0; i < RAMPS; i++) most = max(most, rampAt(image, i).left);
  return most;
}

/** Widths differ somewhere, by the values now. */
export function splits(image: Image): bool {
  return value(image, WEIGHT) != 0 || value(image, WEIGHT + 1) != 0 || value(image, WEIGHT + 2) != 0;
}

export function highpasses(image: Image): bool {
  return value(image, MONO) != 0;
}

export function restFilters(image: Image): void {
  memory.fill(<usize>image.lowpasses, 0, LOWPASS_BYTES);
  memory.fill(<usize>image.highpass, 0, HIGHPASS_BYTES);
}

/** Reads the ramps as they stand. */
export function settleValues(image: Image): void {
  for (let i = 0; i < RAMPS; i++) store<f64>(<usize>image.values + (<usize>i << 3), rampAt(image, i).goal);
}

/** Frames in which some ramp moves: values and filters, frame by frame. */
export function moveFrames(
  image: Image,
  left: usize,
  right: usize,
  toLeft: usize,
  toRight: usize,
  frames: i32,
): void {
  filterFrames(image, left, right, toLeft, toRight, frames, true, true, true);
}

/** Frames in which every ramp stands, at settleValues(). */
export function steadyFrames(
  image: Image,
  left: usize,
  right: usize,
  toLeft: usize,
  toRight: usize,
  frames: i32,
): void {
  const split = splits(image);
  const mono = highpasses(image);
  if (!split) memory.fill(<usize>image.lowpasses, 0, LOWPASS_BYTES);
  if (!mono) memory.fill(<usize>image.highpass, 0, HIGHPASS_BYTES);
  if (split && mono) filterFrames(image, left, right, toLeft, toRight, frames, false, true, true);
  else if (split) filterFrames(image, left, right, toLeft, toRight, frames, false, true, false);
  else if (mono) filterFrames(image, left, right, toLeft, toRight, frames, false, false, true);
  else if (isFlat(image)) {
    memory.copy(toLeft, left, <usize>frames << 2);
    memory.copy(toRight, right, <usize>frames << 2);
  } else plainFrames(image, left, right, toLeft, toRight, frames);
  flushSubnormal(<usize>image.lowpasses, LOWPASS_BYTES);
  flushSubnormal(<usize>image.highpass, HIGHPASS_BYTES);
}

function isFlat(image: Image): bool {
  return (
    value(image, WHOLE) == 0 &&
    value(image, MATRIX) == 1 &&
    value(image, MATRIX + 1) == 0 &&
    value(image, MATRIX + 2) == 0 &&
    value(image, MATRIX + 3) == 1
  );
}

/** One frame after the other. The last three are constants, for which the compiler makes a loop each. */
// @ts-ignore: decorator
@inline
function filterFrames(
  image: Image,
  left: usize,
  right: usize,
  toLeft: usize,
  toRight: usize,
  frames: i32,
  moving: bool,
  split: bool,
  mono: bool,
): void {
  const values = <usize>image.values;
  const lowpasses = <usize>image.lowpasses;
  const highpass = <usize>image.highpass;
  let p0 = v128.load(lowpasses);
  let p1 = v128.load(lowpasses, 16);
  let p2 = v128.load(lowpasses, 32);
  let q0 = v128.load(lowpasses, 48);
  let q1 = v128.load(lowpasses, 64);
  let q2 = v128.load(lowpasses, 80);
  let monoGain = value(image, MONO_GAIN);
  let monoScale = highpassScale(monoGain);
  for (let at: usize = 0, end = <usize>frames << 2; at < end; at += 4) {
    if (moving) {
      for (let i = 0; i < RAMPS; i++) store<f64>(values + (<usize>i << 3), nextValue(rampAt(image, i)));
      monoGain = value(image, MONO_GAIN);
      monoScale = highpassScale(monoGain);
    }
    const l = <f64>load<f32>(left + at);
    const r = <f64>load<f32>(right + at);
    const side = 0.5 * (l - r);
    const filtered = Math.abs(side) < LOUDEST ? side : 0;
    let change = value(image, WHOLE) * side;
    if (split) {
      const x = f64x2.splat(filtered);
      const share12 = v128.load(values + (<usize>SHARE << 3));
      const v0 = f64x2.mul(share12, f64x2.sub(x, p0));
      const once = f64x2.add(v0, p0);
      p0 = f64x2.add(once, v0);
      const v1 = f64x2.mul(share12, f64x2.sub(once, p1));
      const twice = f64x2.add(v1, p1);
      p1 = f64x2.add(twice, v1);
      const v2 = f64x2.mul(share12, f64x2.sub(twice, p2));
      const thrice = f64x2.add(v2, p2);
      p2 = f64x2.add(thrice, v2);

      const share3 = v128.load64_zero(values + (<usize>(SHARE + 2) << 3));
      const w0 = f64x2.mul(share3, f64x2.sub(x, q0));
      const once3 = f64x2.add(w0, q0);
      q0 = f64x2.add(once3, w0);
      const w1 = f64x2.mul(share3, f64x2.sub(once3, q1));
      const twice3 = f64x2.add(w1, q1);
      q1 = f64x2.add(twice3, w1);
      const w2 = f64x2.mul(share3, f64x2.sub(twice3, q2));
      const thrice3 = f64x2.add(w2, q2);
      q2 = f64x2.add(thrice3, w2);

      const parts = f64x2.mul(smoothstep(twice, thrice), v128.load(values + (<usize>WEIGHT << 3)));
      change += f64x2.extract_lane(parts, 0);
      change += f64x2.extract_lane(parts, 1);
      change += value(image, WEIGHT + 2) * f64x2.extract_lane(smoothstep(twice3, thrice3), 0);
    }
    if (mono) {
      const widened = filtered + (Math.abs(change) < 4 * LOUDEST ? change : 0);
      const high = linkwitzRileyHighpass(highpass, widened, monoGain, monoScale);
      change += value(image, MONO) * (high - widened);
    }
    const y0 = l + change;
    const y1 = r - change;
    const m1 = value(image, MATRIX + 1);
    const m2 = value(image, MATRIX + 2);
    const own0 = value(image, MATRIX) * y0;
    const own1 = value(image, MATRIX + 3) * y1;
    const z0 = m1 == 0 ? own0 : own0 + m1 * y1;
    const z1 = m2 == 0 ? own1 : m2 * y0 + own1;
    store<f32>(toLeft + at, <f32>(z0 + ROUNDS_TO_NORMAL - ROUNDS_TO_NORMAL));
    store<f32>(toRight + at, <f32>(z1 + ROUNDS_TO_NORMAL - ROUNDS_TO_NORMAL));
  }
  v128.store(lowpasses, p0);
  v128.store(lowpasses, p1, 16);
  v128.store(lowpasses, p2, 32);
  v128.store(lowpasses, q0, 48);
  v128.store(lowpasses, q1, 64);
  v128.store(lowpasses, q2, 80);
}

/** The same without filters, two frames at a time. */
function plainFrames(
  image: Image,
  left: usize,
  right: usize,
  toLeft: usize,
  toRight: usize,
  frames: i32,
): void {
  const zero = f64x2.splat(0);
  const half = f64x2.splat(0.5);
  const whole = f64x2.splat(value(image, WHOLE));
  const m0 = f64x2.splat(value(image, MATRIX));
  const m1 = f64x2.splat(value(image, MATRIX + 1));
  const m2 = f64x2.splat(value(image, MATRIX + 2));
  const m3 = f64x2.splat(value(image, MATRIX + 3));
  const rounds = f64x2.splat(ROUNDS_TO_NORMAL);
  const straight0 = f64x2.eq(m1, zero);
  const straight1 = f64x2.eq(m2, zero);
  for (let at: usize = 0, end = <usize>frames << 2; at < end; at += 8) {
    const l = f64x2.promote_low_f32x4(v128.load64_zero(left + at));
    const r = f64x2.promote_low_f32x4(v128.load64_zero(right + at));
    const change = f64x2.mul(whole, f64x2.mul(half, f64x2.sub(l, r)));
    const y0 = f64x2.add(l, change);
    const y1 = f64x2.sub(r, change);
    const own0 = f64x2.mul(m0, y0);
    const own1 = f64x2.mul(m3, y1);
    const z0 = v128.bitselect(own0, f64x2.add(own0, f64x2.mul(m1, y1)), straight0);
    const z1 = v128.bitselect(own1, f64x2.add(f64x2.mul(m2, y0), own1), straight1);
    const normal0 = f64x2.sub(f64x2.add(z0, rounds), rounds);
    const normal1 = f64x2.sub(f64x2.add(z1, rounds), rounds);
    v128.store64_lane(toLeft + at, f32x4.demote_f64x2_zero(normal0), 0);
    v128.store64_lane(toRight + at, f32x4.demote_f64x2_zero(normal1), 0);
  }
}
