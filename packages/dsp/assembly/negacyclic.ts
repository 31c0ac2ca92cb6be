/**
 * A transform for the convolution of real signals, in steps: x of 2B frames to B complex values, and back.
 *
 * A real polynomial x(t) modulo t^2B + 1 is the complex one x[n] + i x[n + B] modulo t^B - i, and its values at the B roots
 * of t^B = i multiply as the polynomials do (H. J. Nussbaumer, Fast Fourier Transform and Convolution Algorithms,
 * 1982). So the real halves go in as they are, without the split into even and odd parts that a real transform
 * asks for; products wrap round with their sign turned, which overlap-save does not read.
 *
 * Each pass splits every ring t^n - z into four, t^(n/4) - w, + w, - iw, + iw with w the fourth root of z:
 *
 *   y0 = (a + w²c) + (wb + w³d)    y2 = (a - w²c) + i (wb - w³d)
 *   y1 = (a + w²c) - (wb + w³d)    y3 = (a - w²c) - i (wb - w³d)
 *
 * One w serves a whole block, the roots of all sizes are one table, and since values are only ever multiplied with values
 * in the same place they stay in the order in which they fall out. A pass works on any range of chunks of 16 values: it can
 * be spread over time, and no bit depends on how. Sizes are powers of 4 from 64 to 16384.
 *
 * planar: B real parts, then B imaginary parts (x[0…B), then x[B…2B)). spectrum: per chunk 16 real, then 16 imaginary parts.
 */
import { QUAD_BYTES, quadAt, RECORD_BYTES, recordAt } from "./negacyclic-roots";

/** Values in a chunk, and its bytes in a spectrum. */
export const CHUNK: i32 = 16;
export const CHUNK_BYTES: usize = 128;

/** log4 of the size. */
export function levelsOf(size: i32): i32 {
  return ctz(size) >> 1;
}

/** Where in a spectrum the real part for the root of angle turnsOf(levels, place) is; the imaginary part is 64 bytes on. */
export function placeInSpectrum(place: i32): usize {
  const block = place >> 2;
  return (<usize>(block >> 2) << 7) + (<usize>(place & 3) << 4) + (<usize>(block & 3) << 2);
}

// @ts-ignore: decorator
@inline function real(re: v128, im: v128, c: v128, s: v128): v128 {
  return f32x4.sub(f32x4.mul(re, c), f32x4.mul(im, s));
}

// @ts-ignore: decorator
@inline function imaginary(re: v128, im: v128, c: v128, s: v128): v128 {
  return f32x4.add(f32x4.mul(re, s), f32x4.mul(im, c));
}

/** Times the conjugate. */
// @ts-ignore: decorator
@inline function realBack(re: v128, im: v128, c: v128, s: v128): v128 {
  return f32x4.add(f32x4.mul(re, c), f32x4.mul(im, s));
}

// @ts-ignore: decorator
@inline function imaginaryBack(re: v128, im: v128, c: v128, s: v128): v128 {
  return f32x4.sub(f32x4.mul(im, c), f32x4.mul(re, s));
}

/** Writes four vectors as the columns of a 4 by 4 matrix. */
// @ts-ignore: decorator
@inline function storeTransposed(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 16);
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 32);
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 48);
}

/**
 * Four butterflies: values at `from`, `stride` bytes apart, their imaginary parts `part` bytes on, to the same places
 * from `to`. Twiddles are one vector each.
 */
// @ts-ignore: decorator
@inline function split(
  from: usize, to: usize, part: usize, stride: usize,
  c1: v128, s1: v128, c2: v128, s2: v128, c3: v128, s3: v128,
): void {
  const ar = v128.load(from), ai = v128.load(from + part);
  let r = v128.load(from + 2 * stride), i = v128.load(from + 2 * stride + part);
  const cr = real(r, i, c2, s2), ci = imaginary(r, i, c2, s2);
  r = v128.load(from + stride), i = v128.load(from + stride + part);
  const br = real(r, i, c1, s1), bi = imaginary(r, i, c1, s1);
  r = v128.load(from + 3 * stride), i = v128.load(from + 3 * stride + part);
  const dr = real(r, i, c3, s3), di = imaginary(r, i, c3, s3);
  const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
  const er = f32x4.add(br, dr), ei = f32x4.add(bi, di), fr = f32x4.sub(br, dr), fi = f32x4.sub(bi, di);
  v128.store(to, f32x4.add(sr, er));
  v128.store(to + part, f32x4.add(si, ei));
  v128.store(to + stride, f32x4.sub(sr, er));
  v128.store(to + stride + part, f32x4.sub(si, ei));
  v128.store(to + 2 * stride, f32x4.sub(tr, fi));
  v128.store(to + 2 * stride + part, f32x4.add(ti, fr));
  v128.store(to + 3 * stride, f32x4.add(tr, fi));
  v128.store(to + 3 * stride + part, f32x4.sub(ti, fr));
}

