/**
 * A graph sorted for drawing: nodes of one strip or bus into a lane, lanes into ranks from left to right, and the
 * nodes of a lane into columns, so that inserts stand under inserts and faders under faders.
 */
import type { GraphDescription, GraphEdge, GraphNode } from "@gainstage/graph";
import { type Arc, longestPaths } from "./longest-path.ts";
import { channelName } from "./node-text.ts";
import type { GraphReport } from "./report-data.ts";

export type GainNode = Extract<GraphNode, { kind: "gain" | "send" }>;

export interface Lane {
  readonly id: string;
  readonly name: string;
  /** 0 for strips; buses one more than the most of what feeds them. */
  readonly rank: number;
  /** All but sends. */
  readonly nodes: readonly LaneNode[];
  readonly sends: readonly GainNode[];
}

export interface LaneNode {
  readonly node: GraphNode;
  readonly column: number;
  /** Counts the nodes of one lane in one column. */
  readonly row: number;
}

export type EdgeKind = "main" | "send" | "sidechain";

export interface SortedGraph {
  readonly lanes: readonly Lane[];
  /** By node id. */
  readonly laneOf: ReadonlyMap<string, Lane>;
  readonly edges: readonly { readonly edge: GraphEdge; readonly kind: EdgeKind }[];
}

export function sortGraph(report: GraphReport): SortedGraph {
  const { graph } = report;
  const arcs = graph.edges.map(({ from, to }) => ({ from: from.node, to: to.node }));
  const ids = graph.nodes.map(({ id }) => id);
  const depths = longestPaths(ids, arcs);
  const laneIds = laneIdsOf(graph, depths);
  const kinds = edgeKinds(report);
  const laneArcs = graph.edges
    .filter((_, i) => kinds[i] !== "sidechain")
    .map(({ from, to }) => ({ from: laneIds.get(from.node)!, to: laneIds.get(to.node)! }));
  const order = [...new Set(ids.map((id) => laneIds.get(id)!))];
  const ranks = longestPaths(order, laneArcs);
  const members = new Map(order.map((lane): [string, GraphNode[]] => [lane, []]));
  for (const node of graph.nodes) members.get(laneIds.get(node.id)!)!.push(node);

  const laneOwnArcs = new Map(order.map((lane): [string, Arc[]] => [lane, []]));
  for (const arc of arcs) {
    const lane = laneIds.get(arc.from)!;
    if (lane === laneIds.get(arc.to)) laneOwnArcs.get(lane)!.push(arc);
  }
  const lanes = [...new Set(ranks.values())].flatMap((rank) => {
    const block = order.filter((id) => ranks.get(id) === rank);
    const shapes = block.map((id) => shapeOf(members.get(id)!, laneOwnArcs.get(id)!));
    const headColumns = Math.max(0, ...shapes.filter((s) => s.inserts > 0).map((s) => s.head));
    const columns = Math.max(
      ...shapes.map((s) => (s.inserts > 0 ? headColumns : s.head) + s.inserts + s.tail),
    );
    return block.map((id, i): Lane => {
      const sends = members.get(id)!.flatMap((node) => (node.kind === "send" ? [node] : []));
      const nodes = inColumns(shapes[i], headColumns, columns);
      return { id, name: channelName(report, id), rank, nodes, sends };
    });
  });
  const byId = new Map(lanes.map((lane) => [lane.id, lane]));
  return {
    lanes,
    laneOf: new Map(ids.map((id) => [id, byId.get(laneIds.get(id)!)!])),
    edges: graph.edges.map((edge, i) => ({ edge, kind: kinds[i] })),
  };
}

/** The part of an id before "/"; a node without one stands with what comes before it. */
function laneIdsOf(
  graph: GraphDescription,
  depths: ReadonlyMap<string, number>,
): ReadonlyMap<string, string> {
  const feeder = new Map<string, string>();
  for (const { from, to } of graph.edges) if (!feeder.has(to.node)) feeder.set(to.node, from.node);
  const lanes = new Map<string, string>();
  const inOrder = graph.nodes.map(({ id }) => id).sort((a, b) => depths.get(a)! - depths.get(b)!);
  for (const id of inOrder) {
    const slash = id.indexOf("/");
    lanes.set(id, slash > 0 ? id.slice(0, slash) : (lanes.get(feeder.get(id) ?? "") ?? id));
  }
  return lanes;
}

function edgeKinds({ graph, manifests }: GraphReport): readonly EdgeKind[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  return graph.edges.map(({ from, to }): EdgeKind => {
    const target = nodes.get(to.node);
    if (target?.kind === "plugin") {
      const port = manifests.get(target.plugin)?.inputs.find(({ id }) => id === to.port);
      if (port ? port.role === "sidechain" : to.port !== "in") return "sidechain";
    }
    return nodes.get(from.node)?.kind === "send" || target?.kind === "send" ? "send" : "main";
  });
}

/** The main path of a lane by depth: a head, inserts in the middle, and a tail from the fader on. */
interface LaneShape {
  readonly nodes: readonly { readonly node: GraphNode; readonly depth: number }[];
  readonly head: number;
  readonly inserts: number;
  readonly tail: number;
}

function shapeOf(members: readonly GraphNode[], arcs: readonly Arc[]): LaneShape {
  const path = members.filter((node) => node.kind !== "send");
  const depths = longestPaths(
    path.map(({ id }) => id),
    arcs,
  );
  const nodes = path.map((node) => ({ node, depth: depths.get(node.id)! }));
  const length = Math.max(-1, ...nodes.map(({ depth }) => depth)) + 1;
  const depthsOf = (kind: GraphNode["kind"]) => nodes.filter((n) => n.node.kind === kind).map((n) => n.depth);
  const inserts = depthsOf("plugin");
  const fader = Math.max(-1, ...depthsOf("gain"));
  if (inserts.length > 0) {
    const [head, end] = [Math.min(...inserts), Math.max(...inserts) + 1];
    return { nodes, head, inserts: end - head, tail: length - end };
  }
  const head = fader > 0 ? fader : length;
  return { nodes, head, inserts: 0, tail: length - head };
}

/** Heads to the left, tails to the right, inserts where the longest head of the block ends. */
function inColumns(
  { nodes, head, inserts, tail }: LaneShape,
  headColumns: number,
  columns: number,
): LaneNode[] {
  const filled = new Map<number, number>();
  return nodes.map(({ node, depth }) => {
    let column = depth;
    if (depth >= head + inserts) column = columns - tail + (depth - head - inserts);
    else if (depth >= head) column = headColumns + depth - head;
    const row = filled.get(column) ?? 0;
    filled.set(column, row + 1);
    return { node, column, row };
  });
}
