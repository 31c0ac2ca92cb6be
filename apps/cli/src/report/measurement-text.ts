/** Loudness and peaks in words, also where there are none. */
import type { AudioMeasurement } from "@gainstage/dsp";
import { fixed, NOT_AVAILABLE, SILENCE, signed } from "./number-text.ts";

export function isSilent(measurement: AudioMeasurement): boolean {
  return measurement.samplePeakDbfs === null;
}

/** Peak to loudness ratio in dB: true peak minus integrated loudness. */
export function peakToLoudnessDb({ truePeakDbtp, integratedLufs }: AudioMeasurement): number | null {
  return truePeakDbtp === null || integratedLufs === null ? null : truePeakDbtp - integratedLufs;
}

/** One row of figures: how it is called, its unit, and how it reads. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
  readonly value: (measurement: AudioMeasurement) => number | null;
  /** Levels of silence are −∞; anything else that is missing is n/a. */
  readonly isLevel: boolean;
}

const level = (name: string, unit: string, digits: number, value: Figure["value"]): Figure => ({
  name,
  unit,
  digits,
  value,
  isLevel: true,
});
const relation = (name: string, unit: string, digits: number, value: Figure["value"]): Figure => ({
  name,
  unit,
  digits,
  value,
  isLevel: false,
});

export const INTEGRATED = level("Integrated loudness", "LUFS", 1, (m) => m.integratedLufs);
export const MAX_MOMENTARY = level("Maximum momentary", "LUFS", 1, (m) => m.maxMomentaryLufs);
export const MAX_SHORT_TERM = level("Maximum short-term", "LUFS", 1, (m) => m.maxShortTermLufs);
export const TRUE_PEAK = level("True peak", "dBTP", 2, (m) => m.truePeakDbtp);
export const SAMPLE_PEAK = level("Sample peak", "dBFS", 2, (m) => m.samplePeakDbfs);
export const RANGE = relation("Loudness range", "LU", 1, (m) => m.loudnessRangeLu);
export const PLR = relation("Peak to loudness", "dB", 1, peakToLoudnessDb);
export const CORRELATION = relation("Correlation", "", 2, (m) => m.correlation);

/** The value without its unit: "−14.0", "+0.85", "−∞", "n/a". */
export function figureText(figure: Figure, measurement: AudioMeasurement): string {
  const value = figure.value(measurement);
  if (value === null) return figure.isLevel && isSilent(measurement) ? SILENCE : NOT_AVAILABLE;
  return figure === CORRELATION ? signed(value, figure.digits) : fixed(value, figure.digits);
}

/** The unit, if there is a value that has one. */
export function unitText(figure: Figure, measurement: AudioMeasurement): string {
  return figure.unit === "" || figureText(figure, measurement) === NOT_AVAILABLE ? "" : figure.unit;
}
