/** What a render is asked for, as plain data, and what it gives. */
import type { GraphDescription, RuntimeFault } from "@gainstage/graph";
import type { Placeholder } from "./resolve-plugins.ts";

export interface RenderRequest {
  readonly graph: GraphDescription;
  readonly sampleRateHz: number;
  /** How much of the song to render, from its first frame. */
  readonly frames: number;
  /** Sources are silent from here on: where the song ends, if the sources are longer. Default: as they are. */
  readonly sourceFrames?: number;
  /** By input node id, [channel]. A source may be shorter than the song. For more than one job, on shared memory. */
  readonly sources: ReadonlyMap<string, readonly Float32Array[]>;
  /** 1 to 8192. Default 512. The output does not depend on it. */
  readonly blockFrames?: number;
  /** Threads. Default 1. The output does not depend on it. */
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

export interface Rendered {
  /** By output node id, [channel], `frames` long. */
  readonly outputs: ReadonlyMap<string, readonly Float32Array[]>;
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

/** Throws a RangeError that says what is asked for and cannot be. */
export function checkRequest(request: RenderRequest): void {
  const { blockFrames = 512, jobs = 1, frames, sampleRateHz, longestTailFrames = 0 } = request;
  const { hangSeconds = 5 } = request;
  if (!(hangSeconds >= 0.1)) throw new RangeError(`a plugin's call needs at least 0.1 s, not ${hangSeconds}`);
  if (!(Number.isInteger(blockFrames) && blockFrames >= 1 && blockFrames <= MAX_BLOCK_FRAMES)) {
    throw new RangeError(`a block has 1 to ${MAX_BLOCK_FRAMES} frames, not ${blockFrames}`);
  }
  if (!(Number.isInteger(jobs) && jobs >= 1 && jobs <= 64))
    throw new RangeError(`jobs are 1 to 64, not ${jobs}`);
  for (const [id, channels] of request.sources) {
    if (channels.length === 0) throw new RangeError(`the source of "${id}" has no channel`);
  }
  if (!(Number.isInteger(frames) && frames >= 0)) throw new RangeError(`${frames} is not a number of frames`);
  if (!(Number.isInteger(longestTailFrames) && longestTailFrames >= 0)) {
    throw new RangeError(`the longest tail is a whole number of frames, not ${longestTailFrames}`);
  }
  if (!(sampleRateHz >= 8000 && sampleRateHz <= 768_000)) {
    throw new RangeError(`the sample rate must be 8000 to 768000 Hz, not ${sampleRateHz}`);
  }
}
