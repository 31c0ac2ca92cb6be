/** What is asked to be played, checked, and made into what the thread that plays is sent. Runs in browsers too. */
import type { NestedGraph } from "@gainstage/graph";
import { unwatchedMemory, watchMemory } from "../running/call-watch.ts";
import type { ResolvedPlugins } from "../running/resolve-plugins.ts";
import { type LevelRow, lengthOf } from "./live-levels.ts";
import type { LiveJob, LoopRange } from "./live-messages.ts";
import { levelMemory } from "./live-post.ts";

/** A loop is no oscillator. */
const SHORTEST_LOOP_SECONDS = 0.01;

export interface PlayRequest {
  readonly graph: NestedGraph;
  /** The id of the output node that is heard. */
  readonly output: string;
  readonly sampleRateHz: number;
  /** Where the song ends; at least 1. */
  readonly frames: number;
  /** The song's frame that is heard first. Default 0. */
  readonly fromFrame?: number;
  /** What is played over and over from the start on. Default: nothing. */
  readonly loop?: LoopRange;
  /** Sources are silent from here on. Default: as they are. */
  readonly sourceFrames?: number;
  /** By input node id, [channel], on shared memory where there is any: other memory is copied. */
  readonly sources: ReadonlyMap<string, readonly Float32Array[]>;
  /** What rings on after the song is heard for so long at most. Default 0. */
  readonly longestTailFrames?: number;
  /** Edits to graphs of up to this latency do not move the song. Default: that of the graph. */
  readonly latencyFrames?: number;
  /** What becomes of a plugin that cannot be had. Default "refuse". */
  readonly missing?: "refuse" | "placeholder";
  /** Ids of plugin and meter nodes whose meters are told, as "meters". Default: none. */
  readonly watch?: readonly string[];
  /**
   * [channel]: every frame that is heard is written here as well, from the first on until it is full. On memory that is not
   * shared it is there when the song has ended.
   */
  readonly capture?: readonly Float32Array[];
}

/** `engine` is engineUrl of the graph package, compiled. Throws a RangeError for what cannot be played. */
export function liveJob(engine: WebAssembly.Module, request: PlayRequest, plugins: ResolvedPlugins): LiveJob {
  const { frames, fromFrame = 0, loop } = request;
  if (!(Number.isInteger(frames) && frames >= 1))
    throw new RangeError("there is nothing to play: the song has no length");
  requirePlace(fromFrame, frames);
  if (loop) requireLoop(loop, request);
  const row = rowOf(request, plugins);
  return {
    engine,
    output: request.output,
    sampleRateHz: request.sampleRateHz,
    frames,
    tailFrames: request.longestTailFrames ?? 0,
    fromFrame,
    loop,
    sourceFrames: request.sourceFrames ?? Number.POSITIVE_INFINITY,
    sources: request.sources,
    watched: typeof SharedArrayBuffer === "undefined" ? unwatchedMemory() : watchMemory(),
    row,
    levels: levelMemory(lengthOf(row)),
    capture: request.capture ?? [],
  };
}

/** Throws a RangeError for a frame beyond the song. */
export function requirePlace(frame: number, frames: number): void {
  if (Number.isInteger(frame) && frame >= 0 && frame < frames) return;
  throw new RangeError(`there is no frame ${frame} to go to: the song has frames 0 to ${frames - 1}`);
}

/** Throws a RangeError for a loop beyond the song, or too short. */
export function requireLoop(
  { startFrame, endFrame }: LoopRange,
  { frames, sampleRateHz }: Pick<LiveJob, "frames" | "sampleRateHz">,
): void {
  const least = Math.ceil(SHORTEST_LOOP_SECONDS * sampleRateHz);
  const isWhole = Number.isInteger(startFrame) && Number.isInteger(endFrame);
  if (isWhole && startFrame >= 0 && endFrame <= frames && endFrame - startFrame >= least) return;
  throw new RangeError(
    `frames ${startFrame} to ${endFrame} cannot be looped: it takes ${least} frames at least, between 0 and ${frames}`,
  );
}

/** Throws a RangeError for a node that has no meters. */
function rowOf({ output, watch = [] }: PlayRequest, { graph, codes, codeOf }: ResolvedPlugins): LevelRow {
  const channelsOf = (id: string) => graph.nodes.find((node) => node.id === id)?.channels ?? 0;
  const watched = watch.map((node) => {
    const kind = graph.nodes.find(({ id }) => id === node)?.kind;
    if (kind === "meter") return { node, count: 2 * channelsOf(node) };
    const code = codeOf.get(node);
    if (code === undefined) throw new RangeError(`the graph has no plugin or meter "${node}" to watch`);
    return { node, count: codes[code].manifest.meters?.length ?? 0 };
  });
  return { channels: channelsOf(output), watched };
}
