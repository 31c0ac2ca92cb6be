import { describe, expect, test } from "vitest";
import { type GraphDescription, GraphError, type GraphNode, validateGraph } from "../src/index.ts";

const gain = (id: string): GraphNode => ({ kind: "gain", id, channels: 2, gainDb: 0 });
const edge = (from: string, to: string, port = "in") => ({
  from: { node: from, port: "out" },
  to: { node: to, port },
});

function problems(graph: GraphDescription): string {
  try {
    validateGraph(graph, new Map());
  } catch (error) {
    if (error instanceof GraphError) return error.message;
    throw error;
  }
  return "";
}

describe("a graph is refused", () => {
  test("for a cycle, with its path", () => {
    const nodes = ["a", "b", "c", "d"].map(gain);
    const edges = [edge("a", "b"), edge("b", "c"), edge("c", "d"), edge("d", "b")];
    expect(problems({ nodes, edges })).toBe(
      "a cycle: b -> c -> d -> b. Remove one of these edges, or make it a way back with feedbackFrames",
    );
  });

  test("for a node that feeds itself", () => {
    expect(problems({ nodes: [gain("a")], edges: [edge("a", "a")] })).toContain("a cycle: a -> a");
  });

  test("for an id that is there twice, and for ends that are not there, all at once", () => {
    const text = problems({ nodes: [gain("a"), gain("a")], edges: [edge("a", "x"), edge("a", "a", "key")] });
    expect(text).toContain('node id "a" is there twice');
    expect(text).toContain('there is no node "x"');
    expect(text).toContain('node "a" has no input port "key"');
  });

  test("for a plugin that is not activated", () => {
    const node: GraphNode = { kind: "plugin", id: "p", plugin: "com.acme.glue", params: {}, channels: 2 };
    expect(problems({ nodes: [node], edges: [] })).toContain("com.acme.glue is not activated");
  });

  test.each([
    ["no point", []],
    ["which is not a whole number", [{ frame: 0.5, value: 0, curve: "linear" as const }]],
    [
      "does not come after",
      [
        { frame: 5, value: 0, curve: "hold" as const },
        { frame: 5, value: 1, curve: "hold" as const },
      ],
    ],
    ["has the curve cubic", [{ frame: 0, value: 0, curve: "cubic" as "hold" }]],
    ["has no value", [{ frame: 0, value: Number.NaN, curve: "hold" as const }]],
  ])("for automation with %s", (text, points) => {
    expect(
      problems({ nodes: [gain("a")], edges: [], lanes: [{ node: "a", param: "gainDb", points }] }),
    ).toContain(text);
  });

  test("not for lanes whose names only look the same with a dot between", () => {
    const shape = (param: string) => ({ inputs: [], outputs: [], latencyFrames: 0, paramIds: [param] });
    const node = (id: string): GraphNode => ({
      kind: "plugin",
      id,
      plugin: "a.b.c",
      params: {},
      channels: 2,
    });
    const points = [{ frame: 0, value: 0, curve: "hold" as const }];
    const lanes = [
      { node: "eq", param: "band.gain", points },
      { node: "eq.band", param: "gain", points },
    ];
    const shapes = new Map([
      ["eq", shape("band.gain")],
      ["eq.band", shape("gain")],
    ]);
    expect(() =>
      validateGraph({ nodes: [node("eq"), node("eq.band")], edges: [], lanes }, shapes),
    ).not.toThrow();
  });

  test("for automation of what is not there", () => {
    const lane = (node: string, param: string) => ({
      node,
      param,
      points: [{ frame: 0, value: 0, curve: "hold" as const }],
    });
    const text = problems({ nodes: [gain("a")], edges: [], lanes: [lane("b", "gainDb"), lane("a", "pan")] });
    expect(text).toContain('there is no node "b"');
    expect(text).toContain("automation of a.pan: the node has gainDb");
  });
});

test("a chain of 20,000 nodes is checked without running out of stack", () => {
  const nodes = Array.from({ length: 20_000 }, (_, i) => gain(`n${i}`));
  const edges = nodes.slice(1).map((node, i) => edge(`n${i}`, node.id));
  expect(problems({ nodes, edges })).toBe("");
  expect(problems({ nodes, edges: [...edges, edge("n19999", "n0")] })).toContain("a cycle");
});
