/** Noise whose every octave decays at its own rate. The twin of assembly/late.ts, which has the diagram and the paper. */
import { decayS, middleDecayS, SPACES } from "./spaces.ts";

const PHASES = 256;
const END_SHARE = 0.1;

/** `frames` of noise, of one channel of a space whose decays are stretched by `stretch`. */
export function late(
  space: number,
  channel: number,
  stretch: number,
  sampleRateHz: number,
  frames: number,
): Float64Array {
  const size = sampleRateHz < 64_000 ? 1024 : 4096;
  const middle = middleDecayS(SPACES[space]);
  const ratios = anglesOf(size).map((turns) => {
    const rate = 1 / decayS(SPACES[space], Math.min(turns, 1 - turns) * sampleRateHz) - 1 / middle;
    return 10 ** ((-3 * rate * size) / (stretch * sampleRateHz));
  });
  const gains = new Float64Array(size).fill(1);
  const next = xorshift(Math.imul(0x9e3779b9, 2 * space + channel + 1));
  const sum = new Float64Array(frames);
  for (let start = -size; start < frames; start += size) {
    const [re, im] = [new Float64Array(size), new Float64Array(size)];
    for (let k = 0; k < size; k++) {
      const phase = (2 * Math.PI * (next() >>> 24)) / PHASES;
      re[k] = gains[k] * Math.cos(phase);
      im[k] = gains[k] * Math.sin(phase);
      gains[k] *= ratios[k];
    }
    const [first, second] = fromValues(re, im, 0.25);
    for (let i = Math.max(0, -start); i < Math.min(2 * size, frames - start); i++) {
      const x = i < size ? first[i] : second[i - size];
      sum[start + i] += size * x * Math.sin((Math.PI * (i + 0.5)) / (2 * size));
    }
  }
  return shaped(sum, space, stretch, sampleRateHz);
}

/** The decay at 1 kHz, the beginning, which makes room for reflections, and the end. */
function shaped(noise: Float64Array, space: number, stretch: number, sampleRateHz: number): Float64Array {
  const frames = noise.length;
  const [from, until] = SPACES[space].fadeMs.map((ms) => (ms * sampleRateHz) / 1000);
  const end = (1 - END_SHARE) * frames;
  const decayFrames = middleDecayS(SPACES[space]) * stretch * sampleRateHz;
  return noise.map((x, i) => {
    const rise = Math.sin((Math.PI / 2) * Math.min(1, Math.max(0, (i - from) / (until - from))));
    const fall = Math.cos((Math.PI / 2) * Math.max(0, (i - end) / (frames - end))) ** 2;
    return x * 10 ** ((-3 * i) / decayFrames) * rise * fall;
  });
}

/** The angles, in turns, of the roots of t^size = i in the order of fromValues(). */
function anglesOf(size: number, turns = 0.25): number[] {
  if (size === 1) return [turns];
  return [...anglesOf(size / 2, turns / 2), ...anglesOf(size / 2, turns / 2 + 0.5)];
}

/**
 * [real, imaginary] coefficients of the polynomial below t^n whose values at the roots of t^n = z these are, z of the angle
 * `turns`. With s² = z the values are those of two halves, modulo t^(n/2) - s and t^(n/2) + s: low + s high, low - s high.
 */
function fromValues(re: Float64Array, im: Float64Array, turns: number): [Float64Array, Float64Array] {
  const half = re.length / 2;
  if (half < 1) return [re, im];
  const [ar, ai] = fromValues(re.subarray(0, half), im.subarray(0, half), turns / 2);
  const [br, bi] = fromValues(re.subarray(half), im.subarray(half), turns / 2 + 0.5);
  const [c, s] = [Math.cos(Math.PI * turns), Math.sin(Math.PI * turns)];
  const [outRe, outIm] = [new Float64Array(2 * half), new Float64Array(2 * half)];
  for (let i = 0; i < half; i++) {
    const [dr, di] = [(ar[i] - br[i]) / 2, (ai[i] - bi[i]) / 2];
    outRe[i] = (ar[i] + br[i]) / 2;
    outIm[i] = (ai[i] + bi[i]) / 2;
    outRe[half + i] = dr * c + di * s;
    outIm[half + i] = di * c - dr * s;
  }
  return [outRe, outIm];
}

/** G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003. */
function xorshift(seed: number): () => number {
  let x = seed | 0;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x;
  };
}
