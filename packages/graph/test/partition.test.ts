/** How work is shared out: each strip in one place, the heavy ones on the idle threads. */
import { expect, test } from "vitest";
import { type GraphDescription, partition } from "../src/index.ts";
import { compensate } from "../src/planning/latency.ts";

const edge = (from: string, to: string) => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});

/** Strips of an input and `lengths[i]` gains, all into one output. */
function strips(lengths: readonly number[]): GraphDescription {
  const chains = lengths.map((length, s) => [
    { kind: "input" as const, id: `s${s}`, channels: 1 as const },
    ...Array.from({ length }, (_, i) => ({
      kind: "gain" as const,
      id: `s${s}g${i}`,
      channels: 1 as const,
      gainDb: 0,
    })),
  ]);
  return {
    nodes: [...chains.flat(), { kind: "output", id: "out", channels: 1 }],
    edges: chains.flatMap((chain) => chain.map((node, i) => edge(node.id, chain[i + 1]?.id ?? "out"))),
  };
}

const placeOf = (split: ReturnType<typeof partition>, id: string) =>
  [split.join, ...split.parts].findIndex((part) => part.nodes.some((node) => node.id === id));

test("what must stay in the join counts as its load", () => {
  const graph = compensate(strips([30, 10, 10]), new Map());
  const split = partition(graph, new Map(), 2, new Set(["s0g3"]));
  expect(placeOf(split, "s0g3")).toBe(0);
  expect([placeOf(split, "s1"), placeOf(split, "s2")]).toEqual([1, 1]);
});

test("to keep a node that is in the join anyway changes nothing", () => {
  const graph = compensate(strips([30, 10, 10, 9]), new Map());
  const places = (keep: ReadonlySet<string>) => {
    const split = partition(graph, new Map(), 3, keep);
    return ["s0", "s1", "s2", "s3"].map((id) => placeOf(split, id));
  };
  expect(places(new Set(["out"]))).toEqual(places(new Set()));
});

test("a thread without work makes no part", () => {
  expect(partition(compensate(strips([1]), new Map()), new Map(), 4).parts.length).toBeLessThanOrEqual(1);
});
