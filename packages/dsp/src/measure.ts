// Everything that a loudness report says about a recording, measured in one pass.

import { CorrelationMeter } from "./correlation.ts";
import type { DspKernels } from "./kernels.ts";
import { LoudnessMeter, type LoudnessOptions } from "./loudness.ts";
import { TruePeakMeter } from "./true-peak.ts";

/** Null stands for "there is none": silence, or too short for the window. Never NaN or infinite. */
export interface AudioMeasurement {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly frames: number;
  readonly integratedLufs: number | null;
  readonly loudnessRangeLu: number | null;
  readonly maxMomentaryLufs: number | null;
  readonly maxShortTermLufs: number | null;
  /** The highest of all channels. */
  readonly truePeakDbtp: number | null;
  /** The highest of all channels. */
  readonly samplePeakDbfs: number | null;
  /** Of the first two channels; null for mono. */
  readonly correlation: number | null;
}

/** Measures a whole recording, one array per channel, all of the same length. Errors: those of `LoudnessMeter`. */
export function measureAudio(
  kernels: DspKernels,
  channels: readonly Float32Array[],
  sampleRateHz: number,
  options: LoudnessOptions = {},
): AudioMeasurement {
  const loudness = new LoudnessMeter(kernels, sampleRateHz, channels.length, options);
  const peaks = new TruePeakMeter(kernels, channels.length);
  const correlation = new CorrelationMeter(kernels, sampleRateHz);
  loudness.process(channels);
  peaks.process(channels);
  if (channels.length > 1) correlation.process(channels[0], channels[1]);
  const { truePeakDbtp, samplePeakDbfs } = peaks.overall;
  return {
    sampleRateHz,
    channels: channels.length,
    frames: channels[0].length,
    integratedLufs: loudness.integratedLufs,
    loudnessRangeLu: loudness.loudnessRangeLu,
    maxMomentaryLufs: loudness.maxMomentaryLufs,
    maxShortTermLufs: loudness.maxShortTermLufs,
    truePeakDbtp,
    samplePeakDbfs,
    correlation: correlation.correlation,
  };
}
