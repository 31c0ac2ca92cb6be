import type { WasmPlugin } from "@gainstage/plugin-api";
import { beforeAll, describe, expect, test } from "vitest";
import { noise, pluginOf, RATE_HZ, run, startOf, within } from "./running.ts";

const silence = (frames: number) => new Float32Array(frames);

describe("a gain and a one-pole filter", () => {
  let gain: WasmPlugin;
  let pole: WasmPlugin;

  beforeAll(async () => {
    gain = await pluginOf('process = *(hslider("Gain[unit:dB]", 0, -60, 12, 0.1) : ba.db2linear);');
    pole = await pluginOf("process = *(1 - p) : + ~ *(p) with { p = exp(-2 * ma.PI * 1000 / ma.SR); };", {
      double: true,
    });
  });

  test("the gain is 10^(dB/20) times the input", () => {
    const input = [noise(2000, 1), noise(2000, 2)];
    for (const gainDb of [-60, -6, 0, 12]) {
      const output = run(startOf(gain, { params: { gain: gainDb } }), input);
      const factor = 10 ** (gainDb / 20);
      for (const c of [0, 1])
        within(
          output[c],
          input[c].map((x) => x * factor),
          3e-7 * factor,
          `channel ${c} at ${gainDb} dB`,
        );
    }
  });

  test("the filter's answer to an impulse is (1 - p) p^n, at every rate", () => {
    for (const sampleRateHz of [8000, 44_100, 48_000, 192_000]) {
      const p = Math.exp((-2 * Math.PI * 1000) / sampleRateHz);
      const impulse = silence(400);
      impulse[3] = 1;
      const [output] = run(startOf(pole, { sampleRateHz, layout: "mono" }), [impulse]);
      const expected = Array.from(impulse, (_, i) => (i < 3 ? 0 : (1 - p) * p ** (i - 3)));
      within(output, expected, 1e-7, `at ${sampleRateHz} Hz`);
    }
  });

  test("processors at two rates stand side by side, and a third in one that is activated after them", () => {
    const input = [noise(3000, 3)];
    const alone = [44_100, 96_000].map(
      (sampleRateHz) => run(startOf(pole, { sampleRateHz, layout: "mono" }), input)[0],
    );
    const both = [44_100, 96_000].map((sampleRateHz) => startOf(pole, { sampleRateHz, layout: "mono" }));
    const halves = both.map((processor) => [run(processor, [input[0].subarray(0, 1500)])[0]]);
    startOf(pole, { sampleRateHz: 192_000 });
    for (const [k, processor] of both.entries()) halves[k].push(run(processor, [input[0].subarray(1500)])[0]);
    for (const [k, [first, second]] of halves.entries()) {
      within(first, alone[k].subarray(0, 1500), 0, `processor ${k}`);
      within(second, alone[k].subarray(1500), 0, `processor ${k}, second half`);
    }
  });

  test("rates that Faust's libraries do not know are refused", () => {
    for (const sampleRateHz of [4000, 384_000])
      expect(() => startOf(pole, { sampleRateHz })).toThrow(/refuses/);
  });
});

test("tables that depend on the rate are those of the processor's rate", async () => {
  // A table of the sample rate itself: filled once for each instance.
  const plugin = await pluginOf("process = *(rdtable(4, float(ma.SR), 1) / 192000);");
  const processors = [48_000, 96_000, 192_000].map((sampleRateHz) =>
    startOf(plugin, { sampleRateHz, layout: "mono" }),
  );
  for (const [k, processor] of processors.entries()) {
    const [output] = run(processor, [new Float32Array(10).fill(1)]);
    within(output, new Float32Array(10).fill([0.25, 0.5, 1][k]), 1e-7, `processor ${k}`);
  }
});

test("reset() forgets what was written into a table", async () => {
  const plugin = await pluginOf("process(x) = rwtable(64, 0.0, ba.period(64), x, (ba.period(64) + 1) % 64);");
  const processor = startOf(plugin, { layout: "mono" });
  const input = [noise(1000, 4)];
  const [first] = run(processor, input);
  processor.reset();
  within(run(processor, input)[0], first, 0, "after reset()");
});

