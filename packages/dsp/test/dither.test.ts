import { averageSpectrum, quantize } from "@gainstage/dsp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromDb, kernels, noise, sine } from "./signals.ts";

const LSB_16 = 2 ** -15;

function errorsInLsb(
  x: Float32Array | Float64Array,
  dither: "none" | "tpdf" | "shaped",
  channel = 0,
): Float64Array {
  const { samples } = quantize(x, 16, { dither, seed: 42, channel });
  return Float64Array.from(x, (value, n) => samples[n] - value / LSB_16);
}

function mean(x: Float64Array): number {
  return x.reduce((sum, v) => sum + v, 0) / x.length;
}

function variance(x: Float64Array): number {
  const centre = mean(x);
  return x.reduce((sum, v) => sum + (v - centre) ** 2, 0) / x.length;
}

/** Power of the error between two frequencies, in dBFS where a full-scale sine has 0. */
function bandDbfs(errorsLsb: Float64Array, rateHz: number, lowHz: number, highHz: number): number {
  const error = Float32Array.from(errorsLsb, (e) => e * LSB_16);
  const { power, binHz, noiseBandwidthBins } = averageSpectrum(kernels, [error], rateHz);
  let sum = 0;
  for (let k = Math.ceil(lowHz / binHz); k * binHz < highHz; k++) sum += power[k];
  return 10 * Math.log10(sum / noiseBandwidthBins);
}

describe("TPDF dither", () => {
  it("has an error of 0.25 LSB² ± 0.005 and of mean 0 ± 0.005 LSB at any level between two steps", () => {
    for (let level = 0.03; level <= 1; level += 0.12) {
      const errors = errorsInLsb(new Float64Array(400_000).fill(level * LSB_16), "tpdf");
      expect(Math.abs(variance(errors) - 0.25), `${level} LSB`).toBeLessThan(0.005);
      expect(Math.abs(mean(errors)), `${level} LSB`).toBeLessThan(0.005);
    }
  });

  it("is white", () => {
    const errors = errorsInLsb(new Float64Array(441_000).fill(0.3 * LSB_16), "tpdf");
    const low = bandDbfs(errors, 44100, 1000, 6000);
    const high = bandDbfs(errors, 44100, 15000, 20000);
    expect(Math.abs(high - low)).toBeLessThan(0.3);
  });

  it("does not share its noise between channels or seeds", () => {
    const x = noise(200_000, 1, 0.5);
    const first = errorsInLsb(x, "tpdf", 0);
    for (const other of [errorsInLsb(x, "tpdf", 1), errorsInLsb(x, "tpdf", 5)]) {
      let product = 0;
      for (let n = 0; n < first.length; n++) product += first[n] * other[n];
      expect(Math.abs(product / first.length / 0.25)).toBeLessThan(0.01);
    }
  });

  it("leaves no harmonic of a -90.3 dBFS tone more than 10 dB over the noise beside it", () => {
    const tone = Float64Array.from(
      { length: 44100 * 8 },
      (_, n) => LSB_16 * Math.sin((2 * Math.PI * 997 * n) / 44100),
    );
    const { samples } = quantize(tone, 16, { seed: 1 });
    const decoded = Float32Array.from(samples, (s) => s * LSB_16);
    const { power, binHz } = averageSpectrum(kernels, [decoded], 44100, { size: 65536 });
    for (let harmonic = 2; harmonic * 997 < 22000; harmonic++) {
      const bin = Math.round((harmonic * 997) / binHz);
      const floor = power.subarray(bin - 60, bin - 10).reduce((sum, p) => sum + p, 0) / 50;
      const worst = Math.max(...power.subarray(bin - 1, bin + 2));
      expect(10 * Math.log10(worst / floor), `harmonic ${harmonic}`).toBeLessThan(10);
    }
  });
});

