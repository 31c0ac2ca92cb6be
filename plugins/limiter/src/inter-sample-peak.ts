/**
 * The highest point of the wave between one frame and the next, where it comes near a ceiling.
 *
 *   samples ──▶ point 1/2 of each frame ──▶ points 1/4 and 3/4 ──▶ grid of eighths around the highest ─▶ parabola
 *                  32 taps, everywhere     32 taps, if near 0.6 c         128 taps, if above 0.8 c
 *
 * True peak after ITU-R BS.1770-5 Annex 2, with longer filters than its 12 taps and a finer grid than its 4 times,
 * since a limiter has to find the peaks that a better meter will find. The cascade loses nothing: d frames away from
 * the maximum M of a band-limited wave, the wave is at least M cos(πd) (Boas, Entire Functions, 1954, §11.4). The
 * nearest half-way point or sample therefore reads at least 0.71 M, the nearest quarter at least 0.92 M; the gates are
 * lower by what the short filters lose near half the sample rate.
 *
 * Interpolators are Kaiser-windowed sincs. The parabola through three of the eighths (Smith & Serra, PARSHL, 1987) takes
 * away nearly all of the error that is left to the grid, which is 0.17 dB at half the sample rate.
 */
import { kaiserSinc } from "@gainstage/dsp";

export const COARSE_TAPS = 32;
export const COARSE_BETA = 5;
export const FINE_TAPS = 128;
export const FINE_BETA = 4;
/** Frames that must be known on either side of the frame asked about. */
export const REACH_FRAMES = FINE_TAPS / 2;

const HALF_GATE = 0.6;
const QUARTER_GATE = 0.8;

const coarseRow = (fraction: number) => row(COARSE_TAPS, COARSE_BETA, fraction);
const QUARTER = coarseRow(1 / 4);
const HALF = coarseRow(1 / 2);
const THREE_QUARTERS = coarseRow(3 / 4);
const EIGHTHS = Array.from({ length: 8 }, (_, q) => row(FINE_TAPS, FINE_BETA, q / 8));

function row(taps: number, beta: number, fraction: number): Float64Array {
  return Float64Array.from({ length: taps }, (_, k) =>
    kaiserSinc(k - taps / 2 + 1 - fraction, taps / 2, beta),
  );
}

/**
 * The largest magnitude in [n, n + 1), at least that of frame n; exact where it comes near `ceiling` (linear), else
 * no more than a lower bound. `x` must hold frames n - 64 to n + 64.
 */
export function interSamplePeak(x: Float32Array, n: number, ceiling: number): number {
  const sample = Math.abs(x[n]);
  const next = Math.abs(x[n + 1]);
  const half = Math.abs(interpolate(x, n, HALF));
  if (Math.max(sample, half, next) <= HALF_GATE * ceiling) return sample;

  const coarse = [
    sample,
    Math.abs(interpolate(x, n, QUARTER)),
    half,
    Math.abs(interpolate(x, n, THREE_QUARTERS)),
  ];
  const highest = Math.max(...coarse);
  const point = coarse.indexOf(highest);
  // On a slope the neighbouring interval has the maximum.
  const rising = next > highest;
  const falling = point === 0 && Math.abs(x[n - 1]) > sample;
  if (highest <= QUARTER_GATE * ceiling || rising || falling) return sample;
  return Math.max(sample, finePeak(x, n, 2 * point));
}

/** The maximum within an eighth of a frame around point `centre`/8 after frame n. */
function finePeak(x: Float32Array, n: number, centre: number): number {
  const left = eighth(x, n, centre - 1);
  const middle = eighth(x, n, centre);
  const right = eighth(x, n, centre + 1);
  const highest = Math.max(left, middle, right);
  const slope = right - left;
  const curvature = 2 * middle - right - left;
  const topInside = curvature > 0 && Math.abs(slope) < 2 * curvature;
  return topInside ? Math.max(highest, middle + (slope * slope) / (8 * curvature)) : highest;
}

function eighth(x: Float32Array, n: number, q: number): number {
  if (q === 0) return Math.abs(x[n]);
  return Math.abs(q < 0 ? interpolate(x, n - 1, EIGHTHS[q + 8]) : interpolate(x, n, EIGHTHS[q]));
}

function interpolate(x: Float32Array, n: number, taps: Float64Array): number {
  const first = n - taps.length / 2 + 1;
  let sum = 0;
  for (let k = 0; k < taps.length; k++) sum += taps[k] * x[first + k];
  return sum;
}
