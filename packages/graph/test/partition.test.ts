/** How work is shared out: each strip in one place, neighbours of a sum together, and what crosses added up first. */
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

const split = (graph: GraphDescription, parts: number, keep: readonly string[] = []) =>
  partition(compensate(graph, new Map()), new Map(), parts, new Set(keep));

type Split = ReturnType<typeof partition>;

/** Of nodes, the indices of their parts; "join" for the join. */
const placesOf = ({ join, parts }: Split, ids: readonly string[]) =>
  ids.map((id) =>
    join.nodes.some((node) => node.id === id)
      ? "join"
      : parts.findIndex((part) => part.nodes.some((node) => node.id === id)),
  );

const idsOf = ({ nodes }: Split["join"], kind: string) =>
  nodes.filter((node) => node.kind === kind).map(({ id }) => id);

test("what is to be kept stays in the join, and what is left is shared out", () => {
  const made = split(strips([30, 10, 10]), 2, ["s0g3"]);
  expect(placesOf(made, ["s0", "s0g3", "s1", "s2"])).toEqual(["join", "join", 0, 1]);
});

test("to keep a node that is in the join anyway changes nothing", () => {
  const places = (keep: readonly string[]) =>
    placesOf(split(strips([30, 10, 10, 9]), 3, keep), ["s0", "s1", "s2", "s3"]);
  expect(places(["out"])).toEqual(places([]));
});

test("a thread without work makes no part", () => {
  expect(split(strips([1]), 4).parts.length).toBe(1);
});

test("without parts all is in the join", () => {
  const { join, parts } = split(strips([1, 2]), 0);
  expect(parts).toEqual([]);
  expect(idsOf(join, "input")).toEqual(["s0", "s1"]);
});

test("neighbours of a sum share a part, as heavy as the others", () => {
  const places = placesOf(split(strips([20, 20, 20, 60]), 2), ["s0", "s1", "s2", "s3"]);
  expect(places).toEqual([0, 0, 0, 1]);
});

test("one sum crosses from part to part and from the last to the join, however many strips it has", () => {
  const { join, parts } = split(strips(new Array(12).fill(5)), 3);
  expect(parts.map((part) => idsOf(part, "sum").length)).toEqual([1, 1, 1]);
  expect(parts.map((part) => idsOf(part, "output").length)).toEqual([1, 1, 1]);
  expect(idsOf(parts[1], "input").filter((id) => id.startsWith("cross:"))).toEqual(idsOf(parts[0], "output"));
  expect(idsOf(join, "input")).toEqual(idsOf(parts[2], "output"));
});

test("a sum that begins in the join gets its other terms one by one", () => {
  const { join, parts } = split(strips([5, 5, 5, 5]), 1, ["s0"]);
  expect(parts.map((part) => idsOf(part, "sum"))).toEqual([[]]);
  expect(idsOf(join, "input").length).toBe(4);
});
