import { measureAudio } from "@gainstage/dsp";
import { expect, it } from "vitest";
import { kernels, sine, toneSequence } from "./signals.ts";

it("a measurement has exactly the keys of the loudness report, and the values of a known tone", () => {
  const tone = toneSequence([[4, -23]], 48000);
  const measured = measureAudio(kernels, [tone, tone], 48000);
  expect(Object.keys(measured)).toEqual([
    "sampleRateHz",
    "channels",
    "frames",
    "integratedLufs",
    "loudnessRangeLu",
    "maxMomentaryLufs",
    "maxShortTermLufs",
    "truePeakDbtp",
    "samplePeakDbfs",
    "correlation",
  ]);
  expect(measured).toMatchObject({ sampleRateHz: 48000, channels: 2, frames: 192000 });
  expect(measured.integratedLufs).toBeCloseTo(-23, 1);
  expect(measured.loudnessRangeLu).toBeCloseTo(0, 2);
  expect(measured.truePeakDbtp).toBeCloseTo(-23, 1);
  expect(measured.samplePeakDbfs).toBeCloseTo(-23, 2);
  expect(measured.correlation).toBeCloseTo(1, 9);
});

it("a mono recording has no correlation", () => {
  const measured = measureAudio(kernels, [sine(48000, { hz: 997, rateHz: 48000 })], 48000);
  expect(measured.correlation).toBeNull();
  expect(measured.integratedLufs).toBeCloseTo(-3.01, 2);
});

it("silence, and nothing at all, measure as null everywhere", () => {
  for (const frames of [0, 48000 * 4]) {
    const measured = measureAudio(kernels, [new Float32Array(frames), new Float32Array(frames)], 48000);
    for (const [key, value] of Object.entries(measured).slice(3)) expect(value, key).toBeNull();
  }
});
