// Fast Fourier transform of complex f32 data, and the two steps around it that a Welch spectrum needs.
//
// A radix-4 Stockham transform: each pass reads one buffer and writes the other in an order that sorts itself, so there
// is no bit reversal and every load and store is a whole vector. A last radix-2 pass serves sizes that are not a power
// of four. C. Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992, §1.7.
//
// A buffer of size N is planar: N real parts, then N imaginary parts.

/** Fills `twiddles` for `size` (a power of two from 16): per pass w, w², w³ as rows of cosines and sines; < 8·size bytes. */
export function fftTwiddles(size: i32, twiddles: usize): void {
  for (let n = size; n >= 4; n >>= 2) {
    const quarter = n >> 2;
    for (let power = 1; power <= 3; power++) {
      for (let p = 0; p < quarter; p++) {
        const angle = (-2 * Math.PI * p * power) / n;
        store<f32>(twiddles + (<usize>p << 2), <f32>Math.cos(angle));
        store<f32>(twiddles + (<usize>(p + quarter) << 2), <f32>Math.sin(angle));
      }
      twiddles += <usize>quarter << 3;
    }
  }
}

@inline function turnReal(re: v128, im: v128, cosine: v128, sine: v128): v128 {
  return f32x4.sub(f32x4.mul(re, cosine), f32x4.mul(im, sine));
}

@inline function turnImaginary(re: v128, im: v128, cosine: v128, sine: v128): v128 {
  return f32x4.add(f32x4.mul(re, sine), f32x4.mul(im, cosine));
}

/** Writes four vectors as the columns of a 4 by 4 matrix. */
@inline function storeTransposed(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const low = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const lowNext = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const high = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const highNext = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low, lowNext, 0, 1, 4, 5), 0);
  v128.store(to, v128.shuffle<f32>(low, lowNext, 2, 3, 6, 7), 16);
  v128.store(to, v128.shuffle<f32>(high, highNext, 0, 1, 4, 5), 32);
  v128.store(to, v128.shuffle<f32>(high, highNext, 2, 3, 6, 7), 48);
}

/** Four radix-4 butterflies. `first` is the first pass, whose four results per butterfly are neighbours in memory. */
@inline function butterflies(
  from: usize, to: usize, imaginary: usize, quarterBytes: usize, strideBytes: usize,
  c1: v128, d1: v128, c2: v128, d2: v128, c3: v128, d3: v128, first: bool,
): void {
  const x1 = from + quarterBytes;
  const x2 = x1 + quarterBytes;
  const x3 = x2 + quarterBytes;
  const ar = v128.load(from), ai = v128.load(from + imaginary);
  const br = v128.load(x1), bi = v128.load(x1 + imaginary);
  const cr = v128.load(x2), ci = v128.load(x2 + imaginary);
  const dr = v128.load(x3), di = v128.load(x3 + imaginary);
  const sumAcR = f32x4.add(ar, cr), sumAcI = f32x4.add(ai, ci);
  const difAcR = f32x4.sub(ar, cr), difAcI = f32x4.sub(ai, ci);
  const sumBdR = f32x4.add(br, dr), sumBdI = f32x4.add(bi, di);
  const difBdR = f32x4.sub(br, dr), difBdI = f32x4.sub(bi, di);
  const y0r = f32x4.add(sumAcR, sumBdR), y0i = f32x4.add(sumAcI, sumBdI);
  const r1 = f32x4.add(difAcR, difBdI), i1 = f32x4.sub(difAcI, difBdR);
  const r2 = f32x4.sub(sumAcR, sumBdR), i2 = f32x4.sub(sumAcI, sumBdI);
  const r3 = f32x4.sub(difAcR, difBdI), i3 = f32x4.add(difAcI, difBdR);
  const y1r = turnReal(r1, i1, c1, d1), y1i = turnImaginary(r1, i1, c1, d1);
  const y2r = turnReal(r2, i2, c2, d2), y2i = turnImaginary(r2, i2, c2, d2);
  const y3r = turnReal(r3, i3, c3, d3), y3i = turnImaginary(r3, i3, c3, d3);
  if (first) {
    storeTransposed(to, y0r, y1r, y2r, y3r);
    storeTransposed(to + imaginary, y0i, y1i, y2i, y3i);
    return;
  }
  v128.store(to, y0r);
  v128.store(to + imaginary, y0i);
  to += strideBytes;
  v128.store(to, y1r);
  v128.store(to + imaginary, y1i);
  to += strideBytes;
  v128.store(to, y2r);
  v128.store(to + imaginary, y2i);
  to += strideBytes;
  v128.store(to, y3r);
  v128.store(to + imaginary, y3i);
}

