import { fileURLToPath } from "node:url";
import {
  describePlugin,
  loadFolder,
  noise,
  type ParamChange,
  random,
  sameBits,
  sine,
  start,
  stream,
  within,
} from "@gainstage/conformance";
import { ModulePlugin } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import { stereoImager } from "../src/index.ts";

const folder = new URL("../", import.meta.url);
const kernel = await loadFolder(fileURLToPath(folder));
const twin = new ModulePlugin(kernel.manifest, stereoImager);

const RATE_HZ = 48_000;
const PARAMS = kernel.manifest.params;

type Params = Record<string, number>;

const run = (params: Params, signal: readonly Float32Array[]) => stream(start(kernel, { params }), signal);

function randomParams(seed: number): Params {
  const next = random(seed);
  return Object.fromEntries(PARAMS.map((p) => [p.id, p.min + (p.max - p.min) * next()]));
}

const dB = (ratio: number) => 20 * Math.log10(ratio);
const rms = (x: Float32Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length);

/** Gain of the side in dB for a tone that is side alone, after it has settled. */
function sideGainDb(params: Params, frequencyHz: number): number {
  const tone = sine(RATE_HZ, frequencyHz, RATE_HZ, 0.25);
  const [left, right] = run(params, [tone, tone.map((x) => -x)]);
  const side = left.map((l, i) => 0.5 * (l - right[i]));
  return dB(rms(side.subarray(RATE_HZ / 2)) / rms(tone.subarray(RATE_HZ / 2)));
}

describePlugin(folder, { strict: true });

describe("is what its twin is", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("with random parameters that change on the way, seed %i", (seed) => {
    const params = randomParams(seed * 331);
    const next = random(seed * 977);
    const changes: ParamChange[] = [500, 1300, 1300, 2000, 4100, 6000].map((frame) => {
      const param = Math.floor(next() * PARAMS.length);
      const { min, max, choices } = PARAMS[param];
      const value = min + (max - min) * next();
      return { frame, param, value: choices ? Math.round(value) : value };
    });
    const signal = [noise(8000, seed), noise(8000, seed + 100)];
    const expected = stream(start(twin, { params }), signal, { changes });
    const actual = stream(start(kernel, { params }), signal, { changes });
    within(actual, expected, 1e-6, `kernel against twin, ${JSON.stringify(params)}`);
  });

  test("when silence follows: it says when it may sleep, and what correlates", () => {
    const signal = [new Float32Array(72_000), new Float32Array(72_000)];
    signal[0].set(noise(2000, 5));
    signal[1].set(noise(2000, 6));
    const params = { monoBelowHz: 100, bands: 2, width1Percent: 50 };
    const [a, b] = [kernel, twin].map((plugin) => {
      const said: number[] = [];
      const processor = start(plugin, { params });
      stream(processor, signal, { onBlock: (frames) => said.push(frames, processor.block.meters[0]) });
      return said;
    });
    for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i], 6);
    expect(a.at(-2)).toBe(0);
  });
});

describe("leaves alone what it is not asked to change", () => {
  test.each([0, 1, 2, 3])("bit for bit when everything is flat, band choice %i", (bands) => {
    const signal = [noise(6000, 1, 0.9), noise(6000, 2, 1e-9)];
    signal[1].set([-0, 0, 1e-38, 3], 100);
    sameBits(run({ bands }, signal), signal, "flat");
  });

  test("bit for bit again after everything was moved and put back", () => {
    const signal = [noise(12_000, 3), noise(12_000, 4)];
    const moved = randomParams(99);
    const changes = PARAMS.flatMap((p, param) => [
      { frame: 1000, param, value: p.choices ? 3 : moved[p.id] },
      { frame: 4000, param, value: p.default },
    ]).sort((a, b) => a.frame - b.frame);
    const output = stream(start(kernel), signal, { changes });
    sameBits(
      output.map((x) => x.subarray(4960)),
      signal.map((x) => x.subarray(4960)),
      "flat again, 20 ms later",
    );
  });

  test("the mono sum, to -140 dB, whatever the widths and the mono bass", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const params = { ...randomParams(seed), rotationDegrees: 0, balancePercent: 0, outputGainDb: 0 };
      const signal = [noise(8000, seed), noise(8000, seed + 50)];
      const [left, right] = run(params, signal);
      const error = left.map((l, i) => l + right[i] - (signal[0][i] + signal[1][i]));
      expect(dB(Math.max(...error.map(Math.abs)) / 0.5)).toBeLessThan(-120);
      expect(dB(rms(error) / rms(signal[0]))).toBeLessThan(-140);
    }
  });
});

