/**
 * Offline rendering: a graph and its sources in, the outputs with latency removed out.
 *
 * With several jobs the strips run on worker threads, a quarter of a second at a time, while this thread runs the
 * join; the bits are the same for any number of jobs and any block size.
 */
import { compensate, Engine, partition, type RuntimeFault, shapesOf, validateGraph } from "@gainstage/graph";
import { codesOf, PluginRack, withPluginLanes } from "./activation.ts";
import type { PluginCatalog } from "./catalog.ts";
import type { HostEvents } from "./events.ts";
import type { LoadOptions } from "./load.ts";
import { PartThread } from "./part-thread.ts";
import { checkRequest, type NodeLatency, type Rendered, type RenderRequest } from "./render-request.ts";

const PART_SECONDS = 0.25;
const METER_SECONDS = 0.01;
const PROGRESS_SECONDS = 1;
const LONGEST_TAIL_SECONDS = 10;
/** What is quieter than this at the end of a tail is not kept: -100 dBFS. */
const INAUDIBLE = 1e-5;

export class OfflineRenderer {
  readonly #engineModule: WebAssembly.Module;
  readonly #catalog: PluginCatalog;
  readonly #events: HostEvents;
  readonly #loading: LoadOptions;

  constructor(
    engineModule: WebAssembly.Module,
    catalog: PluginCatalog,
    events: HostEvents,
    loading: LoadOptions,
  ) {
    this.#engineModule = engineModule;
    this.#catalog = catalog;
    this.#events = events;
    this.#loading = loading;
  }

