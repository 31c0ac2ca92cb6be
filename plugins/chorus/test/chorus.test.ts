import { fileURLToPath } from "node:url";
import {
  describePlugin,
  loadFolder,
  noise,
  type ParamChange,
  peakOf,
  random,
  sameBits,
  sine,
  start,
  stream,
  within,
} from "@gainstage/conformance";
import { type Layout, type LoadedPlugin, ModulePlugin } from "@gainstage/plugin-api";
import { beforeAll, describe, expect, test } from "vitest";
import twin from "../src/chorus.ts";

const FOLDER = fileURLToPath(new URL("../", import.meta.url));
const SAMPLE_RATE_HZ = 48_000;
const SECOND = SAMPLE_RATE_HZ;
const ONE_VOICE = { voices: 1, mixPercent: 100, depthMs: 2, delayMs: 12, rateHz: 0.5 };

describePlugin(FOLDER, { strict: true });

let plugin: LoadedPlugin;
beforeAll(async () => {
  plugin = await loadFolder(FOLDER);
});

function energyOf(x: Float32Array): number {
  return x.reduce((sum, v) => sum + v * v, 0);
}

describe("a voice", () => {
  test.each([
    { toneHz: 1000, floorDb: -110 },
    { toneHz: 5000, floorDb: -110 },
    { toneHz: 10_000, floorDb: -105 },
    { toneHz: 15_000, floorDb: -100 },
  ])("of $toneHz Hz is the tone at its moving delay, all else below $floorDb dB", ({ toneHz, floorDb }) => {
    const tone = sine(2 * SECOND, toneHz, SAMPLE_RATE_HZ);
    const [voice] = stream(start(plugin, { params: ONE_VOICE }), [tone, tone]);
    let error = 0;
    let energy = 0;
    for (let i = SECOND / 10; i < voice.length; i++) {
      const seconds = i / SAMPLE_RATE_HZ;
      // The LFO starts with the first frame that is not zero, which of a sine is the second.
      const delayS = 0.012 + 0.002 * Math.sin((2 * Math.PI * 0.5 * (i - 1)) / SAMPLE_RATE_HZ);
      const ideal = 0.5 * Math.sin(2 * Math.PI * toneHz * (seconds - delayS));
      error += (voice[i] - ideal) ** 2;
      energy += ideal ** 2;
    }
    expect(10 * Math.log10(error / energy)).toBeLessThan(floorDb);
  });

  test("is where a triangle puts it, when the waveform is one", () => {
    const tone = sine(SECOND, 1000, SAMPLE_RATE_HZ);
    const params = { ...ONE_VOICE, rateHz: 1, lfo: 1 };
    const [voice] = stream(start(plugin, { params }), [tone, tone]);
    // A quarter of the way up, at an eighth of the cycle's rise: half the depth.
    const at = SECOND / 8 + 1;
    const delayS = 0.012 + 0.002 * 0.5;
    expect(voice[at]).toBeCloseTo(0.5 * Math.sin(2 * Math.PI * 1000 * (at / SAMPLE_RATE_HZ - delayS)), 5);
  });

  test("keeps time: the same samples a hundred cycles later", () => {
    const later = stream(start(plugin, { params: { ...ONE_VOICE, rateHz: 10 } }), tones(11 * SECOND + 4800));
    for (let i = 0; i < 4800; i++) {
      expect(Math.abs(later[0][11 * SECOND + i] - later[0][SECOND + i]), `frame ${i}`).toBeLessThan(1e-6);
    }
  });

  test("echoes with the feedback set, one delay after another", () => {
    const click = new Float32Array(SECOND / 5);
    click[0] = 1;
    const params = { voices: 1, mixPercent: 100, depthMs: 0, delayMs: 10, feedbackPercent: -50 };
    const [echoes] = stream(start(plugin, { params }), [click, click]);
    for (let n = 0; n < 8; n++) expect(echoes[480 * (n + 1)]).toBeCloseTo((-0.5) ** n, 5);
  });
});

function tones(frames: number): Float32Array[] {
  return [sine(frames, 1000, SAMPLE_RATE_HZ), sine(frames, 1000, SAMPLE_RATE_HZ)];
}

