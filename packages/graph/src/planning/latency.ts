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
import { shareWiring, wiringOf } from "./wiring.ts";

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
 * `graph` must be valid, see validateGraph(). All outputs are aligned with the latest of them, and as late as
 * `leastLatencyFrames` at least. Throws a GraphError for a way back that is no longer than the latency of its loop.
 */
export function compensate(
  graph: GraphDescription,
  shapes: PluginShapes,
  leastLatencyFrames = 0,
): CompensatedGraph {
  const { nodes } = graph;
  const order = runOrder(graph);
  const wiring = wiringOf(graph);
  const { from, to, outStart, edgesOut } = wiring;
  const arrival = new Float64Array(nodes.length);
  const departure = new Float64Array(nodes.length);
  let latest = leastLatencyFrames;
  for (const n of order) {
    const node = nodes[n];
    departure[n] = arrival[n] + (node.kind === "plugin" ? shapes.get(node.id)!.latencyFrames : 0);
    if (node.kind === "output") latest = Math.max(latest, arrival[n]);
    for (let k = outStart[n]; k < outStart[n + 1]; k++) {
      const edge = edgesOut[k];
      if (graph.edges[edge].feedbackFrames === undefined)
        arrival[to[edge]] = Math.max(arrival[to[edge]], departure[n]);
    }
  }
  const inLatencyFrames = new Map<string, number>();
  for (let n = 0; n < nodes.length; n++) {
    if (nodes[n].kind === "output") arrival[n] = latest;
    inLatencyFrames.set(nodes[n].id, arrival[n]);
  }
  const edges = graph.edges.map((edge, e): CompensatedEdge => {
    const apart = arrival[to[e]] - departure[from[e]];
    const { mix, feedbackFrames } = edge;
    if (mix === undefined && feedbackFrames === undefined)
      return { from: edge.from, to: edge.to, delayFrames: apart };
    return { ...edge, delayFrames: (feedbackFrames ?? 0) + apart };
  });
  const tooShort = edges.filter((edge) => edge.feedbackFrames !== undefined && edge.delayFrames < 1);
  if (tooShort.length > 0) throw new GraphError(tooShort.map(shortLoop));
  shareWiring(wiring, edges);
  return { ...graph, edges, order, inLatencyFrames, latencyFrames: latest };
}

function shortLoop({ from, to, feedbackFrames = 0, delayFrames }: CompensatedEdge): string {
  const latency = feedbackFrames - delayFrames;
  return `the way back ${from.node}:${from.port} -> ${to.node}:${to.port} has ${feedbackFrames} frames, but what is on the loop takes ${latency}: give it more than ${latency}`;
}
