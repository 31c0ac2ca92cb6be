/** How long a description takes to become a plan in memory, and how much memory a node takes, as graphs grow. */
import {
  compensate,
  Engine,
  type GraphDescription,
  type GraphEdge,
  type GraphNode,
  validateGraph,
} from "@gainstage/graph";
import { engineModule } from "../ours/one-core.ts";
import { median } from "../rounds.ts";
import { SAMPLE_RATE_HZ } from "../workloads.ts";

const NODE_COUNTS = [100, 1000, 10_000, 20_000];
const NODES_PER_STRIP = 5;
const STRIPS_PER_GROUP = 16;
const MAX_FRAMES = 128;

export interface PlanTime {
  readonly nodes: number;
  readonly edges: number;
  readonly validateMs: number;
  readonly compensateMs: number;
  /** Lowered to steps, and these placed in memory. */
  readonly lowerMs: number;
  /** From the description to an engine that runs. */
  readonly wholeMs: number;
  /** Of the engine's memory, buffers of 128 frames among it. */
  readonly bytesPerNode: number;
}

export function planTimes(rounds: number): readonly PlanTime[] {
  return NODE_COUNTS.map((nodes) => planTime(mixer(nodes), rounds));
}

function planTime(graph: GraphDescription, rounds: number): PlanTime {
  const none = new Map();
  const options = { sampleRateHz: SAMPLE_RATE_HZ, maxFrames: MAX_FRAMES, processors: none };
  const times: { validate: number; compensate: number; lower: number; whole: number }[] = [];
  let bytes = 0;
  for (let round = 0; round <= rounds; round++) {
    const begun = performance.now();
    validateGraph(graph, none);
    const validated = performance.now();
    const compensated = compensate(graph, none);
    const latenciesKnown = performance.now();
    Engine.fromCompensated(engineModule, compensated, options);
    const placed = performance.now();
    const engine = Engine.create(engineModule, graph, options);
    const done = performance.now();
    bytes = [...engine.outputs.values()][0][0].buffer.byteLength;
    // The first is there to warm up.
    if (round > 0) {
      times.push({
        validate: validated - begun,
        compensate: latenciesKnown - validated,
        lower: placed - latenciesKnown,
        whole: done - placed,
      });
    }
  }
  const middle = (stage: keyof (typeof times)[number]) => median(times.map((time) => time[stage]));
  return {
    nodes: graph.nodes.length,
    edges: graph.edges.length,
    validateMs: middle("validate"),
    compensateMs: middle("compensate"),
    lowerMs: middle("lower"),
    wholeMs: middle("whole"),
    bytesPerNode: bytes / graph.nodes.length,
  };
}

/** About so many nodes: strips of a delay, a gain, a pan, a meter and a send, groups of sixteen, all from one input. */
export function mixer(nodeCount: number): GraphDescription {
  const nodes: GraphNode[] = [{ kind: "input", id: "in", channels: 2 }];
  const edges: GraphEdge[] = [];
  const connect = (from: string, to: string) =>
    edges.push({ from: { node: from, port: "out" }, to: { node: to, port: "in" } });
  const groups = Math.round(nodeCount / (STRIPS_PER_GROUP * NODES_PER_STRIP + 1));
  for (let group = 0; group < groups; group++) {
    for (let strip = 0; strip < STRIPS_PER_GROUP; strip++) {
      const id = (kind: string) => `${kind}${group}.${strip}`;
      nodes.push(
        { kind: "delay", id: id("delay"), channels: 2, delayFrames: strip },
        { kind: "gain", id: id("gain"), channels: 2, gainDb: -6 },
        { kind: "pan", id: id("pan"), channels: 2, pan: strip / STRIPS_PER_GROUP, law: "balance" },
        { kind: "meter", id: id("meter"), channels: 2 },
        { kind: "send", id: id("send"), channels: 2, gainDb: -12 },
      );
      connect("in", id("delay"));
      connect(id("delay"), id("gain"));
      connect(id("gain"), id("pan"));
      connect(id("pan"), id("meter"));
      connect(id("pan"), id("send"));
      connect(id("meter"), `group${group}`);
      connect(id("send"), "effects");
    }
    nodes.push({ kind: "sum", id: `group${group}`, channels: 2 });
    connect(`group${group}`, "out");
  }
  nodes.push({ kind: "sum", id: "effects", channels: 2 }, { kind: "output", id: "out", channels: 2 });
  connect("effects", "out");
  return { nodes, edges };
}
