/**
 * Splits a compensated graph for several threads: whatever hangs on a single input, a strip with its inserts, can
 * run anywhere; where two of them meet, the join begins.
 *
 *   input a ─ … ─┐ ┌─ part 1 ── sum a + b ──▶ cross:0 ─┐
 *   input b ─ … ─┼─┤                                   ├─ part 2 ── sum + c + d ──▶ cross:1 ── join ─▶ outputs
 *   input c ─ … ─┤ └─ part 2 ──────────────────────────┘
 *   input d ─ … ─┘
 *
 * Latencies were settled on the whole graph and sums keep their order (crossings.ts), so every split gives the same bits.
 */
import type { GraphNode, PluginShapes } from "../description/graph.ts";
import { Crossings } from "./crossings.ts";
import type { CompensatedEdge, CompensatedGraph } from "./latency.ts";

export interface Partition {
  /** What only the rendering thread itself can run. Its input nodes "cross:N" take what the parts put out. */
  readonly join: CompensatedGraph;
  /**
   * Each puts out nodes "cross:N", for the join or for parts behind it, and may have such inputs, of parts before it. May be
   * fewer than asked for.
   */
  readonly parts: readonly CompensatedGraph[];
}

/** Over so many parts, beside the join. Nodes in `keep` stay in the join, with all that shares their input. */
export function partition(
  graph: CompensatedGraph,
  shapes: PluginShapes,
  parts: number,
  keep: ReadonlySet<string> = new Set(),
): Partition {
  const owner = ownersOf(graph);
  const weight = new Map<string, number>();
  for (const group of groupsInOrder(graph, owner)) weight.set(group, 0);
  for (const node of graph.nodes) {
    const group = owner.get(node.id)!;
    weight.set(group, (weight.get(group) ?? 0) + (node.kind === "plugin" ? 10 : 1));
  }
  for (const group of [JOIN, ...[...keep].map((id) => owner.get(id) ?? JOIN)]) weight.delete(group);
  const partOf = parts === 0 ? new Map<string, number>() : shares(weight, parts);
  return split(graph, shapes, parts, (node) => partOf.get(owner.get(node)!) ?? parts);
}

const JOIN = "";

/** Groups as their sound comes up in sums: neighbours there belong into one part, which then adds them up. */
function groupsInOrder(graph: CompensatedGraph, owner: ReadonlyMap<string, string>): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const { from, to } of graph.edges) {
    if (owner.get(to.node) === JOIN) groups.add(owner.get(from.node)!);
  }
  return groups;
}

/** Neighbours stay together; each goes where its middle lies in the whole weight. */
function shares(weight: ReadonlyMap<string, number>, parts: number): ReadonlyMap<string, number> {
  const whole = [...weight.values()].reduce((sum, cost) => sum + cost, 0);
  const partOf = new Map<string, number>();
  let before = 0;
  for (const [group, cost] of weight) {
    partOf.set(group, Math.floor(((before + cost / 2) / whole) * parts));
    before += cost;
  }
  return partOf;
}

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

/** `threadOf` gives a node's part, and `parts` for the join. */
function split(
  graph: CompensatedGraph,
  shapes: PluginShapes,
  parts: number,
  threadOf: (node: string) => number,
): Partition {
  const threads = parts + 1;
  const nodes: GraphNode[][] = Array.from({ length: threads }, () => []);
  for (const index of graph.order) nodes[threadOf(graph.nodes[index].id)].push(graph.nodes[index]);
  const crossings = new Crossings(graph, shapes, threads, threadOf);
  const graphs = nodes.map((own, thread): CompensatedGraph => {
    const ids = new Set(own.map((node) => node.id));
    const { arrivals, departures, edges } = crossings.of(thread);
    const all = [...arrivals, ...own, ...departures];
    return {
      nodes: all,
      edges,
      ...(graph.song && { song: graph.song }),
      lanes: (graph.lanes ?? []).filter((lane) => ids.has(lane.node)),
      order: all.map((_, i) => i),
      inLatencyFrames: graph.inLatencyFrames,
      latencyFrames: graph.latencyFrames,
    };
  });
  return { join: graphs[parts], parts: graphs.slice(0, parts).filter((part) => part.nodes.length > 0) };
}
