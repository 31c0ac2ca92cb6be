/** What crosses between the thread that plays and the one that asks for it: all of it plain data. */
import type { RuntimeFault } from "@gainstage/graph";
import type { PlainError } from "./error-crossing.ts";
import type { PluginLog } from "./host-extensions.ts";
import type { Program, StateReport } from "./running-graph.ts";

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
  /** Sources are silent from here on. */
  readonly sourceFrames: number;
  /** By input node id, [channel]. */
  readonly sources: ReadonlyMap<string, readonly Float32Array[]>;
  /** Graphs of up to this latency are swapped in without moving the song. */
  readonly latencyFrames: number;
  /** Shared memory of the call watch. */
  readonly watched: SharedArrayBuffer;
  /** [channel]: what is heard is written here too, from the song's first frame until it is full. */
  readonly capture: readonly Float32Array[];
}

export type LiveOrder =
  | { readonly kind: "play"; readonly job: LiveJob }
  | { readonly kind: "swap"; readonly id: number; readonly program: Program };

export type LiveMessage =
  /** Ids of the plugin nodes of an engine that begins to run, as its call watch counts them. */
  | { readonly kind: "plan"; readonly nodes: readonly string[] }
  | { readonly kind: "playing"; readonly latencyFrames: number }
  | { readonly kind: "position"; readonly frame: number; readonly peaks: readonly number[] }
  /** Only the new graph is heard, from this frame of the song on. */
  | { readonly kind: "swapped"; readonly id: number; readonly frame: number; readonly states: StateReport }
  /** Another came before its turn. */
  | { readonly kind: "superseded"; readonly id: number }
  | { readonly kind: "refused"; readonly id: number; readonly error: PlainError }
  | { readonly kind: "fault"; readonly fault: RuntimeFault }
  | { readonly kind: "log"; readonly said: PluginLog }
  | { readonly kind: "ended"; readonly frame: number }
  /** Nothing is played: the graph cannot be. */
  | { readonly kind: "failed"; readonly error: PlainError };
