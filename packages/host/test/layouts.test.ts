/** Wide buses, sub-graphs and ways back through the whole renderer, on one thread and on several. */
import type { GraphEdge, GraphNode, NestedGraph } from "@gainstage/graph";
import { describe, expect, test } from "vitest";
import { createHost, sharedChannel } from "../src/index.ts";

const RATE = 48_000;
const FRAMES = 20_000;
const host = createHost();

const edge = (from: string, to: string, more: Partial<GraphEdge> = {}): GraphEdge => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
  ...more,
});

function tone(hz: number): Float32Array {
  const channel = sharedChannel(FRAMES);
  for (let i = 0; i < FRAMES; i++) channel[i] = 0.3 * Math.sin((2 * Math.PI * hz * i) / RATE);
  return channel;
}

const sources = new Map([
  ["a", [tone(220)]],
  ["b", [tone(330), tone(331)]],
]);

async function render(graph: NestedGraph, jobs: number, blockFrames = 512): Promise<readonly Float32Array[]> {
  const { outputs } = await host.renderer.render({
    graph,
    sampleRateHz: RATE,
    frames: FRAMES,
    sources,
    jobs,
    blockFrames,
  });
  return outputs.get("out")!;
}

function expectSame(actual: readonly Float32Array[], expected: readonly Float32Array[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [c, channel] of expected.entries())
    expect(
      channel.findIndex((x, i) => !Object.is(x, actual[c][i])),
      `channel ${c}`,
    ).toBe(-1);
}

const compressor = (id: string): GraphNode => ({
  kind: "plugin",
  id,
  plugin: "dev.gainstage.compressor",
  params: { thresholdDb: -30, lookaheadMs: 3 },
  channels: 2,
});

/** Two strips, each a sub-graph with a lookahead and an echo, into a 7.1.4 bus: one in front, one by a matrix above. */
const above = Array.from({ length: 12 }, (_, c) => (c >= 8 && c < 10 ? [0.5, 0.5] : [0, 0]));
const strip: NestedGraph = {
  nodes: [
    { kind: "input", id: "in", channels: 2 },
    compressor("comp"),
    { kind: "sum", id: "loop", channels: 2 },
    { kind: "gain", id: "echo", channels: 2, gainDb: -9 },
    { kind: "output", id: "out", channels: 2 },
  ],
  edges: [
    edge("in", "comp"),
    edge("comp", "loop"),
    edge("loop", "echo"),
    edge("echo", "loop", { feedbackFrames: 700 }),
    edge("loop", "out"),
  ],
};
const immersive: NestedGraph = {
  nodes: [
    { kind: "input", id: "a", channels: 1 },
    { kind: "input", id: "b", channels: 2 },
    { kind: "graph", id: "first", graph: strip },
    { kind: "graph", id: "second", graph: strip },
    { kind: "sum", id: "bed", channels: 12 },
    { kind: "output", id: "out", channels: 12 },
  ],
  edges: [
    edge("a", "first"),
    edge("b", "second"),
    edge("first", "bed"),
    edge("second", "bed", { mix: above }),
    edge("bed", "out"),
  ],
};

describe("a 7.1.4 mix of sub-graphs with echoes", () => {
  test("puts each strip where it belongs, and has the same bits on 1, 2 and 4 threads in any block", async () => {
    const expected = await render(immersive, 1);
    const peak = (channel: Float32Array) => channel.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const heard = expected.map((channel) => peak(channel) > 0.01);
    expect(heard).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((c) => [0, 1, 8, 9].includes(c)));
    for (const [jobs, block] of [
      [1, 128],
      [2, 512],
      [4, 333],
    ])
      expectSame(await render(immersive, jobs, block), expected);
  });

  test("folds to stereo as its edges say", async () => {
    const nodes = immersive.nodes.map((node) => (node.id === "out" ? { ...node, channels: 2 } : node));
    const folded = await render({ ...immersive, nodes } as NestedGraph, 1);
    const wide = await render(immersive, 1);
    // Front as it is, heights at -3 dB: BS.775 has no more to say.
    for (const [side, height] of [
      [0, 8],
      [1, 9],
    ])
      for (let i = 0; i < FRAMES; i++)
        expect(Math.abs(folded[side][i] - (wide[side][i] + Math.SQRT1_2 * wide[height][i]))).toBeLessThan(
          1e-6,
        );
  });
});
