/** How many buffers a plan takes: as many as are in use at once, and silence. */
import { expect, test } from "vitest";
import type { GraphNode } from "../src/index.ts";
import { compensate } from "../src/planning/latency.ts";
import { lower } from "../src/planning/lowering.ts";

const edge = (from: string, to: string) => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});
const gain = (id: string): GraphNode => ({ kind: "gain", id, channels: 2, gainDb: 0 });
const ends: GraphNode[] = [
  { kind: "input", id: "in", channels: 2 },
  { kind: "output", id: "out", channels: 2 },
];
const ids = Array.from({ length: 50 }, (_, i) => `g${i}`);

const buffersOf = (nodes: GraphNode[], edges: ReturnType<typeof edge>[]) =>
  lower(compensate({ nodes: [...ends, ...nodes], edges }, new Map()), new Map()).bufferWidths.length;

test("a chain runs in the input's buffer and one of its own", () => {
  const chain = ["in", ...ids, "out"];
  const edges = chain.slice(1).map((id, i) => edge(chain[i], id));
  expect(buffersOf(ids.map(gain), edges)).toBe(3);
});

test("nodes that nobody listens to share one buffer", () => {
  const edges = ids.map((id) => edge("in", id));
  expect(buffersOf(ids.map(gain), edges)).toBe(3);
});

test("a sum takes what comes to it at once: fifty nodes share one buffer", () => {
  const edges = ids.flatMap((id) => [edge("in", id), edge(id, "out")]);
  expect(buffersOf(ids.map(gain), edges)).toBe(4);
});
