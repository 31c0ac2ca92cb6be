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
import { equalizer } from "../src/index.ts";
import { measuredDb } from "./measured-response.ts";

const folder = new URL("../", import.meta.url);
describePlugin(folder, { strict: true });

let plugin: LoadedPlugin;
beforeAll(async () => {
  plugin = await loadFolder(folder.pathname);
});

const indexOf = (id: string) => plugin.manifest.params.findIndex((p) => p.id === id);

/** Musical settings at random: gains of ±15 dB, q to 8, 20 Hz to 20 kHz. */
function randomSettings(seed: number): Record<string, number> {
  const next = random(seed);
  const settings: Record<string, number> = { outputGainDb: -6 * next() };
  for (let n = 1; n <= 8; n++) {
    settings[`band${n}.type`] = Math.floor(8 * next());
    settings[`band${n}.frequencyHz`] = 20 * 1000 ** next();
    settings[`band${n}.gainDb`] = next() < 0.2 ? 0 : 30 * next() - 15;
    settings[`band${n}.q`] = 0.3 * 27 ** next();
    settings[`band${n}.slopeDbPerOct`] = Math.floor(8 * next());
    settings[`band${n}.channels`] = Math.floor(5 * next());
  }
  return settings;
}

describe("kernel and twin", () => {
  test("agree within 1e-6 of the loudest sample, with settings changing", () => {
    const twin = new ModulePlugin(plugin.manifest, equalizer);
    for (let seed = 1; seed <= 12; seed++) {
      const frames = 6000;
      const signal = [noise(frames, 90 + seed, 0.5), noise(frames, 190 + seed, 0.5)];
      for (const channel of signal) channel.fill(0, 1500, 1800);
      const next = random(seed);
      const changes: ParamChange[] = Array.from({ length: 3 }, (_, k) =>
        Object.entries(randomSettings(100 * seed + k))
          .filter(() => next() < 0.3)
          .map(([id, value]) => ({ frame: 200 + 1200 * k, param: indexOf(id), value })),
      ).flat();
      const request = {
        params: randomSettings(seed),
        sampleRateHz: [44_100, 48_000, 96_000][seed % 3],
        layout: seed % 4 === 0 ? "mono" : "stereo",
      } as const;
      const expected = stream(start(twin, request), signal, { blocks: [128], changes });
      const actual = stream(start(plugin, request), signal, { blocks: [333], changes });
      const loudest = Math.max(
        1,
        ...expected.map((channel) => channel.reduce((m, x) => Math.max(m, Math.abs(x)), 0)),
      );
      within(actual, expected, 1e-6 * loudest, `seed ${seed}`);
    }
  });
});

describe("flat", () => {
  test("is bit-exact, with signed zeros and subnormals", () => {
    const signal = [noise(2000, 1, 1), noise(2000, 2, 1)];
    for (const channel of signal) channel.set([-0, 1e-42, -1e-45, 3.4e38, 0], 100);
    sameBits(stream(start(plugin), signal), signal, "default settings");
    const off = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`band${n + 1}.type`, 0]));
    sameBits(stream(start(plugin, { params: off }), signal), signal, "all bands off");
  });

  test("is bit-exact again, 40 ms and two frames after the last band has gone", () => {
    const signal = [noise(3000, 3, 1), noise(3000, 4, 1)];
    for (const channel of signal) channel.set([-0, -0], 2000);
    const changes = [{ frame: 500, param: indexOf("band3.gainDb"), value: 0 }];
    const params = { "band3.gainDb": 9, "band3.channels": 3 };
    const output = stream(start(plugin, { params }), signal, { changes });
    const from = 500 + 2 * 960 + 2;
    sameBits(
      output.map((channel) => channel.subarray(from)),
      signal.map((channel) => channel.subarray(from)),
      "after the ramp",
    );
  });
});