describe("a delay with feedback, smoothed", () => {
  let plugin: WasmPlugin;
  const source = `
    feedback = hslider("Feedback", 0.3, 0, 0.5, 0.01) : si.smoo;
    process = (+ : de.delay(4096, 1000)) ~ *(feedback) : fi.lowpass(2, 3000) <: attach(_, abs : max ~ *(0.999) : hbargraph("Level", 0, 1));`;

  beforeAll(async () => {
    plugin = await pluginOf(source);
  });

  const cuts = [[1], [7, 333, 1, 64], [1024], [127, 1024, 3]];

  test("sounds the same, to the bit, however the stream is cut: with silences, waking and parameters on the way", () => {
    const { restFrames, input, changes } = wakingSignal(plugin);
    const whole = withChanges(plugin, input, changes, [1024]);
    for (const blocks of cuts) {
      const cut = withChanges(plugin, input, changes, blocks);
      for (const c of [0, 1])
        within(cut[c], whole[c], 0, `in blocks of ${blocks}, channel ${c} (rest after ${restFrames})`);
    }
  });

  test("counts down to rest, is silent there, and wakes as if it had stood still", () => {
    const processor = startOf(plugin);
    const said: number[] = [];
    run(processor, [noise(1000, 5), noise(1000, 6)], { onBlock: (left) => said.push(left) });
    const rest = said.at(-1)!;
    expect(rest).toBeGreaterThan(0);
    const quiet = [silence(rest + 512), silence(rest + 512)];
    let before = rest;
    const tail = run(processor, quiet, {
      onBlock: (left, done) => {
        expect(left).toBe(Math.max(0, rest - done));
        expect(left).toBeLessThanOrEqual(before);
        before = left;
      },
    });
    for (const channel of tail) within(channel.subarray(rest), silence(512), 0, "at rest");
    const other = startOf(plugin);
    run(other, [noise(1000, 5), noise(1000, 6)]);
    run(
      other,
      quiet.map((channel) => channel.subarray(0, rest)),
    );
    const next = [noise(3000, 7), noise(3000, 8)];
    const [woken, never] = [processor, other].map((p) => run(p, next));
    for (const c of [0, 1]) within(woken[c], never[c], 0, "after a longer sleep");
  });

  test("says a tail that holds", () => {
    const processor = startOf(plugin, { params: { feedback: 0.5 } });
    run(processor, [noise(20_000, 9), noise(20_000, 10)]);
    const { tailFrames } = processor;
    expect(Number.isFinite(tailFrames)).toBe(true);
    // An echo of 0.5 every 1000 frames is below -120 dB, 2^-20, after 20 of them.
    expect(tailFrames).toBeGreaterThan(19_000);
    expect(tailFrames).toBeLessThan(4 * 21_000);
    const after = run(processor, [silence(tailFrames + 4800), silence(tailFrames + 4800)]);
    for (const channel of after) within(channel.subarray(tailFrames), silence(4800), 1e-6, "after the tail");
  });

  test("its meter is in its range, and the louder of the two channels", () => {
    const processor = startOf(plugin);
    const loud = noise(4096, 11);
    run(processor, [loud, silence(4096)]);
    const left = processor.block.meters[0];
    expect(left).toBeGreaterThan(0);
    processor.reset();
    run(processor, [silence(4096), loud]);
    expect(processor.block.meters[0]).toBe(left);
  });
});

/** Sound, rest, sound, a pause shorter than rest, and parameters that change everywhere. */
function wakingSignal(plugin: WasmPlugin) {
  const probe = startOf(plugin);
  let restFrames = 0;
  run(probe, [noise(64, 1), noise(64, 2)], { blocks: [64], onBlock: (left) => (restFrames = left) });
  const frames = restFrames + 20_000;
  const input = [1, 2].map((seed) => {
    const signal = noise(frames, seed);
    signal.fill(0, 0, 777);
    signal.fill(0, 3001, 3001 + restFrames + 5000);
    signal.fill(0, frames - 3000, frames - 1500);
    return signal;
  });
  const changes = [100, 2000, 3500, 3001 + restFrames + 100, frames - 2000].map((frame, k) => ({
    frame,
    value: (k % 5) / 10,
  }));
  return { restFrames, input, changes };
}

