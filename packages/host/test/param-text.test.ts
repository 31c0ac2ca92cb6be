import { checkManifest, formatParam, type Manifest, PluginFault } from "@gainstage/plugin-api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkParam, checkParams, findParam, parseParam } from "../src/index.ts";
import { moduleManifest } from "./plugin-folders.ts";

const manifest: Manifest = moduleManifest("dev.gainstage.everything", {
  params: [
    { id: "thresholdDb", name: "Threshold", unit: "dB", min: -60, max: 0, default: -18 },
    { id: "cutoffHz", name: "Cutoff", unit: "Hz", min: 20, max: 20_000, default: 1000, scale: "log" },
    { id: "attackMs", name: "Attack", unit: "ms", min: 0.05, max: 250, default: 10, scale: "log" },
    { id: "decayS", name: "Decay", unit: "s", min: 0.1, max: 20, default: 2 },
    { id: "ratio", name: "Ratio", unit: "ratio", min: 1, max: 100, default: 4 },
    { id: "mixPercent", name: "Mix", unit: "percent", min: 0, max: 100, default: 100 },
    { id: "phase", name: "Phase", unit: "degree", min: -180, max: 180, default: 0 },
    { id: "ceiling", name: "Ceiling", unit: "dBTP", min: -20, max: 0, default: -1 },
    { id: "target", name: "Target", unit: "LUFS", min: -40, max: 0, default: -14 },
    { id: "on", name: "On", unit: "bool", min: 0, max: 1, default: 1 },
    { id: "count", name: "Count", unit: "none", min: 0, max: 5000, default: 1 },
    {
      id: "mode",
      name: "Mode",
      unit: "none",
      min: 0,
      max: 1,
      default: 0,
      choices: [
        { id: "peak", label: "Peak" },
        { id: "rms", label: "RMS, 10 ms" },
      ],
    },
  ],
});
const parse = (id: string, text: string) => parseParam(manifest, findParam(manifest, id), text);

test("the manifest of this test is sound", () => {
  expect(checkManifest(manifest)).toMatchObject({ ok: true });
});

describe("a value is read as people write it:", () => {
  test.each<[string, string, number]>([
    ["thresholdDb", "-18", -18],
    ["thresholdDb", "-18dB", -18],
    ["thresholdDb", "-18.5 dB", -18.5],
    ["thresholdDb", " -18db ", -18],
    ["thresholdDb", "-.5", -0.5],
    ["thresholdDb", "-1e1", -10],
    ["cutoffHz", "1.2kHz", 1200],
    ["cutoffHz", "1.2k", 1200],
    ["cutoffHz", "1.2 KHZ", 1200],
    ["cutoffHz", "440 Hz", 440],
    ["attackMs", "0.05ms", 0.05],
    ["decayS", "+2.5s", 2.5],
    ["ratio", "4", 4],
    ["ratio", "4:1", 4],
    ["mixPercent", "50%", 50],
    ["phase", "90°", 90],
    ["ceiling", "-1dBTP", -1],
    ["target", "-14 LUFS", -14],
    ["on", "on", 1],
    ["on", "off", 0],
    ["on", "1", 1],
    ["mode", "rms", 1],
    ["mode", "0", 0],
  ])("%s %j is %d", (id, text, expected) => {
    expect(parse(id, text)).toBe(expected);
  });
});

