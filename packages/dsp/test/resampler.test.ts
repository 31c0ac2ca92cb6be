import { resample } from "@gainstage/dsp";
import { describe, expect, it } from "vitest";
import { resampleByDefinition } from "../src/resampler.ts";
import { fitSine, kernels, noise, sine, toDb } from "./signals.ts";

/** The middle of a converted sine, without the filter's run-in at both ends. */
function converted(hz: number, fromHz: number, toHz: number, amplitude = 0.891): Float32Array {
  const [y] = resample([sine(fromHz / 4, { hz, rateHz: fromHz, amplitude })], fromHz, toHz, kernels);
  return y.subarray(toHz / 20, y.length - toHz / 20);
}

describe("the resampler", () => {
  const ratios: [number, number][] = [
    [44100, 48000],
    [48000, 44100],
    [96000, 44100],
    [44100, 96000],
    [48000, 16000],
    [44100, 48001],
    [44100.5, 48000],
    [192000, 11025],
  ];

  it.each(ratios)("%d to %d Hz is the definition, within -140 dB of full scale", (fromHz, toHz) => {
    const channels = [noise(1500, 1), noise(1500, 2), noise(1500, 3)];
    const converted = resample(channels, fromHz, toHz, kernels);
    channels.forEach((channel, c) => {
      const expected = resampleByDefinition(channel, fromHz, toHz);
      expect(converted[c].length).toBe(Math.round((1500 * toHz) / fromHz));
      for (let n = 0; n < expected.length; n++) {
        if (Math.abs(converted[c][n] - expected[n]) > 1.2e-7) {
          expect.fail(`channel ${c}, frame ${n}: ${converted[c][n]} is to be ${expected[n]}`);
        }
      }
    });
  });

  const tones = [997, 10000, 19900];
  it.each([
    [44100, 48000],
    [48000, 44100],
    [96000, 44100],
    [44100, 48001],
  ])("%d to %d Hz: THD+N is below -140 dB and the level right within 0.001 dB", (fromHz, toHz) => {
    for (const hz of tones) {
      const { amplitude, residualDb } = fitSine(converted(hz, fromHz, toHz), hz, toHz);
      expect(residualDb, `${hz} Hz`).toBeLessThan(-140);
      expect(Math.abs(toDb(amplitude / 0.891)), `${hz} Hz`).toBeLessThan(0.001);
    }
  });

  it("passes 20 Hz to 20 kHz level within 0.001 dB between 44.1 and 48 kHz", () => {
    for (const [fromHz, toHz] of [
      [44100, 48000],
      [48000, 44100],
    ]) {
      for (const hz of [100, 5000, 15000, 18000, 19000, 20000]) {
        const { amplitude } = fitSine(converted(hz, fromHz, toHz), hz, toHz);
        expect(Math.abs(toDb(amplitude / 0.891)), `${hz} Hz`).toBeLessThan(0.001);
      }
    }
  });

  it("leaves no alias above -140 dB of what lies beyond the new Nyquist frequency", () => {
    for (const hz of [22050, 22500, 24000, 30000, 43000]) {
      const y = converted(hz, 96000, 44100);
      const power = y.reduce((sum, v) => sum + v * v, 0) / y.length;
      expect(10 * Math.log10(power / (0.891 ** 2 / 2)), `${hz} Hz`).toBeLessThan(-140);
    }
  });

  it("leaves 44.1 to 96 to 44.1 kHz as it was below 20 kHz, within -140 dB", () => {
    for (const hz of [997, 19000]) {
      const x = sine(8820, { hz, rateHz: 44100, amplitude: 0.891 });
      const [up] = resample([x], 44100, 96000, kernels);
      const [back] = resample([up], 96000, 44100, kernels);
      expect(back.length).toBe(x.length);
      let error = 0;
      for (let n = 2000; n < 6820; n++) error += (back[n] - x[n]) ** 2;
      expect(10 * Math.log10(error / 4820 / (0.891 ** 2 / 2))).toBeLessThan(-140);
    }
  });

  it.each([
    [44100, 48000],
    [48000, 44100],
    [96000, 44100],
    [44100, 48001],
  ])(
    "%d to %d Hz puts an impulse where it belongs, within 1e-5 frames, far into a recording too",
    (fromHz, toHz) => {
      for (const at of [1000, 100_003]) {
        const x = new Float32Array(at + 1000);
        x[at] = 1;
        const [y] = resample([x], fromHz, toHz, kernels);
        // The centre of gravity of the response is its group delay at 0 Hz.
        let sum = 0;
        let moment = 0;
        const expected = (at * toHz) / fromHz;
        for (let n = 0; n < y.length; n++) {
          sum += y[n];
          moment += y[n] * (n - expected);
        }
        expect(Math.abs(moment / sum)).toBeLessThan(1e-5);
      }
    },
  );

  it("gives exactly round(frames · to / from) frames, whatever the blocks inside, and none for none", () => {
    for (const frames of [0, 1, 2, 147, 16384, 16385, 44100]) {
      const [left, right] = resample(
        [new Float32Array(frames), new Float32Array(frames)],
        44100,
        48000,
        kernels,
      );
      expect(left.length).toBe(Math.round((frames * 48000) / 44100));
      expect(right.length).toBe(left.length);
    }
    expect(resample([], 44100, 48000, kernels)).toEqual([]);
  });

  it("copies when the rates are the same, and refuses rates that are none", () => {
    const x = noise(100, 1);
    const [y] = resample([x], 48000, 48000, kernels);
    expect(y).not.toBe(x);
    expect(y).toEqual(x);
    expect(() => resample([x], 48000, 0, kernels)).toThrow(/between 1000 and 1536000 Hz, not 0/);
    expect(() => resample([x], Number.NaN, 48000, kernels)).toThrow(/not NaN/);
  });
});