  /**
   * Throws a GraphError or a PluginFault before anything runs, a RangeError for a bad request, and the signal's
   * reason when it is aborted. A plugin that fails while it runs is told as a `fault` and in the result.
   */
  async render(request: RenderRequest): Promise<Rendered> {
    checkRequest(request);
    const codes = codesOf(request.graph, this.#catalog, this.#loading);
    const rack = await PluginRack.load(codes);
    const maxFrames = request.blockFrames ?? 512;
    const setup = { sampleRateHz: request.sampleRateHz, maxFrames };
    const processors = rack.activate(request.graph, setup);
    const threads: PartThread[] = [];
    try {
      const shapes = shapesOf(processors);
      const graph = withPluginLanes(request.graph, processors);
      validateGraph(graph, shapes);
      const whole = compensate(graph, shapes);
      const { join, parts } = partition(whole, shapes, request.jobs ?? 1, new Set(request.watch ?? []));

      const faults: RuntimeFault[] = [];
      const onFault = (fault: RuntimeFault) => {
        faults.push(fault);
        this.#events.emit("fault", fault);
      };
      const engine = Engine.fromCompensated(this.#engineModule, join, { ...setup, processors, onFault });
      const chunkFrames =
        Math.max(1, Math.ceil((PART_SECONDS * request.sampleRateHz) / maxFrames)) * maxFrames;
      for (const part of parts) {
        const feeding = { sources: request.sources, sourceFrames: sourceFramesOf(request) };
        const job = { part, codes, setup, chunkFrames, ...feeding, module: this.#engineModule };
        threads.push(new PartThread(job, onFault));
      }
      const rendering = new Rendering(request, engine, threads, chunkFrames, this.#events);
      const latencies = new Map(
        [...whole.inLatencyFrames].map(([id, inFrames]): [string, NodeLatency] => [
          id,
          { inFrames, ownFrames: shapes.get(id)?.latencyFrames ?? 0 },
        ]),
      );
      return { ...(await rendering.run()), faults, latencies };
    } finally {
      await Promise.all(threads.map((thread) => thread.stop()));
      for (const { processor } of processors.values()) processor.dispose();
    }
  }
}

/** One render under way. */
class Rendering {
  readonly #request: RenderRequest;
  readonly #engine: Engine;
  readonly #threads: readonly PartThread[];
  readonly #chunkFrames: number;
  readonly #events: HostEvents;
  readonly #latency: number;
  readonly #outputs = new Map<string, Float32Array[]>();
  readonly #capacity: number;
  #nextMeter = 0;

  constructor(
    request: RenderRequest,
    engine: Engine,
    threads: readonly PartThread[],
    chunkFrames: number,
    events: HostEvents,
  ) {
    this.#request = request;
    this.#engine = engine;
    this.#threads = threads;
    this.#chunkFrames = chunkFrames;
    this.#events = events;
    this.#latency = engine.latencyFrames;
    const longestTail =
      request.tail === "auto"
        ? (request.longestTailFrames ?? Math.ceil(LONGEST_TAIL_SECONDS * request.sampleRateHz))
        : 0;
    this.#capacity = request.frames + longestTail;
    for (const [id, channels] of engine.outputs) {
      this.#outputs.set(
        id,
        channels.map(() => sharedChannel(this.#capacity)),
      );
    }
  }

  async run(): Promise<Omit<Rendered, "faults" | "latencies">> {
    const request = this.#request;
    const end = this.#capacity + this.#latency;
    const progressEvery = Math.max(
      1,
      Math.round((PROGRESS_SECONDS * request.sampleRateHz) / this.#chunkFrames),
    );
    // A delay, meant or compensating, sounds for its own length after the last plugin has come to rest.
    const delays = request.graph.nodes.reduce((sum, n) => sum + (n.kind === "delay" ? n.delayFrames : 0), 0);
    let sounding = Math.max(request.frames, longestSource(request));
    let done = 0;
    for (let chunk = 0; done < end; chunk++) {
      request.signal?.throwIfAborted();
      await Promise.all(this.#threads.map((thread) => thread.chunkReady(chunk)));
      const until = Math.min(end, done + this.#chunkFrames);
      this.#renderChunk(chunk, done, until);
      done = until;
      const silent = this.#engine.remainingFrames === 0 && this.#threads.every((t) => t.isSilent(chunk));
      if (!silent) sounding = Math.max(sounding, done);
      for (const thread of this.#threads) thread.release(chunk);
      const over = done >= end || (silent && done >= sounding + this.#latency + delays);
      if (chunk % progressEvery === 0 || over) {
        const framesDone = Math.min(request.frames, Math.max(0, done - this.#latency));
        this.#events.emit("progress", { framesDone, framesTotal: request.frames });
        // Lets signals and whoever draws the progress have their turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (over) break;
    }
    const frames = this.#length(Math.min(this.#capacity, done - this.#latency));
    return {
      outputs: new Map([...this.#outputs].map(([id, cs]) => [id, cs.map((c) => c.subarray(0, frames))])),
      frames,
      latencyFrames: this.#latency,
    };
  }

  #renderChunk(chunk: number, from: number, until: number): void {
    const block = this.#engine.maxFrames;
    for (let at = from; at < until; at += block) {
      const frames = Math.min(block, until - at);
      for (const [id, channels] of this.#engine.inputs) {
        const source = this.#request.sources.get(id);
        if (source) feed(channels, source, at, frames, sourceFramesOf(this.#request));
      }
      for (const thread of this.#threads) thread.copyInto(this.#engine.inputs, chunk, at - from, frames);
      this.#engine.run(frames);
      for (const [id, channels] of this.#engine.outputs) {
        keep(this.#outputs.get(id)!, channels, at - this.#latency, frames, this.#capacity);
      }
      this.#tellMeters(at + frames - this.#latency);
    }
  }

  #tellMeters(frame: number): void {
    if (frame < this.#nextMeter) return;
    this.#nextMeter = frame + METER_SECONDS * this.#request.sampleRateHz;
    for (const node of this.#request.watch ?? []) {
      this.#events.emit("meters", { frame, node, values: this.#engine.pluginMeters(node) });
    }
  }

  /** The song, and of its tail what can be heard. */
  #length(rendered: number): number {
    let frames = rendered;
    const { frames: song } = this.#request;
    const heard = (i: number) =>
      [...this.#outputs.values()].some((channels) => channels.some((c) => Math.abs(c[i]) > INAUDIBLE));
    while (frames > song && !heard(frames - 1)) frames--;
    return frames;
  }
}

function sourceFramesOf(request: RenderRequest): number {
  return request.sourceFrames ?? Number.POSITIVE_INFINITY;
}

/** Frame after which every source is silent. */
function longestSource(request: RenderRequest): number {
  const lengths = [...request.sources.values()].flatMap((channels) => channels.map((c) => c.length));
  return Math.min(sourceFramesOf(request), Math.max(0, ...lengths));
}

/** Writes a block of a source to an input; beyond its end, or `sourceFrames`, there is silence. */
export function feed(
  channels: readonly Float32Array[],
  source: readonly Float32Array[],
  at: number,
  frames: number,
  sourceFrames: number,
): void {
  for (const [c, channel] of channels.entries()) {
    const from = source[Math.min(c, source.length - 1)];
    const has = Math.max(0, Math.min(frames, from.length - at, sourceFrames - at));
    if (has > 0) channel.set(from.subarray(at, at + has));
    if (has < frames) channel.fill(0, has, frames);
  }
}

/** Copies a block to its place in the render; `at` is negative while the latency lasts. */
function keep(
  to: readonly Float32Array[],
  from: readonly Float32Array[],
  at: number,
  frames: number,
  capacity: number,
): void {
  const skip = Math.max(0, -at);
  const count = Math.min(frames, capacity - at) - skip;
  if (count <= 0) return;
  for (const [c, channel] of to.entries()) channel.set(from[c].subarray(skip, skip + count), at + skip);
}

/** Audio that worker threads may read without a copy. Throws a RangeError where memory does not hold it. */
export function sharedChannel(frames: number): Float32Array {
  let memory: SharedArrayBuffer;
  try {
    memory = new SharedArrayBuffer(frames * 4);
  } catch (cause) {
    throw new RangeError(`${frames} frames of sound do not fit into memory; render less at a time`, {
      cause,
    });
  }
  return new Float32Array(memory);
}
