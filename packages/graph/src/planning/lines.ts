/**
 * The delay lines of a plan: one for each output port that is heard late by anybody, for compensation or because it is fed
 * back, as long as its longest delay; and one for each delay node.
 */
import type { CompensatedGraph } from "./latency.ts";
import type { DelayLine } from "./plan.ts";
import type { Ports } from "./ports.ts";

const NONE = -1;

export class Lines {
  readonly #all: DelayLine[] = [];
  /** By output port. */
  readonly #lineOf: Int32Array;
  /** The shortest way back. */
  readonly longestRunFrames: number;

  constructor(graph: CompensatedGraph, { outputs }: Ports) {
    const longest = new Float64Array(outputs.ports.length);
    let shortest = Number.POSITIVE_INFINITY;
    for (let e = 0; e < graph.edges.length; e++) {
      const { delayFrames, feedbackFrames } = graph.edges[e];
      const port = outputs.portOf[e];
      longest[port] = Math.max(longest[port], delayFrames);
      if (feedbackFrames !== undefined) shortest = Math.min(shortest, delayFrames);
    }
    this.#lineOf = new Int32Array(outputs.ports.length).fill(NONE);
    for (let n = 0; n < graph.nodes.length; n++) {
      for (let p = outputs.start[n]; p < outputs.start[n + 1]; p++) {
        if (longest[p] === 0) continue;
        const { id, channels } = outputs.ports[p];
        const key = `${graph.nodes[n].id}:${id}`;
        this.#lineOf[p] = this.#all.push({ key, channels, delayFrames: longest[p] }) - 1;
      }
    }
    this.longestRunFrames = shortest;
  }

  get all(): readonly DelayLine[] {
    return this.#all;
  }

  /** The line of an output port, if anybody hears it late. */
  of(port: number): number | undefined {
    const line = this.#lineOf[port];
    return line === NONE ? undefined : line;
  }

  /** A line for one node alone. */
  own(node: string, channels: number, delayFrames: number): number {
    return this.#all.push({ key: node, channels, delayFrames }) - 1;
  }
}