describe("shaped dither", () => {
  const tone = Float64Array.from(
    { length: 441_000 },
    (_, n) => 0.5 * Math.sin((2 * Math.PI * 997 * n) / 44100),
  );

  it("has at most -120 dBFS of noise from 2 to 5 kHz and at most -80 dBFS in all, at 44.1 kHz", () => {
    const errors = errorsInLsb(tone, "shaped");
    expect(bandDbfs(errors, 44100, 2000, 5000)).toBeLessThan(-120);
    expect(bandDbfs(errors, 44100, 20, 22050)).toBeLessThan(-80);
    expect(Math.abs(mean(errors))).toBeLessThan(0.005);
  });

  it("stays stable and in range through a clipped full-scale sine", () => {
    const loud = sine(44100, { hz: 997, rateHz: 44100, amplitude: 1.5 });
    const { samples, clippedSamples } = quantize(loud, 16, { dither: "shaped" });
    const beyond = loud.reduce((count, x) => count + (Math.abs(x) > 1 ? 1 : 0), 0);
    expect(Math.abs(clippedSamples - beyond)).toBeLessThan(100);
    for (let n = 0; n < loud.length; n++) {
      const expected = Math.max(-1, Math.min(1, loud[n])) / LSB_16;
      if (!(Math.abs(samples[n] - expected) < 20)) expect.fail(`frame ${n}: ${samples[n]} for ${loud[n]}`);
    }
  });
});

describe("quantising", () => {
  it("changes nothing that already fits, with any dither, at 16 and 24 bits", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(16 as const, 24 as const),
        fc.constantFrom("none" as const, "tpdf" as const, "shaped" as const),
        fc.array(fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 })),
        (bits, dither, integers) => {
          const whole = integers.map((i) => (bits === 24 ? i : i >> 8));
          const x = Float32Array.from(whole, (i) => i / 2 ** (bits - 1));
          const result = quantize(x, bits, { dither });
          expect(result.dithered).toBe(false);
          expect(result.clippedSamples).toBe(0);
          expect([...result.samples]).toEqual(whole.map((i) => i || 0));
        },
      ),
    );
  });

  it("without dither rounds to the nearest step", () => {
    const x = Float64Array.of(0.4, 0.6, -0.4, -0.6, 100.49, -100.51).map((v) => v * LSB_16);
    expect([...quantize(x, 16, { dither: "none" }).samples]).toEqual([0, 1, 0, -1, 100, -101]);
  });

  it("clips beyond full scale, counts, and makes what is no number silent", () => {
    const x = Float64Array.of(
      2,
      -2,
      1,
      -1,
      0.1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    );
    for (const dither of ["none", "tpdf", "shaped"] as const) {
      const { samples, clippedSamples } = quantize(x, 16, { dither, seed: 3 });
      expect([samples[0], samples[1], samples[6], samples[7]]).toEqual([32767, -32768, 32767, -32768]);
      expect(samples[5]).toBe(0);
      expect(clippedSamples).toBeGreaterThanOrEqual(4);
    }
    expect(quantize(x, 16, { dither: "none" }).clippedSamples).toBe(5);
  });

  it("gives the same bits for the same seed and other bits for another", () => {
    const x = noise(1000, 1, fromDb(-6));
    const first = quantize(x, 24, { seed: 7 }).samples;
    expect(quantize(x, 24, { seed: 7 }).samples).toEqual(first);
    expect(quantize(x, 24, { seed: 8 }).samples).not.toEqual(first);
  });

  it("is the same bit for bit with the kernels and without", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(16 as const, 24 as const),
        fc.constantFrom("none" as const, "tpdf" as const, "shaped" as const),
        fc.integer({ min: 0, max: 9000 }),
        fc.integer(),
        (bits, dither, frames, seed) => {
          const x = noise(frames, seed, 1.1);
          if (frames > 10) x[7] = Number.NaN;
          if (frames > 10) x[9] = Number.NEGATIVE_INFINITY;
          const options = { dither, seed, channel: seed & 3 };
          const plain = quantize(x, bits, options);
          const fast = quantize(x, bits, { ...options, kernels });
          expect(fast.clippedSamples).toBe(plain.clippedSamples);
          for (let n = 0; n < frames; n++) {
            if (fast.samples[n] !== plain.samples[n]) {
              expect.fail(`frame ${n}: ${fast.samples[n]} is to be ${plain.samples[n]}`);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("refuses other depths", () => {
    expect(() => quantize(new Float32Array(1), 20 as 16)).toThrow(/16 or 24 bits, not 20/);
  });
});
