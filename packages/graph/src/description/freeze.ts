/**
 * Freezing: everything up to a node rendered once, and heard from the recording from then on.
 *
 *   a ─▶ eq ─▶ reverb ─▶ fader ─▶ out        frozen at "reverb"
 *
 *   stem: a ─▶ eq ─▶ reverb ─▶ "frozen reverb:out"       rest: "frozen reverb:out" ─▶ fader ─▶ out
 *
 * A recording has no latency any more; compensation takes care of that. Lanes go where their nodes go.
 */
import type { AutomationLane, GraphDescription, GraphEdge, GraphNode, PluginShapes } from "./graph.ts";
import { outputPorts } from "./graph.ts";
import { GraphError } from "./graph-error.ts";

export interface Frozen {
  /** To render: its outputs are what the rest hears. */
  readonly stem: GraphDescription;
  /** To run: its inputs of the names of the stem's outputs take the recordings. */
  readonly rest: GraphDescription;
  /**
   * All that the stem's sound depends on, but for the sources and the plugins themselves: whoever keeps recordings hashes it
   * with theirs.
   */
  readonly identity: string;
}

/**
 * Throws a GraphError if there is no such node, if it is an input or an output, or if what lies behind it is fed back to what
 * lies before.
 */
export function freeze(graph: GraphDescription, node: string, shapes: PluginShapes): Frozen {
  const at = graph.nodes.find(({ id }) => id === node);
  if (!at) throw new GraphError([`there is no node "${node}" to freeze`]);
  if (at.kind === "input" || at.kind === "output")
    throw new GraphError([`node "${node}" is an ${at.kind}: there is nothing to freeze at it`]);
  const forward = graph.edges.filter(({ feedbackFrames }) => feedbackFrames === undefined);
  const before = reaching(forward, [node]);
  const looped = graph.edges.find(({ from, to }) => before.has(to.node) && !before.has(from.node));
  if (looped)
    throw new GraphError([
      `"${node}" cannot be frozen: ${looped.from.node} is fed back to ${looped.to.node}`,
    ]);

  const used = outputPorts(at, shapes).filter((port) =>
    graph.edges.some(({ from, to }) => from.node === node && from.port === port.id && !before.has(to.node)),
  );
  const recordings = used.map(({ id, channels }) => ({ port: id, id: `frozen ${node}:${id}`, channels }));
  const stem = part(
    graph,
    [
      ...graph.nodes.filter(({ id }) => before.has(id)),
      ...recordings.map(({ id, channels }): GraphNode => ({ kind: "output", id, channels })),
    ],
    [
      ...graph.edges.filter(({ to }) => before.has(to.node)),
      ...recordings.map(({ port, id }) => ({ from: { node, port }, to: { node: id, port: "in" } })),
    ],
  );
  const edges = graph.edges
    .filter(({ to }) => to.node !== node)
    .map((edge): GraphEdge => {
      const recording = recordings.find(({ port }) => edge.from.node === node && edge.from.port === port);
      return recording ? { ...edge, from: { node: recording.id, port: "out" } } : edge;
    });
  // What others hear as well stays.
  const needed = reaching(
    edges,
    graph.nodes.filter(({ id }) => !before.has(id)).map(({ id }) => id),
  );
  const rest = part(
    graph,
    [
      ...recordings.map(({ id, channels }): GraphNode => ({ kind: "input", id, channels })),
      ...graph.nodes.filter(({ id }) => id !== node && needed.has(id)),
    ],
    edges.filter(({ to }) => needed.has(to.node)),
  );
  return { stem, rest, identity: JSON.stringify(stem) };
}

/** The nodes from which there is a way to one of `targets`, and those themselves. */
function reaching(edges: readonly GraphEdge[], targets: readonly string[]): ReadonlySet<string> {
  const sources = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const list = sources.get(to.node);
    if (list) list.push(from.node);
    else sources.set(to.node, [from.node]);
  }
  const found = new Set(targets);
  const open = [...targets];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const source of sources.get(node) ?? []) {
      if (found.has(source)) continue;
      found.add(source);
      open.push(source);
    }
  }
  return found;
}

function part(
  graph: GraphDescription,
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
): GraphDescription {
  const ids = new Set(nodes.map(({ id }) => id));
  const lanes: AutomationLane[] = (graph.lanes ?? []).filter((lane) => ids.has(lane.node));
  return { nodes, edges, lanes, ...(graph.song && { song: graph.song }) };
}
