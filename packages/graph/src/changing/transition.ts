/**
 * One graph becoming another while it runs: both at once, with fades on the edges that only one of them has.
 *
 *   before:  a ─▶ b ─▶ out          between:  a ─▶ b ─▶ fade out ─▶ out          after:  a ─▶ c ─▶ out
 *                                             └──▶ c ─▶ fade in ──▶ ┘
 *
 * A node that both have is one node throughout, and never processed twice. An edge whose delay changes fades from one tap of
 * the same delay line to another. Fades begin when what is new has come through its latencies, so that there is no dip. A new
 * delay node is meant to be heard late and is not waited for; what goes into it is faded in. Every node is where it will be:
 * what a lane says, it says for the graph after.
 */
import type { GainNode, GraphNode } from "../description/graph.ts";
import type { CompensatedEdge, CompensatedGraph } from "../planning/latency.ts";
import { findCycle, runOrder } from "../planning/order.ts";

/** What must be known of a node's plugin. */
export interface NodeFacts {
  channelsInto(node: GraphNode, port: string): number;
  latencyFrames(node: GraphNode): number;
  /** Whether the plugin node of this id is the same processor in both graphs. */
  goesOn(id: string): boolean;
}

export interface Transition {
  readonly graph: CompensatedGraph;
  /** Ids of gains: closed, to be opened at once. */
  readonly opening: readonly string[];
  /** To be opened, and open ones to be closed, once what is new is there. */
  readonly fadingIn: readonly string[];
  readonly fadingOut: readonly string[];
  /** Until then. */
  readonly holdFrames: number;
}

/** Undefined where both graphs together have a cycle. */
export function transition(
  before: CompensatedGraph,
  after: CompensatedGraph,
  facts: NodeFacts,
): Transition | undefined {
  const old = withOwnIds(before, after, facts);
  const nodesAfter = new Map(after.nodes.map((node) => [node.id, node]));
  const nodesBefore = new Map(old.nodes.map((node) => [node.id, node]));
  const gone = old.nodes.filter((node) => !nodesAfter.has(node.id));
  const fades: GainNode[] = [];
  let prefix = "fade";
  while ([...nodesAfter.keys(), ...nodesBefore.keys()].some((id) => id.startsWith(prefix))) prefix += "'";
  const edges: CompensatedEdge[] = [];
  const fade = (edge: CompensatedEdge, open: boolean): string => {
    const target = (nodesAfter.get(edge.to.node) ?? nodesBefore.get(edge.to.node))!;
    const id = `${prefix} ${fades.length}`;
    fades.push({
      kind: "gain",
      id,
      channels: facts.channelsInto(target, edge.to.port),
      gainDb: open ? 0 : null,
    });
    edges.push({ ...edge, to: { node: id, port: "in" } });
    edges.push({ from: { node: id, port: "out" }, to: edge.to, delayFrames: 0 });
    return id;
  };

  const [opening, fadingIn, fadingOut]: string[][] = [[], [], []];
  const arriving: CompensatedEdge[] = [];
  const left = countOf(old.edges);
  for (const edge of after.edges) {
    const known = left.get(keyOf(edge)) ?? 0;
    if (known > 0) {
      left.set(keyOf(edge), known - 1);
      edges.push(edge);
    } else if (nodesBefore.has(edge.to.node)) {
      fadingIn.push(fade(edge, false));
      arriving.push(edge);
    } else if (nodesAfter.get(edge.to.node)!.kind === "delay") opening.push(fade(edge, false));
    else edges.push(edge);
  }
  for (const edge of old.edges) {
    const known = left.get(keyOf(edge)) ?? 0;
    if (known === 0) continue;
    left.set(keyOf(edge), known - 1);
    if (nodesAfter.has(edge.to.node)) fadingOut.push(fade(edge, true));
    else edges.push(edge);
  }

  const goneIds = new Set(gone.map(({ id }) => id));
  const graph = {
    ...after,
    nodes: [...after.nodes, ...gone, ...fades],
    edges,
    lanes: [...(after.lanes ?? []), ...(old.lanes ?? []).filter((lane) => goneIds.has(lane.node))],
  };
  if (findCycle(graph)) return undefined;
  const isNew = (node: string) => !nodesBefore.has(node);
  return {
    graph: {
      ...graph,
      order: runOrder(graph),
      inLatencyFrames: new Map([...old.inLatencyFrames, ...after.inLatencyFrames]),
      // A fade takes over nothing of one before it that had its name.
      fresh: new Set([...old.fresh, ...fades.map(({ id }) => id)]),
      before: old.before,
    },
    opening,
    fadingIn,
    fadingOut,
    holdFrames: timeToArrive(after, arriving, isNew, facts),
  };
}

