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
import { limiter } from "../src/index.ts";
import { finePeakDbtp } from "./fine-peak-meter.ts";

const folder = new URL("../", import.meta.url);
const kernel = await loadFolder(fileURLToPath(folder));
const twin = new ModulePlugin(kernel.manifest, limiter);

const RATE_HZ = 48_000;
const CEILING = 10 ** (-1 / 20);

describePlugin(folder, { strict: true });

describe("is what its twin is", () => {
  /** Peaks of every kind: noise, near-Nyquist tones, clicks, in bursts. */
  function torture(frames: number, seed: number): Float32Array {
    const next = random(seed);
    const tone = 0.05 + 0.44 * next();
    return Float32Array.from({ length: frames }, (_, i) => {
      const wave = i % 900 < 500 ? Math.sin(2 * Math.PI * tone * i) : 2 * next() - 1;
      return (i % 377 === 0 ? 3 : 0.8) * wave * (i % 2100 < 1400 ? 1 : 0.05);
    });
  }

  test.each([1, 2, 3, 4, 5, 6])("with random parameters that change on the way, seed %i", (seed) => {
    const next = random(seed * 977);
    const params = Object.fromEntries(
      kernel.manifest.params.map((p) => [p.id, p.min + (p.max - p.min) * next()]),
    );
    params.inputGainDb = -6 + 18 * next();
    const changes: ParamChange[] = [700, 1900, 2600, 3500].map((frame, k) => ({
      frame,
      param: k,
      value: [-3 + 9 * next(), -9 * next(), 1 + 200 * next(), 100 * next()][k],
    }));
    const layout = seed % 3 === 0 ? "mono" : "stereo";
    const signal = [torture(4800, seed * 31), torture(4800, seed * 57)];
    const request = { params, layout } as const;
    const expected = stream(start(twin, request), signal, { changes });
    const actual = stream(start(kernel, request), signal, { changes });
    within(actual, expected, 2e-6, `kernel against twin, ${JSON.stringify(params)}`);
    expect(start(kernel, request).latencyFrames).toBe(start(twin, request).latencyFrames);
  });

  test("when silence follows: it says when it may sleep", () => {
    const signal = [new Float32Array(60_000)];
    signal[0].set(noise(2000, 5, 2));
    const params = { releaseMs: 2, sustainPercent: 80 };
    const remaining = [kernel, twin].map((plugin) => {
      const said: number[] = [];
      stream(start(plugin, { params, layout: "mono" }), signal, { onBlock: (frames) => said.push(frames) });
      return said.indexOf(0);
    });
    expect(remaining[0]).toBeGreaterThan(0);
    expect(remaining[0]).toBe(remaining[1]);
  });

  test.each([kernel, twin])(
    "when its input gain is set in silence: it sleeps only once that has arrived",
    (plugin) => {
      const silence = (frames: number) => [new Float32Array(frames)];
      const after = (asleepFrames: number) => {
        const processor = start(plugin, { layout: "mono" });
        stream(processor, [noise(1000, 5)]);
        stream(processor, silence(5000));
        processor.block.params[0] = -6;
        let left = 1;
        while (left > 0) stream(processor, silence(100), { blocks: [100], onBlock: (now) => (left = now) });
        stream(processor, silence(asleepFrames));
        return stream(processor, [noise(2000, 6)]);
      };
      sameBits(after(0), after(3000), "after a sleep");
    },
  );
});

