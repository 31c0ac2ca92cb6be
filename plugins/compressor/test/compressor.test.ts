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
import { type LoadedPlugin, ModulePlugin } from "@gainstage/plugin-api";
import { beforeAll, describe, expect, test } from "vitest";
import { compressor } from "../src/index.ts";

const folder = new URL("../", import.meta.url);
describePlugin(folder, { strict: true });

let plugin: LoadedPlugin;
beforeAll(async () => {
  plugin = await loadFolder(folder.pathname);
});

type Params = Record<string, number>;
const FS = 48_000;
const RMS = 1;

const toDb = (gain: number) => 20 * Math.log10(gain);
const indexOf = (id: string) => plugin.manifest.params.findIndex((p) => p.id === id);

/** |x| is `level` in dBFS throughout. */
function square(frames: number, level: number): Float32Array {
  const amplitude = 10 ** (level / 20);
  return Float32Array.from({ length: frames }, (_, i) => (i % 8 < 4 ? amplitude : -amplitude));
}

/** The gain at each frame, in dB. */
function gainsDb(input: Float32Array, params: Params, sampleRateHz = FS): number[] {
  const [output] = stream(start(plugin, { params, sampleRateHz }), [input, input]);
  return Array.from(output, (y, i) => toDb(y / input[i]));
}

/** Eq. 4 of the paper, as the level that comes out for the level that goes in. */
function staticCurve(level: number, threshold: number, ratio: number, knee: number): number {
  const over = level - threshold;
  if (2 * over <= -knee) return level;
  if (2 * Math.abs(over) <= knee) return level + ((1 / ratio - 1) * (over + knee / 2) ** 2) / (2 * knee);
  return threshold + over / ratio;
}

/** Frames in which a one-pole filter with this time constant goes 1 - 1/e of its way. */
function timeConstantFrames(timeMs: number, sampleRateHz: number): number {
  return timeMs * 0.001 * sampleRateHz;
}

test("the static curve is that of the paper within 0.02 dB", () => {
  for (const ratio of [1.5, 2, 4, 10, 100]) {
    for (const kneeDb of [0, 6, 12, 24]) {
      const params = { thresholdDb: -30, ratio, kneeDb, attackMs: 0.05, releaseMs: 5 };
      for (let level = -60; level <= 0; level += 1.5) {
        const gain = gainsDb(square(2400, level), params).at(-1) as number;
        const wanted = staticCurve(level, -30, ratio, kneeDb);
        expect(Math.abs(level + gain - wanted), `${level} dB, ${ratio}:1, knee ${kneeDb}`).toBeLessThan(0.02);
      }
    }
  }
});

describe("ballistics", () => {
  // Hard knee at -24 dB and 4:1: -20 dB more is 15 dB of reduction.
  const base = { thresholdDb: -24, ratio: 4, kneeDb: 0 };
  const reduction = 15;

  /** Frames until the reduction has gone 1 - 1/e of its way, between frames by a straight line. */
  function framesTo63(gains: readonly number[], from: number, to: number): number {
    const mark = from + (to - from) * (1 - Math.exp(-1));
    const i = gains.findIndex((g) => (to < from ? g <= mark : g >= mark));
    const before = i === 0 ? from : gains[i - 1];
    return i + (mark - before) / (gains[i] - before);
  }

  for (const sampleRateHz of [44_100, 48_000, 96_000]) {
    test(`attack and release reach 63 % within 1 % of the time set, at ${sampleRateHz} Hz`, () => {
      for (const attackMs of [1, 10, 100]) {
        const frames = Math.round(attackMs * 0.004 * sampleRateHz) + 16;
        const loud = square(frames, -4);
        const gains = gainsDb(loud, { ...base, attackMs }, sampleRateHz);
        const measured = framesTo63(gains, 0, -reduction);
        const wanted = timeConstantFrames(attackMs, sampleRateHz);
        expect(Math.abs(measured / wanted - 1), `attack ${attackMs} ms`).toBeLessThan(0.01);
      }
      for (const releaseMs of [10, 100, 500]) {
        const frames = Math.round(releaseMs * 0.004 * sampleRateHz) + 16;
        const input = new Float32Array(2400 + frames);
        input.set(square(2400, -4));
        input.set(square(frames, -40), 2400);
        const gains = gainsDb(input, { ...base, attackMs: 0.05, releaseMs }, sampleRateHz);
        const measured = framesTo63(gains.slice(2400), -reduction, 0);
        const wanted = timeConstantFrames(releaseMs, sampleRateHz);
        expect(Math.abs(measured / wanted - 1), `release ${releaseMs} ms`).toBeLessThan(0.01);
      }
    });
  }
});