/** Frames until all that is new has been run through: a node that was there is there at once. */
function timeToArrive(
  graph: CompensatedGraph,
  arriving: readonly CompensatedEdge[],
  isNew: (node: string) => boolean,
  facts: NodeFacts,
): number {
  const there = new Map<string, number>();
  const incoming = new Map<string, CompensatedEdge[]>();
  for (const edge of graph.edges) {
    if (edge.feedbackFrames !== undefined || !isNew(edge.to.node)) continue;
    const list = incoming.get(edge.to.node);
    if (list) list.push(edge);
    else incoming.set(edge.to.node, [edge]);
  }
  const after = (edge: CompensatedEdge) =>
    (there.get(edge.from.node) ?? 0) + (edge.feedbackFrames === undefined ? edge.delayFrames : 0);
  for (const index of graph.order) {
    const node = graph.nodes[index];
    if (!isNew(node.id)) continue;
    const latest = Math.max(0, ...(incoming.get(node.id) ?? []).map(after));
    there.set(node.id, latest + facts.latencyFrames(node));
  }
  return Math.max(0, ...arriving.map(after));
}

/** What of `before` the graph `after` has as well, with the delays of `before`: what remains when all else has faded out. */
export function common(before: CompensatedGraph, after: CompensatedGraph): CompensatedGraph {
  const left = new Map<string, number>();
  for (const edge of after.edges) left.set(pathOf(edge), (left.get(pathOf(edge)) ?? 0) + 1);
  const edges = before.edges.filter((edge) => {
    const known = left.get(pathOf(edge)) ?? 0;
    left.set(pathOf(edge), known - 1);
    return known > 0;
  });
  return { ...before, edges, order: runOrder({ ...before, edges }) };
}

/** What stays one node: whatever else about it may be set while it runs. */
function isSame(a: GraphNode, b: GraphNode, { goesOn }: NodeFacts): boolean {
  if (a.kind !== b.kind || a.channels !== b.channels) return false;
  if (a.kind === "plugin") return goesOn(a.id);
  if (a.kind === "delay" && b.kind === "delay") return a.delayFrames === b.delayFrames;
  return a.kind === "pan" && b.kind === "pan" ? a.law === b.law : true;
}

/** `before`, where nodes that are others in `after` have ids of their own. */
function withOwnIds(before: CompensatedGraph, after: CompensatedGraph, facts: NodeFacts) {
  const nodesAfter = new Map(after.nodes.map((node) => [node.id, node]));
  const taken = new Set([...before.nodes, ...after.nodes].map(({ id }) => id));
  const renamed = new Map<string, string>();
  for (const node of before.nodes) {
    const other = nodesAfter.get(node.id);
    if (!other || isSame(node, other, facts)) continue;
    let id = `${node.id} before`;
    while (taken.has(id)) id += "'";
    taken.add(id);
    renamed.set(node.id, id);
  }
  const idOf = (id: string) => renamed.get(id) ?? id;
  return {
    nodes: before.nodes.map((node) => ({ ...node, id: idOf(node.id) })),
    edges: before.edges.map((edge) => ({
      ...edge,
      from: { ...edge.from, node: idOf(edge.from.node) },
      to: { ...edge.to, node: idOf(edge.to.node) },
    })),
    lanes: before.lanes?.map((lane) => ({ ...lane, node: idOf(lane.node) })),
    inLatencyFrames: new Map([...before.inLatencyFrames].map(([id, frames]) => [idOf(id), frames])),
    fresh: new Set(renamed.keys()),
    before: new Map([...renamed].map(([id, own]) => [own, id])),
  };
}

/** Edges of one key are alike in all that is heard. */
function keyOf(edge: CompensatedEdge): string {
  return `${pathOf(edge)} ${edge.delayFrames}`;
}

function pathOf({ from, to, mix, feedbackFrames }: CompensatedEdge): string {
  return JSON.stringify([from.node, from.port, to.node, to.port, mix, feedbackFrames]);
}

function countOf(edges: readonly CompensatedEdge[]): Map<string, number> {
  const count = new Map<string, number>();
  for (const edge of edges) count.set(keyOf(edge), (count.get(keyOf(edge)) ?? 0) + 1);
  return count;
}
