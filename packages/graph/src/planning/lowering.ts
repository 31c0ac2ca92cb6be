/**
 * From a compensated graph to a plan: a flat list of steps over numbered buffers.
 *
 *   port with one edge, no delay, same channels   reads the producer's buffer as it is
 *   any other port                                copy the first edge, add the others, each through its delay
 *   gain, balance                                 in place where nobody else reads the input
 *   sum, meter, output                            pass their input's buffer on
 */

import {
  type AutomationLane,
  type GraphNode,
  inputPorts,
  outputPorts,
  type PluginShapes,
} from "../description/graph.ts";
import { BufferPool } from "./buffers.ts";
import type { CompensatedEdge, CompensatedGraph } from "./latency.ts";

/** `from` and `to` are buffer numbers; buffer 0 is silence and is never written. */
export type Step =
  | { readonly op: "copy" | "add"; readonly channels: number; readonly to: Slot; readonly from: Slot }
  | { readonly op: "downmix"; readonly to: Slot; readonly from: Slot }
  | {
      readonly op: "gain" | "pan";
      readonly node: GraphNode;
      readonly channels: number;
      readonly to: Slot;
      readonly from: Slot;
      readonly lane: AutomationLane | undefined;
    }
  | {
      readonly op: "delay";
      readonly delayFrames: number;
      readonly channels: number;
      readonly to: Slot;
      readonly from: Slot;
    }
  | { readonly op: "meter"; readonly node: GraphNode; readonly channels: number; readonly from: Slot }
  | {
      readonly op: "plugin";
      readonly node: GraphNode;
      readonly inputs: readonly PortBuffer[];
      readonly outputs: readonly PortBuffer[];
      readonly lanes: readonly AutomationLane[];
    };

/** One channel of a buffer; a step with more channels goes on from there. */
export interface Slot {
  readonly buffer: number;
  readonly channel: 0 | 1;
}

export interface PortBuffer {
  readonly buffer: number;
  readonly channels: number;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly bufferCount: number;
  /** By the id of an input or output node. */
  readonly inputs: ReadonlyMap<string, PortBuffer>;
  readonly outputs: ReadonlyMap<string, PortBuffer>;
  readonly inLatencyFrames: ReadonlyMap<string, number>;
  readonly latencyFrames: number;
}

const SILENCE = 0;

export function lower(graph: CompensatedGraph, shapes: PluginShapes): Plan {
  return new Lowering(graph, shapes).plan();
}

class Lowering {
  readonly #graph: CompensatedGraph;
  readonly #shapes: PluginShapes;
  readonly #pool = new BufferPool();
  readonly #steps: Step[] = [];
  readonly #inputs = new Map<string, PortBuffer>();
  readonly #outputs = new Map<string, PortBuffer>();
  /** By "node:port". */
  readonly #incoming = new Map<string, CompensatedEdge[]>();
  readonly #readers = new Map<string, number>();
  readonly #produced = new Map<string, PortBuffer>();
  readonly #lanes = new Map<string, AutomationLane[]>();

  constructor(graph: CompensatedGraph, shapes: PluginShapes) {
    this.#graph = graph;
    this.#shapes = shapes;
    for (const edge of graph.edges) {
      const target = `${edge.to.node}:${edge.to.port}`;
      const source = `${edge.from.node}:${edge.from.port}`;
      const list = this.#incoming.get(target);
      if (list) list.push(edge);
      else this.#incoming.set(target, [edge]);
      this.#readers.set(source, (this.#readers.get(source) ?? 0) + 1);
    }
    for (const lane of graph.lanes ?? []) {
      const list = this.#lanes.get(lane.node);
      if (list) list.push(lane);
      else this.#lanes.set(lane.node, [lane]);
    }
    this.#pool.acquire(Number.POSITIVE_INFINITY);
  }