/** Transforms the buffer `a` with `b` as scratch (both are overwritten) and returns the one that holds the result. */
export function fft(size: i32, a: usize, b: usize, twiddles: usize): usize {
  const imaginary = <usize>size << 2;
  const quarterBytes = <usize>size;
  let from = a;
  let to = b;
  let n = size;
  let stride = 1;
  for (; n >= 4; n >>= 2, stride <<= 2) {
    const m = n >> 2;
    const row = <usize>m << 2;
    const strideBytes = <usize>stride << 2;
    if (stride == 1) {
      for (let p: usize = 0; p < row; p += 16) {
        const w = twiddles + p;
        butterflies(
          from + p, to + 4 * p, imaginary, quarterBytes, strideBytes,
          v128.load(w), v128.load(w + row), v128.load(w + 2 * row), v128.load(w + 3 * row),
          v128.load(w + 4 * row), v128.load(w + 5 * row), true,
        );
      }
    } else {
      for (let p = 0; p < m; p++) {
        const w = twiddles + (<usize>p << 2);
        const c1 = v128.load32_splat(w), d1 = v128.load32_splat(w + row);
        const c2 = v128.load32_splat(w + 2 * row), d2 = v128.load32_splat(w + 3 * row);
        const c3 = v128.load32_splat(w + 4 * row), d3 = v128.load32_splat(w + 5 * row);
        const block = <usize>p * strideBytes;
        for (let q: usize = 0; q < strideBytes; q += 16) {
          butterflies(
            from + block + q, to + 4 * block + q, imaginary, quarterBytes, strideBytes, c1, d1, c2, d2, c3, d3, false,
          );
        }
      }
    }
    twiddles += 6 * row;
    const other = from;
    from = to;
    to = other;
  }
  if (n == 1) return from;

  const halfBytes = <usize>size << 1;
  for (let q: usize = 0; q < halfBytes; q += 16) {
    for (let part: usize = 0; part <= imaginary; part += imaginary) {
      const x = v128.load(from + q + part);
      const y = v128.load(from + q + part + halfBytes);
      v128.store(to + q + part, f32x4.add(x, y));
      v128.store(to + q + part + halfBytes, f32x4.sub(x, y));
    }
  }
  return to;
}

/** out[i] = x[i] · window[i] for `frames` f32 (a multiple of 4). */
export function windowFrames(x: usize, window: usize, out: usize, frames: i32): void {
  for (let i: usize = 0; i < <usize>frames << 2; i += 16) {
    v128.store(out + i, f32x4.mul(v128.load(x + i), v128.load(window + i)));
  }
}

/**
 * Adds |A[k]|² + |B[k]|² of the real signals a and b to power[k] (f64), k = 0 to size/2, from the transform z of a + ib:
 * it is (|Z[k]|² + |Z[size - k]|²) / 2, so one transform serves two segments and they need not be told apart.
 */
export function addPower(z: usize, size: i32, power: usize): void {
  const imaginary = <usize>size << 2;
  for (let k = 0; k <= size >> 1; k++) {
    const here = z + (<usize>k << 2);
    const there = z + (<usize>((size - k) & (size - 1)) << 2);
    const ar = <f64>load<f32>(here), ai = <f64>load<f32>(here + imaginary);
    const br = <f64>load<f32>(there), bi = <f64>load<f32>(there + imaginary);
    const at = power + (<usize>k << 3);
    store<f64>(at, load<f64>(at) + (ar * ar + ai * ai + br * br + bi * bi) / 2);
  }
}
