/** The ports of a graph and the edges at them, by numbers. */
import {
  type GraphNode,
  inputPorts,
  outputPorts,
  type PluginShapes,
  type ShapePort,
} from "../description/graph.ts";
import type { CompensatedGraph } from "./latency.ts";
import { wiringOf } from "./wiring.ts";

/** The ports of one side: those of node n are ports[start[n]] to ports[start[n + 1]]. */
export interface Side {
  readonly start: Int32Array;
  readonly ports: readonly ShapePort[];
  /** Of each edge, which port it joins. */
  readonly portOf: Int32Array;
  /** Edges at a port: edges[first[p]] to edges[first[p + 1]], in the order of the description. */
  readonly first: Int32Array;
  readonly edges: Int32Array;
}

export interface Ports {
  readonly inputs: Side;
  readonly outputs: Side;
}

export function portsOf(graph: CompensatedGraph, shapes: PluginShapes): Ports {
  const { from, to } = wiringOf(graph);
  const { edges } = graph;
  const outputs = side(
    graph.nodes,
    (node) => outputPorts(node, shapes),
    from,
    (e) => edges[e].from.port,
  );
  const inputs = side(
    graph.nodes,
    (node) => inputPorts(node, shapes),
    to,
    (e) => edges[e].to.port,
  );
  return { inputs, outputs };
}

function side(
  nodes: readonly GraphNode[],
  portsAt: (node: GraphNode) => readonly ShapePort[],
  nodeOf: Int32Array,
  portId: (edge: number) => string,
): Side {
  const start = new Int32Array(nodes.length + 1);
  const ports: ShapePort[] = [];
  for (let n = 0; n < nodes.length; n++) {
    for (const port of portsAt(nodes[n])) ports.push(port);
    start[n + 1] = ports.length;
  }
  const portOf = new Int32Array(nodeOf.length);
  const first = new Int32Array(ports.length + 1);
  for (let e = 0; e < nodeOf.length; e++) {
    const id = portId(e);
    let port = start[nodeOf[e]];
    while (ports[port].id !== id) port++;
    portOf[e] = port;
    first[port + 1]++;
  }
  for (let p = 0; p < ports.length; p++) first[p + 1] += first[p];
  const edges = new Int32Array(nodeOf.length);
  const next = first.slice();
  for (let e = 0; e < nodeOf.length; e++) edges[next[portOf[e]]++] = e;
  return { start, ports, portOf, first, edges };
}
