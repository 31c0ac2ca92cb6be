/**
 * What crosses between the threads of a split graph. A sum is made where its terms are, as far as its order allows:
 *
 *   part 0:  a + b ──▶ part 1:  (…) + c + d ──▶ join:  (…) + e
 *
 * Its terms are added one after the other wherever they are added, so the bits are those of the sum in one place, and one
 * channel crosses and not four. What comes in another order crosses as it is.
 */
import type { GraphNode, PluginShapes, PortRef } from "../description/graph.ts";
import { inputPorts, outputPorts } from "../description/graph.ts";
import type { CompensatedEdge, CompensatedGraph } from "./latency.ts";

/** Beside its nodes, what a thread has. */
export interface ThreadEnds {
  /** Input nodes "cross:N". */
  readonly arrivals: GraphNode[];
  /** Sums so far, and output nodes "cross:N". Sources before targets. */
  readonly departures: GraphNode[];
  readonly edges: CompensatedEdge[];
}

export class Crossings {
  readonly #shapes: PluginShapes;
  readonly #threadOf: (node: string) => number;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #threads: readonly ThreadEnds[];
  /** By output port, the id of its crossing and the threads where it arrives. */
  readonly #known = new Map<string, { readonly id: string; readonly at: Set<number> }>();
  /** By the id of a sum made on the way, its thread. */
  readonly #sums = new Map<string, { readonly thread: number; readonly channels: number }>();

  /** Parts are counted from 0 and run in that order; the join is the last. `threadOf` gives a node's. */
  constructor(
    graph: CompensatedGraph,
    shapes: PluginShapes,
    threads: number,
    threadOf: (node: string) => number,
  ) {
    this.#shapes = shapes;
    this.#threadOf = threadOf;
    this.#nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    this.#threads = Array.from({ length: threads }, () => ({ arrivals: [], departures: [], edges: [] }));
    const terms = new Map<string, CompensatedEdge[]>();
    for (const edge of graph.edges) {
      const port = keyOf(edge.to);
      const list = terms.get(port);
      if (list) list.push(edge);
      else terms.set(port, [edge]);
    }
    for (const list of terms.values()) this.#lead(list);
  }

  of(thread: number): ThreadEnds {
    return this.#threads[thread];
  }

  /** All edges of one input port, in their order. */
  #lead(terms: readonly CompensatedEdge[]): void {
    const { to } = terms[0];
    const goal = this.#threadOf(to.node);
    let waiting: CompensatedEdge[] = [];
    let next = 0;
    for (let thread = -1; next < terms.length; ) {
      const here = this.#threadOf(terms[next].from.node);
      if (here <= thread || here === goal) break;
      thread = here;
      for (; next < terms.length && this.#threadOf(terms[next].from.node) === here; next++)
        waiting.push(terms[next]);
      if (waiting.length > 1) waiting = [this.#sumSoFar(waiting, to, here)];
    }
    for (const edge of [...waiting, ...terms.slice(next)]) this.#connect(edge, edge.to, goal);
  }

  #sumSoFar(terms: readonly CompensatedEdge[], to: PortRef, thread: number): CompensatedEdge {
    const node = this.#nodes.get(to.node)!;
    const channels = inputPorts(node, this.#shapes).find(({ id }) => id === to.port)?.channels ?? 2;
    const id = `cross:sum:${this.#sums.size}`;
    this.#sums.set(id, { thread, channels });
    for (const edge of terms) this.#connect(edge, { node: id, port: "in" }, thread);
    this.#threads[thread].departures.push({ kind: "sum", id, channels });
    return { from: { node: id, port: "out" }, to, delayFrames: 0 };
  }

  /** An edge to a port of this thread, wherever it comes from. */
  #connect(edge: CompensatedEdge, to: PortRef, thread: number): void {
    const from = this.#sums.get(edge.from.node)?.thread ?? this.#threadOf(edge.from.node);
    const { edges } = this.#threads[thread];
    if (from === thread) edges.push({ ...edge, to });
    else edges.push({ ...edge, from: { node: this.#crossing(edge.from, from, thread), port: "out" }, to });
  }

  #crossing(port: PortRef, from: number, thread: number): string {
    const channels = this.#channelsOf(port);
    let known = this.#known.get(keyOf(port));
    if (!known) {
      known = { id: `cross:${this.#known.size}`, at: new Set() };
      this.#known.set(keyOf(port), known);
      const { departures, edges } = this.#threads[from];
      departures.push({ kind: "output", id: known.id, channels });
      edges.push({ from: port, to: { node: known.id, port: "in" }, delayFrames: 0 });
    }
    if (!known.at.has(thread)) {
      known.at.add(thread);
      this.#threads[thread].arrivals.push({ kind: "input", id: known.id, channels });
    }
    return known.id;
  }

  #channelsOf(port: PortRef): number {
    const sum = this.#sums.get(port.node);
    if (sum) return sum.channels;
    const ports = outputPorts(this.#nodes.get(port.node)!, this.#shapes);
    return ports.find(({ id }) => id === port.port)?.channels ?? 2;
  }
}

const keyOf = ({ node, port }: PortRef): string => JSON.stringify([node, port]);