describe("keeps the ceiling, read 16 times between the samples", () => {
  const frames = 24_000;
  const burst = (i: number, length: number, period: number) => {
    const at = i % period;
    return at < length ? Math.min(1, at / 48, (length - at) / 48) : 0;
  };
  const next = random(7);
  const signals: Record<string, (i: number) => number> = {
    "bursts at a quarter of the sample rate, 45 degrees": (i) =>
      burst(i, 2400, 6000) * Math.sin((Math.PI / 2) * i + Math.PI / 4),
    "clicks of one and two samples, +12 dB": (i) => {
      const at = i % 1777;
      const sign = i % 3554 < 1777 ? 4 : -4;
      const tone = 0.1 * Math.sin((2 * Math.PI * 440 * i) / RATE_HZ);
      return at === 1000 || (at === 1001 && i > 9000) ? sign * (i > 16_000 ? (-1) ** at : 1) : tone;
    },
    "a 997 Hz square": (i) =>
      Math.min(1, i / 2000, (frames - 1 - i) / 2000) *
      Math.sign(Math.sin((2 * Math.PI * 997 * i) / RATE_HZ + 1e-6)),
    "bursts of white noise": (i) => burst(i, 3000, 7000) * (2 * next() - 1),
    "a sweep to 23.9 kHz": (i) => {
      const octaves = Math.log(23_900 / 20);
      const phase = ((2 * Math.PI * 20 * frames) / RATE_HZ / octaves) * Math.expm1((i / frames) * octaves);
      return Math.min(1, i / 500, (frames - 1 - i) / 500) * Math.sin(phase);
    },
  };

  for (const [name, wave] of Object.entries(signals)) {
    test.each([{ inputGainDb: 6 }, { inputGainDb: 6, lookaheadMs: 1, releaseMs: 1, sustainPercent: 0 }])(
      `within 0.05 dB: ${name}, %j`,
      (params) => {
        const signal = new Float32Array(frames + 1000);
        for (let i = 0; i < frames; i++) signal[i] = wave(i);
        const [output] = stream(start(kernel, { params, layout: "mono" }), [signal]);
        expect(finePeakDbtp(output)).toBeLessThan(-1 + 0.05);
      },
    );
  }

  test("and with the sample-peak detector keeps it at the samples", () => {
    const signal = noise(12_000, 21, 2);
    const [output] = stream(start(kernel, { params: { truePeak: 0 }, layout: "mono" }), [signal]);
    expect(output.reduce((peak, x) => Math.max(peak, Math.abs(x)), 0)).toBeLessThan(CEILING * (1 + 1e-6));
  });
});

describe("is transparent", () => {
  test("below the ceiling: the output is the input, late, bit for bit", () => {
    // Its true peak is 0.05 dB below.
    const white = noise(20_000, 31, 0.3);
    const gain = 10 ** ((-1.05 - finePeakDbtp(white)) / 20);
    const signal = [white.map((x) => gain * x), noise(20_000, 32, 0.3)];
    const processor = start(kernel);
    const output = stream(processor, signal);
    const late = signal.map((x) => {
      const shifted = new Float32Array(x.length);
      shifted.set(x.subarray(0, x.length - processor.latencyFrames), processor.latencyFrames);
      return shifted;
    });
    sameBits(output, late, "below the ceiling");
  });

  test("again, bit for bit, once it has recovered from an over", () => {
    const signal = noise(96_000, 33, 0.4);
    for (let i = 0; i < 2000; i++) signal[i] *= 10;
    const processor = start(kernel, { params: { releaseMs: 5 }, layout: "mono" });
    const [output] = stream(processor, [signal]);
    const from = 72_000;
    sameBits(
      [output.subarray(from)],
      [signal.subarray(from - processor.latencyFrames, signal.length - processor.latencyFrames)],
      "after recovery",
    );
  });

  test.each([
    [50, -110],
    [60, -110],
    [997, -110],
  ])("at 6 dB of reduction the THD+N of a %i Hz tone is below %i dB", (frequencyHz, limitDb) => {
    const frames = 96_000;
    const tone = sine(frames, frequencyHz, RATE_HZ, 2 * CEILING);
    const [output] = stream(start(kernel, { layout: "mono" }), [tone]);
    // One second, a whole number of periods.
    const tail = output.subarray(frames - RATE_HZ);
    const step = (2 * Math.PI * frequencyHz) / RATE_HZ;
    let inPhase = 0;
    let quadrature = 0;
    for (const [i, y] of tail.entries()) {
      inPhase += (2 / RATE_HZ) * y * Math.sin(step * i);
      quadrature += (2 / RATE_HZ) * y * Math.cos(step * i);
    }
    let rest = 0;
    for (const [i, y] of tail.entries()) {
      rest += (y - inPhase * Math.sin(step * i) - quadrature * Math.cos(step * i)) ** 2;
    }
    const amplitude = Math.hypot(inPhase, quadrature);
    expect(20 * Math.log10(amplitude)).toBeCloseTo(-1, 2);
    expect(10 * Math.log10(rest / (0.5 * RATE_HZ * amplitude ** 2))).toBeLessThan(limitDb);
  });
});