test("the RMS detector reads a sine 3.01 dB below its peak", () => {
  const params = { thresholdDb: -40, ratio: 2, kneeDb: 0, attackMs: 50, releaseMs: 50, detector: RMS };
  const processor = start(plugin, { params });
  const tone = sine(48_000, 5000, FS, 0.5);
  stream(processor, [tone, tone]);
  // 2:1 reduces by half of what is above the threshold.
  const level = -40 - 2 * processor.block.meters[0];
  expect(Math.abs(level - (toDb(0.5) - 10 * Math.log10(2)))).toBeLessThan(0.02);
});

test("the link mixes each channel's own level in dB with the louder one", () => {
  const loud = square(4800, -4);
  const quiet = square(4800, -20);
  for (const [linkPercent, quietReduction] of [
    [0, 3],
    [50, 9],
    [100, 15],
  ]) {
    const params = { thresholdDb: -24, ratio: 4, kneeDb: 0, attackMs: 0.05, linkPercent };
    const [left, right] = stream(start(plugin, { params }), [loud, quiet]);
    const at = 4799;
    expect(Math.abs(toDb(left[at] / loud[at]) + 15), `link ${linkPercent}, loud`).toBeLessThan(0.01);
    expect(Math.abs(toDb(right[at] / quiet[at]) + quietReduction), `link ${linkPercent}`).toBeLessThan(0.01);
  }
});

test("linking channels that were apart does not make either jump", () => {
  const params = { thresholdDb: -24, ratio: 4, kneeDb: 0, attackMs: 50, linkPercent: 0 };
  const loud = square(9600, -4);
  const quiet = square(9600, -40);
  const changes = [{ frame: 4800, param: indexOf("linkPercent"), value: 100 }];
  const [, right] = stream(start(plugin, { params }), [loud, quiet], { changes });
  // 15 dB of reduction at most 1/(50 ms) of the way a frame.
  const steepest = (15 / (0.05 * FS)) * 1.01;
  for (let i = 1; i < 9600; i++) {
    const step = Math.abs(toDb(right[i] / quiet[i]) - toDb(right[i - 1] / quiet[i - 1]));
    if (step > steepest) throw new Error(`jumps by ${step} dB at frame ${i}`);
  }
});

test.each([
  ["ratio", 1, 100],
  ["thresholdDb", 0, -60],
  ["kneeDb", 0, 24],
  ["linkPercent", 0, 100],
])("with the fastest attack and release, a jump of %s takes the gain 20 ms", (id, from, to) => {
  const loud = square(9600, -6);
  const quiet = square(9600, -20);
  const base = { thresholdDb: -18, ratio: 20, kneeDb: 6, attackMs: 0.05, releaseMs: 5, linkPercent: 0 };
  for (const [start0, end] of [
    [from, to],
    [to, from],
  ]) {
    const changes = [{ frame: 4800, param: indexOf(id), value: end }];
    const output = stream(start(plugin, { params: { ...base, [id]: start0 } }), [loud, quiet], { changes });
    for (const [c, input] of [loud, quiet].entries()) {
      const gain = (i: number) => toDb(output[c][i] / input[i]);
      const way = Math.abs(gain(9599) - gain(4799));
      // A straight way has 960 frames; that into a knee or through a mean of squares is steeper at its end.
      for (let i = 4800; i < 9600; i++)
        expect(Math.abs(gain(i) - gain(i - 1)), `frame ${i}`).toBeLessThan((4 * way) / 960 + 1e-3);
    }
  }
});

test("the first block after a reset takes the parameters as they stand", () => {
  const params = {
    thresholdDb: -40,
    ratio: 10,
    makeupDb: 12,
    mixPercent: 60,
    highpassHz: 200,
    detector: RMS,
  };
  const signal = [noise(2000, 3, 0.5), noise(2000, 4, 0.5)];
  const processor = start(plugin, { params: {} });
  for (const [id, value] of Object.entries(params)) processor.block.params[indexOf(id)] = value;
  sameBits(stream(processor, signal), stream(start(plugin, { params }), signal), "written before the start");
});

