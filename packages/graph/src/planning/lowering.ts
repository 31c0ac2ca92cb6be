/**
 * From a compensated graph to a plan.
 *
 *   port with one edge, no delay, same channels   reads the producer's buffer as it is
 *   any other port                                gathers its edges one after the other, each as soon as its turn and its
 *                                                 producer have come: few buffers wait for a sum (incoming.ts)
 *   port that somebody hears late                 one delay line, written once, read at as many delays as there are
 *   gain, balance                                 in place where nobody else reads the input
 *   sum, meter, output                            pass their input's buffer on
 */
import {
  type AutomationLane,
  type GraphNode,
  inputPorts,
  outputPorts,
  type PluginNode,
  type PluginShapes,
} from "../description/graph.ts";
import { BufferPool } from "./buffers.ts";
import { Incoming } from "./incoming.ts";
import type { CompensatedEdge, CompensatedGraph } from "./latency.ts";
import { Lines } from "./lines.ts";
import type { Plan, PortBuffer, Slot, Step } from "./plan.ts";

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
  readonly #outgoing = new Map<string, CompensatedEdge[]>();
  readonly #produced = new Map<string, PortBuffer>();
  readonly #lanes = new Map<string, AutomationLane[]>();
  readonly #lines: Lines;
  readonly #incoming: Incoming;

  constructor(graph: CompensatedGraph, shapes: PluginShapes) {
    this.#graph = graph;
    this.#shapes = shapes;
    const outChannels = new Map<string, number>();
    const inChannels = new Map<string, number>();
    for (const node of graph.nodes) {
      for (const { id, channels } of outputPorts(node, shapes)) outChannels.set(`${node.id}:${id}`, channels);
      for (const { id, channels } of inputPorts(node, shapes)) inChannels.set(`${node.id}:${id}`, channels);
    }
    for (const edge of graph.edges) push(this.#outgoing, `${edge.from.node}:${edge.from.port}`, edge);
    for (const lane of graph.lanes ?? []) push(this.#lanes, lane.node, lane);
    this.#pool.acquire(Math.max(1, ...new Set(inChannels.values())), Number.POSITIVE_INFINITY);
    this.#lines = new Lines(graph, outChannels);
    this.#incoming = new Incoming(graph, {
      steps: this.#steps,
      pool: this.#pool,
      lines: this.#lines,
      produced: this.#produced,
      outChannels,
      inChannels,
    });
  }

  plan(): Plan {
    // Inputs first: the host writes them before the first step, so they hold their buffers from the start to the end.
    const inputs = this.#graph.nodes.filter((node) => node.kind === "input");
    for (const node of inputs) {
      const buffer = this.#pool.acquire(node.channels, this.#readersOf(node, "out") + 2);
      this.#inputs.set(node.id, { buffer, channels: node.channels });
      this.#produced.set(`${node.id}:out`, { buffer, channels: node.channels });
    }
    for (const node of inputs) this.#writeLines(node);
    for (const node of inputs) this.#offer(node);
    for (const index of this.#graph.order) this.#lowerNode(this.#graph.nodes[index]);
    return {
      steps: this.#steps,
      bufferWidths: this.#pool.widths,
      lines: this.#lines.all,
      inputs: this.#inputs,
      outputs: this.#outputs,
      inLatencyFrames: this.#graph.inLatencyFrames,
      latencyFrames: this.#graph.latencyFrames,
      longestRunFrames: this.#lines.longestRunFrames,
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
        const line = this.#lines.own(node.id, from.channels, node.delayFrames);
        const to = this.#produce(node, "out", from.channels);
        const { delayFrames } = node;
        this.#steps.push({ op: "line-write", line, from: start(from) });
        this.#steps.push({ op: "line-read", line, delayFrames, ahead: false, onto: "copy", to: start(to) });
        break;
      }
      case "pan": {
        const inPlace = node.channels === 2 && this.#pool.isLastRead(from.buffer);
        const to = inPlace ? from : this.#produce(node, "out", 2);
        const [lane] = this.#lanes.get(node.id) ?? [];
        this.#steps.push({
          op: "pan",
          node,
          channels: node.channels,
          to: start(to),
          from: start(from),
          lane,
        });
        if (!inPlace) break;
        this.#pass(node, from);
        return;
      }
      default: {
        const inPlace = this.#pool.isLastRead(from.buffer);
        const to = inPlace ? from : this.#produce(node, "out", from.channels);
        const [lane] = this.#lanes.get(node.id) ?? [];
        this.#steps.push({
          op: "gain",
          node,
          channels: node.channels,
          to: start(to),
          from: start(from),
          lane,
        });
        if (!inPlace) break;
        this.#pass(node, from);
        return;
      }
    }
    this.#pool.release(from.buffer);
    this.#hand(node);
  }

  #lowerPlugin(node: PluginNode): void {
    const inputs = inputPorts(node, this.#shapes).map((p) => this.#gather(node, p.id, p.channels));
    const outputs = outputPorts(node, this.#shapes).map((p) => this.#produce(node, p.id, p.channels));
    this.#steps.push({ op: "plugin", node, inputs, outputs, lanes: this.#lanes.get(node.id) ?? [] });
    for (const { buffer } of inputs) this.#pool.release(buffer);
    this.#hand(node);
  }

  /** Edges that read the port's buffer itself: those that are late read its delay line. */
  #readersOf(node: GraphNode, port: string): number {
    const edges = this.#outgoing.get(`${node.id}:${port}`) ?? [];
    return edges.filter((edge) => edge.delayFrames === 0).length;
  }

  /** A fresh buffer for an output port; one read more, the node's own, is given back by #hand(). */
  #produce(node: GraphNode, port: string, channels: number): PortBuffer {
    const made = { buffer: this.#pool.acquire(channels, this.#readersOf(node, port) + 1), channels };
    this.#produced.set(`${node.id}:${port}`, made);
    return made;
  }

  /** The node's output is its input's buffer; the node's own read of it is over. */
  #pass(node: GraphNode, from: PortBuffer): void {
    this.#produced.set(`${node.id}:out`, from);
    this.#pool.keep(from.buffer, this.#readersOf(node, "out") + 1);
    this.#pool.release(from.buffer);
    this.#hand(node);
  }

  /** What the node put out goes to its delay lines and into the sums whose turn it is. */
  #hand(node: GraphNode): void {
    this.#writeLines(node);
    this.#offer(node);
  }

  #writeLines(node: GraphNode): void {
    for (const { id } of outputPorts(node, this.#shapes)) {
      const key = `${node.id}:${id}`;
      const line = this.#lines.of(key);
      if (line !== undefined)
        this.#steps.push({ op: "line-write", line, from: start(this.#produced.get(key)!) });
    }
  }

  #offer(node: GraphNode): void {
    for (const { id } of outputPorts(node, this.#shapes)) {
      const key = `${node.id}:${id}`;
      const made = this.#produced.get(key)!;
      for (const { to } of this.#outgoing.get(key) ?? []) this.#incoming.proceed(`${to.node}:${to.port}`);
      this.#pool.release(made.buffer);
    }
  }

  /** The sum of a port's edges as one buffer with one read to come, which the caller releases. */
  #gather(node: GraphNode, port: string, channels: number): PortBuffer {
    return this.#incoming.gathered(`${node.id}:${port}`, channels) ?? { buffer: SILENCE, channels };
  }
}

export function start(port: PortBuffer): Slot {
  return { buffer: port.buffer, channel: 0 };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
