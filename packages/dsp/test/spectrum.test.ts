import { averageSpectrum, bandedSpectrum } from "@gainstage/dsp";
import { describe, expect, it } from "vitest";
import { fourierTransform } from "../src/spectrum.ts";
import { fromDb, kernels, noise, sine } from "./signals.ts";

const RATE_HZ = 48000;

function dbOf(power: number): number {
  return 10 * Math.log10(power);
}

function highest(power: Float64Array): number {
  return dbOf(Math.max(...power));
}

describe("the FFT kernel", () => {
  for (const size of [16, 32, 64, 512, 1024, 8192]) {
    it(`of ${size} points is the twin's, with an error below -120 dB`, () => {
      const [re, im] = [noise(size, size), noise(size, size + 1)];
      const expected = fourierTransform(Float64Array.from(re), Float64Array.from(im));
      kernels.onBench(() => {
        const twiddles = kernels.allocate(size * 8);
        const a = kernels.allocate(size * 8);
        const b = kernels.allocate(size * 8);
        kernels.run.fftTwiddles(size, twiddles);
        kernels.floats(a, size).set(re);
        kernels.floats(a + size * 4, size).set(im);
        const result = kernels.floats(kernels.run.fft(size, a, b, twiddles), size * 2);
        let error = 0;
        let total = 0;
        for (let k = 0; k < size; k++) {
          error += (result[k] - expected.re[k]) ** 2 + (result[size + k] - expected.im[k]) ** 2;
          total += expected.re[k] ** 2 + expected.im[k] ** 2;
        }
        expect(dbOf(error / total)).toBeLessThan(-120);
      });
    });
  }
});

describe("the average spectrum", () => {
  it("reads a -20 dBFS sine in the middle of a bin as -20 dBFS", () => {
    const hz = (RATE_HZ / 8192) * 171;
    const tone = sine(RATE_HZ * 2, { hz, rateHz: RATE_HZ, amplitude: fromDb(-20) });
    const { power } = averageSpectrum(kernels, [tone, tone], RATE_HZ);
    expect(power.indexOf(Math.max(...power))).toBe(171);
    expect(highest(power)).toBeCloseTo(-20, 3);
    expect(dbOf(power[171 + 200])).toBeLessThan(-120);
  });

  it("reads it within 0.02 dB anywhere between two bins through the flat-top window", () => {
    for (let part = 0; part <= 1; part += 0.1) {
      const tone = sine(RATE_HZ, { hz: (RATE_HZ / 8192) * (171 + part), rateHz: RATE_HZ, amplitude: 0.1 });
      const { power } = averageSpectrum(kernels, [tone], RATE_HZ, { window: "flat-top" });
      expect(Math.abs(highest(power) + 20)).toBeLessThan(0.02);
    }
  });

  it("keeps the power of white noise: all bins together hold the mean square", () => {
    const x = noise(RATE_HZ * 4, 9, 0.5);
    const { power, noiseBandwidthBins } = averageSpectrum(kernels, [x], RATE_HZ, { size: 1024 });
    const total = power.reduce((sum, p) => sum + p, 0) / noiseBandwidthBins / 2;
    const meanSquare = x.reduce((sum, v) => sum + v * v, 0) / x.length;
    expect(noiseBandwidthBins).toBeCloseTo(1.5, 9);
    expect(Math.abs(dbOf(total / meanSquare))).toBeLessThan(0.1);
  });

  it("averages the channels", () => {
    const tone = sine(RATE_HZ, { hz: RATE_HZ / 64, rateHz: RATE_HZ });
    const silent = new Float32Array(tone.length);
    const { power } = averageSpectrum(kernels, [tone, silent], RATE_HZ, { size: 1024 });
    expect(highest(power)).toBeCloseTo(-3.01, 2);
  });

  it("takes a recording shorter than a segment, and an empty one, without NaN", () => {
    expect(highest(averageSpectrum(kernels, [noise(100, 1)], RATE_HZ).power)).toBeGreaterThan(-70);
    for (const p of averageSpectrum(kernels, [new Float32Array(0)], RATE_HZ).power) expect(p).toBe(0);
  });

  it("says which sizes it takes", () => {
    expect(() => averageSpectrum(kernels, [], RATE_HZ, { size: 1000 })).toThrow(/power of two .* not 1000/);
  });
});

describe("the spectrum in bands", () => {
  it.each([3, 6] as const)(
    "of 1/%i octave reads a -20 dBFS sine as -20 dBFS wherever it lies in a band",
    (bands) => {
      for (const hz of [400, 997, 1003.7, 6300, 15000]) {
        const tone = sine(RATE_HZ * 2, { hz, rateHz: RATE_HZ, amplitude: 0.1 });
        const banded = bandedSpectrum(averageSpectrum(kernels, [tone], RATE_HZ, { size: 16384 }), bands);
        const band = banded.centresHz.findIndex(
          (centreHz) => Math.abs(Math.log2(hz / centreHz)) <= 1 / (2 * bands),
        );
        expect(Math.abs(dbOf(banded.power[band]) + 20), `${hz} Hz`).toBeLessThan(0.1);
      }
    },
  );

  it("has the third-octave centres of ISO 266 in base 2, 20 Hz to 20 kHz, and stops below Nyquist", () => {
    const third = bandedSpectrum(averageSpectrum(kernels, [noise(20000, 1)], RATE_HZ), 3).centresHz;
    expect(third.length).toBe(31);
    expect(third[0]).toBeCloseTo(1000 * 2 ** (-17 / 3), 9);
    expect(third[30]).toBeCloseTo(1000 * 2 ** (13 / 3), 9);
    const narrow = bandedSpectrum(averageSpectrum(kernels, [noise(20000, 1)], 22050), 3).centresHz;
    expect(narrow[narrow.length - 1] * 2 ** (1 / 6)).toBeLessThanOrEqual(11025);
  });

  it("of white noise rises by 3 dB per octave", () => {
    const banded = bandedSpectrum(averageSpectrum(kernels, [noise(RATE_HZ * 8, 3)], RATE_HZ), 3);
    const level = (hz: number) =>
      dbOf(banded.power[banded.centresHz.findIndex((c) => Math.abs(c - hz) < 1e-6)]);
    expect(level(8000) - level(1000)).toBeCloseTo(3 * 10 * Math.log10(2), 0);
  });
});
