/** Meters read without taking memory, and the audio path with jumps on their way, which takes none either. */
import { readFileSync } from "node:fs";
import { bytesAllocatedBy, noise } from "@gainstage/conformance";
import { describe, expect, test } from "vitest";
import { Engine, engineUrl, type GraphDescription, type ProcessorNode } from "../src/index.ts";
import { lateGain } from "./late-gain.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const FRAMES = 128;

const ids = ["in", "first", "second", "fader", "meter", "out"];
const graph: GraphDescription = {
  nodes: [
    { kind: "input", id: "in", channels: 2 },
    { kind: "gain", id: "first", channels: 2, gainDb: 0 },
    { kind: "gain", id: "second", channels: 2, gainDb: 0 },
    { kind: "gain", id: "fader", channels: 2, gainDb: 0 },
    { kind: "meter", id: "meter", channels: 2 },
    { kind: "output", id: "out", channels: 2 },
  ],
  edges: ids.slice(1).map((to, i) => ({ from: { node: ids[i], port: "out" }, to: { node: to, port: "in" } })),
};

function create(description: GraphDescription, processors: ReadonlyMap<string, ProcessorNode> = new Map()) {
  return Engine.create(module, description, { sampleRateHz: 48_000, maxFrames: FRAMES, processors });
}

function measured(): Engine {
  const engine = create(graph);
  const [left, right] = engine.inputs.get("in")!;
  left.fill(0.5);
  right.fill(0);
  right[3] = -0.75;
  engine.run(100);
  return engine;
}

describe("readMeterInto", () => {
  test("writes the peaks and then the RMS where it is told to, and clears them", () => {
    const engine = measured();
    const to = new Float64Array(7).fill(9);
    expect(engine.readMeterInto("meter", to, 2)).toBe(4);
    expect([...to]).toEqual([9, 9, 0.5, 0.75, 0.5, Math.sqrt(0.75 ** 2 / 100), 9]);
    engine.readMeterInto("meter", to, 0);
    expect([...to.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  });

  test("says what readMeter says", () => {
    const { peak, meanSquare } = measured().readMeter("meter");
    const to = new Float64Array(4);
    measured().readMeterInto("meter", to, 0);
    expect([...to]).toEqual([...peak, ...meanSquare.map(Math.sqrt)]);
  });

  test.each([-1, 1, 4, Number.NaN])("refuses to write to place %d of 4, and clears nothing", (at) => {
    const engine = measured();
    const to = new Float64Array(4);
    expect(() => engine.readMeterInto("meter", to, at)).toThrow(
      `the meter "meter" gives 4 numbers: from ${at} on there is no room for them in 4`,
    );
    expect([...to]).toEqual([0, 0, 0, 0]);
    expect(engine.readMeter("meter").peak).toEqual([0.5, 0.75]);
  });

  test("refuses a node that is none", () => {
    expect(() => measured().readMeterInto("fader", new Float64Array(4), 0)).toThrow(
      'there is no meter "fader" in the graph',
    );
  });
});

test("seeks with several jumps on their way, lanes and meters behind them take no memory", () => {
  const blocks = 2000;
  // The profiler's own now and then; one object a block would be 16 bytes or more each time.
  const allowedBytes = 4 * blocks;
  const late = { kind: "plugin", id: "late", plugin: "test.late.gain", params: {}, channels: 2 } as const;
  const way = ["in", "late", "fader", "meter", "out"];
  const points = [0, 500, 1000].map((frame, i) => ({ frame, value: -10 * i, curve: "linear" as const }));
  const behindLatency: GraphDescription = {
    nodes: [...graph.nodes.filter(({ id }) => way.includes(id)), late],
    edges: way
      .slice(1)
      .map((to, i) => ({ from: { node: way[i], port: "out" }, to: { node: to, port: "in" } })),
    lanes: [{ node: "fader", param: "gainDb", points }],
    song: { tempo: [{ frame: 0, bpm: 120 }] },
  };
  const { manifest, processor } = lateGain(1000, FRAMES);
  // The test plugin itself takes memory at every frame.
  processor.process = () => {
    const { inputs, outputs } = processor.block;
    for (let c = 0; c < 2; c++) outputs[0][c].set(inputs[0][c]);
    return 1;
  };
  const engine = create(behindLatency, new Map([["late", { manifest, processor }]]));
  for (const [c, channel] of engine.inputs.get("in")!.entries()) channel.set(noise(FRAMES, c + 1));
  const levels = new Float64Array(4);
  const run = () => {
    for (let k = 0; k < blocks; k++) {
      engine.seek(k % 3 === 0 ? 77 : 500);
      engine.run(FRAMES);
      engine.readMeterInto("meter", levels, 0);
    }
  };
  let bytes = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && bytes > allowedBytes; attempt++) {
    run();
    bytes = Math.min(bytes, bytesAllocatedBy(run));
  }
  expect(bytes).toBeLessThanOrEqual(allowedBytes);
  expect(levels[0]).toBeGreaterThan(0);
});
