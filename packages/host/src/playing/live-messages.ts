/** What crosses between the thread that plays and the one that asks for it: all of it plain data. */
import type { RuntimeFault } from "@gainstage/graph";
import type { PluginLog } from "../loading/host-extensions.ts";
import type { PlainError } from "../running/error-crossing.ts";
import type { Program, StateReport } from "../running/running-graph.ts";
import type { LevelRow } from "./live-levels.ts";
import type { LevelMemory } from "./live-post.ts";

/** Frames of the song that are played over and over: `endFrame` is the first that is not. */
export interface LoopRange {
  readonly startFrame: number;
  readonly endFrame: number;
}

/** What is played, and how. */
export interface LiveJob {
  readonly engine: WebAssembly.Module;
  readonly program: Program;
  /** The id of the output node that is heard. */
  readonly output: string;
  readonly sampleRateHz: number;
  /** How much of the song is played; what rings on is heard as well if `tailFrames` is not 0. */
  readonly frames: number;
  readonly tailFrames: number;
  /** The song's frame that is heard first. */
  readonly fromFrame: number;
  readonly loop: LoopRange | undefined;
  /** Sources are silent from here on. */
  readonly sourceFrames: number;
  /** By input node id, [channel]. */
  readonly sources: ReadonlyMap<string, readonly Float32Array[]>;
  /** Graphs of up to this latency are swapped in without moving the song. */
  readonly latencyFrames: number;
  /** Of the call watch. */
  readonly watched: ArrayBufferLike;
  /** What a row of levels holds, and how it crosses. */
  readonly row: LevelRow;
  readonly levels: LevelMemory;
  /** [channel]: every frame that is heard is written here too, from the first on until it is full. */
  readonly capture: readonly Float32Array[];
}

export type LiveOrder =
  | { readonly kind: "open"; readonly job: LiveJob }
  | { readonly kind: "swap"; readonly id: number; readonly program: Program }
  | TransportOrder
  /** A buffer of levels that was read. */
  | { readonly kind: "levels"; readonly buffer: ArrayBuffer };

export type TransportOrder =
  | { readonly kind: "play" | "stop" }
  | { readonly kind: "seek"; readonly frame: number }
  | { readonly kind: "loop"; readonly range: LoopRange | undefined };

export type LiveMessage =
  /** Ids of the plugin nodes of an engine that begins to run, as its call watch counts them. */
  | { readonly kind: "plan"; readonly nodes: readonly string[] }
  | { readonly kind: "playing"; readonly latencyFrames: number }
  /** A row of levels, where there is no shared memory for it. */
  | { readonly kind: "levels"; readonly buffer: ArrayBuffer }
  /** Only the new graph is heard, from this frame of the song on. */
  | { readonly kind: "swapped"; readonly id: number; readonly frame: number; readonly states: StateReport }
  /** Another came before its turn. */
  | { readonly kind: "superseded"; readonly id: number }
  | { readonly kind: "refused"; readonly id: number; readonly error: PlainError }
  | { readonly kind: "fault"; readonly fault: RuntimeFault }
  | { readonly kind: "log"; readonly said: PluginLog }
  /** The song is over. The last row of levels; and what was captured, where that memory is not shared. */
  | { readonly kind: "ended"; readonly levels: Float64Array; readonly captured: readonly Float32Array[] }
  /** Nothing is played: the graph cannot be. */
  | { readonly kind: "failed"; readonly error: PlainError };