describe("sets the width", () => {
  test.each([25, 50, 100, 150, 200])("of one band to %i %% within 0.001 dB at every frequency", (percent) => {
    for (const frequencyHz of [30, 997, 15_000]) {
      expect(sideGainDb({ width1Percent: percent }, frequencyHz)).toBeCloseTo(dB(percent / 100), 3);
    }
  });

  test("of four bands that are set alike as of one", () => {
    const widths = { width1Percent: 60, width2Percent: 60, width3Percent: 60, width4Percent: 60 };
    const signal = [noise(6000, 7), noise(6000, 8)];
    sameBits(run({ bands: 3, ...widths }, signal), run({ width1Percent: 60 }, signal), "four bands");
  });

  test("0 % is mono", () => {
    const [left, right] = run({ width1Percent: 0 }, [noise(6000, 9), noise(6000, 10)]);
    within([left], [right], 1e-7, "left against right");
  });

  /**
   * Small 1971: with x = f / crossover and p = 1 / (1 + jx), low = 3 p² - 2 p³; real and imaginary part. Tangents, since
   * the bilinear transform bends the frequency axis.
   */
  function lowpass(frequencyHz: number, crossoverHz: number): [number, number] {
    const x = Math.tan((Math.PI * frequencyHz) / RATE_HZ) / Math.tan((Math.PI * crossoverHz) / RATE_HZ);
    const scale = 1 / (1 + x * x);
    const [re, im] = [scale, -x * scale];
    const [re2, im2] = [re * re - im * im, 2 * re * im];
    const [re3, im3] = [re2 * re - im2 * im, re2 * im + im2 * re];
    return [3 * re2 - 2 * re3, 3 * im2 - 2 * im3];
  }

  test.each([0, 50, 150, 200])(
    "of a band above 800 Hz to %i %% as the crossover's equation says",
    (percent) => {
      const params = { bands: 1, lowHz: 800, width2Percent: percent };
      for (const frequencyHz of [100, 400, 800, 1600, 6400]) {
        const [re, im] = lowpass(frequencyHz, 800);
        const w = percent / 100;
        const expected = dB(Math.hypot(w + (1 - w) * re, (1 - w) * im));
        expect(sideGainDb(params, frequencyHz)).toBeCloseTo(expected, 2);
      }
    },
  );

  test("of four bands, each low-pass and what it leaves weighed by a width", () => {
    const crossovers = { lowHz: 100, midHz: 1000, highHz: 8000 };
    const widths = { width1Percent: 50, width2Percent: 150, width3Percent: 0, width4Percent: 120 };
    const w = Object.values(widths).map((percent) => percent / 100);
    for (const frequencyHz of [20, 100, 300, 1000, 3000, 8000, 20_000]) {
      const sum = [w[3], 0];
      for (const [c, crossoverHz] of Object.values(crossovers).entries()) {
        const low = lowpass(frequencyHz, crossoverHz);
        for (const part of [0, 1]) sum[part] += (w[c] - w[c + 1]) * low[part];
      }
      const gainDb = sideGainDb({ bands: 3, ...crossovers, ...widths }, frequencyHz);
      expect(gainDb).toBeCloseTo(dB(Math.hypot(...sum)), 2);
    }
  });
});

