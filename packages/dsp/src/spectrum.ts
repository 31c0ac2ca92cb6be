// Average power spectrum after Welch: windowed segments that overlap by half, transformed, their powers averaged.
//
//   segment ──► × window ──► FFT ──► |X|² ──► mean over segments and channels ──► × 4 / (Σ w)²
//
// P. D. Welch, "The Use of Fast Fourier Transform for the Estimation of Power Spectra", IEEE Trans. AU 15, 1967. The scale
// makes a full-scale sine in the middle of a bin read 1, that is 0 dBFS. Between bins Hann reads up to 1.42 dB less, the
// flat-top window less than 0.01 dB; bands (`bandedSpectrum`) add up the whole main lobe and read right anywhere.

import type { DspKernels } from "./kernels.ts";

export type SpectrumWindow = "hann" | "flat-top";

export interface SpectrumOptions {
  /** Frames per segment, a power of two from 16 to 65536; 8192 if not given. */
  readonly size?: number;
  readonly window?: SpectrumWindow;
}

export interface Spectrum {
  readonly sampleRateHz: number;
  readonly binHz: number;
  /** Power of bin k, around k · binHz, from 0 Hz to Nyquist; 1 is a full-scale sine. */
  readonly power: Float64Array;
  /** Equivalent noise bandwidth of the window in bins: 1.5 for Hann. */
  readonly noiseBandwidthBins: number;
}

export interface BandedSpectrum {
  readonly centresHz: Float64Array;
  /** Power of each band; 1 is a full-scale sine. */
  readonly power: Float64Array;
}

/**
 * Cosine terms, alternating in sign. The flat top is SFT5F of G. Heinzel, A. Rüdiger and R. Schilling, "Spectrum and
 * spectral density estimation by the DFT", Max Planck Institute for Gravitational Physics, 2002.
 */
const WINDOW_TERMS: Record<SpectrumWindow, readonly number[]> = {
  hann: [0.5, 0.5],
  "flat-top": [0.1881, 0.36923, 0.28702, 0.13077, 0.02488],
};

/** One period of the window, for segments that overlap. */
export function spectrumWindow(size: number, kind: SpectrumWindow): Float64Array {
  return Float64Array.from({ length: size }, (_, n) =>
    WINDOW_TERMS[kind].reduce(
      (sum, term, k) => sum + (k % 2 ? -term : term) * Math.cos((2 * Math.PI * k * n) / size),
      0,
    ),
  );
}

/**
 * The spectrum of a recording, averaged over its channels and over time. A recording shorter than `size` stands in
 * the middle of silence. Throws `RangeError` for a size that is not a power of two from 16 to 65536.
 */
export function averageSpectrum(
  kernels: DspKernels,
  channels: readonly Float32Array[],
  sampleRateHz: number,
  { size = 8192, window = "hann" }: SpectrumOptions = {},
): Spectrum {
  if (!(size >= 16 && size <= 65536 && Number.isInteger(Math.log2(size)))) {
    throw new RangeError(`A spectrum's size is a power of two from 16 to 65536, not ${size}.`);
  }
  const weights = spectrumWindow(size, window);
  const segments = channels.flatMap((channel) => overlappingSegments(channel, size));
  const power = kernels.onBench(() => sumOfPowers(kernels, segments, weights));
  const sum = weights.reduce((total, w) => total + w, 0);
  const sumOfSquares = weights.reduce((total, w) => total + w * w, 0);
  for (let k = 0; k < power.length; k++) power[k] *= 4 / (sum * sum * Math.max(1, segments.length));
  // 0 Hz and Nyquist stand alone; every other bin has its mirror image, which the factor 4 counts.
  power[0] /= 2;
  power[size / 2] /= 2;
  return {
    sampleRateHz,
    binHz: sampleRateHz / size,
    power,
    noiseBandwidthBins: (size * sumOfSquares) / (sum * sum),
  };
}

function overlappingSegments(channel: Float32Array, size: number): Float32Array[] {
  if (channel.length < size) {
    const padded = new Float32Array(size);
    padded.set(channel, Math.floor((size - channel.length) / 2));
    return [padded];
  }
  const count = Math.floor((channel.length - size) / (size / 2)) + 1;
  return Array.from({ length: count }, (_, i) => channel.subarray((i * size) / 2, (i * size) / 2 + size));
}