function withChanges(
  plugin: WasmPlugin,
  input: readonly Float32Array[],
  changes: readonly { readonly frame: number; readonly value: number }[],
  blocks: readonly number[],
): Float32Array[] {
  const processor = startOf(plugin);
  const ends = [...changes.map(({ frame }) => frame), input[0].length];
  const parts = ends.map((end, k) => {
    if (k > 0) processor.block.params[0] = changes[k - 1].value;
    return run(
      processor,
      input.map((channel) => channel.subarray(ends[k - 1] ?? 0, end)),
      { blocks },
    );
  });
  return input.map((_, c) => Float32Array.from(parts.flatMap((part) => Array.from(part[c]))));
}

test("a parameter that is smoothed is where it should be at the first frame", async () => {
  const plugin = await pluginOf('process = *(hslider("Gain", 0.5, 0, 1, 0.01) : si.smoo);');
  const input = new Float32Array(100).fill(1);
  const [output] = run(startOf(plugin, { layout: "mono", params: { gain: 0.8 } }), [input]);
  // The pole of si.smoo, 1 - 44.1 / rate, has run for a quarter of a second: e^-11 of the way is left. In f32 it stops
  // where a step of 44.1 / rate of the rest is less than half a unit in the last place, 2^-25.
  const left = Math.exp(-0.25 * 44.1) + (RATE_HZ / 44.1) * 2 ** -24;
  within(
    output,
    input.map(() => 0.8),
    left,
    "the gain",
  );
});

test("a program of noise and DC is silent until something comes in", async () => {
  const plugin = await pluginOf("process = +(no.noise * 0.1 + 0.2);");
  const processor = startOf(plugin, { layout: "mono" });
  const [output] = run(processor, [silence(5000)], { onBlock: (left) => expect(left).toBe(0) });
  within(output, silence(5000), 0, "before any input");
  run(processor, [noise(10, 1)], { onBlock: (left) => expect(left).toBe(Number.POSITIVE_INFINITY) });
  expect(processor.tailFrames).toBe(Number.POSITIVE_INFINITY);
});

test("a choice gives the program the value that its menu names", async () => {
  const plugin = await pluginOf(
    `process = *(nentry("Size[style:menu{'Half':0.5;'Double':2;'None':0}]", 2, 0, 2, 0.5));`,
  );
  const [size] = plugin.manifest.params;
  expect(size).toMatchObject({
    default: 1,
    min: 0,
    max: 2,
    step: 1,
    choices: [{ id: "half", label: "Half" }, { id: "double" }, { id: "none" }],
  });
  const input = new Float32Array(10).fill(0.25);
  for (const [index, factor] of [0.5, 2, 0].entries()) {
    const [output] = run(startOf(plugin, { layout: "mono", params: { size: index } }), [input]);
    within(
      output,
      input.map((x) => x * factor),
      0,
      `choice ${index}`,
    );
  }
});

test("a sidechain is the last inputs, the same for both instances of a mono program", async () => {
  const plugin = await pluginOf('declare sidechain "1"; process(x, key) = x * key;');
  expect(plugin.manifest.inputs.map(({ role, layouts }) => [role, ...layouts])).toEqual([
    ["main", "stereo", "mono"],
    ["sidechain", "mono"],
  ]);
  const [left, right, key] = [1, 2, 3].map((seed) => noise(500, seed));
  const output = run(startOf(plugin, { connected: ["sidechain"] }), [left, right, key]);
  for (const [c, main] of [left, right].entries())
    within(
      output[c],
      main.map((x, i) => x * key[i]),
      1e-7,
      `channel ${c}`,
    );
});

describe("latency", () => {
  test("is measured where it is a time, and where it is frames", async () => {
    const time = await pluginOf("process = @(int(0.5 + 0.004 * ma.SR));");
    const frames = await pluginOf("process = @(77);");
    for (const [sampleRateHz, expected] of [
      [44_100, 176],
      [RATE_HZ, 192],
      [96_000, 384],
    ] as const) {
      expect(startOf(time, { sampleRateHz }).latencyFrames).toBe(expected);
      expect(startOf(frames, { sampleRateHz }).latencyFrames).toBe(77);
    }
  });

  test("is what the program declares", async () => {
    const plugin = await pluginOf('declare latency "10 ms"; declare tail "0.5"; process = @(480);');
    const processor = startOf(plugin);
    expect([processor.latencyFrames, processor.tailFrames]).toEqual([480, 24_000]);
  });
});
