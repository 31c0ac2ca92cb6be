import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  describePlugin,
  loadFolder,
  noise,
  type ParamChange,
  random,
  reverberationTimeS,
  sameBits,
  start,
  stream,
  within,
} from "@gainstage/conformance";
import { type LoadedPlugin, ModulePlugin } from "@gainstage/plugin-api";
import { beforeAll, describe, expect, test } from "vitest";
import twin from "../src/reverb.ts";
import {
  correlation,
  echoDensity,
  energyOf,
  impulseResponse,
  SAMPLE_RATE_HZ,
  strongestRepetition,
} from "./impulse-response.ts";

const FOLDER = fileURLToPath(new URL("../", import.meta.url));
const SPACES = ["concert hall", "chamber", "plate", "room", "studio live room", "church"];
/** Every band decays alike, nothing but the late sound. */
const EVEN = { lowDecayRatio: 1, highDecayRatio: 1, earlyLatePercent: 100 };

describePlugin(FOLDER, { strict: true });

let plugin: LoadedPlugin;
beforeAll(async () => {
  plugin = await loadFolder(FOLDER);
});

describe("the decay", () => {
  test.each([
    { name: "concert hall", space: 0, decayS: 2 },
    { name: "chamber", space: 1, decayS: 1.1 },
    { name: "plate", space: 2, decayS: 1.8 },
    { name: "room", space: 3, decayS: 0.5 },
  ])("of the $name takes the time set, within a tenth, in every octave", ({ space, decayS }) => {
    const response = impulseResponse(plugin, { ...EVEN, space, decayS }, 0.5 + decayS);
    for (const centreHz of [125, 250, 500, 1000, 2000, 4000, 8000]) {
      const ratio = reverberationTimeS(response, centreHz) / decayS;
      expect(Math.abs(ratio - 1), `${centreHz} Hz: ${ratio} of the time set`).toBeLessThan(0.1);
    }
  });

  test("is longer in the lows and shorter in the highs by the ratios set", () => {
    const params = { ...EVEN, decayS: 1, lowDecayRatio: 1.5, lowCrossoverHz: 500, highDecayRatio: 0.5 };
    const response = impulseResponse(plugin, { ...params, highCrossoverHz: 1500 }, 2);
    expect(reverberationTimeS(response, 63)).toBeGreaterThan(1.35);
    expect(reverberationTimeS(response, 63)).toBeLessThan(1.65);
    expect(reverberationTimeS(response, 12_000)).toBeGreaterThan(0.45);
    expect(reverberationTimeS(response, 12_000)).toBeLessThan(0.55);
  });

  test("leaves the level of a steady sound within 2 dB", () => {
    const input = [noise(4 * SAMPLE_RATE_HZ, 5), noise(4 * SAMPLE_RATE_HZ, 6)];
    for (const decayS of [0.5, 1, 3]) {
      const params = { ...EVEN, decayS, space: 3, mixPercent: 100 };
      const output = stream(start(plugin, { params }), input);
      const settled = (x: Float32Array) => energyOf(x.subarray(3 * SAMPLE_RATE_HZ));
      const gainDb = 10 * Math.log10(settled(output[0]) / settled(input[0]));
      expect(Math.abs(gainDb), `${decayS} s: ${gainDb} dB`).toBeLessThan(2);
    }
  });

  test("does not go on once it has sunk below -180 dB", () => {
    const processor = start(plugin, { params: { decayS: 0.3, lowDecayRatio: 1 } });
    stream(processor, [noise(4800, 3), noise(4800, 4)]);
    const left: number[] = [];
    const silence = [new Float32Array(2 * SAMPLE_RATE_HZ), new Float32Array(2 * SAMPLE_RATE_HZ)];
    stream(processor, silence, { onBlock: (remaining) => left.push(remaining) });
    expect(left.at(-1)).toBe(0);
  });
});

describe("the sound", () => {
  test.each([
    ["hall", { space: 0, decayS: 2 }, 60],
    ["plate", { space: 2, decayS: 1.8 }, 30],
  ])("of a %s is as dense as noise in good time, and stays so", (_, params, untilMs) => {
    const [left] = impulseResponse(plugin, { ...EVEN, ...params }, 1);
    for (let ms = untilMs; ms < 500; ms += 5) {
      expect(echoDensity(left, ms), `at ${ms} ms`).toBeGreaterThan(0.85);
    }
    expect(echoDensity(left, untilMs)).toBeGreaterThan(0.9);
  });

  test.each(SPACES.map((name, space) => ({ name, space })))(
    "of the $name is diffuse in its tail",
    ({ space }) => {
      const [left, right] = impulseResponse(plugin, { ...EVEN, space, decayS: 2 }, 1.5);
      expect(Math.abs(correlation(left.subarray(4800), right.subarray(4800)))).toBeLessThan(0.15);
    },
  );

  test.each([
    { name: "concert hall", space: 0, decayS: 2 },
    { name: "plate", space: 2, decayS: 1.8 },
  ])("of the $name does not repeat itself after the delay of any one line", ({ space, decayS }) => {
    const response = impulseResponse(plugin, { ...EVEN, space, decayS, modulationPercent: 0 }, 0.7);
    for (const channel of response) expect(strongestRepetition(channel, decayS)).toBeLessThan(0.17);
  });

  test("of two channels folds down to mono at -3 dB", () => {
    const [left, right] = impulseResponse(plugin, {}, 2);
    const mono = left.map((x, i) => (x + right[i]) / 2);
    const foldDb = 10 * Math.log10((2 * energyOf(mono)) / (energyOf(left) + energyOf(right)));
    expect(Math.abs(foldDb + 3.01)).toBeLessThan(0.5);
  });

  test("is late by the pre-delay, to the frame", () => {
    const onset = (preDelayMs: number) =>
      impulseResponse(plugin, { preDelayMs }, 0.5)[0].findIndex((x) => x !== 0);
    expect(onset(100) - onset(0)).toBe(0.1 * SAMPLE_RATE_HZ);
  });

  test("is the same in both channels at width 0", () => {
    const [left, right] = impulseResponse(plugin, { widthPercent: 0 }, 0.5);
    expect(left.findIndex((x, i) => x !== right[i])).toBe(-1);
    expect(energyOf(left)).toBeGreaterThan(0.01);
  });

  test("is the input itself, to the bit, at mix 0", () => {
    const input = [noise(4800, 7), noise(4800, 8)];
    const output = stream(start(plugin, { params: { mixPercent: 0 } }), input);
    expect(output[0].findIndex((x, i) => x !== input[0][i])).toBe(-1);
  });
});

