/**
 * Sub-graphs: a graph used as a node of another, any number of levels deep, made one flat graph before anything is planned.
 *
 *   node "verb" with { input "in", plugin "hall", output "out" }
 *     becomes   sum "verb/in" ─▶ plugin "verb/hall" ─▶ sum "verb/out"
 *
 * The ports of such a node are its inner inputs and outputs, by their ids. Inner lanes keep their times, which are the
 * song's; lanes from outside name "verb/hall". Sums pass their input on as it is, so that it costs nothing.
 */
import type {
  AutomationLane,
  GraphDescription,
  GraphEdge,
  GraphNode,
  NestedGraph,
  PortRef,
  SubGraphNode,
} from "./graph.ts";
import { GraphError } from "./graph-error.ts";

/** Deeper than anybody nests by hand: what is deeper contains itself. */
const DEEPEST = 32;

/**
 * The same graph without sub-graphs; one that has none is given back as it is. Throws a GraphError for what is too deep, for
 * edges to ports that a sub-graph has not, and for songs inside.
 */
export function flatten(graph: NestedGraph): GraphDescription {
  if (isFlat(graph)) return graph;
  const flat = new Flattening();
  flat.pour(graph, "", 0);
  if (flat.problems.length > 0) throw new GraphError(flat.problems);
  const { nodes, edges, lanes } = flat;
  return { nodes, edges, lanes, ...(graph.song && { song: graph.song }) };
}

function isFlat(graph: NestedGraph): graph is GraphDescription {
  return graph.nodes.every((node) => node.kind !== "graph");
}

class Flattening {
  readonly nodes: GraphNode[] = [];
  readonly edges: GraphEdge[] = [];
  readonly lanes: AutomationLane[] = [];
  readonly problems: string[] = [];

  pour(graph: NestedGraph, prefix: string, depth: number): void {
    const nested = new Map<string, SubGraphNode>();
    for (const node of graph.nodes) {
      if (node.kind !== "graph") {
        this.nodes.push(placed(node, prefix));
        continue;
      }
      const id = prefix + node.id;
      nested.set(node.id, node);
      if (node.graph.song)
        this.problems.push(`sub-graph "${id}" has a song; only the outermost graph has one`);
      if (depth < DEEPEST) this.pour(node.graph, `${id}/`, depth + 1);
      else this.problems.push(`sub-graphs are more than ${DEEPEST} deep at "${id}"`);
    }
    const end = (ref: PortRef, kind: "input" | "output"): PortRef => {
      const inside = nested.get(ref.node);
      if (!inside) return { node: prefix + ref.node, port: ref.port };
      if (!inside.graph.nodes.some((node) => node.kind === kind && node.id === ref.port))
        this.problems.push(`sub-graph "${prefix}${ref.node}" has no ${kind} "${ref.port}"`);
      return { node: `${prefix}${ref.node}/${ref.port}`, port: kind === "input" ? "in" : "out" };
    };
    for (const edge of graph.edges)
      this.edges.push({ ...edge, from: end(edge.from, "output"), to: end(edge.to, "input") });
    for (const lane of graph.lanes ?? []) this.lanes.push({ ...lane, node: prefix + lane.node });
  }
}

/** Inside, inputs and outputs are places where edges meet. */
function placed(node: GraphNode, prefix: string): GraphNode {
  const id = prefix + node.id;
  const isEnd = prefix !== "" && (node.kind === "input" || node.kind === "output");
  return isEnd ? { kind: "sum", id, channels: node.channels } : { ...node, id };
}
