/** Random graphs: every kind of node, layouts, sums, side chains, latencies, ways back, automation, two outputs. */
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
  readonly channels: number;
  /** -1 to 1 */
  readonly value: number;
  readonly frames: number;
  readonly from: readonly number[];
  readonly key: number | null;
  readonly lane: readonly PointSpec[] | null;
  /** A way back from here to an earlier node: which one, and how long. */
  readonly back: readonly [number, number] | null;
  /** Seed of a matrix for the first edge into the node. */
  readonly mix: number | null;
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

/** Once in twelve. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 11, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

const nodeSpec: fc.Arbitrary<NodeSpec> = fc.record({
  kind: fc.constantFrom("gain", "send", "pan", "sum", "delay", "meter", "plugin"),
  channels: fc.constantFrom(1, 1, 2, 2, 2, 3, 5, 6, 8, 12),
  value,
  frames: fc.integer({ min: 0, max: 40 }),
  from: fc.oneof(fc.array(fc.nat(1000), { maxLength: 4 }), fc.tuple(fc.nat(1000))),
  key: fc.option(fc.nat(1000)),
  lane: fc.option(points),
  back: rarely(
    fc.tuple(fc.nat(1000), fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 300 }))),
  ),
  mix: rarely(fc.nat(1000)),
});

/** Edges only go to later nodes, but for ways back; the order in the description is then shuffled. */
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
      { kind: "input", id: "rare", channels: 2 },
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
      return second ? 1 : source.kind === "pan" ? 2 : source.channels;
    };
    const loops = nodes.some(({ back }) => back !== null);
    for (const [i, spec] of nodes.entries()) {
      const id = `n${i}`;
      for (const [k, from] of spec.from.entries()) {
        const columns = connect(from, id, "in");
        if (k > 0 || spec.mix === null) continue;
        const rows =
          spec.kind === "plugin" ? 2 : spec.kind === "pan" ? Math.min(2, spec.channels) : spec.channels;
        edges.push({ ...edges.pop()!, mix: matrixOf(rows, columns, spec.mix) });
      }
      if (spec.kind === "plugin" && spec.key !== null) connect(spec.key, id, "key");
      // Where there are ways back, nothing is louder behind a node than before it.
      const node = nodeOf(id, loops ? { ...spec, value: -Math.abs(spec.value) } : spec);
      made.push(node);
      if (spec.back) {
        const [to, feedbackFrames] = spec.back;
        const target = made[3 + (to % (made.length - 3))];
        const mix = matrixOf(target.channels, node.kind === "pan" ? 2 : node.channels, to).map((row) =>
          row.map((gain) => gain / 16),
        );
        const ends = { from: { node: id, port: "out" }, to: { node: target.id, port: "in" } };
        edges.push({ ...ends, feedbackFrames, mix });
      }
      if (spec.kind === "plugin") latencies.set(id, spec.frames);
      if (spec.lane) lanes.push(...laneOf(node, spec.lane));
    }
    for (const from of outFrom) connect(from, "out", "in");
    for (const from of secondFrom) connect(from, "second", "in");
    made.push({ kind: "output", id: "out", channels: 2 }, { kind: "output", id: "second", channels: 1 });
    const keys = new Map(made.map((node) => [node, order.next().value as number]));
    const shuffled = [...made].sort((x, y) => keys.get(x)! - keys.get(y)!);
    const graph = { nodes: shuffled, edges, lanes };
    const { at } = arrivalsOf(graph, latencies);
    const isLongEnough = ({ from, to, feedbackFrames }: GraphEdge) =>
      feedbackFrames === undefined ||
      feedbackFrames + at.get(to.node)! - at.get(from.node)! - (latencies.get(from.node) ?? 0) >= 1;
    return { graph: { ...graph, edges: edges.filter(isLongEnough) }, latencies };
  });

/** Some gains, some zeros and some ones. */
function matrixOf(rows: number, columns: number, seed: number): number[][] {
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => [0, 1, -0.5, 0, 0.25][(seed + 3 * r + 7 * c) % 5]),
  );
}

export interface Arrivals {
  /** By node id: how late what a node hears is. */
  readonly at: ReadonlyMap<string, number>;
  readonly latencyFrames: number;
  /** Sources before targets, but for ways back. */
  readonly order: readonly GraphNode[];
}

/** The longest path to each node, by recursion; outputs are as late as the latest of them. */
export function arrivalsOf({ nodes, edges }: GraphDescription, latencies: Case["latencies"]): Arrivals {
  const at = new Map<string, number>();
  const order: GraphNode[] = [];
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (id: string): number => {
    const known = at.get(id);
    if (known !== undefined) return known;
    const before = edges.filter(({ to, feedbackFrames }) => to.node === id && feedbackFrames === undefined);
    const late = Math.max(0, ...before.map(({ from }) => visit(from.node) + (latencies.get(from.node) ?? 0)));
    at.set(id, late);
    order.push(byId.get(id)!);
    return late;
  };
  for (const { id } of nodes) visit(id);
  const outputs = nodes.filter(({ kind }) => kind === "output").map(({ id }) => id);
  const latencyFrames = Math.max(...outputs.map(visit));
  for (const id of outputs) at.set(id, latencyFrames);
  return { at, latencyFrames, order };
}

function nodeOf(id: string, { kind, channels, value, frames }: NodeSpec): GraphNode {
  switch (kind) {
    case "gain":
    case "send":
      return { kind, id, channels, gainDb: value < -0.9 ? null : value * 20, invert: value > 0.5 };
    case "pan":
      return {
        kind,
        id,
        channels: Math.min(2, channels),
        pan: value,
        law: PAN_LAWS[frames % PAN_LAWS.length],
      };
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
  // Silent but for a while, and with zeros of both signs: silence is not computed, and -0 is no silence.
  [
    "rare",
    [0, 1].map((c) =>
      Float32Array.from({ length: FRAMES }, (_, i) => {
        if (i >= 200 && i < 260) return Math.sin(i * (0.2 + c));
        return i >= 500 && i < 510 && c === 1 ? -0 : 0;
      }),
    ),
  ],
]);
