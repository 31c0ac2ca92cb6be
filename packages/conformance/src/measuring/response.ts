/** Measurements of a running processor: response, level of a tone, what else is there. */
import type { RunningProcessor } from "@gainstage/plugin-api";
import { impulse } from "../playing/signals.ts";
import { MAX_FRAMES, mainInputOf, stream } from "../playing/stream.ts";
import { decibels } from "./compare.ts";
import { fft, powerOfTwoFrom } from "./spectrum.ts";

/** The longest impulse response that is looked at. */
const LONGEST_RESPONSE_FRAMES = 1 << 17;
/** Quiet enough to stay below the thresholds of dynamics. */
const IMPULSE_AMPLITUDE = 0.05;

/** The impulse response of the first channel, from frame 0, divided by the impulse. Resets the processor. */
export function impulseResponseOf(processor: RunningProcessor): Float64Array {
  processor.reset();
  const length = powerOfTwoFrom(
    Math.min(LONGEST_RESPONSE_FRAMES, Math.max(16_384, 2 * (processor.latencyFrames + processor.tailFrames))),
  );
  const [output] = stream(
    processor,
    mainInputOf(processor).map(() => impulse(length, IMPULSE_AMPLITUDE)),
    {
      blocks: [MAX_FRAMES],
    },
  );
  return Float64Array.from(output, (x) => x / IMPULSE_AMPLITUDE);
}

/** Gain in dB at each of `frequenciesHz`: the Fourier sum of the impulse response at exactly that frequency. */
export function responseOf(
  processor: RunningProcessor,
  sampleRateHz: number,
  frequenciesHz: Float64Array,
): Float64Array {
  const response = impulseResponseOf(processor);
  let last = response.length;
  while (last > 1 && Math.abs(response[last - 1]) < 1e-12) last--;
  return frequenciesHz.map((hz) => decibels(fourierSum(response.subarray(0, last), hz, sampleRateHz)));
}

/** |Σ x[n] e^(−iωn)|, by a rotating phasor in f64. */
function fourierSum(signal: Float64Array | Float32Array, hz: number, sampleRateHz: number): number {
  const step = (2 * Math.PI * hz) / sampleRateHz;
  let re = 0;
  let im = 0;
  for (let n = 0; n < signal.length; n++) {
    re += signal[n] * Math.cos(step * n);
    im += signal[n] * Math.sin(step * n);
  }
  return Math.hypot(re, im);
}

/** The amplitude of the tone of `hz` in a signal that holds a whole number of its periods. */
export function magnitudeAt(signal: Float32Array, hz: number, sampleRateHz: number): number {
  return (2 / signal.length) * fourierSum(signal, hz, sampleRateHz);
}

/** Everything but the tone and DC, relative to the tone, in dB: THD+N over the whole band. Whole periods as above. */
export function distortionDb(signal: Float32Array, hz: number, sampleRateHz: number): number {
  const n = signal.length;
  const step = (2 * Math.PI * hz) / sampleRateHz;
  let cos = 0;
  let sin = 0;
  let mean = 0;
  for (let i = 0; i < n; i++) {
    cos += (2 / n) * signal[i] * Math.cos(step * i);
    sin += (2 / n) * signal[i] * Math.sin(step * i);
    mean += signal[i] / n;
  }
  let rest = 0;
  for (let i = 0; i < n; i++) {
    rest += (signal[i] - mean - cos * Math.cos(step * i) - sin * Math.sin(step * i)) ** 2;
  }
  return 10 * Math.log10(rest / n / ((cos ** 2 + sin ** 2) / 2));
}

/** Magnitudes of an impulse response at the bins of a transform, for a drawing. */
export function magnitudesOf(response: Float64Array): Float64Array {
  const { re, im } = fft({ re: response, im: new Float64Array(response.length) });
  return re.slice(0, response.length / 2).map((_, k) => Math.hypot(re[k], im[k]));
}
