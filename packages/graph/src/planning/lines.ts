/**
 * The delay lines of a plan: one for each output port that is heard late by anybody, for compensation or because it is fed
 * back, as long as its longest delay; and one for each delay node.
 */
import type { CompensatedGraph } from "./latency.ts";
import type { DelayLine } from "./plan.ts";

export class Lines {
  readonly #all: DelayLine[] = [];
  readonly #byPort = new Map<string, number>();
  /** The shortest way back. */
  readonly longestRunFrames: number;

  /** `channels` of each output port, by "node:port". */
  constructor(graph: CompensatedGraph, channels: ReadonlyMap<string, number>) {
    const longest = new Map<string, number>();
    let shortest = Number.POSITIVE_INFINITY;
    for (const { from, delayFrames, feedbackFrames } of graph.edges) {
      if (delayFrames === 0) continue;
      const key = `${from.node}:${from.port}`;
      longest.set(key, Math.max(longest.get(key) ?? 0, delayFrames));
      if (feedbackFrames !== undefined) shortest = Math.min(shortest, delayFrames);
    }
    for (const [key, delayFrames] of longest) {
      this.#byPort.set(key, this.#all.push({ key, channels: channels.get(key)!, delayFrames }) - 1);
    }
    this.longestRunFrames = shortest;
  }

  get all(): readonly DelayLine[] {
    return this.#all;
  }

  /** The line of an output port, if anybody hears it late. */
  of(port: string): number | undefined {
    return this.#byPort.get(port);
  }

  /** A line for one node alone. */
  own(node: string, channels: number, delayFrames: number): number {
    return this.#all.push({ key: node, channels, delayFrames }) - 1;
  }
}
