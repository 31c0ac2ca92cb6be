/** Random graphs: every kind of node, sums, side chains, latencies, automation, two outputs. */
import * as fc from "fast-check";
import type {
  AutomationLane,
  AutomationPoint,
  GraphDescription,
  GraphEdge,
  GraphNode,
} from "../src/index.ts";
import { CURVES, PAN_LAWS, type ProcessorNode } from "../src/index.ts";
import { lateGain } from "./late-gain.ts";

export const FRAMES = 700;
export const MAX_FRAMES = 512;

export interface Case {
  readonly graph: GraphDescription;
  /** Of the plugin nodes. */
  readonly latencies: ReadonlyMap<string, number>;
}

interface NodeSpec {
  readonly kind: string;
  readonly channels: 1 | 2;
  /** -1 to 1 */
  readonly value: number;
  readonly frames: number;
  readonly from: readonly number[];
  readonly key: number | null;
  readonly lane: readonly PointSpec[] | null;
}

interface PointSpec {
  readonly gap: number;
  readonly value: number;
  readonly curve: AutomationPoint["curve"];
}

const value = fc.double({ min: -1, max: 1, noNaN: true });

const points = fc.array(
  fc.record({
    gap: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 300 })),
    value,
    curve: fc.constantFrom(...CURVES),
  }),
  { minLength: 1, maxLength: 5 },
);

const nodeSpec: fc.Arbitrary<NodeSpec> = fc.record({
  kind: fc.constantFrom("gain", "send", "pan", "sum", "delay", "meter", "plugin"),
  channels: fc.constantFrom(1 as const, 2 as const),
  value,
  frames: fc.integer({ min: 0, max: 40 }),
  from: fc.oneof(fc.array(fc.nat(1000), { maxLength: 4 }), fc.tuple(fc.nat(1000))),
  key: fc.option(fc.nat(1000)),
  lane: fc.option(points),
});

/** Edges only go to later nodes, so there is no cycle; the order in the description is then shuffled. */
export const cases: fc.Arbitrary<Case> = fc
  .record({
    nodes: fc.array(nodeSpec, { minLength: 1, maxLength: 24 }),
    outFrom: fc.array(fc.nat(1000), { minLength: 2, maxLength: 6 }),
    secondFrom: fc.array(fc.nat(1000), { maxLength: 3 }),
    order: fc.infiniteStream(fc.nat(1_000_000)),
  })
  .map(({ nodes, outFrom, secondFrom, order }) => {
    const made: GraphNode[] = [
      { kind: "input", id: "a", channels: 1 },
      { kind: "input", id: "b", channels: 2 },
    ];
    const edges: GraphEdge[] = [];
    const lanes: AutomationLane[] = [];
    const latencies = new Map<string, number>();
    const connect = (from: number, id: string, port: string) => {
      // Half of the edges come from one of the last nodes, so that chains grow long and most nodes are heard.
      const source =
        made[made.length - 1 - (from % (from % 2 === 0 ? Math.min(5, made.length) : made.length))];
      const second = source.kind === "plugin" && from % 3 === 0;
      edges.push({ from: { node: source.id, port: second ? "aux" : "out" }, to: { node: id, port } });
    };
    for (const [i, spec] of nodes.entries()) {
      const id = `n${i}`;
      for (const from of spec.from) connect(from, id, "in");
      if (spec.kind === "plugin" && spec.key !== null) connect(spec.key, id, "key");
      const node = nodeOf(id, spec);
      made.push(node);
      if (spec.kind === "plugin") latencies.set(id, spec.frames);
      if (spec.lane) lanes.push(...laneOf(node, spec.lane));
    }
    for (const from of outFrom) connect(from, "out", "in");
    for (const from of secondFrom) connect(from, "second", "in");
    made.push({ kind: "output", id: "out", channels: 2 }, { kind: "output", id: "second", channels: 1 });
    const keys = new Map(made.map((node) => [node, order.next().value as number]));
    const shuffled = [...made].sort((x, y) => keys.get(x)! - keys.get(y)!);
    return { graph: { nodes: shuffled, edges, lanes }, latencies };
  });

function nodeOf(id: string, { kind, channels, value, frames }: NodeSpec): GraphNode {
  switch (kind) {
    case "gain":
    case "send":
      return { kind, id, channels, gainDb: value < -0.9 ? null : value * 20, invert: value > 0.5 };
    case "pan":
      return { kind, id, channels, pan: value, law: PAN_LAWS[frames % PAN_LAWS.length] };
    case "delay":
      return { kind, id, channels, delayFrames: frames };
    case "plugin":
      return { kind, id, plugin: "test.late.gain", params: {}, channels: 2 };
    default:
      return { kind: kind as "sum" | "meter", id, channels };
  }
}

function laneOf(node: GraphNode, specs: readonly PointSpec[]): AutomationLane[] {
  let frame = -1;
  const lane = (param: string, plain: (value: number) => number | null) => {
    const points = specs.map(({ gap, value, curve }) => {
      frame += gap;
      return { frame, value: plain(value), curve };
    });
    return [{ node: node.id, param, points }];
  };
  if (node.kind === "gain" || node.kind === "send") return lane("gainDb", (v) => (v < -0.9 ? null : v * 20));
  if (node.kind === "pan") return lane("pan", (v) => v);
  return node.kind === "plugin" ? lane("level", (v) => (v + 1) / 2) : [];
}

export function processorsOf({ latencies }: Case): Map<string, ProcessorNode> {
  return new Map([...latencies].map(([id, frames]) => [id, lateGain(frames, MAX_FRAMES)]));
}

/** What the input nodes get, [channel]. */
export const sources: ReadonlyMap<string, Float32Array[]> = new Map([
  ["a", [Float32Array.from({ length: FRAMES }, (_, i) => Math.sin(i * 0.7) + (i === 3 ? 1 : 0))]],
  ["b", [0, 1].map((c) => Float32Array.from({ length: FRAMES }, (_, i) => Math.cos(i * (0.3 + c)) * 0.5))],
]);
