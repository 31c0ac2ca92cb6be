/**
 * By how many frames an output is late: the lag of the highest peak of its cross-correlation with the input.
 *
 * A filter of minimum phase has a peak of its own, behind the latency. So there is a second opinion: the same with what
 * the filter does in minimum phase taken out, from the real cepstrum (Oppenheim and Schafer, Discrete-Time Signal
 * Processing, section 13.5).
 */
import type { RunningProcessor } from "@gainstage/plugin-api";
import { signalOf } from "../playing/play.ts";
import { stream } from "../playing/stream.ts";
import { fft, inverseFft, powerOfTwoFrom } from "./spectrum.ts";

/** Quiet enough to stay below the thresholds of dynamics: −26 dBFS. */
const AMPLITUDE = 0.05;
/** Beyond the declared latency. */
const MARGIN_FRAMES = 1024;
const SOUNDING_FRAMES = 8192;
/** −100 dB under the largest bin: what is below has no phase worth knowing. */
const FLOOR = 1e-5;

/** What is measured: `declared`, if either opinion says so, else the first. It looks no further than a little beyond. */
export function lagOf(processor: RunningProcessor, declared: number): number {
  const longest = declared + MARGIN_FRAMES;
  const size = powerOfTwoFrom(SOUNDING_FRAMES + 2 * longest);
  const frames = SOUNDING_FRAMES + longest;
  const input = signalOf(processor, {
    frames,
    signal: { kind: "noise", amplitude: AMPLITUDE, seed: 41, until: SOUNDING_FRAMES },
  });
  const [output] = stream(processor, input);
  const x = fft(padded(input[0], size));
  const y = fft(padded(output, size));
  const byCorrelation = peakLag(inverseFft(multiplyConjugate(y, x)), longest);
  if (byCorrelation === declared) return declared;
  const byPhase = peakLag(inverseFft(excessPhase(divide(y, x))), longest);
  return byPhase === declared ? declared : byCorrelation;
}

interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

function padded(signal: Float32Array, size: number): Spectrum {
  const re = new Float64Array(size);
  re.set(signal);
  return { re, im: new Float64Array(size) };
}

function multiplyConjugate(a: Spectrum, b: Spectrum): Spectrum {
  return {
    re: a.re.map((_, i) => a.re[i] * b.re[i] + a.im[i] * b.im[i]),
    im: a.re.map((_, i) => a.im[i] * b.re[i] - a.re[i] * b.im[i]),
  };
}

function divide(a: Spectrum, b: Spectrum): Spectrum {
  const power = b.re.map((_, i) => b.re[i] ** 2 + b.im[i] ** 2);
  const floor = FLOOR * power.reduce((m, p) => Math.max(m, p), 0);
  const product = multiplyConjugate(a, b);
  return {
    re: product.re.map((v, i) => v / Math.max(power[i], floor)),
    im: product.im.map((v, i) => v / Math.max(power[i], floor)),
  };
}

/** h over its minimum-phase part: all of its magnitude is gone, and the phase that belongs to it. */
function excessPhase(h: Spectrum): Spectrum {
  const size = h.re.length;
  const magnitude = h.re.map((_, i) => Math.hypot(h.re[i], h.im[i]));
  const floor = FLOOR * magnitude.reduce((m, v) => Math.max(m, v), Number.MIN_VALUE);
  const log = { re: magnitude.map((v) => Math.log(Math.max(v, floor))), im: new Float64Array(size) };
  const cepstrum = inverseFft(log);
  // The causal part twice, the rest not at all: what is left has the phase that goes with the magnitude.
  const folded = new Float64Array(size);
  folded[0] = cepstrum[0];
  for (let i = 1; i < size / 2; i++) folded[i] = 2 * cepstrum[i];
  folded[size / 2] = cepstrum[size / 2];
  const minimum = fft({ re: folded, im: new Float64Array(size) });
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    if (magnitude[i] <= floor) continue;
    const scale = Math.exp(-minimum.re[i]);
    const cos = Math.cos(minimum.im[i]) * scale;
    const sin = Math.sin(minimum.im[i]) * scale;
    re[i] = h.re[i] * cos + h.im[i] * sin;
    im[i] = h.im[i] * cos - h.re[i] * sin;
  }
  return { re, im };
}

function peakLag(response: Float64Array, longest: number): number {
  let best = 0;
  for (let lag = 0; lag <= longest; lag++) if (Math.abs(response[lag]) > Math.abs(response[best])) best = lag;
  return best;
}