describe("treats two channels as an image", () => {
  const loud = sine(9600, 997, RATE_HZ, 2);
  const soft = sine(9600, 997, RATE_HZ, 0.2);
  const gainAtEnd = (output: Float32Array, amplitude: number) =>
    Math.max(...output.subarray(-480).map(Math.abs)) / amplitude;

  test("both get the same gain at a link of 100 %", () => {
    const [left, right] = stream(start(kernel), [loud, soft]);
    expect(20 * Math.log10(gainAtEnd(left, 2) / gainAtEnd(right, 0.2))).toBeCloseTo(0, 4);
  });

  test("each gets its own at 0 %", () => {
    const [left, right] = stream(start(kernel, { params: { linkPercent: 0 } }), [loud, soft]);
    expect(gainAtEnd(left, 2)).toBeCloseTo(CEILING / 2, 3);
    expect(gainAtEnd(right, 0.2)).toBeCloseTo(1, 3);
  });

  test("the quiet one gets half of the reduction at 50 %", () => {
    const [, right] = stream(start(kernel, { params: { linkPercent: 50 } }), [loud, soft]);
    expect(gainAtEnd(right, 0.2)).toBeCloseTo(1 - (1 - CEILING / 2) / 2, 3);
  });
});

describe("releases", () => {
  /** The gain in dB over a tone that is loud for `loudFrames`, then 20 dB below the ceiling; read `afterMs` later. */
  function gainAfter(loudFrames: number, afterMs: number, params: Record<string, number>): number {
    const quiet = 0.05;
    const signal = new Float32Array(loudFrames + RATE_HZ).fill(quiet);
    for (let i = 0; i < loudFrames; i++) signal[i] = 2 * CEILING;
    const processor = start(kernel, { params: { truePeak: 0, ...params }, layout: "mono" });
    const [output] = stream(processor, [signal]);
    const { latencyFrames } = processor;
    return 20 * Math.log10(output[latencyFrames + loudFrames + Math.round(afterMs * 48)] / quiet);
  }

  test("an over along an exponential of its time constant", () => {
    // Two readings cancel hold and smoothing: reductions one time constant apart are in the ratio e.
    const params = { releaseMs: 100, sustainPercent: 0 };
    const [early, late] = [100, 200].map((ms) => 1 - 10 ** (gainAfter(480, ms, params) / 20));
    expect(early / late).toBeCloseTo(Math.E, 2);
  });

  test("a loud second more slowly than a short over, if it is to sustain", () => {
    const params = { releaseMs: 40, sustainPercent: 100 };
    expect(gainAfter(480, 200, params)).toBeGreaterThan(-0.5);
    expect(gainAfter(RATE_HZ, 200, params)).toBeLessThan(-2);
  });

  test("and shows the lowest gain of the block on its meter", () => {
    const processor = start(kernel, { layout: "mono" });
    stream(processor, [sine(9600, 997, RATE_HZ, 2 * CEILING)]);
    expect(processor.block.meters[0]).toBeCloseTo(20 * Math.log10(0.5), 2);
  });
});

test.each([8000, 44_100, 48_000, 192_000])(
  "its latency at %i Hz is the lookahead and 64 frames",
  (sampleRateHz) => {
    for (const lookaheadMs of [1, 5, 10]) {
      const { latencyFrames } = start(kernel, { sampleRateHz, params: { lookaheadMs } });
      expect(latencyFrames).toBe(Math.round(lookaheadMs * 0.001 * sampleRateHz) + 64);
    }
  },
);
