/**
 * Splits a compensated graph for several threads: whatever hangs on a single input, a strip with its inserts, can
 * run anywhere; where two of them meet, the join begins.
 *
 *   input a ─ … ─┐ ┌─ part 1 ──▶ cross:0 ─┐
 *   input b ─ … ─┼─┤                      ├─ join (part 0) ─▶ outputs
 *   input c ─ … ─┘ └─ part 0 ─────────────┘
 *
 * Latencies were settled on the whole graph and sums keep their order, so every split gives the same bits.
 */
import type { GraphNode, PluginShapes, PortRef } from "../description/graph.ts";
import { outputPorts } from "../description/graph.ts";
import type { CompensatedEdge, CompensatedGraph } from "./latency.ts";

export interface Partition {
  /** What the rendering thread itself runs. Its input nodes "cross:N" take what the other parts put out. */
  readonly join: CompensatedGraph;
  /** Each puts out nodes "cross:N". May be fewer than asked for. */
  readonly parts: readonly CompensatedGraph[];
}

/** Nodes in `keep` stay in the join, with all that shares their input. */
export function partition(
  graph: CompensatedGraph,
  shapes: PluginShapes,
  threads: number,
  keep: ReadonlySet<string> = new Set(),
): Partition {
  const owner = ownersOf(graph);
  const weight = new Map<string, number>();
  for (const node of graph.nodes) {
    const group = owner.get(node.id)!;
    weight.set(group, (weight.get(group) ?? 0) + (node.kind === "plugin" ? 10 : 1));
  }
  const load = new Array<number>(Math.max(1, threads)).fill(0);
  for (const group of [JOIN, ...[...keep].map((id) => owner.get(id) ?? JOIN)]) {
    load[0] += weight.get(group) ?? 0;
    weight.delete(group);
  }
  const threadOf = new Map<string, number>();
  for (const [group, cost] of [...weight].sort((a, b) => b[1] - a[1])) {
    const lightest = load.indexOf(Math.min(...load));
    load[lightest] += cost;
    threadOf.set(group, lightest);
  }
  return split(graph, shapes, load.length, (node) => threadOf.get(owner.get(node)!) ?? 0);
}

const JOIN = "";

/** For each node the one input it hangs on, or JOIN. What is on a loop stays together. */
function ownersOf(graph: CompensatedGraph): ReadonlyMap<string, string> {
  const outgoing = new Map<string, CompensatedEdge[]>();
  for (const edge of graph.edges) {
    if (edge.feedbackFrames !== undefined) continue;
    const list = outgoing.get(edge.from.node);
    if (list) list.push(edge);
    else outgoing.set(edge.from.node, [edge]);
  }
  const joined = new Set<string>();
  for (;;) {
    const owner = flow(graph, outgoing, joined);
    const torn = graph.edges.filter(({ from, to }) => owner.get(from.node) !== owner.get(to.node));
    const back = torn.filter(({ feedbackFrames }) => feedbackFrames !== undefined);
    if (back.length === 0) return owner;
    for (const { from, to } of back) {
      joined.add(from.node);
      joined.add(to.node);
    }
  }
}

function flow(
  graph: CompensatedGraph,
  outgoing: ReadonlyMap<string, readonly CompensatedEdge[]>,
  joined: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const owner = new Map<string, string>();
  const arriving = new Map<string, string>();
  for (const index of graph.order) {
    const node = graph.nodes[index];
    const isInput = node.kind === "input" && !joined.has(node.id);
    const isJoin = node.kind === "output" || joined.has(node.id);
    const own = isInput ? node.id : isJoin ? JOIN : (arriving.get(node.id) ?? JOIN);
    owner.set(node.id, own);
    for (const { to } of outgoing.get(node.id) ?? []) {
      arriving.set(to.node, arriving.has(to.node) && arriving.get(to.node) !== own ? JOIN : own);
    }
  }
  return owner;
}

function split(
  graph: CompensatedGraph,
  shapes: PluginShapes,
  threads: number,
  threadOf: (node: string) => number,
): Partition {
  const nodes: GraphNode[][] = Array.from({ length: threads }, () => []);
  const edges: CompensatedEdge[][] = Array.from({ length: threads }, () => []);
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  for (const index of graph.order) nodes[threadOf(graph.nodes[index].id)].push(graph.nodes[index]);
  const crossings = new Map<string, string>();
  const arrivals: GraphNode[] = [];
  for (const edge of graph.edges) {
    const from = threadOf(edge.from.node);
    const to = threadOf(edge.to.node);
    if (from === to) {
      edges[from].push(edge);
      continue;
    }
    const key = `${edge.from.node}:${edge.from.port}`;
    let cross = crossings.get(key);
    if (cross === undefined) {
      cross = `cross:${crossings.size}`;
      crossings.set(key, cross);
      const channels = portChannels(byId.get(edge.from.node)!, edge.from, shapes);
      nodes[from].push({ kind: "output", id: cross, channels });
      edges[from].push({ from: edge.from, to: { node: cross, port: "in" }, delayFrames: 0 });
      arrivals.push({ kind: "input", id: cross, channels });
    }
    edges[to].push({ ...edge, from: { node: cross, port: "out" } });
  }
  nodes[0].unshift(...arrivals);
  const parts = nodes.map((own, thread): CompensatedGraph => {
    const ids = new Set(own.map((node) => node.id));
    return {
      nodes: own,
      edges: edges[thread],
      ...(graph.song && { song: graph.song }),
      lanes: (graph.lanes ?? []).filter((lane) => ids.has(lane.node)),
      order: own.map((_, i) => i),
      inLatencyFrames: graph.inLatencyFrames,
      latencyFrames: graph.latencyFrames,
    };
  });
  return { join: parts[0], parts: parts.slice(1).filter((part) => part.nodes.length > 0) };
}

function portChannels(node: GraphNode, ref: PortRef, shapes: PluginShapes): number {
  return outputPorts(node, shapes).find((port) => port.id === ref.port)?.channels ?? 2;
}
