import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  clampParam,
  describeRange,
  formatParam,
  fromKnob,
  type ParamInfo,
  readParam,
  toKnob,
} from "../src/index.ts";

const param = (changes: Partial<ParamInfo> = {}): ParamInfo => ({
  id: "x",
  name: "X",
  unit: "dB",
  min: -60,
  max: 12,
  default: 0,
  ...changes,
});
const mode = param({
  unit: "none",
  min: 0,
  max: 2,
  choices: [
    { id: "soft", label: "Soft" },
    { id: "hard", label: "Hard" },
    { id: "tube", label: "Tube" },
  ],
});

describe("a value is brought to where the plugin may see it", () => {
  test.each<[Partial<ParamInfo>, number, number]>([
    [{}, -100, -60],
    [{}, 100, 12],
    [{}, Number.NaN, 0],
    [{}, Number.POSITIVE_INFINITY, 12],
    [{}, -3.25, -3.25],
    [{ step: 6 }, -4, -6],
    [{ step: 6 }, -2.9, 0],
    [{ unit: "bool", min: 0, max: 1 }, 0.6, 1],
    [{ unit: "bool", min: 0, max: 1 }, 0.4, 0],
  ])("%j: %d becomes %d", (changes, value, wanted) => {
    expect(clampParam(param(changes), value)).toBe(wanted);
  });

  test("a choice is whole", () => expect(clampParam(mode, 1.4)).toBe(1));
});

describe("a knob", () => {
  test.each<[Partial<ParamInfo>, number, number]>([
    // Half way: the arithmetic mean, the geometric mean, the half to the power.
    [{}, 0.5, -24],
    [{ min: 20, max: 20_000, scale: "log" }, 0.5, Math.sqrt(20 * 20_000)],
    [{ min: 0, max: 8, scale: { power: 3 } }, 0.5, 1],
    [{ min: 1, max: 9, step: 2 }, 0.3, 3],
  ])("%j at %d is %d", (changes, knob, value) => {
    expect(fromKnob(param(changes), knob)).toBeCloseTo(value, 10);
  });

  const scales = fc.constantFrom<Partial<ParamInfo>>(
    { min: -60, max: 12 },
    { min: 20, max: 20_000, scale: "log" },
    { min: -1, max: 7, scale: { power: 2.5 } },
    { min: 0, max: 3, scale: { power: 0.4 } },
  );

  test("goes there and back, ends are exact, and more is never less", () => {
    fc.assert(
      fc.property(
        scales,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (s, a, b) => {
          const p = param(s);
          expect(fromKnob(p, 0)).toBe(p.min);
          expect(fromKnob(p, 1)).toBe(p.max);
          expect(toKnob(p, fromKnob(p, a))).toBeCloseTo(a, 6);
          const [low, high] = a < b ? [a, b] : [b, a];
          expect(fromKnob(p, low)).toBeLessThanOrEqual(fromKnob(p, high));
        },
      ),
    );
  });
});

describe("printing and reading", () => {
  test.each<[Partial<ParamInfo>, number, string]>([
    [{}, -18, "-18 dB"],
    [{ format: { sign: true } }, 3, "+3 dB"],
    [{ format: { sign: true } }, 0, "0 dB"],
    [{ format: { digits: 2 } }, 1.5, "1.50 dB"],
    [{ format: { digits: 1 } }, -0.01, "0.0 dB"],
    [{ format: { atMin: "off" } }, -60, "off"],
    [{ min: 20, max: 20_000, unit: "Hz", format: { si: true } }, 1200, "1.2 kHz"],
    [{ min: 20, max: 20_000, unit: "Hz" }, 1200, "1200 Hz"],
    [{ min: 1, max: 20, unit: "ratio" }, 4, "4:1"],
    [{ min: 0, max: 100, unit: "percent" }, 33.333333, "33.33 %"],
    [{ min: 0, max: 1, unit: "bool" }, 1, "on"],
    [{ min: 0, max: 1e9, unit: "none" }, 123456789, "123500000"],
    [{ min: 0, max: 1, unit: "none" }, 1e-7, "0.0000001"],
  ])("%j: %d is %j", (changes, value, text) => {
    expect(formatParam(param(changes), value)).toBe(text);
  });

  test.each<[Partial<ParamInfo>, string, number | undefined]>([
    [{}, " -18 dB ", -18],
    [{}, "-18DB", -18],
    [{}, "-18", -18],
    [{}, "18 Hz", undefined],
    [{}, "eighteen", undefined],
    [{}, "", undefined],
    [{}, "1e999", undefined],
    [{ unit: "Hz", min: 20, max: 20_000 }, "1.2k", 1200],
    [{ unit: "Hz", min: 20, max: 20_000 }, "1.2 kHz", 1200],
    [{ unit: "ratio", min: 1, max: 9 }, "4:1", 4],
    [{ format: { atMin: "-inf" } }, "-inf", -60],
  ])("%j reads %j as %j", (changes, text, value) => {
    expect(readParam(param(changes), text)).toBe(value);
  });

  test("a choice is read by its id and by its label, and printed as its label", () => {
    expect([readParam(mode, "hard"), readParam(mode, "Hard"), readParam(mode, "wet")]).toEqual([
      1,
      1,
      undefined,
    ]);
    expect(formatParam(mode, 2)).toBe("Tube");
  });

  const shapes = fc.constantFrom<Partial<ParamInfo>>(
    {},
    { format: { digits: 0 } },
    { format: { digits: 3, sign: true } },
    { min: 20, max: 20_000, unit: "Hz", format: { si: true } },
    { min: 20, max: 20_000, unit: "Hz", format: { si: true, digits: 1 } },
    { min: 0, max: 1e-6, unit: "s" },
    { min: -1e12, max: 1e12, unit: "none" },
    { min: 0, max: 100, unit: "percent", format: { atMin: "dry", atMax: "wet" } },
  );

  test("what is printed is read back, and printed the same again", () => {
    fc.assert(
      fc.property(shapes, fc.double({ min: 0, max: 1, noNaN: true }), (shape, at) => {
        const p = param(shape);
        const value = p.min + (p.max - p.min) * at;
        const text = formatParam(p, value);
        const read = readParam(p, text);
        expect(read, text).toBeDefined();
        expect(formatParam(p, read!)).toBe(text);
        expect(text).not.toMatch(/(^|\s)-0(\.0*)?(\s|$)/);
      }),
      { numRuns: 1000 },
    );
  });

  test("a range is told as people write it", () => {
    expect(describeRange(param())).toBe("-60 to 12 dB");
    expect(describeRange(param({ step: 6 }))).toBe("-60 to 12 dB in steps of 6");
    expect(describeRange(mode)).toBe("one of soft, hard, tube");
  });
});
