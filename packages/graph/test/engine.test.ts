import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type AutomationPoint,
  Engine,
  engineUrl,
  type GraphDescription,
  type GraphNode,
} from "../src/index.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const edge = (from: string, to: string) => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});

function chain(node: GraphNode, points?: { param: string; points: AutomationPoint[] }): GraphDescription {
  return {
    nodes: [
      { kind: "input", id: "in", channels: node.channels },
      node,
      { kind: "output", id: "out", channels: 2 },
    ],
    edges: [edge("in", node.id), edge(node.id, "out")],
    lanes: points ? [{ node: node.id, ...points }] : [],
  };
}

function create(graph: GraphDescription): Engine {
  return Engine.create(module, graph, { sampleRateHz: 48_000, maxFrames: 4096, processors: new Map() });
}

/** Constant 1 in, the left output of `frames` frames out. */
function ones(engine: Engine, frames: number): Float32Array {
  for (const channels of engine.inputs.values()) for (const channel of channels) channel.fill(1);
  engine.run(frames);
  return engine.outputs.get("out")![0].slice(0, frames);
}

describe("automation of a fader", () => {
  const fader: GraphNode = { kind: "gain", id: "g", channels: 2, gainDb: 0 };
  const points: AutomationPoint[] = [
    { frame: 100, value: -20, curve: "linear" },
    { frame: 300, value: 0, curve: "hold" },
    { frame: 400, value: -6, curve: "s-curve" },
    { frame: 500, value: -12, curve: "linear" },
    { frame: 600, value: null, curve: "hold" },
  ];

  test("is exact to the frame: linear in dB, hold, S, silence", () => {
    const y = ones(create(chain(fader, { param: "gainDb", points })), 700);
    const db = (value: number) => 10 ** (value / 20);
    expect(y[0]).toBeCloseTo(db(-20), 6);
    expect(y[100]).toBeCloseTo(db(-20), 6);
    expect(y[200]).toBeCloseTo(db(-10), 6);
    expect(y[299]).toBeCloseTo(db(-0.1), 6);
    expect(y[300]).toBe(1);
    expect(y[399]).toBe(1);
    expect(y[400]).toBeCloseTo(db(-6), 6);
    expect(y[425]).toBeCloseTo(db(-6 - 6 * (0.25 ** 2 * (3 - 0.5))), 6);
    expect(y[600]).toBe(0);
    expect(y[699]).toBe(0);
  });

  test.each([
    [-20, -5, -10],
    [-6, 0, -3],
    [-6, 6, 0],
    // No ratio of these is a number, though they have one sign.
    [-1e-320, -20, -10],
  ])("on an exponential curve from %d to %d dB is at %d half way", (first, second, middle) => {
    const exponential: AutomationPoint[] = [
      { frame: 0, value: first, curve: "exponential" },
      { frame: 100, value: second, curve: "hold" },
    ];
    const y = ones(create(chain(fader, { param: "gainDb", points: exponential })), 101);
    expect(20 * Math.log10(y[50])).toBeCloseTo(middle, 4);
    expect(20 * Math.log10(y[100])).toBeCloseTo(second, 4);
  });

  test("goes where a seek goes", () => {
    const whole = ones(create(chain(fader, { param: "gainDb", points })), 700);
    const engine = create(chain(fader, { param: "gainDb", points }));
    engine.seek(350);
    expect([...ones(engine, 100)]).toEqual([...whole.subarray(350, 450)]);
  });
});

test("a fader moved by hand ramps over 20 ms and then stands still, in any blocks", () => {
  const graph = chain({ kind: "gain", id: "g", channels: 2, gainDb: 0 });
  const moved = (blocks: number[]) => {
    const engine = create(graph);
    ones(engine, 64);
    engine.setParam("g", "gainDb", -20);
    return blocks.flatMap((frames) => [...ones(engine, frames)]);
  };
  const y = moved([1200]);
  expect(y).toEqual(moved([7, 300, 1, 892]));
  expect(y[479]).toBeCloseTo((1 + 0.1) / 2, 3);
  expect(y[959]).toBeCloseTo(0.1, 6);
  expect(y[1199]).toBeCloseTo(0.1, 6);
  const steps = y.slice(1).map((value, i) => Math.abs(value - y[i]));
  expect(Math.max(...steps)).toBeLessThan(0.9 / 960 + 1e-6);
});

describe("pan laws", () => {
  test.each([
    ["-3dB", -3.0103],
    ["-4.5dB", -4.5154],
    ["-6dB", -6.0206],
    ["balance", 0],
  ] as const)("%s: the middle is %d dB on both sides, the ends are one-sided", (law, centreDb) => {
    const at = (pan: number) => {
      const engine = create(chain({ kind: "pan", id: "p", channels: 1, pan, law }));
      ones(engine, 8);
      return engine.outputs.get("out")!.map((channel) => channel[5]);
    };
    for (const side of at(0)) expect(20 * Math.log10(side)).toBeCloseTo(centreDb, 3);
    expect(at(-1)[0]).toBeCloseTo(1, 6);
    expect(at(-1)[1]).toBeCloseTo(0, 6);
    expect(at(1)[1]).toBeCloseTo(1, 6);
  });

  test("-3 dB keeps the power at every position", () => {
    for (let pan = -1; pan <= 1; pan += 0.125) {
      const engine = create(chain({ kind: "pan", id: "p", channels: 1, pan, law: "-3dB" }));
      ones(engine, 4);
      const [l, r] = engine.outputs.get("out")!.map((channel) => channel[0]);
      expect(l * l + r * r).toBeCloseTo(1, 6);
    }
  });
});

