/** Graphs inside graphs: the same sound as the flat graph that they stand for. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Engine, engineUrl, flatten, type NestedGraph } from "../src/index.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const options = { sampleRateHz: 48_000, maxFrames: 64, processors: new Map() };
const edge = (from: string, to: string, out = "out", into = "in") => ({
  from: { node: from, port: out },
  to: { node: to, port: into },
});

/** Half of what comes in, and the other polarity of it. */
const half: NestedGraph = {
  nodes: [
    { kind: "input", id: "in", channels: 2 },
    { kind: "gain", id: "trim", channels: 2, gainDb: 20 * Math.log10(0.5) },
    { kind: "gain", id: "turn", channels: 2, gainDb: 0, invert: true },
    { kind: "output", id: "out", channels: 2 },
    { kind: "output", id: "other", channels: 2 },
  ],
  edges: [edge("in", "trim"), edge("trim", "out"), edge("trim", "turn"), edge("turn", "other")],
};

test("a sub-graph in a sub-graph does what its nodes do, and is reached by lanes from outside and inside", () => {
  const twice: NestedGraph = {
    nodes: [
      { kind: "input", id: "a", channels: 2 },
      { kind: "graph", id: "first", graph: half },
      { kind: "graph", id: "second", graph: half },
      { kind: "output", id: "z", channels: 2 },
    ],
    edges: [edge("a", "first"), edge("first", "second", "other"), edge("second", "z")],
    lanes: [{ node: "first/trim", param: "gainDb", points: [{ frame: 0, value: 0, curve: "hold" }] }],
  };
  const graph: NestedGraph = {
    nodes: [
      { kind: "input", id: "in", channels: 2 },
      { kind: "graph", id: "both", graph: twice },
      { kind: "output", id: "out", channels: 2 },
    ],
    edges: [edge("in", "both", "out", "a"), edge("both", "out", "z")],
    lanes: [
      {
        node: "both/second/trim",
        param: "gainDb",
        points: [
          { frame: 0, value: null, curve: "hold" },
          { frame: 32, value: 0, curve: "hold" },
        ],
      },
    ],
  };
  const engine = Engine.create(module, graph, options);
  for (const channel of engine.inputs.get("in")!) channel.fill(3);
  engine.run(64);
  const [heard] = engine.outputs.get("out")!;
  expect([...heard.subarray(0, 32)].every((x) => x === 0)).toBe(true);
  // Times 1 by the inner lane, turned over, times 1 by the outer one.
  for (let i = 32; i < 64; i++) expect(heard[i], `frame ${i}`).toBe(-3);
  expect(flatten(graph).nodes.map(({ id }) => id)).toContain("both/second/turn");
});

test("a graph without sub-graphs is given back as it is", () => {
  expect(flatten(half)).toBe(half);
});

test("what cannot be flattened is refused with its place", () => {
  const around = (graph: NestedGraph, port = "in"): NestedGraph => ({
    nodes: [
      { kind: "input", id: "in", channels: 2 },
      { kind: "graph", id: "sub", graph },
    ],
    edges: [edge("in", "sub", "out", port)],
  });
  expect(() => flatten(around(half, "trim"))).toThrow('sub-graph "sub" has no input "trim"');
  expect(() => flatten(around(half, "out"))).toThrow('sub-graph "sub" has no input "out"');
  const song = { tempo: [{ frame: 0, bpm: 120 }] };
  expect(() => flatten(around({ ...half, song }))).toThrow('sub-graph "sub" has a song');
  const endless = { nodes: [] as NestedGraph["nodes"][number][], edges: [] };
  endless.nodes.push({ kind: "graph", id: "self", graph: endless });
  expect(() => flatten(endless)).toThrow(/sub-graphs are more than 32 deep at "self\/self\//);
});
