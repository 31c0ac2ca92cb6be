/** A frozen graph sounds like the one that it was. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Engine, engineUrl, freeze, type GraphDescription, shapesOf } from "../src/index.ts";
import { type Case, cases, FRAMES, MAX_FRAMES, processorsOf, sources } from "./random-graphs.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
type Recordings = ReadonlyMap<string, readonly Float32Array[]>;

/** Every output from the song's first frame on, its latency cut off. */
function render(graph: GraphDescription, one: Case, recordings: Recordings): Recordings {
  const engine = Engine.create(module, graph, {
    sampleRateHz: 48_000,
    maxFrames: MAX_FRAMES,
    processors: new Map([...processorsOf(one)].filter(([id]) => graph.nodes.some((node) => node.id === id))),
  });
  const heard = new Map([...engine.outputs].map(([id, cs]) => [id, cs.map(() => new Float32Array(FRAMES))]));
  for (let at = 0; at < FRAMES + engine.latencyFrames; at += 100) {
    for (const [id, channels] of engine.inputs) {
      const source = recordings.get(id) ?? sources.get(id)!;
      for (const [c, channel] of channels.entries())
        for (let i = 0; i < 100; i++) channel[i] = source[c][at + i] ?? 0;
    }
    engine.run(100);
    for (const [id, channels] of heard) {
      for (const [c, channel] of channels.entries())
        for (let i = 0; i < 100; i++) {
          const frame = at + i - engine.latencyFrames;
          if (frame >= 0 && frame < FRAMES) channel[frame] = engine.outputs.get(id)![c][i];
        }
    }
  }
  return heard;
}

test("stem and rest give the bits of the whole, wherever a graph without ways back is frozen", () => {
  fc.assert(
    fc.property(cases, fc.nat(1000), (one, pick) => {
      fc.pre(one.graph.edges.every(({ feedbackFrames }) => feedbackFrames === undefined));
      const nodes = one.graph.nodes.filter(({ kind }) => kind !== "input" && kind !== "output");
      const { id } = nodes[pick % nodes.length];
      const { stem, rest } = freeze(one.graph, id, shapesOf(processorsOf(one)));
      const expected = render(one.graph, one, new Map());
      const actual = render(rest, one, render(stem, one, new Map()));
      for (const [output, channels] of expected)
        for (const [c, channel] of channels.entries())
          for (let i = 0; i < FRAMES; i++)
            if (actual.get(output)![c][i] !== channel[i])
              throw new Error(
                `at ${id}: ${output}, channel ${c}, frame ${i}: ${actual.get(output)![c][i]} instead of ${channel[i]}`,
              );
    }),
    { numRuns: 200 },
  );
});

const edge = (from: string, to: string) => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});
const chain: GraphDescription = {
  nodes: [
    { kind: "input", id: "a", channels: 1 },
    { kind: "gain", id: "trim", channels: 1, gainDb: -6 },
    { kind: "gain", id: "fader", channels: 1, gainDb: 0 },
    { kind: "output", id: "out", channels: 1 },
  ],
  edges: [edge("a", "trim"), edge("trim", "fader"), edge("fader", "out")],
};

test("what only the stem needs is gone from the rest, and its identity is that of the stem alone", () => {
  const { stem, rest, identity } = freeze(chain, "trim", new Map());
  expect(stem.nodes.map(({ id }) => id)).toEqual(["a", "trim", "frozen trim:out"]);
  expect(rest.nodes.map(({ id }) => id)).toEqual(["frozen trim:out", "fader", "out"]);
  const louder = chain.nodes.map((node) => (node.id === "fader" ? { ...node, gainDb: 3 } : node));
  expect(freeze({ ...chain, nodes: louder as typeof chain.nodes }, "trim", new Map()).identity).toBe(
    identity,
  );
  const other = chain.nodes.map((node) => (node.id === "trim" ? { ...node, gainDb: 3 } : node));
  expect(freeze({ ...chain, nodes: other as typeof chain.nodes }, "trim", new Map()).identity).not.toBe(
    identity,
  );
});

test("what cannot be frozen is refused", () => {
  expect(() => freeze(chain, "nobody", new Map())).toThrow('there is no node "nobody" to freeze');
  expect(() => freeze(chain, "a", new Map())).toThrow('node "a" is an input');
  const looped = { ...chain, edges: [...chain.edges, { ...edge("fader", "trim"), feedbackFrames: 10 }] };
  expect(() => freeze(looped, "trim", new Map())).toThrow("fader is fed back to trim");
});
