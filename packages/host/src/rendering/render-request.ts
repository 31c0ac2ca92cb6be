/** What a render is asked for, as plain data, and what it gives. */
import type { NestedGraph, RuntimeFault } from "@gainstage/graph";
import type { Placeholder } from "../running/resolve-plugins.ts";

/** One way through a recording, from its start. */
export interface SourceStream {
  /**
   * Writes up to `frames` frames to the start of `into`, one array for each channel, and gives how many; 0 where the
   * recording is over. What it throws ends the render.
   */
  read(into: readonly Float32Array[], frames: number): Promise<number>;
  /** Called once, however the render ends. */
  close(): Promise<void>;
}

/** A recording that is read, three seconds ahead, while the render goes on: memory does not grow with its length. */
export interface StreamedSource {
  readonly channels: number;
  /** Exact; undefined where only reading to the end tells. */
  readonly frames?: number | undefined;
  /** For telling progress, where `frames` is not known. */
  readonly likelyFrames?: number | undefined;
  /** A render that is made again, because a plugin hung, opens its sources again. */
  open(): SourceStream | Promise<SourceStream>;
}

/** A whole recording, [channel], or one that is read on the way. */
export type RenderSource = readonly Float32Array[] | StreamedSource;

export interface RenderRequest {
  /** May hold sub-graphs; their nodes are told of as "outer/inner". */
  readonly graph: NestedGraph;
  readonly sampleRateHz: number;
  /** How much of the song to render, from its first frame. Default: all of it, to the end of the longest source. */
  readonly frames?: number;
  /** Where `frames` is not given, no more of the song than this. */
  readonly mostFrames?: number;
  /** Sources are silent from here on: where the song ends, if the sources are longer. Default: as they are. */
  readonly sourceFrames?: number;
  /** By input node id. A source may be shorter than the song. Whole ones, for more than one job, on shared memory. */
  readonly sources: ReadonlyMap<string, RenderSource>;
  /** 1 to 8192. Default 2048, and 512 where meters are watched. The output does not depend on it. */
  readonly blockFrames?: number;
  /** Cores to keep busy. Default 1. The output does not depend on it. */
  readonly jobs?: number;
  /** "auto" goes on after the song until nothing sounds any more, at most `longestTailFrames`. Default "none". */
  readonly tail?: "none" | "auto";
  /** Default ten seconds. */
  readonly longestTailFrames?: number;
  /** Plugin nodes whose meters are told by `meters` events, about a hundred times a second of audio. */
  readonly watch?: readonly string[];
  /** What becomes of a plugin that cannot be had, or does not start. Default "refuse". */
  readonly missing?: "refuse" | "placeholder";
  /** A call of a plugin that takes longer than this does not end. Default 5. */
  readonly hangSeconds?: number;
  /** Ends the render with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Takes the sound of a render as it is made, in order, each frame once: by output node id, [channel], `frames` long. The
 * arrays are the render's and hold what they do until the promise resolves; the render waits for it.
 */
export type RenderSink = (
  outputs: ReadonlyMap<string, readonly Float32Array[]>,
  frames: number,
) => void | Promise<void>;

export interface Rendered extends RenderOutcome {
  /** By output node id, [channel], `frames` long. */
  readonly outputs: ReadonlyMap<string, readonly Float32Array[]>;
}

/** A render but for its sound. */
export interface RenderOutcome {
  readonly frames: number;
  /** What was cut from the front. */
  readonly latencyFrames: number;
  readonly faults: readonly RuntimeFault[];
  /** Nodes whose plugin could not be had, and in whose place the input was heard. */
  readonly placeholders: readonly Placeholder[];
  /** By node id. */
  readonly latencies: ReadonlyMap<string, NodeLatency>;
}

export interface NodeLatency {
  /** How late what the node hears is, after compensation. */
  readonly inFrames: number;
  /** What the node itself adds. */
  readonly ownFrames: number;
}

export const MAX_BLOCK_FRAMES = 8192;
/** Measured on 32 strips: a tenth faster than 512, since what a plugin works with comes into the cache once a block. */
const BLOCK_FRAMES = 2048;
/** Meters are read between blocks. */
const WATCHED_BLOCK_FRAMES = 512;

export function blockFramesOf({
  blockFrames,
  watch = [],
}: Pick<RenderRequest, "blockFrames" | "watch">): number {
  return blockFrames ?? (watch.length > 0 ? WATCHED_BLOCK_FRAMES : BLOCK_FRAMES);
}

export function isStreamed(source: RenderSource): source is StreamedSource {
  return "open" in source;
}

/** Throws a RangeError that says what is asked for and cannot be. */
export function checkRequest(request: RenderRequest): void {
  const { jobs = 1, sampleRateHz, longestTailFrames = 0, hangSeconds = 5 } = request;
  const blockFrames = blockFramesOf(request);
  const { frames = 0, mostFrames = 0, sourceFrames = 0 } = request;
  if (!(hangSeconds >= 0.1)) throw new RangeError(`a plugin's call needs at least 0.1 s, not ${hangSeconds}`);
  if (!(Number.isInteger(blockFrames) && blockFrames >= 1 && blockFrames <= MAX_BLOCK_FRAMES)) {
    throw new RangeError(`a block has 1 to ${MAX_BLOCK_FRAMES} frames, not ${blockFrames}`);
  }
  if (!(Number.isInteger(jobs) && jobs >= 1 && jobs <= 64))
    throw new RangeError(`jobs are 1 to 64, not ${jobs}`);
  for (const [id, source] of request.sources) {
    const channels = isStreamed(source) ? source.channels : source.length;
    if (!(channels >= 1)) throw new RangeError(`the source of "${id}" has no channel`);
  }
  if (!(Number.isInteger(frames) && frames >= 0)) throw new RangeError(`${frames} is not a number of frames`);
  for (const most of [mostFrames, sourceFrames]) {
    if (!(most === Number.POSITIVE_INFINITY || (Number.isInteger(most) && most >= 0)))
      throw new RangeError(`${most} is not a number of frames`);
  }
  if (!(Number.isInteger(longestTailFrames) && longestTailFrames >= 0)) {
    throw new RangeError(`the longest tail is a whole number of frames, not ${longestTailFrames}`);
  }
  if (!(sampleRateHz >= 8000 && sampleRateHz <= 768_000)) {
    throw new RangeError(`the sample rate must be 8000 to 768000 Hz, not ${sampleRateHz}`);
  }
}
