/** What crosses between the thread that plays and the one that asks for it: all of it plain data. */
import type { EditPlan, PluginNode, RuntimeFault } from "@gainstage/graph";
import type { PluginLog } from "../loading/host-extensions.ts";
import type { PlainError } from "../running/error-crossing.ts";
import type { NodeCode } from "../running/resolve-plugins.ts";
import type { LevelRow } from "./live-levels.ts";
import type { LevelMemory } from "./live-post.ts";
import type { Activated } from "./live-rack.ts";

/** Frames of the song that are played over and over: `endFrame` is the first that is not. */
export interface LoopRange {
  readonly startFrame: number;
  readonly endFrame: number;
}

/** What is played, and how; the graph comes with a "change". */
export interface LiveJob {
  readonly engine: WebAssembly.Module;
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
  /** Of the call watch. */
  readonly watched: ArrayBufferLike;
  /** What a row of levels holds, and how it crosses. */
  readonly row: LevelRow;
  readonly levels: LevelMemory;
  /** [channel]: every frame that is heard is written here too, from the first on until it is full. */
  readonly capture: readonly Float32Array[];
}

/** A processor that a graph needs and that does not run yet. */
export interface WantedProcessor {
  /** It is known by this number from then on. */
  readonly handle: number;
  readonly node: PluginNode;
  /** Ports that an edge leads to or from. */
  readonly connected: readonly string[];
  /** What it runs: the number of what was loaded. */
  readonly code: number;
  /** Whose state it takes over, if either can. */
  readonly from?: number;
}

/** A graph to go to: its plan, and the processor of each plugin node. */
export interface GraphChange {
  readonly plan: EditPlan;
  readonly processors: ReadonlyMap<string, number>;
  /** By the id of a meter node, how many numbers it tells. */
  readonly meters: ReadonlyMap<string, number>;
  /** Of delay nodes, which sound for their own length after the last plugin has come to rest. */
  readonly delayFrames: number;
}

/** Each with an `id` is answered, in the order in which they came: "done", or "refused". */
export type LiveOrder =
  | { readonly kind: "open"; readonly job: LiveJob }
  | { readonly kind: "load"; readonly id: number; readonly code: number; readonly content: NodeCode }
  | { readonly kind: "activate"; readonly id: number; readonly wanted: WantedProcessor }
  /** The first begins the song; it is done when only the new graph is heard. */
  | { readonly kind: "change"; readonly id: number; readonly change: GraphChange }
  /** What was made for a change that is not to be is let go. */
  | { readonly kind: "withdraw" }
  | { readonly kind: "set"; readonly node: string; readonly param: string; readonly value: number | null }
  /** What an input is fed from now on. */
  | { readonly kind: "source"; readonly input: string; readonly channels: readonly Float32Array[] }
  | TransportOrder
  /** A buffer of levels that was read. */
  | { readonly kind: "levels"; readonly buffer: ArrayBuffer };

export type TransportOrder =
  | { readonly kind: "play" | "stop" }
  | { readonly kind: "seek"; readonly frame: number }
  | { readonly kind: "loop"; readonly range: LoopRange | undefined };

/** What an order came to. */
export type Answer =
  | { readonly of: "load" }
  | { readonly of: "activate"; readonly activated: Activated }
  /** Only the new graph is heard, from this frame of the song on. */
  | { readonly of: "change"; readonly frame: number };

export type LiveMessage =
  | { readonly kind: "done"; readonly id: number; readonly answer: Answer }
  | { readonly kind: "refused"; readonly id: number; readonly error: PlainError }
  /** Ids of the plugin nodes of a plan that begins to run, as the call watch counts them. */
  | { readonly kind: "plan"; readonly nodes: readonly string[] }
  | { readonly kind: "playing"; readonly latencyFrames: number }
  /** A row of levels, where there is no shared memory for it. */
  | { readonly kind: "levels"; readonly buffer: ArrayBuffer }
  | { readonly kind: "fault"; readonly fault: RuntimeFault }
  | { readonly kind: "log"; readonly said: PluginLog }
  /** The song is over. The last row of levels; and what was captured, where that memory is not shared. */
  | { readonly kind: "ended"; readonly levels: Float64Array; readonly captured: readonly Float32Array[] };
