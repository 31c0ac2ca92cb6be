/** The discrete Fourier transform by Cooley and Tukey's radix-2 algorithm (1965), for measurements. */

export interface ComplexSpectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export function powerOfTwoFrom(size: number): number {
  let power = 1;
  while (power < size) power *= 2;
  return power;
}

interface Twiddles {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}
const twiddles = new Map<number, Twiddles>();

/** e^(−2πik/size), for half a turn. */
function twiddlesOf(size: number): Twiddles {
  let found = twiddles.get(size);
  if (!found) {
    const turn = (k: number) => (-2 * Math.PI * k) / size;
    found = {
      cos: Float64Array.from({ length: size / 2 }, (_, k) => Math.cos(turn(k))),
      sin: Float64Array.from({ length: size / 2 }, (_, k) => Math.sin(turn(k))),
    };
    twiddles.set(size, found);
  }
  return found;
}

/** Of complex values; the length must be a power of two. The arguments stay as they are. */
export function fft({ re: realPart, im: imaginaryPart }: ComplexSpectrum): ComplexSpectrum {
  const size = realPart.length;
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const bits = Math.log2(size);
  for (let i = 0; i < size; i++) {
    let reversed = 0;
    for (let b = 0; b < bits; b++) reversed |= ((i >> b) & 1) << (bits - 1 - b);
    re[reversed] = realPart[i];
    im[reversed] = imaginaryPart[i];
  }
  const { cos, sin } = twiddlesOf(size);
  for (let half = 1; half < size; half *= 2) {
    const step = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const c = cos[k * step];
        const s = sin[k * step];
        const tr = re[b] * c - im[b] * s;
        const ti = re[b] * s + im[b] * c;
        re[b] = re[a] - tr;
        im[b] = im[a] - ti;
        re[a] += tr;
        im[a] += ti;
      }
    }
  }
  return { re, im };
}

/** The real part of the inverse transform. */
export function inverseFft({ re, im }: ComplexSpectrum): Float64Array {
  const size = re.length;
  const { re: forward } = fft({ re, im: im.map((v) => -v) });
  return forward.map((v) => v / size);
}
