/**
 * Listens to what is heard, on the thread that plays: captures it, measures it, and tells of it about twenty times a second,
 * and when the song has ended.
 */
import { Dropouts } from "./live-dropouts.ts";
import type { LiveGraph } from "./live-graph.ts";
import { Levels, lengthOf } from "./live-levels.ts";
import type { LiveJob } from "./live-messages.ts";
import { type LevelPost, levelPost, type TellTransferring } from "./live-post.ts";

const REPORT_SECONDS = 0.05;

export class LiveListener {
  readonly #job: LiveJob;
  readonly #graph: LiveGraph;
  readonly #tell: TellTransferring;
  readonly #levels: Levels;
  readonly #post: LevelPost;
  readonly #dropouts = new Dropouts();
  readonly #reportFrames: number;
  #captured = 0;
  #isEndTold = false;

  /** [control] */
  constructor(job: LiveJob, graph: LiveGraph, tell: TellTransferring) {
    this.#job = job;
    this.#graph = graph;
    this.#tell = tell;
    this.#levels = new Levels(graph.output.length);
    this.#post = levelPost(job.levels, tell);
    this.#reportFrames = Math.round(REPORT_SECONDS * job.sampleRateHz);
  }

  /** [audio] A block begins, at frame `currentFrame` of the audio context. */
  block(currentFrame: number, frames: number): void {
    this.#dropouts.block(currentFrame, frames);
  }

  /** [audio] The block that was made. */
  heard(channels: readonly Float32Array[], frames: number): void {
    const { capture } = this.#job;
    for (let c = 0; c < capture.length; c++) {
      const channel = channels[Math.min(c, channels.length - 1)];
      const count = Math.min(frames, capture[c].length - this.#captured);
      for (let i = 0; i < count; i++) capture[c][this.#captured + i] = channel[i];
    }
    this.#captured += frames;
    this.#levels.add(channels, frames);
  }

  /** [audio] Tells of levels when it is time; `frame` is the song's that is heard next. */
  report(frame: number, isPlaying: boolean): void {
    if (this.#levels.frames < this.#reportFrames) return;
    const row = this.#post.place;
    if (!row) return;
    this.#write(row, frame, isPlaying);
    this.#post.send();
  }

  /** Once. It may take memory: nothing sounds any more. */
  end(frame: number, isPlaying: boolean): void {
    if (this.#isEndTold) return;
    this.#isEndTold = true;
    const levels = new Float64Array(lengthOf(this.#job.row));
    this.#write(levels, frame, isPlaying);
    this.#tell({ kind: "ended", levels, captured: this.#job.capture.filter(isOwn) }, []);
  }

  /** [control, between blocks] A buffer of levels that was read. */
  takeBack(buffer: ArrayBuffer): void {
    this.#post.takeBack(buffer);
  }

  #write(row: Float64Array, frame: number, isPlaying: boolean): void {
    const meters = this.#levels.write(row, frame, isPlaying, this.#dropouts);
    this.#graph.readMeters(this.#job.row.watched, row, meters);
  }
}

/** Whether memory is this thread's alone. */
function isOwn({ buffer }: Float32Array): boolean {
  return typeof SharedArrayBuffer === "undefined" || !(buffer instanceof SharedArrayBuffer);
}
