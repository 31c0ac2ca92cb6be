import { Biquad, highpass } from "@gainstage/dsp";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { kernels } from "./signals.ts";

const FRAMES = 512;

test("the kernel's high-pass is its twin on both lanes, for any corner, rate and signal", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 10, max: 20_000, noNaN: true }),
      fc.constantFrom(8000, 44_100, 48_000, 96_000, 192_000),
      fc.float32Array({ min: -1, max: 1, noNaN: true, minLength: FRAMES, maxLength: FRAMES }),
      (cutoffHz, sampleRateHz, left) => {
        const right = left.map((x, i) => 0.5 * x - 0.25 * left[FRAMES - 1 - i]);
        const [yl, yr] = kernels.onBench(() => {
          const [l, r] = [kernels.allocate(FRAMES * 4 + 16), kernels.allocate(FRAMES * 4 + 16)];
          const [coefficients, state] = [kernels.allocate(80), kernels.allocate(32)];
          kernels.doubles(state, 4).fill(0);
          kernels.floats(l, FRAMES).set(left);
          kernels.floats(r, FRAMES).set(right);
          kernels.run.storeHighpass(coefficients, cutoffHz, sampleRateHz);
          kernels.run.biquadBlock(l, r, FRAMES, coefficients, state);
          return [kernels.floats(l, FRAMES).slice(), kernels.floats(r, FRAMES).slice()];
        });
        const coefficients = highpass(cutoffHz, sampleRateHz);
        const twins = [new Biquad(), new Biquad()];
        for (let i = 0; i < FRAMES; i++) {
          const [wl, wr] = [twins[0].next(left[i], coefficients), twins[1].next(right[i], coefficients)];
          if (!(Math.abs(yl[i] - wl) < 1e-6 && Math.abs(yr[i] - wr) < 1e-6)) {
            throw new Error(`frame ${i}: ${yl[i]}, ${yr[i]} instead of ${wl}, ${wr}`);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("a Butterworth high-pass is 3.01 dB down at its corner and falls by 12 dB an octave", () => {
  const sampleRateHz = 48_000;
  const at = (hz: number) => {
    const { b0, b1, b2, a1, a2 } = highpass(100, sampleRateHz);
    const w = (2 * Math.PI * hz) / sampleRateHz;
    const power = (c0: number, c1: number, c2: number) =>
      (c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w)) ** 2 + (c1 * Math.sin(w) + c2 * Math.sin(2 * w)) ** 2;
    return 10 * Math.log10(power(b0, b1, b2) / power(1, a1, a2));
  };
  expect(at(100)).toBeCloseTo(10 * Math.log10(0.5), 3);
  expect(at(6.25) - at(3.125)).toBeCloseTo(12.04, 1);
  expect(at(5000)).toBeCloseTo(0, 4);
});
