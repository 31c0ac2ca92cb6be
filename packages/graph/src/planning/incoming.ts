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
import type { Ports } from "./ports.ts";

/** What of the plan under way is written to and read. */
export interface Workbench {
  readonly steps: Step[];
  readonly pool: BufferPool;
  readonly lines: Lines;
  readonly ports: Ports;
  /** By output port, once its node has run. */
  readonly produced: readonly (PortBuffer | undefined)[];
}

interface Gathering {
  readonly sum: PortBuffer;
  /** Whether each channel of the sum has got something. */
  begun: boolean[];
}

export class Incoming {
  readonly #bench: Workbench;
  readonly #edges: readonly CompensatedEdge[];
  /** By input port: how many of its edges are taken, and into what. */
  readonly #taken: Int32Array;
  readonly #gatherings: (Gathering | undefined)[];

  constructor(graph: CompensatedGraph, bench: Workbench) {
    this.#bench = bench;
    this.#edges = graph.edges;
    const { ports } = bench.ports.inputs;
    this.#taken = new Int32Array(ports.length);
    this.#gatherings = new Array(ports.length).fill(undefined);
  }

  /** A producer has run: takes all edges whose turn has come, but for a port that may read its one edge as it is. */
  proceed(port: number): void {
    const { first, edges } = this.#bench.ports.inputs;
    if (this.#isDirect(port)) return;
    for (let k = first[port] + this.#taken[port]; k < first[port + 1]; k++) {
      const edge = edges[k];
      if (this.#edges[edge].feedbackFrames === undefined && !this.#sourceOf(edge)) return;
      this.#take(port, edge);
      this.#taken[port]++;
    }
  }

  /** One buffer with all of the port's edges and one read to come; undefined for a port without edges. */
  gathered(port: number): PortBuffer | undefined {
    const { first, edges } = this.#bench.ports.inputs;
    if (first[port] === first[port + 1]) return undefined;
    if (this.#isDirect(port)) return this.#sourceOf(edges[first[port]]);
    this.proceed(port);
    const gathering = this.#gatherings[port]!;
    this.#clearRest(gathering);
    return gathering.sum;
  }

  #isDirect(port: number): boolean {
    const { first, edges, ports } = this.#bench.ports.inputs;
    if (first[port + 1] - first[port] !== 1) return false;
    const { delayFrames, mix } = this.#edges[edges[first[port]]];
    return delayFrames === 0 && !mix && this.#channelsOf(edges[first[port]]) === ports[port].channels;
  }

  #sourceOf(edge: number): PortBuffer | undefined {
    return this.#bench.produced[this.#bench.ports.outputs.portOf[edge]];
  }

  #channelsOf(edge: number): number {
    const { ports, portOf } = this.#bench.ports.outputs;
    return ports[portOf[edge]].channels;
  }

  #emit(step: Step): void {
    this.#bench.steps.push(step);
  }

  #take(port: number, index: number): void {
    const { pool, ports } = this.#bench;
    const { first, ports: infos } = ports.inputs;
    const { channels } = infos[port];
    let gathering = this.#gatherings[port];
    if (!gathering) {
      gathering = {
        sum: { buffer: pool.acquire(channels, 1), channels },
        begun: new Array(channels).fill(false),
      };
      this.#gatherings[port] = gathering;
    }
    const edge = this.#edges[index];
    const single = first[port + 1] - first[port] === 1;
    const width = this.#channelsOf(index);
    if (edge.delayFrames === 0) {
      const source = this.#sourceOf(index)!;
      this.#mixIn(gathering, source, edge, single);
      pool.release(source.buffer);
    } else if (!edge.mix && width === channels) {
      this.#readLine(gathering.sum, index, this.#ontoAll(gathering, single));
    } else {
      const late = { buffer: pool.acquire(width, 1), channels: width };
      this.#readLine(late, index, "copy");
      this.#mixIn(gathering, late, edge, single);
      pool.release(late.buffer);
    }
  }

  #readLine(to: PortBuffer, edge: number, onto: Onto): void {
    const { lines, ports } = this.#bench;
    const { delayFrames } = this.#edges[edge];
    const ahead = this.#sourceOf(edge) === undefined;
    const line = lines.of(ports.outputs.portOf[edge])!;
    this.#emit({ op: "line-read", line, delayFrames, ahead, onto, to: at(to, 0) });
  }

  #mixIn(gathering: Gathering, source: PortBuffer, edge: CompensatedEdge, single: boolean): void {
    const { sum } = gathering;
    if (!edge.mix && source.channels === sum.channels) {
      const op = this.#ontoAll(gathering, single);
      this.#emit({ op, channels: sum.channels, to: at(sum, 0), from: at(source, 0) });
      return;
    }
    if (!edge.mix && source.channels === 2 && sum.channels === 1) {
      this.#downmix(gathering, source, single);
      return;
    }
    this.#mixBy(edge.mix ?? mixMatrix(source.channels, sum.channels), gathering, source, single);
  }

  /** How all channels at once go to the sum. A matrix before may have left some of them out. */
  #ontoAll(gathering: Gathering, single: boolean): Onto {
    const fresh = !gathering.begun.includes(true);
    if (!fresh) this.#clearRest(gathering);
    gathering.begun.fill(true);
    if (!fresh) return "add";
    return single ? "copy" : "first";
  }

  #clearRest({ sum, begun }: Gathering): void {
    for (let c = 0; c < sum.channels; c++)
      if (!begun[c]) this.#emit({ op: "clear", channels: 1, to: at(sum, c) });
  }

  #downmix({ sum, begun }: Gathering, source: PortBuffer, single: boolean): void {
    if (single) this.#emit({ op: "downmix", to: at(sum, 0), from: at(source, 0) });
    else {
      const { pool } = this.#bench;
      const mono = { buffer: pool.acquire(1, 1), channels: 1 };
      this.#emit({ op: "downmix", to: at(mono, 0), from: at(source, 0) });
      this.#emit({ op: begun[0] ? "add" : "first", channels: 1, to: at(sum, 0), from: at(mono, 0) });
      pool.release(mono.buffer);
    }
    begun[0] = true;
  }

  #mixBy(matrix: MixMatrix, { sum, begun }: Gathering, source: PortBuffer, single: boolean): void {
    for (const [c, gains] of matrix.entries()) {
      const heard = gains.flatMap((gain, from) => (gain === 0 ? [] : [{ gain, from }]));
      for (const { gain, from } of heard) {
        const onto = begun[c] ? "add" : "first";
        const [to, source0] = [at(sum, c), at(source, from)];
        if (gain !== 1) this.#emit({ op: "mix", onto, gain, to, from: source0 });
        else {
          const op = single && heard.length === 1 ? "copy" : onto;
          this.#emit({ op, channels: 1, to, from: source0 });
        }
        begun[c] = true;
      }
    }
  }
}

function at(port: PortBuffer, channel: number): Slot {
  return { buffer: port.buffer, channel };
}