  plan(): Plan {
    // Inputs first: the host writes them before the first step, so they hold their buffers from the start.
    for (const node of this.#graph.nodes) {
      if (node.kind !== "input") continue;
      const buffer = this.#pool.acquire(this.#readersOf(node, "out") + 1);
      this.#inputs.set(node.id, { buffer, channels: node.channels });
      this.#produced.set(`${node.id}:out`, { buffer, channels: node.channels });
    }
    for (const index of this.#graph.order) this.#lowerNode(this.#graph.nodes[index]);
    return {
      steps: this.#steps,
      bufferCount: this.#pool.count,
      inputs: this.#inputs,
      outputs: this.#outputs,
      inLatencyFrames: this.#graph.inLatencyFrames,
      latencyFrames: this.#graph.latencyFrames,
    };
  }

  #lowerNode(node: GraphNode): void {
    if (node.kind === "input") return;
    if (node.kind === "plugin") {
      this.#lowerPlugin(node);
      return;
    }
    const [port] = inputPorts(node, this.#shapes);
    const from = this.#gather(node, port.id, port.channels);
    switch (node.kind) {
      case "output":
        // The host reads it after the last step: never released.
        this.#outputs.set(node.id, from);
        return;
      case "meter":
        this.#steps.push({ op: "meter", node, channels: from.channels, from: start(from) });
        this.#pass(node, from);
        return;
      case "sum":
        this.#pass(node, from);
        return;
      case "delay": {
        if (node.delayFrames === 0) {
          this.#pass(node, from);
          return;
        }
        const to = this.#produce(node, "out", from.channels);
        this.#steps.push({
          op: "delay",
          delayFrames: node.delayFrames,
          channels: from.channels,
          to: start(to),
          from: start(from),
        });
        break;
      }
      default: {
        const inPlace = (node.kind !== "pan" || node.channels === 2) && this.#pool.isLastRead(from.buffer);
        if (inPlace) this.#pool.keep(from.buffer, 1);
        const channels = node.kind === "pan" ? 2 : from.channels;
        const to = inPlace ? from : this.#produce(node, "out", channels);
        const [lane] = this.#lanes.get(node.id) ?? [];
        const op = node.kind === "pan" ? "pan" : "gain";
        this.#steps.push({ op, node, channels: node.channels, to: start(to), from: start(from), lane });
        if (inPlace) {
          this.#pass(node, from);
          this.#pool.release(from.buffer);
          return;
        }
      }
    }
    this.#pool.release(from.buffer);
    this.#dropUnread(node);
  }

  #lowerPlugin(node: GraphNode): void {
    const inputs = inputPorts(node, this.#shapes).map((p) => this.#gather(node, p.id, p.channels));
    const outputs = outputPorts(node, this.#shapes).map((p) => this.#produce(node, p.id, p.channels));
    this.#steps.push({ op: "plugin", node, inputs, outputs, lanes: this.#lanes.get(node.id) ?? [] });
    for (const { buffer } of inputs) this.#pool.release(buffer);
    this.#dropUnread(node);
  }

  #readersOf(node: GraphNode, port: string): number {
    return this.#readers.get(`${node.id}:${port}`) ?? 0;
  }

  /** A fresh buffer for an output port. dropUnread() follows once the node's step is there. */
  #produce(node: GraphNode, port: string, channels: number): PortBuffer {
    const made = { buffer: this.#pool.acquire(Math.max(1, this.#readersOf(node, port))), channels };
    this.#produced.set(`${node.id}:${port}`, made);
    return made;
  }

  /** Output ports that nobody reads: their buffers live for the node's own step, but not shared with one another. */
  #dropUnread(node: GraphNode): void {
    for (const { id } of outputPorts(node, this.#shapes)) {
      if (this.#readersOf(node, id) === 0) this.#pool.release(this.#produced.get(`${node.id}:${id}`)!.buffer);
    }
  }

  /** The node's output is its input's buffer; the node's own read of it is over. */
  #pass(node: GraphNode, from: PortBuffer): void {
    this.#produced.set(`${node.id}:out`, from);
    this.#pool.keep(from.buffer, this.#readersOf(node, "out"));
    this.#pool.release(from.buffer);
  }

  /** The sum of a port's edges as one buffer with one read to come, which the caller releases. */
  #gather(node: GraphNode, port: string, channels: number): PortBuffer {
    const edges = this.#incoming.get(`${node.id}:${port}`) ?? [];
    if (edges.length === 0) return { buffer: SILENCE, channels };
    if (edges.length === 1 && edges[0].delayFrames === 0) {
      const source = this.#sourceOf(edges[0]);
      if (source.channels === channels) return source;
    }
    const sum = { buffer: this.#pool.acquire(1), channels };
    edges.forEach((edge, i) => {
      const source = this.#sourceOf(edge);
      this.#accumulate(sum, source, edge.delayFrames, i === 0);
      this.#pool.release(source.buffer);
    });
    return sum;
  }

  #sourceOf(edge: CompensatedEdge): PortBuffer {
    return this.#produced.get(`${edge.from.node}:${edge.from.port}`)!;
  }

  #accumulate(sum: PortBuffer, source: PortBuffer, delayFrames: number, first: boolean): void {
    if (first && delayFrames > 0 && source.channels === sum.channels) {
      this.#steps.push({
        op: "delay",
        delayFrames,
        channels: sum.channels,
        to: start(sum),
        from: start(source),
      });
      return;
    }
    const borrowed: number[] = [];
    const borrow = (channels: number): PortBuffer => {
      const made = { buffer: this.#pool.acquire(1), channels };
      borrowed.push(made.buffer);
      return made;
    };
    let from = source;
    if (delayFrames > 0) {
      from = borrow(source.channels);
      this.#steps.push({
        op: "delay",
        delayFrames,
        channels: source.channels,
        to: start(from),
        from: start(source),
      });
    }
    if (from.channels === 2 && sum.channels === 1) {
      const mono = borrow(1);
      this.#steps.push({ op: "downmix", to: start(mono), from: start(from) });
      from = mono;
    }
    const op = first ? "copy" : "add";
    if (from.channels === sum.channels) {
      this.#steps.push({ op, channels: sum.channels, to: start(sum), from: start(from) });
    } else {
      for (const channel of [0, 1] as const) {
        this.#steps.push({ op, channels: 1, to: { buffer: sum.buffer, channel }, from: start(from) });
      }
    }
    for (const buffer of borrowed) this.#pool.release(buffer);
  }
}

function start(port: PortBuffer): Slot {
  return { buffer: port.buffer, channel: 0 };
}
