/** What every plugin owes its host, and the kernel against its scalar twin. */
import { describePlugin, noise, random, sameBits, start, stream } from "@gainstage/conformance";
import { fromKnob, ModulePlugin } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import convolver from "../src/convolver.ts";
import {
  decibels,
  folder,
  impulseResponse,
  kernel,
  owning,
  RATE_HZ,
  spaceOf,
  WET,
} from "./convolver-runs.ts";

describePlugin(folder, { strict: true });

const { params } = kernel.manifest;
const twin = new ModulePlugin(kernel.manifest, convolver);
const FRAMES = 6000;

/** Any parameters, changing while it runs, with a response that decays within the test. */
function randomRun(seed: number) {
  const next = random(seed * 7919);
  const knob = (id: string) => (id === "preDelayMs" ? 0.2 * next() : next());
  const live = params.filter(({ applies }) => applies !== "restart");
  const changes = Array.from({ length: Math.floor(6 * next()) }, () => {
    const param = live[Math.floor(live.length * next())];
    const value = fromKnob(param, knob(param.id));
    return { frame: Math.floor(FRAMES * next()), param: params.indexOf(param), value };
  });
  const decaying = (length: number, channel: number) =>
    noise(length, 100 * seed + channel).map((x, i) => x * 10 ** ((-2 * i) / length));
  const length = Math.floor(10 + 1200 * next());
  const rate = [RATE_HZ, 44_100, 96_000][Math.floor(3 * next())];
  const own = owning(next() < 0.3 ? [decaying(length, 0)] : [decaying(length, 0), decaying(length, 1)], rate);
  const layout = next() < 0.25 ? ("mono" as const) : ("stereo" as const);
  const signal = Array.from({ length: layout === "mono" ? 1 : 2 }, (_, c) => noise(FRAMES, 1000 * seed + c));
  const [from, to] = [FRAMES * next(), FRAMES * next()];
  for (const channel of signal) channel.fill(0, Math.min(from, to), Math.max(from, to));
  const values = Object.fromEntries(params.map((p) => [p.id, fromKnob(p, knob(p.id))]));
  return {
    setup: { ...own, params: { ...values, space: spaceOf("own") }, layout },
    signal,
    options: {
      blocks: Array.from({ length: 5 }, () => 1 + Math.floor(1000 * next())),
      changes: changes.sort((a, b) => a.frame - b.frame),
    },
  };
}

test.each(Array.from({ length: 25 }, (_, k) => k + 1))("is its scalar twin, random run %d", (seed) => {
  const { setup, signal, options } = randomRun(seed);
  const expected = stream(start(twin, setup), signal, options);
  const actual = stream(start(kernel, setup), signal, options);
  // The wet signal may be 24 dB louder than full scale.
  const loudest = Math.max(
    1,
    ...expected.map((channel) => channel.reduce((m, x) => Math.max(m, Math.abs(x)), 0)),
  );
  for (const [c, channel] of actual.entries()) {
    const worst = channel.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[c][i])), 0);
    expect(decibels(worst / loudest), `channel ${c}, ${JSON.stringify(setup.params)}`).toBeLessThan(-110);
  }
});

describe("mixing", () => {
  const x = [noise(9000, 1, 4), noise(9000, 2, 4)];

  test("is the input itself, to the bit, at mix 0", () => {
    const input = x.map((channel) => channel.slice());
    input[0].set([-0, 0, 1e-40, -1e-30, 1e30, Number.POSITIVE_INFINITY], 1000);
    sameBits(stream(start(kernel, { params: { mixPercent: 0, gainDb: 24 } }), input), input, "at mix 0");
  });

  test("is of equal power: dry √(1 - mix), wet √mix", () => {
    const out = (mixPercent: number) => stream(start(kernel, { params: { mixPercent } }), x)[0][8000];
    expect(out(30)).toBeCloseTo(Math.sqrt(0.7) * x[0][8000] + Math.sqrt(0.3) * out(100), 5);
  });

  test("adds wet gain in decibels", () => {
    const out = (gainDb: number) => stream(start(kernel, { params: { ...WET, gainDb } }), x)[0][8000];
    expect(out(6) / out(0)).toBeCloseTo(10 ** (6 / 20), 5);
  });

  test("is the same in both channels at width 0", () => {
    const [left, right] = stream(start(kernel, { params: { ...WET, widthPercent: 0 } }), x);
    expect(left.findIndex((v, i) => v !== right[i])).toBe(-1);
    expect(left[8000]).not.toBe(0);
  });

  test("of one channel is half of both: what stereo folds down to", () => {
    const mono = stream(start(kernel, { params: WET, layout: "mono" }), [x[0]])[0];
    const [left, right] = stream(start(kernel, { params: WET }), [x[0], x[0]]);
    for (const i of [100, 5000, 8999]) expect(mono[i]).toBeCloseTo((left[i] + right[i]) / 2, 5);
  });

  test.each([0, 50, 100])("hears %i %% of crossfeed: the middle as it is, a side on both", (crossPercent) => {
    const { params: own, state } = owning([Float32Array.of(1), Float32Array.of(1)]);
    const side = [x[0], new Float32Array(9000)];
    const out = (input: readonly Float32Array[]) =>
      stream(start(kernel, { params: { ...own, crossPercent }, state }), input);
    sameBits(out([x[0], x[0]]), [x[0], x[0]], "the middle");
    const [left, right] = out(side);
    expect(left[8000]).toBeCloseTo((1 - crossPercent / 200) * x[0][8000], 6);
    expect(right[8000]).toBeCloseTo((crossPercent / 200) * x[0][8000], 6);
  });

  test("is late by the pre-delay, to the frame", () => {
    const [now] = impulseResponse({}, 0.2);
    const [later] = impulseResponse({ preDelayMs: 100 }, 0.3);
    const frames = 0.1 * RATE_HZ;
    const before = later.findIndex((v) => v !== 0);
    expect(before - now.findIndex((v) => v !== 0)).toBe(frames);
    for (const i of [500, 3000, 9000]) expect(later[frames + i]).toBeCloseTo(now[i], 6);
  });

  test.each([
    ["lowCutHz", 300, 100],
    ["lowCutHz", 300, 1000],
    ["highCutHz", 2000, 1000],
    ["highCutHz", 2000, 8000],
  ])("%s %d Hz is a Butterworth filter of second order at %d Hz", (id, cutoffHz, hz) => {
    const one = [Float32Array.of(1)];
    const setup = owning(one);
    const impulse = [new Float32Array(9000).fill(1, 0, 1), new Float32Array(9000)];
    const [out] = stream(start(kernel, { ...setup, params: { ...setup.params, [id]: cutoffHz } }), impulse);
    const warp = (f: number) => Math.tan((Math.PI * f) / RATE_HZ);
    const ratio = id === "lowCutHz" ? warp(cutoffHz) / warp(hz) : warp(hz) / warp(cutoffHz);
    let [re, im] = [0, 0];
    for (const [i, v] of out.entries()) {
      re += v * Math.cos((2 * Math.PI * hz * i) / RATE_HZ);
      im += v * Math.sin((2 * Math.PI * hz * i) / RATE_HZ);
    }
    expect(Math.hypot(re, im)).toBeCloseTo(1 / Math.sqrt(1 + ratio ** 4), 4);
  });
});
