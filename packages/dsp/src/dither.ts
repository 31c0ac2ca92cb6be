// Word-length reduction to 16 or 24 bits with dither.
//
//   none     x ──────────────────────────► round ──► y
//   tpdf     x ──► + ◄── d ──────────────► round ──► y            d: triangular, ±1 LSB
//   shaped   x ──► + ◄── d, - Σ h_k e[n-k] ► round ──► y          e: y minus what entered, before d
//
// Triangular dither of ±1 LSB makes the error's mean and variance (0.25 LSB² with the rounding) independent of the signal:
// S. P. Lipshitz, R. A. Wannamaker and J. Vanderkooy, "Quantization and Dither: A Theoretical Survey", JAES 40, 1992.
// The shaped form feeds the error back through their five-tap filter ("Minimally Audible Noise Shaping", JAES 39, 1991),
// which moves it from 2 to 5 kHz, where the ear is keenest, to above 10 kHz. What is fed back is never more than 1.5 LSB
// through a finite filter, so it cannot become unstable. It is designed for 44.1 kHz and serves 48 kHz; at higher rates
// the plain form is the choice.
//
// The noise is a hash of seed, channel and frame number, so the same call gives the same bits anywhere, and channels do
// not share it. Everything here is exact double or 32-bit arithmetic; no engine can differ.

import type { DspKernels } from "./kernels.ts";

export type DitherKind = "none" | "tpdf" | "shaped";

export interface QuantizeOptions {
  /** "tpdf" if not given. */
  readonly dither?: DitherKind;
  /** A whole number; the same seed gives the same noise. 0 if not given. */
  readonly seed?: number;
  /** Which channel this is, from 0: each has noise of its own. */
  readonly channel?: number;
  /** With the kernels it is several times as fast, and the same bits. */
  readonly kernels?: DspKernels;
}

export interface Quantized {
  /** From -2^(bits-1) to 2^(bits-1) - 1. */
  readonly samples: Int32Array<ArrayBuffer>;
  /** How many were beyond full scale and are now at it. */
  readonly clippedSamples: number;
  /** False when dither was not wanted or not needed, because every sample already was a whole number of steps. */
  readonly dithered: boolean;
}

const BLOCK_FRAMES = 4096;
const ERROR_FILTER = [2.033, -2.165, 1.959, -1.59, 0.6149] as const;

/**
 * Quantises one channel, full scale being ±1. Samples that already fit come through unchanged and get no dither. What
 * is not a number becomes 0. Throws `RangeError` for other bit depths.
 */
export function quantize(
  x: Float32Array | Float64Array,
  bits: 16 | 24,
  { dither = "tpdf", seed = 0, channel = 0, kernels }: QuantizeOptions = {},
): Quantized {
  if (bits !== 16 && bits !== 24)
    throw new RangeError(`Samples are quantised to 16 or 24 bits, not ${bits}.`);
  const steps = 2 ** (bits - 1);
  const dithered = dither !== "none" && !fits(x, steps);
  const kind = dithered ? dither : "none";
  const key = hash(hash(seed | 0) ^ Math.imul(channel + 1, GOLDEN));
  const samples = new Int32Array(x.length);
  const clippedSamples = kernels
    ? kernels.onBench(() => quantizeByKernel(kernels, x, samples, steps, kind, key))
    : quantizeByDefinition(x, samples, steps, kind, key);
  return { samples, clippedSamples, dithered };
}

/** The twin of assembly/dither.ts. Returns how many samples were beyond full scale. */
function quantizeByDefinition(
  x: Float32Array | Float64Array,
  samples: Int32Array,
  steps: number,
  kind: DitherKind,
  key: number,
): number {
  const [h1, h2, h3, h4, h5] = kind === "shaped" ? ERROR_FILTER : [0, 0, 0, 0, 0];
  let e1 = 0;
  let e2 = 0;
  let e3 = 0;
  let e4 = 0;
  let e5 = 0;
  let clippedSamples = 0;
  for (let n = 0; n < x.length; n++) {
    const entering = x[n] * steps - (h1 * e1 + h2 * e2 + h3 * e3 + h4 * e4 + h5 * e5);
    const noise = kind === "none" ? 0 : triangular(key, n);
    const rounded = Math.floor(entering + noise + 0.5);
    e5 = e4;
    e4 = e3;
    e3 = e2;
    e2 = e1;
    // The error before clipping: what full scale cuts off must not come back as noise.
    e1 = Number.isFinite(rounded) ? rounded - entering : 0;
    if (rounded >= steps || rounded < -steps) {
      clippedSamples++;
      samples[n] = rounded > 0 ? steps - 1 : -steps;
    } else {
      samples[n] = rounded;
    }
  }
  return clippedSamples;
}

function quantizeByKernel(
  kernels: DspKernels,
  x: Float32Array | Float64Array,
  samples: Int32Array,
  steps: number,
  kind: DitherKind,
  key: number,
): number {
  const input = kernels.allocate(BLOCK_FRAMES * 8);
  const output = kernels.allocate(BLOCK_FRAMES * 4);
  const filter = kernels.allocate(ERROR_FILTER.length * 8);
  const errors = kernels.allocate(ERROR_FILTER.length * 8);
  kernels.doubles(filter, ERROR_FILTER.length).set(ERROR_FILTER);
  kernels.doubles(errors, ERROR_FILTER.length).fill(0);
  const inputView = kernels.doubles(input, BLOCK_FRAMES);
  const outputView = kernels.integers(output, BLOCK_FRAMES);
  let clippedSamples = 0;
  for (let n = 0; n < x.length; n += BLOCK_FRAMES) {
    const count = Math.min(BLOCK_FRAMES, x.length - n);
    inputView.set(x.subarray(n, n + count));
    if (kind === "shaped") {
      clippedSamples += kernels.run.quantizeShaped(input, output, count, steps, key, n, filter, errors);
    } else {
      // The kernel works in pairs; the frame that makes the last pair whole is silent.
      if (count % 2) inputView[count] = 0;
      const noiseLsb = kind === "tpdf" ? 1 : 0;
      clippedSamples += kernels.run.quantizeFlat(input, output, count + (count % 2), steps, key, n, noiseLsb);
    }
    samples.set(outputView.subarray(0, count), n);
  }
  return clippedSamples;
}

function fits(x: Float32Array | Float64Array, steps: number): boolean {
  for (let n = 0; n < x.length; n++) {
    const value = x[n] * steps;
    if (!(Number.isInteger(value) && value >= -steps && value < steps)) return false;
  }
  return true;
}

const GOLDEN = 0x9e3779b9;

/** The difference of two uniform numbers in [0, 1): triangular in (-1, 1), mean exactly 0. */
function triangular(key: number, n: number): number {
  const first = hash(key + Math.imul(2 * n, GOLDEN));
  const second = hash(key + Math.imul(2 * n + 1, GOLDEN));
  return ((first >>> 0) - (second >>> 0)) / 2 ** 32;
}

/** The 32-bit finaliser of SplitMix: G. L. Steele, D. Lea and C. H. Flood, OOPSLA 2014, with MurmurHash3's constants. */
function hash(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
