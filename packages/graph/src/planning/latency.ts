/**
 * Latency compensation: one longest-path pass over all edges, main, send and sidechain alike.
 *
 *   inLatency[v]  = max over edges u->v of outLatency[u]
 *   outLatency[v] = inLatency[v] + latency[v]
 *   delay[u->v]   = inLatency[v] - outLatency[u]
 *
 * So everything that meets at a node is aligned. A node with input latency L hears the song L frames late, and its
 * automation is read L frames earlier. A delay node is meant to be heard and counts nothing. A way back counts nothing
 * either: its delay is what was asked for, less the latency of the loop.
 */
import type { GraphDescription, GraphEdge, PluginShapes } from "../description/graph.ts";
import { GraphError } from "../description/graph-error.ts";
import { runOrder } from "./order.ts";

export interface CompensatedGraph extends GraphDescription {
  readonly edges: readonly CompensatedEdge[];
  /** Indices into nodes, sources before targets. */
  readonly order: readonly number[];
  /** By node id: how late what arrives at the node is. */
  readonly inLatencyFrames: ReadonlyMap<string, number>;
  /** The latest of all outputs: how much to cut from the front of a render. */
  readonly latencyFrames: number;
  /** For a graph on its way from another, see CompiledPlan. */
  readonly fresh?: ReadonlySet<string>;
  readonly before?: ReadonlyMap<string, string>;
}

export interface CompensatedEdge extends GraphEdge {
  readonly delayFrames: number;
}

/**
 * `graph` must be valid, see validateGraph(). All outputs are aligned with the latest of them. Throws a GraphError for a
 * way back that is no longer than the latency of its loop.
 */
export function compensate(graph: GraphDescription, shapes: PluginShapes): CompensatedGraph {
  const order = runOrder(graph);
  const incoming = new Map<string, GraphEdge[]>();
  for (const edge of graph.edges) {
    if (edge.feedbackFrames !== undefined) continue;
    const list = incoming.get(edge.to.node);
    if (list) list.push(edge);
    else incoming.set(edge.to.node, [edge]);
  }
  const inLatency = new Map<string, number>();
  const outLatency = new Map<string, number>();
  let latest = 0;
  for (const index of order) {
    const node = graph.nodes[index];
    let arrival = 0;
    for (const { from } of incoming.get(node.id) ?? [])
      arrival = Math.max(arrival, outLatency.get(from.node)!);
    inLatency.set(node.id, arrival);
    outLatency.set(node.id, arrival + (node.kind === "plugin" ? shapes.get(node.id)!.latencyFrames : 0));
    if (node.kind === "output") latest = Math.max(latest, arrival);
  }
  for (const node of graph.nodes) if (node.kind === "output") inLatency.set(node.id, latest);
  const edges = graph.edges.map((edge) => {
    const apart = inLatency.get(edge.to.node)! - outLatency.get(edge.from.node)!;
    return { ...edge, delayFrames: (edge.feedbackFrames ?? 0) + apart };
  });
  const tooShort = edges.filter((edge) => edge.feedbackFrames !== undefined && edge.delayFrames < 1);
  if (tooShort.length > 0) throw new GraphError(tooShort.map(shortLoop));
  return { ...graph, edges, order, inLatencyFrames: inLatency, latencyFrames: latest };
}

function shortLoop({ from, to, feedbackFrames = 0, delayFrames }: CompensatedEdge): string {
  const latency = feedbackFrames - delayFrames;
  return `the way back ${from.node}:${from.port} -> ${to.node}:${to.port} has ${feedbackFrames} frames, but what is on the loop takes ${latency}: give it more than ${latency}`;
}