describe("a value is refused with what is accepted:", () => {
  test.each<[string, string, string]>([
    ["thresholdDb", "6", "thresholdDb cannot be 6; it takes -60 to 0 dB"],
    ["thresholdDb", "-18ms", 'thresholdDb cannot be "-18ms"; it takes -60 to 0 dB'],
    ["thresholdDb", "loud", 'thresholdDb cannot be "loud"; it takes -60 to 0 dB'],
    ["thresholdDb", "", 'thresholdDb cannot be ""; it takes -60 to 0 dB'],
    ["thresholdDb", "1e999", 'thresholdDb cannot be "1e999"; it takes -60 to 0 dB'],
    ["thresholdDb", "-1 8", 'thresholdDb cannot be "-1 8"'],
    ["thresholdDb", "NaN", 'thresholdDb cannot be "NaN"'],
    ["cutoffHz", "1.2kdB", 'cutoffHz cannot be "1.2kdB"; it takes 20 to 20000 Hz'],
    ["cutoffHz", "30kHz", "cutoffHz cannot be 30000; it takes 20 to 20000 Hz"],
    ["cutoffHz", "4:1", 'cutoffHz cannot be "4:1"'],
    ["decayS", "500ms", 'decayS cannot be "500ms"; it takes 0.1 to 20 s'],
    ["mixPercent", "101%", "mixPercent cannot be 101; it takes 0 to 100 %"],
    ["ratio", "0.5", "ratio cannot be 0.5; it takes 1 to 100"],
    ["count", "3dB", 'count cannot be "3dB"; it takes 0 to 5000'],
    ["on", "maybe", 'on cannot be "maybe"; it takes on or off'],
    ["on", "0.5", "on cannot be 0.5; it takes on or off"],
    ["mode", "vu", 'mode cannot be "vu"; it takes one of peak, rms'],
    ["mode", "0.5", "mode cannot be 0.5; it takes one of peak, rms"],
    ["mode", "2", "mode cannot be 2; it takes one of peak, rms"],
  ])("%s %j", (id, text, message) => {
    expect(() => parse(id, text)).toThrow(PluginFault);
    expect(() => parse(id, text)).toThrow(`plugin everything: ${message}`);
  });

  test("an unknown parameter, with near names", () => {
    expect(() => findParam(manifest, "treshold")).toThrow(
      'plugin everything: has no parameter "treshold". Did you mean thresholdDb?',
    );
    expect(() => findParam(manifest, "xyzzy")).toThrow(/has no parameter "xyzzy"\.$/);
  });

  test("any text at all is a number in range or a PluginFault", () => {
    fc.assert(
      fc.property(fc.constantFrom(...manifest.params), fc.string(), (param, text) => {
        try {
          const value = parseParam(manifest, param, text);
          expect(value >= param.min && value <= param.max).toBe(true);
        } catch (error) {
          if (!(error instanceof PluginFault)) throw error;
        }
      }),
    );
  });
});

test("checkParams takes numbers and texts by id, and refuses the first that is wrong", () => {
  const taken = checkParams(manifest, { thresholdDb: -20, mode: "rms", on: "off", ratio: 2 });
  expect(taken).toEqual({ thresholdDb: -20, mode: 1, on: 0, ratio: 2 });
  expect(() => checkParams(manifest, { thresholdDb: Number.NaN })).toThrow("thresholdDb cannot be NaN");
  expect(() => checkParams(manifest, { constructor: 1 })).toThrow('has no parameter "constructor"');
  expect(() => checkParam(manifest, manifest.params[0], 0.1)).toThrow("it takes -60 to 0 dB");
});

describe("formatParam", () => {
  test.each<[string, number, string]>([
    ["thresholdDb", -18, "-18 dB"],
    ["thresholdDb", -18.123456, "-18.12 dB"],
    ["cutoffHz", 1200, "1200 Hz"],
    ["ratio", 4, "4:1"],
    ["ratio", 2.5, "2.5:1"],
    ["mixPercent", 50, "50 %"],
    ["phase", 90, "90 °"],
    ["target", -14, "-14 LUFS"],
    ["on", 1, "on"],
    ["on", 0, "off"],
    ["count", 12, "12"],
    ["mode", 1, "RMS, 10 ms"],
  ])("%s %d is %j", (id, value, expected) => {
    expect(formatParam(findParam(manifest, id), value)).toBe(expected);
  });

  test("writes what parseParam reads, to four digits, and to twelve behind the point", () => {
    const numeric = manifest.params.filter((p) => !p.choices && p.unit !== "bool");
    fc.assert(
      fc.property(
        fc.constantFrom(...numeric),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (param, position) => {
          const four = Number((param.min + (param.max - param.min) * position).toPrecision(4));
          const value = Math.abs(four) < 1e-6 ? Number(four.toFixed(12)) : four;
          if (value < param.min || value > param.max) return;
          expect(parseParam(manifest, param, formatParam(param, value))).toBe(value === 0 ? 0 : value);
        },
      ),
    );
  });
});
