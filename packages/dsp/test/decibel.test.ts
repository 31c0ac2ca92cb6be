import { DB_PER_OCTAVE, dbToGain, gainToDb } from "@gainstage/dsp";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { kernels } from "./signals.ts";

const FRAMES = 1024;

/** What a kernel over f32 makes of `x`. */
function block(kernel: "log2Block" | "exp2Block", x: Float32Array): Float32Array {
  return kernels.onBench(() => {
    const from = kernels.allocate(FRAMES * 4 + 16);
    const to = kernels.allocate(FRAMES * 4 + 16);
    kernels.floats(from, x.length).set(x);
    kernels.run[kernel](to, from, x.length);
    return kernels.floats(to, x.length).slice();
  });
}

/** Evenly over the exponents, with mantissas at random. */
const positive = fc.float32Array({
  min: Math.fround(1e-30),
  max: Math.fround(1e30),
  noNaN: true,
  minLength: 1,
  maxLength: FRAMES,
});

test("four logarithms at a time are those of Math.log2 within 2e-6 dB where the result is small, and to f32 beyond", () => {
  fc.assert(
    fc.property(positive, (x) => {
      for (const [i, y] of block("log2Block", x).entries()) {
        const wanted = Math.log2(x[i]);
        const tolerance = Math.max(3e-7, Math.abs(wanted) * 2 ** -22);
        if (!(Math.abs(y - wanted) <= tolerance)) throw new Error(`log2(${x[i]}) is ${y}, wanted ${wanted}`);
      }
    }),
    { numRuns: 300 },
  );
});

test("four powers at a time are those of 2 ** x within 3e-6 dB", () => {
  const exponents = fc.float32Array({ min: -120, max: 120, noNaN: true, minLength: 1, maxLength: FRAMES });
  fc.assert(
    fc.property(exponents, (x) => {
      for (const [i, y] of block("exp2Block", x).entries()) {
        const errorDb = 20 * Math.log10(y / 2 ** x[i]);
        if (!(Math.abs(errorDb) <= 3e-6)) throw new Error(`2 ** ${x[i]} is ${y}, off by ${errorDb} dB`);
      }
    }),
    { numRuns: 300 },
  );
});

test("decibels in the kernel are those of the twin, and go there and back", () => {
  fc.assert(
    fc.property(fc.double({ min: -200, max: 60, noNaN: true }), (db) => {
      expect(kernels.run.dbToGain(db) / dbToGain(db)).toBeCloseTo(1, 13);
      expect(kernels.run.gainToDb(dbToGain(db))).toBeCloseTo(db, 10);
      expect(gainToDb(dbToGain(db))).toBeCloseTo(db, 10);
    }),
  );
  expect(gainToDb(2)).toBeCloseTo(DB_PER_OCTAVE, 14);
  expect(dbToGain(Number.NEGATIVE_INFINITY)).toBe(0);
});