test("what is not finite in the input is silence", () => {
  const clean = [noise(3000, 11, 0.5), noise(3000, 12, 0.5)];
  const bad = clean.map((channel) => channel.slice());
  for (const [c, channel] of bad.entries()) {
    channel.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 1000 + 7 * c);
    clean[c].fill(0, 1000 + 7 * c, 1003 + 7 * c);
  }
  for (const params of [
    {},
    { outputGainDb: -6 },
    { "band2.gainDb": 6 },
    { "band2.gainDb": 6, "band2.channels": 3 },
  ]) {
    for (const layout of ["mono", "stereo"] as const) {
      const heard = (signal: Float32Array[]) =>
        stream(start(plugin, { params, layout }), layout === "mono" ? [signal[0]] : signal);
      sameBits(heard(bad), heard(clean), `${layout}, ${JSON.stringify(params)}`);
    }
  }
});

test("how the stream is cut changes no bit, however many bands there are", () => {
  const signal = [noise(1500, 13, 0.5), noise(1500, 14, 0.5)];
  const params: Record<string, number> = {};
  for (let n = 1; n <= 8; n++) {
    params[`band${n}.gainDb`] = n % 2 ? 3 : -4;
    const cut = (blocks: number[]) => stream(start(plugin, { params }), signal, { blocks });
    const whole = cut([1024]);
    for (const blocks of [[1], [2, 3, 5, 7], [512]])
      sameBits(cut(blocks), whole, `${n} bands, blocks of ${blocks}`);
  }
});

describe("channels", () => {
  const bell = (channels: number) => ({
    "band4.gainDb": 12,
    "band4.frequencyHz": 1000,
    "band4.channels": channels,
  });

  test("a left band leaves the right channel as it is, and a right band the left one", () => {
    const signal = [noise(2000, 5), noise(2000, 6)];
    const left = stream(start(plugin, { params: bell(1) }), signal);
    sameBits([left[1]], [signal[1]], "right of a left band");
    const right = stream(start(plugin, { params: bell(2) }), signal);
    sameBits([right[0]], [signal[0]], "left of a right band");
  });

  test("a mid band does not touch the side, and a side band not the mid", () => {
    const mono = noise(2000, 7);
    const opposite = mono.map((x) => -x);
    within(stream(start(plugin, { params: bell(3) }), [mono, opposite]), [mono, opposite], 0, "mid band");
    within(stream(start(plugin, { params: bell(4) }), [mono, mono]), [mono, mono], 0, "side band");
  });

  test("a mid band does to a mono signal what a stereo band does", () => {
    const mono = noise(2000, 8);
    const wanted = stream(start(plugin, { params: bell(0) }), [mono, mono]);
    within(stream(start(plugin, { params: bell(3) }), [mono, mono]), wanted, 1e-7, "mid against stereo");
  });
});