describe("makes the bass mono", () => {
  test("with the side a fourth-order Linkwitz-Riley high-pass at 1.6 times the frequency", () => {
    const monoBelowHz = 120;
    for (const frequencyHz of [30, 60, 120, 180, 400, 2000]) {
      const x =
        Math.tan((Math.PI * frequencyHz) / RATE_HZ) / Math.tan((Math.PI * 1.6 * monoBelowHz) / RATE_HZ);
      const expected = dB(x ** 4 / (1 + x ** 4));
      expect(sideGainDb({ monoBelowHz }, frequencyHz)).toBeCloseTo(expected, 1);
    }
  });

  test("so that unrelated channels correlate by 0.99 below it", () => {
    // Tones of equal level on both sides, 5 to 195 Hz, with random phases: correlation 0 without it.
    const next = random(17);
    const frames = 2 * RATE_HZ;
    const channels = [0, 1].map(() => {
      const tones = Array.from({ length: 39 }, (_, k) => [5 * (k + 1), 2 * Math.PI * next()]);
      return Float32Array.from({ length: frames }, (_, i) =>
        tones.reduce(
          (sum, [hz, phase]) => sum + 0.01 * Math.sin((2 * Math.PI * hz * i) / RATE_HZ + phase),
          0,
        ),
      );
    });
    const [l, r] = run({ monoBelowHz: 200 }, channels).map((x) => x.subarray(RATE_HZ));
    const product = l.reduce((sum, x, i) => sum + x * r[i], 0) / l.length;
    expect(product / (rms(l) * rms(r))).toBeGreaterThan(0.99);
  });

  test("and is off at its lowest setting", () => {
    expect(sideGainDb({ monoBelowHz: 20 }, 20)).toBeCloseTo(0, 6);
  });
});

describe("moves the image", () => {
  const middle = [sine(4800, 997, RATE_HZ), sine(4800, 997, RATE_HZ)];

  test("a rotation by 45 degrees puts the middle on the right, its power kept", () => {
    const [left, right] = run({ rotationDegrees: 45 }, middle);
    expect(rms(left)).toBeLessThan(1e-7);
    expect(dB(rms(right) / rms(middle[1]))).toBeCloseTo(dB(Math.SQRT2), 4);
  });

  test.each([-30, -10, 20, 40])(
    "a rotation by %i degrees keeps the power of any signal",
    (rotationDegrees) => {
      const signal = [noise(9600, 11), noise(9600, 12)];
      const [left, right] = run({ rotationDegrees }, signal);
      const before = Math.hypot(rms(signal[0]), rms(signal[1]));
      expect(dB(Math.hypot(rms(left), rms(right)) / before)).toBeCloseTo(0, 4);
    },
  );

  test("balance turns the other side down and leaves its own alone", () => {
    const [left, right] = run({ balancePercent: 25 }, middle);
    expect(rms(left) / rms(middle[0])).toBeCloseTo(0.75, 6);
    sameBits([right], [middle[1]], "right");
  });
});

test.each([
  ["mono", 1, 1, 1],
  ["opposite", 1, -1, -1],
  ["unrelated", 1, 0, 0],
  ["silent", 0, 0, 0],
])("the meter reads a %s pair after 1.5 s", (_name, amplitude, same, expected) => {
  const left = noise(72_000, 13, 0.5 * amplitude);
  const other = noise(72_000, 14, 0.5 * amplitude);
  const right = left.map((x, i) => (same === 0 ? other[i] : same * x));
  const processor = start(kernel);
  stream(processor, [left, right]);
  // Of unrelated noise over 300 ms, 14400 frames, the standard deviation is 0.01.
  expect(Math.abs(processor.block.meters[0] - expected)).toBeLessThan(same === 0 ? 0.04 : 1e-6);
});