test("lookahead is late by what it says, and lets the gain fall before the sound comes", () => {
  for (const lookaheadMs of [0, 1.5, 5, 20]) {
    const processor = start(plugin, { params: { lookaheadMs, thresholdDb: 0 } });
    const wanted = Math.round(lookaheadMs * 48);
    expect(processor.latencyFrames).toBe(wanted);
    const signal = [noise(2000, 3, 0.1), noise(2000, 4, 0.1)];
    const output = stream(processor, signal);
    sameBits(
      output.map((channel) => channel.subarray(wanted)),
      signal.map((channel) => channel.subarray(0, 2000 - wanted)),
      `lookahead of ${lookaheadMs} ms, below the threshold`,
    );
  }
  const burst = new Float32Array(2400);
  burst.set(square(1200, 0), 1200);
  const params = { thresholdDb: -24, ratio: 100, kneeDb: 0, attackMs: 1, lookaheadMs: 5 };
  const output = stream(start(plugin, { params }), [burst, burst]);
  expect(peakOf(output)).toBeLessThan(10 ** (-23 / 20));
});

test("a mix of 0 is the input to the bit, late by the lookahead", () => {
  const signal = [noise(3000, 5, 1), noise(3000, 6, 1)];
  const params = { mixPercent: 0, lookaheadMs: 2, thresholdDb: -60, ratio: 20, makeupDb: 12 };
  const output = stream(start(plugin, { params }), signal);
  sameBits(
    output.map((channel) => channel.subarray(96)),
    signal.map((channel) => channel.subarray(0, 3000 - 96)),
    "mix 0",
  );
});

test("what is below -602 dB is put out as zero, and all above it, and the sign of a zero, to the bit", () => {
  const audible = [2 ** -100, -(2 ** -99), 1e-20, -0, 0, -0.01];
  const inaudible = [1e-40, -1e-45, 2 ** -126, 7e-31];
  const input = new Float32Array(64);
  input.set([...audible, ...inaudible, ...audible]);
  const expected = input.slice();
  expected.fill(0, audible.length, audible.length + inaudible.length);
  for (const params of [{}, { mixPercent: 0 }, { mixPercent: 40 }, { linkPercent: 0 }, { lookaheadMs: 1 }]) {
    for (const layout of ["mono", "stereo"] as const) {
      const processor = start(plugin, { params, layout });
      const late = new Float32Array(64 + processor.latencyFrames);
      late.set(input);
      const output = stream(processor, layout === "mono" ? [late] : [late, late]);
      for (const channel of output) {
        const heard = channel.subarray(processor.latencyFrames).map(Math.abs);
        sameBits([heard], [expected.map(Math.abs)], JSON.stringify(params));
        expect(Object.is(channel[processor.latencyFrames + 3], -0)).toBe(true);
      }
    }
  }
});

test("a sidechain sets the gain and is not heard", () => {
  const processor = start(plugin, {
    params: { thresholdDb: -24, ratio: 4, kneeDb: 0, attackMs: 0.05 },
    connected: ["in", "sidechain"],
  });
  const { block } = processor;
  const quiet = square(1000, -40);
  block.frames = 1000;
  for (const channel of block.inputs[0]) channel.set(quiet);
  for (const channel of block.inputs[1]) channel.set(square(1000, -4));
  processor.process();
  expect(Math.abs(toDb(block.outputs[0][0][999] / quiet[999]) + 15)).toBeLessThan(0.01);
  for (const channel of block.inputs[0]) channel.fill(0);
  processor.process();
  expect(peakOf(block.outputs[0].map((channel) => channel.subarray(0, 1000)))).toBe(0);
});

test("the detector's high-pass does not hear the bass", () => {
  const bass = sine(24_000, 40, FS, 0.5);
  const treble = sine(24_000, 4000, FS, 0.5);
  const params = { thresholdDb: -20, ratio: 4, kneeDb: 0, attackMs: 1, highpassHz: 400 };
  // Two octaves and 10/6 below the corner, 12 dB an octave leaves 40 dB less: -46 dB.
  sameBits(stream(start(plugin, { params }), [bass, bass]), [bass, bass], "bass under a high-pass");
  const [output] = stream(start(plugin, { params }), [treble, treble]);
  expect(peakOf([output], 12_000)).toBeLessThan(0.3);
});

test("overloads do not outlast the release", () => {
  const signal = square(48_000, -40);
  const bad = signal.slice();
  bad.set([Number.NaN, Number.POSITIVE_INFINITY, 3e38, -3e38], 100);
  for (const detector of [0, RMS]) {
    for (const highpassHz of [10, 200]) {
      const params = { thresholdDb: -60, ratio: 100, attackMs: 0.05, releaseMs: 5, detector, highpassHz };
      const [output] = stream(start(plugin, { params }), [bad, bad]);
      const [clean] = stream(start(plugin, { params }), [signal, signal]);
      within([output.subarray(40_000)], [clean.subarray(40_000)], 1e-6, `detector ${detector}`);
    }
  }
});

