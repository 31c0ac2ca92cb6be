export { Biquad, type BiquadCoefficients, highpass } from "./biquad.ts";
export { CorrelationMeter } from "./correlation.ts";
export { DB_PER_OCTAVE, dbToGain, gainToDb } from "./decibel.ts";
export { type DitherKind, type Quantized, type QuantizeOptions, quantize } from "./dither.ts";
export { DspKernels, type KernelExports, kernelsUrl } from "./kernels.ts";
export { albumIntegratedLufs, LoudnessMeter, type LoudnessOptions } from "./loudness.ts";
export { integratedLufs, loudnessRangeLu, powerToLufs } from "./loudness-gate.ts";
export { type AudioMeasurement, measureAudio } from "./measure.ts";
export { Ramp } from "./ramp.ts";
export { resample } from "./resampler.ts";
export {
  averageSpectrum,
  type BandedSpectrum,
  bandedSpectrum,
  type Spectrum,
  type SpectrumOptions,
  type SpectrumWindow,
} from "./spectrum.ts";
export { type PeakReading, TruePeakMeter } from "./true-peak.ts";
export { kaiserSinc } from "./windowed-sinc.ts";