function sumOfPowers(
  kernels: DspKernels,
  segments: readonly Float32Array[],
  weights: Float64Array,
): Float64Array {
  const { run } = kernels;
  const size = weights.length;
  const twiddles = kernels.allocate(size * 8);
  const window = kernels.allocate(size * 4);
  const a = kernels.allocate(size * 8);
  const b = kernels.allocate(size * 8);
  const power = kernels.allocate((size / 2 + 1) * 8);
  run.fftTwiddles(size, twiddles);
  kernels.floats(window, size).set(weights);
  const result = kernels.doubles(power, size / 2 + 1).fill(0);
  const scratch = kernels.floats(b, size * 2);
  // Two segments share a transform, one as the real and one as the imaginary part.
  for (let i = 0; i < segments.length; i += 2) {
    scratch.set(segments[i], 0);
    if (i + 1 < segments.length) scratch.set(segments[i + 1], size);
    else scratch.fill(0, size);
    run.windowFrames(b, window, a, size);
    run.windowFrames(b + size * 4, window, a + size * 4, size);
    run.addPower(run.fft(size, a, b, twiddles), size, power);
  }
  return result.slice();
}

/**
 * The spectrum in bands of 1/`bandsPerOctave` octave around 1 kHz · 2^(i / bandsPerOctave), from 20 Hz to 20 kHz or
 * Nyquist. A band takes its share of the bins at its edges. A sine reads its power when the band is wider than the
 * window's main lobe (Hann: 4 bins); white noise rises by 3 dB per octave, pink noise is level.
 */
export function bandedSpectrum(spectrum: Spectrum, bandsPerOctave: 3 | 6 | 12): BandedSpectrum {
  const { binHz, power, noiseBandwidthBins, sampleRateHz } = spectrum;
  const halfBand = 2 ** (1 / (2 * bandsPerOctave));
  const bandsTo = (hz: number) => bandsPerOctave * Math.log2(hz / 1000);
  const first = Math.round(bandsTo(20));
  const last = Math.min(Math.round(bandsTo(20_000)), Math.floor(bandsTo(sampleRateHz / 2 / halfBand)));
  const centresHz = Float64Array.from(
    { length: last - first + 1 },
    (_, i) => 1000 * 2 ** ((first + i) / bandsPerOctave),
  );
  return {
    centresHz,
    power: centresHz.map((centreHz) => {
      // Bin k reaches from k - 1/2 to k + 1/2.
      const low = centreHz / halfBand / binHz + 0.5;
      const high = (centreHz * halfBand) / binHz + 0.5;
      let sum = 0;
      for (let k = Math.floor(low); k < Math.min(high, power.length); k++) {
        sum += power[k] * (Math.min(high, k + 1) - Math.max(low, k));
      }
      return sum / noiseBandwidthBins;
    }),
  };
}

/** The twin of assembly/fft.ts: the discrete Fourier transform by the radix-2 recursion of Cooley and Tukey, 1965. */
export function fourierTransform(re: Float64Array, im: Float64Array): { re: Float64Array; im: Float64Array } {
  const size = re.length;
  if (size === 1) return { re, im };
  const every = (x: Float64Array, parity: number) => x.filter((_, n) => n % 2 === parity);
  const even = fourierTransform(every(re, 0), every(im, 0));
  const odd = fourierTransform(every(re, 1), every(im, 1));
  const out = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let k = 0; k < size / 2; k++) {
    const c = Math.cos((-2 * Math.PI * k) / size);
    const s = Math.sin((-2 * Math.PI * k) / size);
    const turnedRe = odd.re[k] * c - odd.im[k] * s;
    const turnedIm = odd.re[k] * s + odd.im[k] * c;
    out.re[k] = even.re[k] + turnedRe;
    out.im[k] = even.im[k] + turnedIm;
    out.re[k + size / 2] = even.re[k] - turnedRe;
    out.im[k + size / 2] = even.im[k] - turnedIm;
  }
  return out;
}