describe("at rest", () => {
  const SHORT = { decayS: 0.2, modulationPercent: 100 };
  const burst = () => [noise(12_000, 41), noise(12_000, 42)];
  const silent = (frames: number) => [new Float32Array(frames), new Float32Array(frames)];

  test.each([1, 63, 64, 12_347])("it sounds after %i more silent frames as it did at first", (frames) => {
    const processor = start(plugin, { params: SHORT });
    const first = stream(processor, burst());
    let left = 1;
    while (left > 0) stream(processor, silent(509), { blocks: [509], onBlock: (now) => (left = now) });
    stream(processor, silent(frames), { blocks: [97] });
    sameBits(stream(processor, burst(), { blocks: [31, 64] }), first, `${frames} frames later`);
  });

  test("it takes new parameters at once, since no one hears them change", () => {
    const processor = start(plugin, { params: SHORT });
    for (const [id, value] of Object.entries({ preDelayMs: 100, mixPercent: 80 })) {
      processor.block.params[plugin.manifest.params.findIndex((param) => param.id === id)] = value;
    }
    const expected = stream(
      start(plugin, { params: { ...SHORT, preDelayMs: 100, mixPercent: 80 } }),
      burst(),
    );
    sameBits(stream(processor, burst()), expected, "after a change");
  });

  test("it begins at the same frame as its scalar twin", () => {
    const input = silent(60_000);
    for (const [c, channel] of input.entries()) {
      channel.set(noise(3000, 41 + c), 1001);
      channel.set(noise(3000, 51 + c), 55_555);
    }
    const params = { space: 3, decayS: 0.1, lowDecayRatio: 0.5, modulationPercent: 100, mixPercent: 100 };
    const expected = stream(start(new ModulePlugin(plugin.manifest, twin), { params }), input);
    within(stream(start(plugin, { params }), input), expected, 1e-5, "after a rest");
  });
});

test("an input of subnormal numbers is silence", () => {
  const tiny = noise(4800, 51, 1e-39);
  for (const channel of stream(start(plugin), [tiny, tiny])) {
    expect(channel.findIndex((x) => x !== 0)).toBe(-1);
  }
});

test("the kernel is its scalar twin, whatever the parameters and their changes", () => {
  const scalar = new ModulePlugin(plugin.manifest, twin);
  const input = [noise(16_000, 31, 0.5), noise(16_000, 32, 0.5)];
  const { params } = plugin.manifest;
  for (let seed = 1; seed <= 10; seed++) {
    const next = random(seed * 7919);
    const values = Object.fromEntries(
      params.map(({ id, min, max, choices }) => {
        const value = min + (max - min) * next();
        return [id, choices ? Math.round(value) : value];
      }),
    );
    const changes: ParamChange[] = Array.from({ length: 6 }, (_, k) => {
      const param = 2 + Math.floor(next() * (params.length - 2));
      const { min, max } = params[param];
      return { frame: 2000 * (k + 1) + Math.floor(next() * 2000), param, value: min + (max - min) * next() };
    });
    const request = { params: values, sampleRateHz: seed % 3 === 0 ? 96_000 : 44_100 };
    const actual = stream(start(plugin, request), input, { changes });
    const expected = stream(start(scalar, request), input, { changes });
    within(actual, expected, 1e-5, `seed ${seed}, ${JSON.stringify(values)}`);
  }
});

describe("the presets", () => {
  const presets = readdirSync(`${FOLDER}presets`).map((file) => ({
    file,
    preset: JSON.parse(readFileSync(`${FOLDER}presets/${file}`, "utf8")) as {
      name: string;
      description: string;
      params: Record<string, number>;
    },
  }));

  test("are one for each space", () => {
    expect(presets.map(({ preset }) => preset.params.space).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test.each(presets)("$file sets parameters that are there, within their ranges", ({ preset }) => {
    expect(preset.name.length * preset.description.length).toBeGreaterThan(0);
    for (const [id, value] of Object.entries(preset.params)) {
      const param = plugin.manifest.params.find((p) => p.id === id);
      expect(param, id).toBeDefined();
      expect(value, id).toBeGreaterThanOrEqual(param?.min ?? 0);
      expect(value, id).toBeLessThanOrEqual(param?.max ?? 0);
    }
  });
});
