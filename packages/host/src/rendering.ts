/**
 * One render under way, on the thread that makes it: chunk after chunk, latency removed, until the song and what rings
 * on after it have ended.
 *
 * With several jobs the strips run on worker threads, a quarter of a second at a time, while this thread runs the
 * join; the bits are the same for any number of jobs and any block size.
 */
import type { Engine } from "@gainstage/graph";
import type { RenderProgress } from "./events.ts";
import type { PartThread } from "./part-thread.ts";
import type { MeterReadings } from "./render-job.ts";
import type { Rendered, RenderRequest } from "./render-request.ts";
import { sharedChannel } from "./shared-channel.ts";

const METER_SECONDS = 0.01;
const PROGRESS_SECONDS = 1;
const LONGEST_TAIL_SECONDS = 10;
/** What is quieter than this at the end of a tail is not kept: -100 dBFS. */
const INAUDIBLE = 1e-5;

export interface RenderingEvents {
  progress(progress: RenderProgress): void;
  meters(readings: readonly MeterReadings[]): void;
  /** Called between blocks. */
  betweenBlocks(): void;
}

export class Rendering {
  readonly #request: Omit<RenderRequest, "signal">;
  readonly #engine: Engine;
  readonly #threads: readonly PartThread[];
  readonly #chunkFrames: number;
  readonly #events: RenderingEvents;
  readonly #latency: number;
  readonly #outputs = new Map<string, Float32Array[]>();
  readonly #capacity: number;
  #nextMeter = 0;
  #readings: MeterReadings[] = [];

  constructor(
    request: Omit<RenderRequest, "signal">,
    engine: Engine,
    threads: readonly PartThread[],
    chunkFrames: number,
    events: RenderingEvents,
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

  async run(): Promise<Pick<Rendered, "outputs" | "frames" | "latencyFrames">> {
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
      await Promise.all(this.#threads.map((thread) => thread.chunkReady(chunk)));
      const until = Math.min(end, done + this.#chunkFrames);
      this.#renderChunk(chunk, done, until);
      done = until;
      const silent = this.#engine.remainingFrames === 0 && this.#threads.every((t) => t.isSilent(chunk));
      if (!silent) sounding = Math.max(sounding, done);
      for (const thread of this.#threads) thread.release(chunk);
      this.#events.meters(this.#readings);
      this.#readings = [];
      const over = done >= end || (silent && done >= sounding + this.#latency + delays);
      if (chunk % progressEvery === 0 || over) {
        const framesDone = Math.min(request.frames, Math.max(0, done - this.#latency));
        this.#events.progress({ framesDone, framesTotal: request.frames });
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
      this.#events.betweenBlocks();
      this.#readMeters(at + frames - this.#latency);
    }
  }

  #readMeters(frame: number): void {
    if (frame < this.#nextMeter) return;
    this.#nextMeter = frame + METER_SECONDS * this.#request.sampleRateHz;
    for (const node of this.#request.watch ?? []) {
      this.#readings.push({ frame, node, values: this.#engine.pluginMeters(node).slice() });
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

export function sourceFramesOf(request: Pick<RenderRequest, "sourceFrames">): number {
  return request.sourceFrames ?? Number.POSITIVE_INFINITY;
}

/** Frame after which every source is silent. */
function longestSource(request: Omit<RenderRequest, "signal">): number {
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