test("kernel and twin agree within 2e-6 of full scale, with settings changing", () => {
  const twin = new ModulePlugin(plugin.manifest, compressor);
  for (let seed = 1; seed <= 16; seed++) {
    const next = random(seed);
    const anyParams = (): Params => ({
      thresholdDb: -60 * next(),
      ratio: 100 ** next(),
      kneeDb: 24 * next(),
      attackMs: 0.05 * 2000 ** next(),
      releaseMs: 5 * 100 ** next(),
      makeupDb: 12 * next() - 6,
      detector: next() < 0.5 ? 0 : RMS,
      linkPercent: [0, 37, 100][Math.floor(3 * next())],
      highpassHz: next() < 0.5 ? 10 : 10 * 100 ** next(),
      mixPercent: next() < 0.5 ? 100 : 100 * next(),
    });
    const frames = 6000;
    const signal = [noise(frames, 10 + seed, 0.9), noise(frames, 40 + seed, 0.4)];
    for (const channel of signal) channel.fill(0, 2500, 3000);
    const changes: ParamChange[] = [700, 2900, 4100].flatMap((frame) =>
      Object.entries(anyParams()).map(([id, value]) => ({ frame, param: indexOf(id), value })),
    );
    const request = {
      params: { ...anyParams(), lookaheadMs: seed % 3 },
      connected: seed % 2 ? ["in", "sidechain"] : ["in"],
      layout: seed % 5 === 0 ? "mono" : "stereo",
    } as const;
    const expected = stream(start(twin, request), signal, { blocks: [128], changes });
    const actual = stream(start(plugin, request), signal, { blocks: [333], changes });
    within(actual, expected, 2e-6, `seed ${seed}`);
  }
});

test("an attack slower than the release agrees with the twin within 2e-6 of full scale", () => {
  const twin = new ModulePlugin(plugin.manifest, compressor);
  const signal = [noise(9000, 7, 0.9), noise(9000, 8, 0.4)];
  for (const linkPercent of [100, 50]) {
    const request = { params: { thresholdDb: -40, attackMs: 250, releaseMs: 5, linkPercent } };
    within(
      stream(start(plugin, request), signal),
      stream(start(twin, request), signal),
      2e-6,
      `${linkPercent} %`,
    );
  }
});

test("how the stream is cut changes no bit where the envelope settles and where glides begin and end", () => {
  // Loud, then silent for longer than 40 dB of reduction take to fall below 1e-6 dB: ln(4e7) time constants of 5 ms.
  const signal = [noise(9000, 9, 0.9), noise(9000, 10, 0.5)];
  for (const channel of signal) channel.fill(0, 2000, 7001);
  const changes = [
    { frame: 701, param: indexOf("attackMs"), value: 0.5 },
    { frame: 7502, param: indexOf("mixPercent"), value: 60 },
  ];
  for (const linkPercent of [100, 0]) {
    const params = { thresholdDb: -50, ratio: 10, attackMs: 40, releaseMs: 5, linkPercent };
    const cut = (blocks: number[]) => stream(start(plugin, { params }), signal, { blocks, changes });
    const whole = cut([512]);
    for (const blocks of [[1], [3, 64, 5, 7], [130]]) sameBits(cut(blocks), whole, `blocks of ${blocks}`);
  }
});

describe("the curve for displays", () => {
  test.each([{}, { mixPercent: 40, makeupDb: 6 }, { ratio: 12, kneeDb: 18, thresholdDb: -40 }])(
    "is the level that a steady input comes out with: %o",
    (params) => {
      const levels = Float64Array.from({ length: 13 }, (_, i) => -60 + 5 * i);
      const drawn = new Float64Array(levels.length);
      const processor = start(plugin, { params });
      expect(processor.extension("curve/1")?.curve("transfer", levels, drawn)).toBe(true);
      for (const [i, levelDb] of levels.entries()) {
        const steady = new Float32Array(FS).fill(10 ** (levelDb / 20));
        const [left] = stream(start(plugin, { params }), [steady, steady]);
        expect(drawn[i], `${levelDb} dBFS`).toBeCloseTo(toDb(left[FS - 1]), 3);
      }
    },
  );

  test("has no magnitude", () => {
    const nothing = new Float64Array(4);
    expect(start(plugin).extension("curve/1")?.curve("magnitude", nothing, nothing)).toBe(false);
  });
});
