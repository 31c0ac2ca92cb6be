/** Who is connected to whom, by numbers instead of names: a graph has many more edges than nodes, and names are slow. */
import type { GraphDescription, GraphEdge, GraphNode } from "../description/graph.ts";

export interface Wiring {
  readonly nodes: readonly GraphNode[];
  readonly nodeOf: ReadonlyMap<string, number>;
  /** Of each edge, which nodes it joins. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Edges out of a node: edgesOut[outStart[n]] to edgesOut[outStart[n + 1]], in the order of the description. */
  readonly outStart: Int32Array;
  readonly edgesOut: Int32Array;
}

const known = new WeakMap<readonly GraphEdge[], Wiring>();

/** Every edge must join nodes that are there. Remembered for the graph, as long as it lives. */
export function wiringOf({ nodes, edges }: Pick<GraphDescription, "nodes" | "edges">): Wiring {
  const before = known.get(edges);
  if (before?.nodes === nodes) return before;
  const nodeOf = new Map<string, number>();
  for (let n = 0; n < nodes.length; n++) nodeOf.set(nodes[n].id, n);
  const from = new Int32Array(edges.length);
  const to = new Int32Array(edges.length);
  const outStart = new Int32Array(nodes.length + 1);
  for (let e = 0; e < edges.length; e++) {
    from[e] = nodeOf.get(edges[e].from.node)!;
    to[e] = nodeOf.get(edges[e].to.node)!;
    outStart[from[e] + 1]++;
  }
  for (let n = 0; n < nodes.length; n++) outStart[n + 1] += outStart[n];
  const edgesOut = new Int32Array(edges.length);
  const next = outStart.slice();
  for (let e = 0; e < edges.length; e++) edgesOut[next[from[e]]++] = e;
  const wiring = { nodes, nodeOf, from, to, outStart, edgesOut };
  known.set(edges, wiring);
  return wiring;
}

/** The same for edges of another kind in the same order. */
export function shareWiring(wiring: Wiring, edges: readonly GraphEdge[]): void {
  known.set(edges, wiring);
}