describe("the voices together", () => {
  test.each([1, 2, 3, 5, 8])("of %i have the power of one, and half of it on either side", (voices) => {
    const input = noise(4 * SECOND, 21);
    const params = { voices, mixPercent: 100, rateHz: 1 };
    const [left, right] = stream(start(plugin, { params }), [input, input]);
    const db = (x: Float32Array) => 10 * Math.log10(energyOf(x) / energyOf(input));
    expect(Math.abs(db(left))).toBeLessThan(0.5);
    expect(Math.abs(db(right))).toBeLessThan(0.5);
  });

  test.each([2, 3, 8])("of %i lose no more than 1.5 dB in mono", (voices) => {
    const input = noise(6 * SECOND, 22);
    const [left, right] = stream(start(plugin, { params: { voices } }), [input, input]);
    const mono = left.map((x, i) => (x + right[i]) / 2);
    const foldDb = 10 * Math.log10((2 * energyOf(mono)) / (energyOf(left) + energyOf(right)));
    expect(foldDb).toBeGreaterThan(-1.5);
  });

  test("stand in the middle without spread", () => {
    const input = noise(4800, 23);
    const [left, right] = stream(start(plugin, { params: { voices: 5, spreadPercent: 0 } }), [input, input]);
    // cos and sin of a quarter turn differ in the last bit.
    for (let i = 0; i < left.length; i++)
      expect(Math.abs(left[i] - right[i]), `frame ${i}`).toBeLessThan(1e-6);
  });

  test("stay bounded for a minute at the most feedback, depth and rate", () => {
    const params = { voices: 8, feedbackPercent: 90, rateHz: 10, depthMs: 10, delayMs: 11, mixPercent: 100 };
    const processor = start(plugin, { params });
    let peak = 0;
    for (let second = 0; second < 60; second++) {
      const output = stream(processor, [noise(SECOND, second + 1), noise(SECOND, second + 99)], {
        blocks: [1024],
      });
      peak = Math.max(peak, peakOf(output));
    }
    // What went in, at 0.5, ten times over, is the most that echoes at 0.9 can come to, each of eight voices.
    expect(peak).toBeLessThan(0.5 * 10 * Math.sqrt(8));
  });

  test("are not heard at mix 0, to the bit", () => {
    const input = [noise(4800, 7), noise(4800, 8)];
    const output = stream(start(plugin, { params: { mixPercent: 0 } }), input);
    expect(output[0].findIndex((x, i) => x !== input[0][i])).toBe(-1);
  });
});

describe("at rest", () => {
  const DEEP = { feedbackPercent: 40, rateHz: 3, depthMs: 4 };
  const burst = () => [noise(2400, 41), noise(2400, 42)];
  const silent = (frames: number) => [new Float32Array(frames), new Float32Array(frames)];

  test.each([1, 63, 1000, 12_347])("it sounds after %i more silent frames as it did at first", (frames) => {
    const processor = start(plugin, { params: DEEP });
    const first = stream(processor, burst());
    let left = 1;
    while (left > 0) stream(processor, silent(509), { blocks: [509], onBlock: (now) => (left = now) });
    stream(processor, silent(frames), { blocks: [97] });
    sameBits(stream(processor, burst(), { blocks: [31, 64] }), first, `${frames} frames later`);
  });

  test("it begins at the same frame however the stream is cut", () => {
    const input = silent(24_000).map((channel, c) => {
      channel.set(burst()[c]);
      channel.set(burst()[c], 20_011);
      return channel;
    });
    const params = { ...DEEP, feedbackPercent: 0 };
    const whole = stream(start(plugin, { params }), input, { blocks: [1000] });
    sameBits(stream(start(plugin, { params }), input, { blocks: [7, 128, 33] }), whole, "in small blocks");
  });

  test("it takes new parameters at once, since no one hears them change", () => {
    const processor = start(plugin, { params: DEEP });
    processor.block.params[plugin.manifest.params.findIndex(({ id }) => id === "delayMs")] = 30;
    const expected = stream(start(plugin, { params: { ...DEEP, delayMs: 30 } }), burst());
    sameBits(stream(processor, burst()), expected, "after a change");
  });
});

test("a delay that jumps far is faded over to, and bends no pitch, however often it is fed back", () => {
  const tone = sine(60_000, 100, SAMPLE_RATE_HZ, 0.25);
  const param = plugin.manifest.params.findIndex(({ id }) => id === "delayMs");
  const params = { delayMs: 50, feedbackPercent: 68, rateHz: 0.05 };
  for (const value of [1, 20]) {
    const changes = [
      { frame: 45_000, param, value },
      { frame: 46_000, param, value: 45 },
    ];
    const output = stream(start(plugin, { params }), [tone, tone], { changes });
    // Three voices of at most 0.25 / 0.32, and the dry tone: 1.6 in all. A tone of w radians a frame has second
    // differences of w² times its amplitude, and the fade, as steep as 1.5 / 2400, adds 2 w times that.
    const w = (2 * Math.PI * 100) / SAMPLE_RATE_HZ;
    const most = 1.6 * (w * w + (3 * w) / 2400);
    for (const channel of output) {
      // Until then the echoes of the tone's onset die away.
      for (let i = 44_000; i < channel.length; i++) {
        const bend = Math.abs(channel[i] - 2 * channel[i - 1] + channel[i - 2]);
        expect(bend, `to ${value} ms, frame ${i}`).toBeLessThan(most);
      }
    }
  }
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
  // Time to come to rest where feedback is low, and to wake.
  for (const channel of input) channel.fill(0, 1000, 8000);
  const { params } = plugin.manifest;
  for (let seed = 1; seed <= 8; seed++) {
    const next = random(seed * 7919);
    const anywhere = ({ min, max, choices }: (typeof params)[number]) =>
      choices ? Math.round(min + (max - min) * next()) : min + (max - min) * next();
    const values = Object.fromEntries(params.map((param) => [param.id, anywhere(param)]));
    const changes: ParamChange[] = Array.from({ length: 5 }, (_, k) => {
      const param = Math.floor(next() * params.length);
      return { frame: 2600 * (k + 1) + Math.floor(next() * 2600), param, value: anywhere(params[param]) };
    });
    const layout: Layout = seed % 2 === 0 ? "mono" : "stereo";
    const request = { params: values, layout, sampleRateHz: seed % 3 === 0 ? 96_000 : 44_100 };
    const actual = stream(start(plugin, request), input, { changes });
    const expected = stream(start(scalar, request), input, { changes });
    within(actual, expected, 1e-5, `seed ${seed}, ${layout}, ${JSON.stringify(values)}`);
  }
});