/** The way back from split(), four times as large. */
// @ts-ignore: decorator
@inline function join(
  from: usize, to: usize, part: usize, stride: usize,
  c1: v128, s1: v128, c2: v128, s2: v128, c3: v128, s3: v128,
): void {
  const y0r = v128.load(from), y0i = v128.load(from + part);
  const y1r = v128.load(from + stride), y1i = v128.load(from + stride + part);
  const y2r = v128.load(from + 2 * stride), y2i = v128.load(from + 2 * stride + part);
  const y3r = v128.load(from + 3 * stride), y3i = v128.load(from + 3 * stride + part);
  const sr = f32x4.add(y0r, y1r), si = f32x4.add(y0i, y1i), er = f32x4.sub(y0r, y1r), ei = f32x4.sub(y0i, y1i);
  const tr = f32x4.add(y2r, y3r), ti = f32x4.add(y2i, y3i), fr = f32x4.sub(y2i, y3i), fi = f32x4.sub(y3r, y2r);
  v128.store(to, f32x4.add(sr, tr));
  v128.store(to + part, f32x4.add(si, ti));
  let r = f32x4.add(er, fr), i = f32x4.add(ei, fi);
  v128.store(to + stride, realBack(r, i, c1, s1));
  v128.store(to + stride + part, imaginaryBack(r, i, c1, s1));
  r = f32x4.sub(sr, tr), i = f32x4.sub(si, ti);
  v128.store(to + 2 * stride, realBack(r, i, c2, s2));
  v128.store(to + 2 * stride + part, imaginaryBack(r, i, c2, s2));
  r = f32x4.sub(er, fr), i = f32x4.sub(ei, fi);
  v128.store(to + 3 * stride, realBack(r, i, c3, s3));
  v128.store(to + 3 * stride + part, imaginaryBack(r, i, c3, s3));
}

/** Pass `level` (0 to levelsOf(size) - 3) over chunks `first` to `end` of a planar buffer, in place. */
export function splitPass(level: i32, size: i32, planar: usize, first: i32, end: i32): void {
  const part = <usize>size << 2;
  const stride = part >> (2 * level + 2);
  const perBlock = <i32>(stride >> 4);
  while (first < end) {
    const block = first / perBlock;
    const skipped = first - block * perBlock;
    const run = min(perBlock - skipped, end - first);
    const w = recordAt(level, block);
    const c1 = v128.load32_splat(w), s1 = v128.load32_splat(w, 4);
    const c2 = v128.load32_splat(w, 8), s2 = v128.load32_splat(w, 12);
    const c3 = v128.load32_splat(w, 16), s3 = v128.load32_splat(w, 20);
    let at = planar + <usize>block * 4 * stride + (<usize>skipped << 4);
    for (const stop = at + (<usize>run << 4); at < stop; at += 16) split(at, at, part, stride, c1, s1, c2, s2, c3, s3);
    first += run;
  }
}

/** The last two passes, over chunks `first` to `end`: from a planar buffer, which they spoil, to a spectrum. */
export function splitLast(size: i32, planar: usize, spectrum: usize, first: i32, end: i32): void {
  const part = <usize>size << 2;
  const level = levelsOf(size) - 2;
  let w = recordAt(level, first);
  let quad = quadAt(level + 1, first);
  let from = planar + (<usize>first << 6);
  let to = spectrum + (<usize>first << 7);
  for (const stop = planar + (<usize>end << 6); from < stop; from += 64, to += CHUNK_BYTES, w += RECORD_BYTES, quad += QUAD_BYTES) {
    split(
      from, from, part, 16,
      v128.load32_splat(w), v128.load32_splat(w, 4), v128.load32_splat(w, 8),
      v128.load32_splat(w, 12), v128.load32_splat(w, 16), v128.load32_splat(w, 20),
    );
    const im = from + part;
    storeTransposed(to, v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48));
    storeTransposed(to + 64, v128.load(im), v128.load(im, 16), v128.load(im, 32), v128.load(im, 48));
    split(
      to, to, 64, 16,
      v128.load(quad), v128.load(quad, 16), v128.load(quad, 32),
      v128.load(quad, 48), v128.load(quad, 64), v128.load(quad, 80),
    );
  }
}

/** The way back through the last two passes, over chunks `first` to `end`: from a spectrum, which it spoils, to planar. */
export function joinFirst(size: i32, spectrum: usize, planar: usize, first: i32, end: i32): void {
  const part = <usize>size << 2;
  const level = levelsOf(size) - 2;
  let w = recordAt(level, first);
  let quad = quadAt(level + 1, first);
  let to = planar + (<usize>first << 6);
  let from = spectrum + (<usize>first << 7);
  for (const stop = planar + (<usize>end << 6); to < stop; to += 64, from += CHUNK_BYTES, w += RECORD_BYTES, quad += QUAD_BYTES) {
    join(
      from, from, 64, 16,
      v128.load(quad), v128.load(quad, 16), v128.load(quad, 32),
      v128.load(quad, 48), v128.load(quad, 64), v128.load(quad, 80),
    );
    storeTransposed(to, v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48));
    storeTransposed(to + part, v128.load(from, 64), v128.load(from, 80), v128.load(from, 96), v128.load(from, 112));
    join(
      to, to, part, 16,
      v128.load32_splat(w), v128.load32_splat(w, 4), v128.load32_splat(w, 8),
      v128.load32_splat(w, 12), v128.load32_splat(w, 16), v128.load32_splat(w, 20),
    );
  }
}

/** The way back through pass `level`. After level 0 the buffer holds x, `size` times as large. */
export function joinPass(level: i32, size: i32, planar: usize, first: i32, end: i32): void {
  const part = <usize>size << 2;
  const stride = part >> (2 * level + 2);
  const perBlock = <i32>(stride >> 4);
  while (first < end) {
    const block = first / perBlock;
    const skipped = first - block * perBlock;
    const run = min(perBlock - skipped, end - first);
    const w = recordAt(level, block);
    const c1 = v128.load32_splat(w), s1 = v128.load32_splat(w, 4);
    const c2 = v128.load32_splat(w, 8), s2 = v128.load32_splat(w, 12);
    const c3 = v128.load32_splat(w, 16), s3 = v128.load32_splat(w, 20);
    let at = planar + <usize>block * 4 * stride + (<usize>skipped << 4);
    for (const stop = at + (<usize>run << 4); at < stop; at += 16) join(at, at, part, stride, c1, s1, c2, s2, c3, s3);
    first += run;
  }
}
