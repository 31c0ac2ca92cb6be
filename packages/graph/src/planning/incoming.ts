/**
 * What goes into a port: its edges in the order of the description, whatever order their producers run in, so that a sum has
 * the same bits in every plan.
 *
 * An edge is taken as soon as those before it are and its producer has run; what is fed back can always be had. So a bus
 * over a hundred strips holds one buffer and not a hundred.
 */
import { type MixMatrix, mixMatrix } from "../description/layouts.ts";
import type { BufferPool } from "./buffers.ts";
import type { CompensatedEdge, CompensatedGraph } from "./latency.ts";
import type { Lines } from "./lines.ts";
import type { Onto, PortBuffer, Slot, Step } from "./plan.ts";

/** What of the plan under way is written to and read. */
export interface Workbench {
  readonly steps: Step[];
  readonly pool: BufferPool;
  readonly lines: Lines;
  /** By "node:port". */
  readonly produced: ReadonlyMap<string, PortBuffer>;
  /** Channels of every output port, and of every input port. */
  readonly outChannels: ReadonlyMap<string, number>;
  readonly inChannels: ReadonlyMap<string, number>;
}

interface Port {
  readonly edges: CompensatedEdge[];
  taken: number;
  sum: PortBuffer | undefined;
  /** Whether each channel of the sum has got something. */
  begun: boolean[];
}

export class Incoming {
  readonly #bench: Workbench;
  readonly #ports = new Map<string, Port>();

  constructor(graph: CompensatedGraph, bench: Workbench) {
    this.#bench = bench;
    for (const edge of graph.edges) {
      const key = `${edge.to.node}:${edge.to.port}`;
      const port = this.#ports.get(key);
      if (port) port.edges.push(edge);
      else this.#ports.set(key, { edges: [edge], taken: 0, sum: undefined, begun: [] });
    }
  }

  /** A producer has run: takes all edges whose turn has come, but for a port that may read its one edge as it is. */
  proceed(key: string): void {
    const port = this.#ports.get(key)!;
    const width = this.#bench.inChannels.get(key)!;
    if (this.#isDirect(port, width)) return;
    while (port.taken < port.edges.length && this.#canBeHad(port.edges[port.taken])) {
      this.#take(port, width, port.edges[port.taken]);
      port.taken++;
    }
  }

  /** One buffer with all of the port's edges and one read to come; undefined for a port without edges. */
  gathered(key: string, channels: number): PortBuffer | undefined {
    const port = this.#ports.get(key);
    if (!port) return undefined;
    if (this.#isDirect(port, channels)) return this.#sourceOf(port.edges[0]);
    this.proceed(key);
    this.#clearRest(port, port.sum!);
    return port.sum;
  }

  #isDirect({ edges }: Port, width: number): boolean {
    const [edge] = edges;
    if (edges.length > 1 || edge.delayFrames > 0 || edge.mix) return false;
    return this.#channelsOf(edge) === width;
  }

  #canBeHad(edge: CompensatedEdge): boolean {
    return edge.feedbackFrames !== undefined || this.#sourceOf(edge) !== undefined;
  }

  #sourceOf({ from }: CompensatedEdge): PortBuffer {
    return this.#bench.produced.get(`${from.node}:${from.port}`)!;
  }

  #channelsOf({ from }: CompensatedEdge): number {
    return this.#bench.outChannels.get(`${from.node}:${from.port}`)!;
  }

  #emit(step: Step): void {
    this.#bench.steps.push(step);
  }

  #take(port: Port, channels: number, edge: CompensatedEdge): void {
    const { pool } = this.#bench;
    port.sum ??= { buffer: pool.acquire(channels, 1), channels };
    const single = port.edges.length === 1;
    const same = !edge.mix && this.#channelsOf(edge) === channels;
    if (edge.delayFrames === 0) {
      const source = this.#sourceOf(edge);
      this.#mixIn(port, source, edge, single);
      pool.release(source.buffer);
    } else if (same) {
      this.#readLine(port.sum, edge, this.#ontoAll(port, port.sum, single));
    } else {
      const late = { buffer: pool.acquire(this.#channelsOf(edge), 1), channels: this.#channelsOf(edge) };
      this.#readLine(late, edge, "copy");
      this.#mixIn(port, late, edge, single);
      pool.release(late.buffer);
    }
  }

  #readLine(to: PortBuffer, edge: CompensatedEdge, onto: Onto): void {
    const { lines } = this.#bench;
    const { from, delayFrames } = edge;
    const ahead = this.#sourceOf(edge) === undefined;
    const line = lines.of(`${from.node}:${from.port}`)!;
    this.#emit({ op: "line-read", line, delayFrames, ahead, onto, to: at(to, 0) });
  }

  #mixIn(port: Port, source: PortBuffer, edge: CompensatedEdge, single: boolean): void {
    const sum = port.sum!;
    if (!edge.mix && source.channels === sum.channels) {
      const op = this.#ontoAll(port, sum, single);
      this.#emit({ op, channels: sum.channels, to: at(sum, 0), from: at(source, 0) });
      return;
    }
    if (!edge.mix && source.channels === 2 && sum.channels === 1) {
      this.#downmix(port, sum, source, single);
      return;
    }
    this.#mixBy(edge.mix ?? mixMatrix(source.channels, sum.channels), port, sum, source, single);
  }

  /** How all channels at once go to the sum. A matrix before may have left some of them out. */
  #ontoAll(port: Port, sum: PortBuffer, single: boolean): Onto {
    const fresh = !port.begun.includes(true);
    if (!fresh) this.#clearRest(port, sum);
    port.begun = new Array(sum.channels).fill(true);
    if (!fresh) return "add";
    return single ? "copy" : "first";
  }

  #clearRest(port: Port, sum: PortBuffer): void {
    for (let c = 0; c < sum.channels; c++) {
      if (!port.begun[c]) this.#emit({ op: "clear", channels: 1, to: at(sum, c) });
    }
  }

  #downmix(port: Port, sum: PortBuffer, source: PortBuffer, single: boolean): void {
    if (single) this.#emit({ op: "downmix", to: at(sum, 0), from: at(source, 0) });
    else {
      const { pool } = this.#bench;
      const mono = { buffer: pool.acquire(1, 1), channels: 1 };
      this.#emit({ op: "downmix", to: at(mono, 0), from: at(source, 0) });
      this.#emit({ op: port.begun[0] ? "add" : "first", channels: 1, to: at(sum, 0), from: at(mono, 0) });
      pool.release(mono.buffer);
    }
    port.begun[0] = true;
  }

  #mixBy(matrix: MixMatrix, port: Port, sum: PortBuffer, source: PortBuffer, single: boolean): void {
    for (const [c, gains] of matrix.entries()) {
      const heard = gains.flatMap((gain, from) => (gain === 0 ? [] : [{ gain, from }]));
      for (const { gain, from } of heard) {
        const onto = port.begun[c] ? "add" : "first";
        const [to, source0] = [at(sum, c), at(source, from)];
        const plain = gain === 1;
        if (plain && single && heard.length === 1) {
          this.#emit({ op: "copy", channels: 1, to, from: source0 });
        } else if (plain) this.#emit({ op: onto, channels: 1, to, from: source0 });
        else this.#emit({ op: "mix", onto, gain, to, from: source0 });
        port.begun[c] = true;
      }
    }
  }
}

function at(port: PortBuffer, channel: number): Slot {
  return { buffer: port.buffer, channel };
}
