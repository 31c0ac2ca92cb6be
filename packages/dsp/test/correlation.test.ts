import { CorrelationMeter } from "@gainstage/dsp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { correlationOf, correlationSums } from "../src/correlation.ts";
import { chunks, kernels, noise, sine } from "./signals.ts";

function correlation(left: Float32Array, right: Float32Array): number | null {
  const meter = new CorrelationMeter(kernels, 48000);
  meter.process(left, right);
  return meter.correlation;
}

describe("the correlation meter", () => {
  const tone = sine(48000, { hz: 1000, rateHz: 48000, amplitude: 0.5 });

  it("reads +1 for mono, -1 for opposite polarity and the cosine of a phase difference", () => {
    expect(correlation(tone, tone)).toBeCloseTo(1, 12);
    expect(
      correlation(
        tone,
        tone.map((x) => -0.1 * x),
      ),
    ).toBeCloseTo(-1, 12);
    for (const phaseDegrees of [60, 90, 120]) {
      const turned = sine(48000, { hz: 1000, rateHz: 48000, phaseDegrees });
      expect(correlation(tone, turned)).toBeCloseTo(Math.cos((phaseDegrees * Math.PI) / 180), 6);
    }
  });

  it("reads nearly 0 for unrelated noise", () => {
    expect(Math.abs(correlation(noise(480000, 1), noise(480000, 2))!)).toBeLessThan(0.01);
  });

  it("reads null when a channel is silent, and goes on where the sound does", () => {
    const silence = new Float32Array(4800);
    expect(correlation(silence, silence)).toBeNull();
    expect(correlation(tone, new Float32Array(48000))).toBeNull();
    const meter = new CorrelationMeter(kernels, 48000);
    meter.process(silence, silence);
    meter.process(tone, tone);
    expect(meter.history.length).toBe(11);
    expect(meter.history[0]).toBeNull();
    for (const part of meter.history.slice(1)) expect(part).toBeCloseTo(1, 12);
  });

  it("sums in the kernel what the twin sums, within 1e-12, however the recording is cut", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 700 }), (frames, length) => {
        const channels = [noise(frames, frames), noise(frames, frames + 1)];
        const expected = correlationOf(correlationSums(channels[0], channels[1]))!;
        const meter = new CorrelationMeter(kernels, 44100);
        for (const [left, right] of chunks(channels, [length])) meter.process(left, right);
        expect(Math.abs(meter.correlation! - expected)).toBeLessThan(1e-12);
      }),
      { numRuns: 50 },
    );
  });
});
