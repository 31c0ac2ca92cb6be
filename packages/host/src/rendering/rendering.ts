/**
 * One render under way, on the thread that makes it: chunk after chunk, latency removed, until the song and what rings
 * on after it have ended.
 *
 * With several jobs the strips run on as many worker threads, a quarter of a second at a time, while this thread runs the
 * join; the bits are the same for any number of jobs and any block size.
 */
import type { Engine } from "@gainstage/graph";
import type { RenderProgress } from "../events.ts";
import { AudibleEnd } from "./audible-end.ts";
import type { PartThread } from "./part-thread.ts";
import type { JobRequest, MeterReadings } from "./render-job.ts";
import type { RenderOutcome, RenderRequest } from "./render-request.ts";
import type { RenderSources } from "./render-sources.ts";
import { copyShared } from "./shared-channel.ts";
import type { Outputs, SoundWriter } from "./sound-ring.ts";

const METER_SECONDS = 0.01;
const PROGRESS_SECONDS = 1;
const LONGEST_TAIL_SECONDS = 10;

export interface RenderingEvents {
  progress(progress: RenderProgress): void;
  meters(readings: readonly MeterReadings[]): void;
  /** Called between blocks. */
  betweenBlocks(): void;
}

export class Rendering {
  readonly #request: JobRequest;
  readonly #engine: Engine;
  readonly #sources: RenderSources;
  readonly #threads: readonly PartThread[];
  readonly #chunkFrames: number;
  readonly #events: RenderingEvents;
  readonly #latency: number;
  readonly #longestTail: number;
  readonly #end: AudibleEnd;
  #nextMeter = 0;
  #readings: MeterReadings[] = [];

  constructor(
    request: JobRequest,
    engine: Engine,
    sources: RenderSources,
    writer: SoundWriter,
    threads: readonly PartThread[],
    chunkFrames: number,
    events: RenderingEvents,
  ) {
    this.#request = request;
    this.#engine = engine;
    this.#sources = sources;
    this.#threads = threads;
    this.#chunkFrames = chunkFrames;
    this.#events = events;
    this.#latency = engine.latencyFrames;
    this.#longestTail = longestTailOf(request);
    const chunk = [...engine.outputs].map(
      ([id, channels]) => [id, channels.map(() => new Float32Array(chunkFrames))] as const,
    );
    this.#end = new AudibleEnd(writer, new Map(chunk));
  }

  async run(): Promise<Pick<RenderOutcome, "frames" | "latencyFrames">> {
    const request = this.#request;
    const progressEvery = Math.max(
      1,
      Math.round((PROGRESS_SECONDS * request.sampleRateHz) / this.#chunkFrames),
    );
    // A delay, meant or compensating, sounds for its own length after the last plugin has come to rest.
    const delays = request.graph.nodes.reduce((sum, n) => sum + (n.kind === "delay" ? n.delayFrames : 0), 0);
    // How far the sources go decides how long a song of no given length is, and how long a tail is waited for.
    const mindsSources = request.frames === undefined || request.tail === "auto";
    let sounding = 0;
    let done = 0;
    for (let chunk = 0; ; chunk++) {
      if (mindsSources) this.#sources.waitFor(done + this.#chunkFrames);
      const song = this.#songFrames();
      const end = song + this.#longestTail + this.#latency;
      if (done >= end) {
        if (chunk > 0) this.#tellProgress(done, song);
        break;
      }
      await Promise.all(this.#threads.map((thread) => thread.chunkReady(chunk)));
      const until = Math.min(end, done + this.#chunkFrames);
      const frames = this.#renderChunk(chunk, done, until, this.#end.place());
      this.#end.written(frames, song);
      done = until;
      const silent = this.#engine.remainingFrames === 0 && this.#threads.every((t) => t.isSilent(chunk));
      if (!silent) sounding = done;
      for (const thread of this.#threads) thread.release(chunk);
      this.#events.meters(this.#readings);
      this.#readings = [];
      const lastSound = Math.max(song, sounding, this.#sources.endFrame);
      const over = done >= end || (silent && done >= lastSound + this.#latency + delays);
      if (chunk % progressEvery === 0 || over) this.#tellProgress(done, song);
      if (over) break;
    }
    return { frames: this.#end.frames, latencyFrames: this.#latency };
  }

  /** Infinity as long as it is not known. */
  #songFrames(): number {
    const { frames, mostFrames = Number.POSITIVE_INFINITY } = this.#request;
    if (frames !== undefined) return frames;
    if (this.#sources.leastFrames >= mostFrames) return mostFrames;
    return Math.min(mostFrames, this.#sources.endFrame);
  }

  #tellProgress(done: number, song: number): void {
    const heard = Math.max(0, done - this.#latency);
    const framesTotal = Number.isFinite(song) ? song : Math.max(this.#request.likelyFrames, heard);
    this.#events.progress({ framesDone: Math.min(framesTotal, heard), framesTotal });
  }

  /** Leaves in `to` what of the chunk is after the latency, and returns how much that is. */
  #renderChunk(chunk: number, from: number, until: number, to: Outputs): number {
    const block = this.#engine.maxFrames;
    let kept = 0;
    for (let at = from; at < until; at += block) {
      const frames = Math.min(block, until - at);
      for (const [id, channels] of this.#engine.inputs) this.#sources.feed(id, channels, at, frames);
      for (const thread of this.#threads) thread.copyInto(this.#engine.inputs, chunk, at - from, frames);
      this.#engine.run(frames);
      const skip = Math.min(frames, Math.max(0, this.#latency - at));
      for (const [id, channels] of this.#engine.outputs) {
        const places = to.get(id)!;
        for (let c = 0; c < channels.length; c++)
          copyShared(places[c], kept, channels[c], skip, frames - skip);
      }
      kept += frames - skip;
      this.#events.betweenBlocks();
      this.#readMeters(at + frames - this.#latency);
    }
    return kept;
  }

  #readMeters(frame: number): void {
    if (frame < this.#nextMeter) return;
    this.#nextMeter = frame + METER_SECONDS * this.#request.sampleRateHz;
    for (const node of this.#request.watch ?? []) {
      this.#readings.push({ frame, node, values: this.#engine.pluginMeters(node).slice() });
    }
  }
}

export function sourceFramesOf(request: Pick<RenderRequest, "sourceFrames">): number {
  return request.sourceFrames ?? Number.POSITIVE_INFINITY;
}

/** How long a render may go on after the song. */
export function longestTailOf({
  tail,
  longestTailFrames,
  sampleRateHz,
}: Pick<RenderRequest, "tail" | "longestTailFrames" | "sampleRateHz">): number {
  if (tail !== "auto") return 0;
  return longestTailFrames ?? Math.ceil(LONGEST_TAIL_SECONDS * sampleRateHz);
}