test("a meter gathers peak and mean square until it is read", () => {
  const engine = create(chain({ kind: "meter", id: "m", channels: 2 }));
  const [left, right] = engine.inputs.get("in")!;
  left.fill(0.5);
  right.fill(0);
  right[3] = -0.75;
  engine.run(100);
  expect(engine.readMeter("m")).toEqual({ peak: [0.5, 0.75], meanSquare: [0.25, 0.5625 / 100] });
  expect(engine.readMeter("m")).toEqual({ peak: [0, 0], meanSquare: [0, 0] });
});

test("reset makes the engine as new", () => {
  const graph: GraphDescription = chain({ kind: "delay", id: "d", channels: 2, delayFrames: 50 });
  const engine = create(graph);
  const first = ones(engine, 200);
  ones(engine, 33);
  engine.reset();
  expect([...ones(engine, 200)]).toEqual([...first]);
  expect(first[49]).toBe(0);
  expect(first[50]).toBe(1);
});

describe("a buffer is written over only when nobody else reads it:", () => {
  const gain = (id: string, gainDb: number): GraphNode => ({ kind: "gain", id, channels: 1, gainDb });
  const io: GraphNode[] = [
    { kind: "input", id: "in", channels: 1 },
    { kind: "output", id: "out", channels: 1 },
    { kind: "output", id: "second", channels: 1 },
  ];
  const both = (engine: Engine) => [ones(engine, 8)[7], engine.outputs.get("second")![0][7]];

  test("two gains behind one", () => {
    const nodes = [...io, gain("a", 20), gain("b", 20), gain("c", -20)];
    const edges = [edge("in", "a"), edge("a", "b"), edge("a", "c"), edge("b", "out"), edge("c", "second")];
    const [first, second] = both(create({ nodes, edges }));
    expect(first).toBeCloseTo(100, 4);
    expect(second).toBeCloseTo(1, 6);
  });

  test("a gain behind what an output shows, and a bus between them", () => {
    const nodes: GraphNode[] = [...io, gain("a", 20), { kind: "sum", id: "s", channels: 1 }, gain("b", 20)];
    const edges = [edge("in", "a"), edge("a", "s"), edge("s", "b"), edge("a", "out"), edge("b", "second")];
    const [first, second] = both(create({ nodes, edges }));
    expect(first).toBeCloseTo(10, 5);
    expect(second).toBeCloseTo(100, 4);
  });

  test("what the host wrote into an input is still there after the run, for a host that writes it once", () => {
    const nodes = [...io, gain("a", 20), gain("b", 20)];
    const edges = [edge("in", "a"), edge("a", "b"), edge("b", "out")];
    const engine = create({ nodes, edges });
    ones(engine, 8);
    engine.run(8);
    expect(engine.outputs.get("out")![0][7]).toBeCloseTo(100, 4);
    expect([...engine.inputs.get("in")![0].slice(0, 8)]).toEqual(new Array(8).fill(1));
  });

  test("one output fed twice by one node gets twice as much", () => {
    const graph = {
      nodes: [...io, gain("a", 0)],
      edges: [edge("in", "a"), edge("a", "out"), edge("a", "out")],
    };
    expect(both(create(graph))).toEqual([2, 0]);
  });
});

describe("setParam", () => {
  const graph: GraphDescription = {
    nodes: [
      { kind: "gain", id: "g", channels: 1, gainDb: 0 },
      { kind: "pan", id: "p", channels: 1, pan: 0, law: "-3dB" },
    ],
    edges: [],
  };

  test.each([
    ["g", "pan", 0, "there is no parameter g.pan"],
    ["p", "gainDb", 0, "there is no parameter p.gainDb"],
    ["x", "gainDb", 0, "there is no parameter x.gainDb"],
    ["g", "gainDb", Number.NaN, "g.gainDb cannot be NaN"],
    ["p", "pan", null, "p.pan cannot be null"],
  ])("refuses %s.%s = %s", (node, param, value, message) => {
    expect(() => create(graph).setParam(node, param, value)).toThrow(message);
  });

  test("during a ramp turns from where the ramp is", () => {
    const engine = create(chain({ kind: "gain", id: "g", channels: 2, gainDb: 0 }));
    engine.setParam("g", "gainDb", null);
    ones(engine, 480);
    engine.setParam("g", "gainDb", 0);
    const y = ones(engine, 960);
    // Half way down after 10 ms; 20 ms later up again, on a straight line.
    for (const i of [0, 479, 959]) expect(y[i]).toBeCloseTo(0.5 + (0.5 * (i + 1)) / 960, 6);
  });

  test("during a ramp of a pan turns from where the ramp is", () => {
    const engine = create(chain({ kind: "pan", id: "p", channels: 1, pan: 0, law: "-6dB" }));
    engine.setParam("p", "pan", -1);
    ones(engine, 480);
    engine.setParam("p", "pan", 1);
    const y = ones(engine, 960);
    for (const i of [0, 479, 959]) expect(y[i]).toBeCloseTo(0.75 * (1 - (i + 1) / 960), 6);
  });

  test("is taken up at once by a reset", () => {
    const engine = create(chain({ kind: "gain", id: "g", channels: 2, gainDb: 0 }));
    engine.setParam("g", "gainDb", null);
    engine.reset();
    expect(ones(engine, 4)[0]).toBe(0);
  });
});

test("a plan that WebAssembly has no memory for is refused with what to do", () => {
  const nodes = Array.from(
    { length: 40 },
    (_, i): GraphNode => ({ kind: "input", id: `i${i}`, channels: 2 }),
  );
  expect(() =>
    Engine.create(
      module,
      { nodes, edges: [] },
      { sampleRateHz: 48_000, maxFrames: 2 ** 24, processors: new Map() },
    ),
  ).toThrow(/needs \d+ MiB, WebAssembly has 4096: take smaller blocks/);
});
