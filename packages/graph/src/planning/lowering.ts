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
import type {
  AutomationLane,
  GainNode,
  GraphNode,
  PanNode,
  PluginNode,
  PluginShapes,
} from "../description/graph.ts";
import { BufferPool } from "./buffers.ts";
import { Incoming } from "./incoming.ts";
import type { CompensatedGraph } from "./latency.ts";
import { Lines } from "./lines.ts";
import type { Plan, PortBuffer, Slot, Step } from "./plan.ts";
import { type Ports, portsOf, type Side } from "./ports.ts";

const SILENCE = 0;

export function lower(graph: CompensatedGraph, shapes: PluginShapes): Plan {
  return new Lowering(graph, shapes).plan();
}

class Lowering {
  readonly #graph: CompensatedGraph;
  readonly #pool = new BufferPool();
  readonly #steps: Step[] = [];
  readonly #inputs = new Map<string, PortBuffer>();
  readonly #outputs = new Map<string, PortBuffer>();
  readonly #ports: Ports;
  /** By output port. */
  readonly #produced: (PortBuffer | undefined)[];
  readonly #lanes = new Map<string, AutomationLane[]>();
  readonly #lines: Lines;
  readonly #incoming: Incoming;

  constructor(graph: CompensatedGraph, shapes: PluginShapes) {
    this.#graph = graph;
    this.#ports = portsOf(graph, shapes);
    for (const lane of graph.lanes ?? []) {
      const list = this.#lanes.get(lane.node);
      if (list) list.push(lane);
      else this.#lanes.set(lane.node, [lane]);
    }
    const { inputs, outputs } = this.#ports;
    const widest = inputs.ports.reduce((most, port) => Math.max(most, port.channels), 1);
    this.#pool.acquire(widest, Number.POSITIVE_INFINITY);
    this.#produced = new Array(outputs.ports.length).fill(undefined);
    this.#lines = new Lines(graph, this.#ports);
    this.#incoming = new Incoming(graph, {
      steps: this.#steps,
      pool: this.#pool,
      lines: this.#lines,
      ports: this.#ports,
      produced: this.#produced,
    });
  }

  plan(): Plan {
    // Inputs first: the host writes them before the first step, so they hold their buffers from the start to the end.
    const { nodes } = this.#graph;
    const inputs = nodes.flatMap((node, n) => (node.kind === "input" ? [{ node, n }] : []));
    for (const { node, n } of inputs) {
      const port = this.#ports.outputs.start[n];
      const buffer = this.#pool.acquire(node.channels, this.#readersOf(port) + 2);
      this.#inputs.set(node.id, { buffer, channels: node.channels });
      this.#produced[port] = { buffer, channels: node.channels };
    }
    for (const { n } of inputs) this.#writeLines(n);
    for (const { n } of inputs) this.#offer(n);
    for (const n of this.#graph.order) this.#lowerNode(nodes[n], n);
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

  #lowerNode(node: GraphNode, n: number): void {
    if (node.kind === "input") return;
    if (node.kind === "plugin") {
      this.#lowerPlugin(node, n);
      return;
    }
    const from = this.#gather(this.#ports.inputs.start[n]);
    const port = this.#ports.outputs.start[n];
    switch (node.kind) {
      case "output":
        // The host reads it after the last step: never released.
        this.#outputs.set(node.id, from);
        return;
      case "meter":
        this.#steps.push({ op: "meter", node, channels: from.channels, from: start(from) });
        this.#pass(port, n, from);
        return;
      case "sum":
        this.#pass(port, n, from);
        return;
      case "delay": {
        if (node.delayFrames === 0) {
          this.#pass(port, n, from);
          return;
        }
        const line = this.#lines.own(node.id, from.channels, node.delayFrames);
        const to = this.#produce(port);
        const { delayFrames } = node;
        this.#steps.push({ op: "line-write", line, from: start(from) });
        this.#steps.push({ op: "line-read", line, delayFrames, ahead: false, onto: "copy", to: start(to) });
        break;
      }
      default:
        this.#lowerGain(node, n, from);
        return;
    }
    this.#pool.release(from.buffer);
    this.#hand(n);
  }

  #lowerGain(node: GainNode | PanNode, n: number, from: PortBuffer): void {
    const port = this.#ports.outputs.start[n];
    const asWide = this.#ports.outputs.ports[port].channels === from.channels;
    const inPlace = asWide && this.#pool.isLastRead(from.buffer);
    const to = inPlace ? from : this.#produce(port);
    const [lane] = this.#lanes.get(node.id) ?? [];
    const where = { channels: node.channels, to: start(to), from: start(from), lane };
    this.#steps.push(node.kind === "pan" ? { op: "pan", node, ...where } : { op: "gain", node, ...where });
    if (inPlace) {
      this.#pass(port, n, from);
      return;
    }
    this.#pool.release(from.buffer);
    this.#hand(n);
  }

  #lowerPlugin(node: PluginNode, n: number): void {
    const inputs = this.#portsAt(this.#ports.inputs, n).map((port) => this.#gather(port));
    const outputs = this.#portsAt(this.#ports.outputs, n).map((port) => this.#produce(port));
    this.#steps.push({ op: "plugin", node, inputs, outputs, lanes: this.#lanes.get(node.id) ?? [] });
    for (const { buffer } of inputs) this.#pool.release(buffer);
    this.#hand(n);
  }

  #portsAt({ start }: Side, n: number): number[] {
    return Array.from({ length: start[n + 1] - start[n] }, (_, k) => start[n] + k);
  }

  /** Edges that read the port's buffer itself: those that are late read its delay line. */
  #readersOf(port: number): number {
    const { first, edges } = this.#ports.outputs;
    let readers = 0;
    for (let k = first[port]; k < first[port + 1]; k++)
      if (this.#graph.edges[edges[k]].delayFrames === 0) readers++;
    return readers;
  }

  /** A fresh buffer for an output port; one read more, the node's own, is given back by #hand(). */
  #produce(port: number): PortBuffer {
    const { channels } = this.#ports.outputs.ports[port];
    const made = { buffer: this.#pool.acquire(channels, this.#readersOf(port) + 1), channels };
    this.#produced[port] = made;
    return made;
  }

  /** The node's output is its input's buffer; the node's own read of it is over. */
  #pass(port: number, n: number, from: PortBuffer): void {
    this.#produced[port] = from;
    this.#pool.keep(from.buffer, this.#readersOf(port) + 1);
    this.#pool.release(from.buffer);
    this.#hand(n);
  }

  /** What the node put out goes to its delay lines and into the sums whose turn it is. */
  #hand(n: number): void {
    this.#writeLines(n);
    this.#offer(n);
  }

  #writeLines(n: number): void {
    const { start: first } = this.#ports.outputs;
    for (let port = first[n]; port < first[n + 1]; port++) {
      const line = this.#lines.of(port);
      if (line !== undefined)
        this.#steps.push({ op: "line-write", line, from: start(this.#produced[port]!) });
    }
  }

  #offer(n: number): void {
    const { inputs, outputs } = this.#ports;
    for (let port = outputs.start[n]; port < outputs.start[n + 1]; port++) {
      for (let k = outputs.first[port]; k < outputs.first[port + 1]; k++)
        this.#incoming.proceed(inputs.portOf[outputs.edges[k]]);
      this.#pool.release(this.#produced[port]!.buffer);
    }
  }

  /** The sum of a port's edges as one buffer with one read to come, which the caller releases. */
  #gather(port: number): PortBuffer {
    const { channels } = this.#ports.inputs.ports[port];
    return this.#incoming.gathered(port) ?? { buffer: SILENCE, channels };
  }
}

export function start(port: PortBuffer): Slot {
  return { buffer: port.buffer, channel: 0 };
}
