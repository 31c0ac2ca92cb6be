// Sample rate conversion of whole recordings by a windowed sinc, in double precision.
//
// Output frame n is the input at n·from/to frames, so there is no delay: an impulse at frame k comes out centred on frame
// k·to/from. Everything up to 0.907 of the lower of the two Nyquist frequencies passes (20 kHz of 22.05), everything from
// that Nyquist frequency on is 160 dB down.
//
//   rates in a ratio of whole numbers up to 1024: one row of taps for each of the L fractions, exact
//   any other pair of rates:                      rows interpolated from a dense table (assembly/resampler.ts)

import type { DspKernels } from "./kernels.ts";
import { kaiserBeta, kaiserLength, kaiserSinc } from "./windowed-sinc.ts";

const ATTENUATION_DB = 160;
const BETA = kaiserBeta(ATTENUATION_DB);
const PASS_BAND = 20 / 22.05;
const MAX_PHASES = 1024;
const MAX_TABLE_DOUBLES = 1 << 21;
const DENSE_PHASES = 256;
const BLOCK_INPUT_FRAMES = 16384;
const BLOCK_OUTPUT_FRAMES = 8192;

interface Design {
  /** A multiple of four, half of them on each side. */
  readonly taps: number;
  /** Cycles per input frame. */
  readonly cutoff: number;
}

function design(fromHz: number, toHz: number): Design {
  const stop = Math.min(fromHz, toHz) / 2 / fromHz;
  const taps = 4 * Math.ceil((kaiserLength(ATTENUATION_DB, stop * (1 - PASS_BAND)) + 1) / 4);
  return { taps, cutoff: (stop * (1 + PASS_BAND)) / 2 };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function checkRate(rateHz: number): void {
  if (!(rateHz >= 1000 && rateHz <= 1_536_000)) {
    throw new RangeError(`A sample rate is between 1000 and 1536000 Hz, not ${rateHz}.`);
  }
}

/**
 * Converts `channels` (all of the same length) from one sample rate to another, both in Hz and not necessarily whole.
 * Returns new arrays of round(frames · to / from) frames. Throws `RangeError` for a rate outside 1000 to 1536000 Hz.
 */
export function resample(
  channels: readonly Float32Array[],
  fromHz: number,
  toHz: number,
  kernels: DspKernels,
): Float32Array<ArrayBuffer>[] {
  checkRate(fromHz);
  checkRate(toHz);
  if (fromHz === toHz) return channels.map((channel) => new Float32Array(channel));
  const frames = Math.round(((channels[0]?.length ?? 0) * toHz) / fromHz);
  const output = channels.map(() => new Float32Array(frames));
  for (let c = 0; c < channels.length; c += 2) {
    // The last of an odd number of channels fills both lanes of the kernel.
    const right = c + 1 < channels.length ? c + 1 : c;
    kernels.onBench(() => {
      resamplePair(kernels, [channels[c], channels[right]], [output[c], output[right]], fromHz, toHz);
    });
  }
  return output;
}

type Pair<T> = readonly [left: T, right: T];

function resamplePair(
  kernels: DspKernels,
  input: Pair<Float32Array>,
  output: Pair<Float32Array>,
  fromHz: number,
  toHz: number,
): void {
  const { run } = kernels;
  const { taps, cutoff } = design(fromHz, toHz);
  const whole = Number.isInteger(fromHz) && Number.isInteger(toHz);
  const divisor = whole ? greatestCommonDivisor(fromHz, toHz) : 1;
  const step = fromHz / divisor;
  const fractions = toHz / divisor;
  const rational = whole && fractions <= MAX_PHASES && fractions * taps <= MAX_TABLE_DOUBLES;
  const phases = rational ? fractions : DENSE_PHASES;
  const first = rational ? 0 : -1;
  const rows = rational ? phases : phases + 3;
  const table = kernels.allocate(rows * taps * 8);
  run.sincTable(table, taps, first, rows, phases, cutoff, BETA);
  const row = kernels.allocate(taps * 8);
  const blockFrames = Math.max(
    1,
    Math.min(BLOCK_OUTPUT_FRAMES, Math.floor((BLOCK_INPUT_FRAMES * toHz) / fromHz)),
  );
  const span = Math.ceil((blockFrames * fromHz) / toHz) + taps + 2;
  const planar = [kernels.allocate(span * 4), kernels.allocate(span * 4)];
  const pairs = kernels.allocate(span * 16);
  const results = [kernels.allocate(blockFrames * 4), kernels.allocate(blockFrames * 4)];
  const inputViews = planar.map((address) => kernels.floats(address, span));
  const outputViews = results.map((address) => kernels.floats(address, blockFrames));

  const total = output[0].length;
  for (let n = 0; n < total; n += blockFrames) {
    const count = Math.min(blockFrames, total - n);
    // n·M/L in whole frames and a remainder; both exact below 2^53.
    const remainder = rational ? (n * step) % phases : 0;
    const position = rational ? (n * step - remainder) / phases : (n * fromHz) / toHz;
    const start = Math.floor(position) - taps / 2 + 1;
    input.forEach((channel, side) => {
      copyPadded(channel, start, inputViews[side]);
    });
    run.interleavePair(planar[0], planar[1], pairs, span);
    if (rational) {
      run.resampleRational(pairs, table, taps, phases, remainder, step, results[0], results[1], count);
    } else {
      const fraction = position - Math.floor(position);
      const ratio = fromHz / toHz;
      run.resampleDense(pairs, table, taps, phases, fraction, ratio, row, results[0], results[1], count);
    }
    output.forEach((channel, side) => {
      channel.set(outputViews[side].subarray(0, count), n);
    });
  }
}

/** Fills `target` with `source` from frame `start` on, with zeros wherever there is no such frame. */
function copyPadded(source: Float32Array, start: number, target: Float32Array): void {
  target.fill(0);
  const from = Math.max(0, start);
  const to = Math.min(source.length, start + target.length);
  if (to > from) target.set(source.subarray(from, to), from - start);
}

/** The twin: each output frame from the definition, in double precision. Slow. */
export function resampleByDefinition(x: Float32Array, fromHz: number, toHz: number): Float64Array {
  const { taps, cutoff } = design(fromHz, toHz);
  const y = new Float64Array(Math.round((x.length * toHz) / fromHz));
  for (let n = 0; n < y.length; n++) {
    const at = (n * fromHz) / toHz;
    const first = Math.max(0, Math.ceil(at - taps / 2));
    const last = Math.min(x.length - 1, Math.floor(at + taps / 2));
    for (let k = first; k <= last; k++) y[n] += x[k] * kaiserSinc(k - at, taps / 2, BETA, cutoff);
  }
  return y;
}