describe("automation", () => {
  const fs = 48_000;
  const toneHz = 997;

  /** Energy outside 700 to 1350 Hz over that of the tone, in dB: probes every 25 Hz under a Blackman-Harris window. */
  function splatterDb(output: Float32Array): number {
    const frames = output.length;
    const windowed = output.map((x, i) => {
      const a = (2 * Math.PI * i) / frames;
      return x * (0.35875 - 0.48829 * Math.cos(a) + 0.14128 * Math.cos(2 * a) - 0.01168 * Math.cos(3 * a));
    });
    const tone = measuredDb(windowed, toneHz, fs);
    let outside = 0;
    for (let f = 100; f < 20_000; f += f < 3000 ? 25 : 250) {
      if (f < 700 || f > 1350) outside = Math.max(outside, 10 ** ((measuredDb(windowed, f, fs) - tone) / 10));
    }
    return 10 * Math.log10(outside);
  }

  test("a gain that goes from 0 to 12 dB in half a second leaves no line above -110 dB beside the tone", () => {
    const frames = 32_768;
    const tone = sine(frames, toneHz, fs, 0.2);
    const changes = Array.from({ length: 188 }, (_, k) => ({
      frame: 4096 + 128 * k,
      param: indexOf("band4.gainDb"),
      value: (12 * (k + 1)) / 188,
    }));
    const [output] = stream(start(plugin), [tone, tone], { changes });
    expect(splatterDb(output)).toBeLessThan(-110);
  });

  test.each([200, 2000])(
    "a steep low-pass at %i Hz comes in, and its slope changes, without a burst",
    (frequencyHz) => {
      const tone = sine(48_000, 997, 48_000, 0.5);
      const params = { "band1.type": 0, "band1.frequencyHz": frequencyHz, "band1.slopeDbPerOct": 7 };
      const changes = [
        { frame: 8000, param: indexOf("band1.type"), value: 4 },
        { frame: 20_000, param: indexOf("band1.slopeDbPerOct"), value: 0 },
        { frame: 32_000, param: indexOf("band1.slopeDbPerOct"), value: 7 },
      ];
      const [output] = stream(start(plugin, { params }), [tone, tone], { changes });
      let peak = 0;
      for (const y of output) peak = Math.max(peak, Math.abs(y));
      expect(peak).toBeLessThan(1);
    },
  );

  test("a high shelf that comes in at 24 dB lets a low tone through without a step of a thousandth", () => {
    const tone = sine(9600, 50, fs, 0.25);
    // The ramp begins and, 20 ms later, ends on a peak of the tone.
    const changes = [{ frame: 5040, param: indexOf("band5.gainDb"), value: 24 }];
    const params = { "band5.type": 3, "band5.frequencyHz": 2500 };
    const [output] = stream(start(plugin, { params }), [tone, tone], { changes });
    // Two octaves and more below, the shelf has a gain of 0 dB all along: each frame goes on from the two before it.
    const turn = 2 * Math.cos((2 * Math.PI * 50) / fs);
    for (let i = 2; i < output.length; i++) {
      const kink = Math.abs(output[i] - turn * output[i - 1] + output[i - 2]);
      if (kink > 2.5e-4) throw new Error(`a step of ${kink} at frame ${i}`);
    }
  });

  test("a step of 12 dB, or of type, leaves no line above -75 dB beside the tone", () => {
    const frames = 32_768;
    const tone = sine(frames, toneHz, fs, 0.2);
    for (const [id, value] of [
      ["band4.gainDb", 12],
      ["band4.type", 0],
      ["band4.channels", 3],
    ] as const) {
      const params = { "band4.gainDb": id === "band4.gainDb" ? 0 : 12 };
      const changes = [{ frame: 16_000, param: indexOf(id), value }];
      const [output] = stream(start(plugin, { params }), [tone, tone], { changes });
      expect(splatterDb(output), id).toBeLessThan(-75);
    }
  });

  test("a resonance swept over the whole range in 50 ms stays below its steady state", () => {
    const frames = 12_000;
    const signal = noise(frames, 9, 0.1);
    const params = { "band1.gainDb": 24, "band1.q": 20, "band1.frequencyHz": 20 };
    const changes = Array.from({ length: 75 }, (_, k) => ({
      frame: 4800 + 32 * k,
      param: indexOf("band1.frequencyHz"),
      value: 20 * 1000 ** ((k + 1) / 75),
    }));
    const [output] = stream(start(plugin, { params }), [signal, signal], { changes });
    // The gain at the peak, times the loudest sample, is more than white noise ever reaches.
    const bound = 0.1 * 10 ** (24 / 20);
    expect(output.reduce((m, x) => Math.max(m, Math.abs(x)), 0)).toBeLessThan(bound);
  });
});

test("bands that add up to +96 dB put out no more than +54 dBFS, which no host takes for a fault", () => {
  const params: Record<string, number> = {};
  for (const n of [1, 2, 3, 4])
    Object.assign(params, { [`band${n}.frequencyHz`]: 1000, [`band${n}.gainDb`]: 24 });
  const tone = sine(9600, 1000, 48_000, 0.5);
  expect(peakOf(stream(start(plugin, { params }), [tone, tone]))).toBe(500);
});

test("an output gain that moves in silence is counted in the frames that are left", () => {
  const processor = start(plugin);
  const { block } = processor;
  block.frames = 100;
  for (const channel of block.inputs[0]) channel.fill(0);
  expect(processor.process()).toBe(0);
  block.params[indexOf("outputGainDb")] = -12;
  // 20 ms at 48 kHz, of which the block has taken 100 frames.
  expect(processor.process()).toBe(860);
});

test("the first block after a reset takes the parameters as they stand", () => {
  const params = randomSettings(5);
  const signal = [noise(3000, 3, 0.5), noise(3000, 4, 0.5)];
  const processor = start(plugin);
  for (const [id, value] of Object.entries(params)) processor.block.params[indexOf(id)] = value;
  sameBits(stream(processor, signal), stream(start(plugin, { params }), signal), "written before the start");
});
