import { TruePeakMeter } from "@gainstage/dsp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { truePeakByDefinition } from "../src/true-peak.ts";
import { kaiserSinc } from "../src/windowed-sinc.ts";
import { chunks, kernels, noise, sine, toDb } from "./signals.ts";

function truePeakDbtp(x: Float32Array): number {
  const meter = new TruePeakMeter(kernels, 1);
  meter.process([x]);
  return meter.overall.truePeakDbtp!;
}

function faded(x: Float32Array, frames: number): Float32Array {
  return x.map((value, n) => value * Math.min(1, n / frames, (x.length - 1 - n) / frames));
}

const LONG_HALF = 128;
const LONG_ROWS = Array.from({ length: 16 }, (_, p) =>
  Float64Array.from({ length: 2 * LONG_HALF }, (_, k) =>
    kaiserSinc(k - LONG_HALF + 1 - p / 16, LONG_HALF, 14),
  ),
);

/** An independent reading in dB: 16 points per frame by a sinc of 256 frames, Kaiser beta 14. */
function longReference(x: Float32Array): number {
  let peak = 0;
  for (let frame = 0; frame < x.length; frame++) {
    const start = frame - LONG_HALF + 1;
    const from = Math.max(0, -start);
    const to = Math.min(2 * LONG_HALF, x.length - start);
    for (const row of LONG_ROWS) {
      let sum = 0;
      for (let k = from; k < to; k++) sum += x[start + k] * row[k];
      peak = Math.max(peak, Math.abs(sum));
    }
  }
  return toDb(peak);
}

/**
 * Noise whose band ends at `edge` cycles per frame, by a windowed-sinc low-pass. Frames outside the block are zero, so
 * it fades in and out.
 */
function bandNoise(frames: number, seed: number, edge: number): Float32Array {
  const source = noise(frames, seed);
  const half = 64;
  return Float32Array.from({ length: frames }, (_, n) => {
    let sum = 0;
    for (let k = Math.max(0, n - half); k <= Math.min(frames - 1, n + half); k++) {
      sum += source[k] * kaiserSinc(k - n, half, 6, edge);
    }
    return sum;
  });
}

describe("EBU Tech 3341 true-peak cases", () => {
  for (const rateHz of [44100, 48000, 96000]) {
    it.each([
      [15, 4, 0.5, 0, -6],
      [16, 4, 0.5, 45, -6],
      [17, 6, 0.5, 60, -6],
      [18, 8, 0.5, 67.5, -6],
      [19, 4, 1.41, 45, 3],
    ])(
      `case %i at ${rateHz} Hz: fs/%i, %f of full scale, %f°, reads %f dBTP`,
      (_, part, amplitude, phaseDegrees, dbtp) => {
        const tone = sine(rateHz, { hz: rateHz / part, rateHz, amplitude, phaseDegrees });
        const reading = truePeakDbtp(faded(tone, rateHz / 100));
        expect(reading).toBeGreaterThan(dbtp - 0.4);
        expect(reading).toBeLessThan(dbtp + 0.2);
        expect(reading).toBeCloseTo(toDb(amplitude), 1);
      },
    );
  }

  it.each([0, 1, 2, 3])("case %i + 20: one loud period between samples reads 0 dBTP", (offset) => {
    // A sine of fs/6 at 0.5 with one period of fs/4 at 1.0, made at 4 fs, low-passed at 0.45 fs and decimated.
    const before = 24 * 40;
    const period = 16;
    const fast = Float64Array.from({ length: 2 * before + period }, (_, n) => {
      if (n >= before && n < before + period) return Math.sin((2 * Math.PI * (n - before)) / 16);
      return 0.5 * Math.sin((2 * Math.PI * (n < before ? n : n - period)) / 24);
    });
    const half = 256;
    const frames = Math.floor((fast.length - 4) / 4);
    const x = Float32Array.from({ length: frames }, (_, n) => {
      const centre = n * 4 + offset;
      let sum = 0;
      for (let k = Math.max(0, centre - half); k <= Math.min(fast.length - 1, centre + half); k++) {
        sum += fast[k] * kaiserSinc(k - centre, half + 1, 12, 0.45 / 4);
      }
      return sum;
    });
    const reading = truePeakDbtp(faded(x, 100));
    expect(reading).toBeGreaterThan(-0.4);
    expect(reading).toBeLessThan(0.2);
  });
});

describe("the true-peak meter", () => {
  it("finds what an exhaustive search of the 16x grid finds, within 0.001 dB", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0.05, max: 0.45, noNaN: true }),
        (seed, frames, edge) => {
          const x = bandNoise(frames, seed, edge);
          expect(Math.abs(truePeakDbtp(x) - toDb(truePeakByDefinition(x)))).toBeLessThan(0.001);
        },
      ),
      { numRuns: 40, seed: 1770 },
    );
  });

  it("agrees within 0.05 dB with a much longer interpolator on noise up to 20 kHz of 44.1", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const x = bandNoise(1000, seed, 20 / 44.1);
      expect(Math.abs(truePeakDbtp(x) - longReference(x))).toBeLessThan(0.05);
    }
  });

  it("reads a sine between the samples right at any frequency up to 0.45 of the rate, within 0.02 dB", () => {
    for (let hz = 1000; hz <= 21600; hz += 1030) {
      for (const phaseDegrees of [0, 45, 67.5]) {
        const tone = faded(sine(4800, { hz, rateHz: 48000, amplitude: 0.8, phaseDegrees }), 480);
        expect(Math.abs(truePeakDbtp(tone) - toDb(0.8)), `${hz} Hz`).toBeLessThan(0.02);
      }
    }
  });

  it("counts the peak after the last sample and before the first", () => {
    // Two full samples at the edge: the wave between and around them reaches beyond.
    const end = Float32Array.of(...Array(40).fill(0), 1, 1);
    expect(truePeakDbtp(end)).toBeCloseTo(toDb(truePeakByDefinition(end)), 3);
    expect(truePeakDbtp(end.slice().reverse())).toBeCloseTo(truePeakDbtp(end), 3);
    expect(truePeakDbtp(end)).toBeGreaterThan(2);
  });

  it("reads the same however the recording is cut, and can be read on the way", () => {
    const channels = [noise(5000, 1), noise(5000, 2, 0.3)];
    const whole = new TruePeakMeter(kernels, 2);
    whole.process(channels);
    const cut = new TruePeakMeter(kernels, 2);
    for (const chunk of chunks(channels, [1, 7, 128, 997])) {
      cut.process(chunk);
      expect(cut.overall.truePeak).toBeGreaterThanOrEqual(cut.overall.samplePeak);
    }
    expect(cut.channels).toEqual(whole.channels);
    expect(whole.channels[1].samplePeak).toBe(Math.max(...channels[1].map(Math.abs)));
  });

  it("reads null for silence", () => {
    const meter = new TruePeakMeter(kernels, 1);
    meter.process([new Float32Array(100)]);
    expect(meter.overall).toEqual({ samplePeak: 0, truePeak: 0, samplePeakDbfs: null, truePeakDbtp: null });
  });
});
