/** What crosses between the thread that asks for a render and the thread that makes it: all of it plain data. */
import type { GraphDescription, RuntimeFault } from "@gainstage/graph";
import type { PluginLog } from "../loading/host-extensions.ts";
import type { PlainError } from "../running/error-crossing.ts";
import type { NodeCode } from "../running/resolve-plugins.ts";
import type { RenderOutcome, RenderRequest } from "./render-request.ts";
import type { Outputs, SoundRing } from "./sound-ring.ts";
import type { SourceRing } from "./source-ring.ts";

/** A whole recording, or one that is being read. */
export type JobSource = readonly Float32Array[] | SourceRing;

export interface JobRequest extends Omit<RenderRequest, "signal" | "sources" | "graph"> {
  readonly graph: GraphDescription;
  readonly sources: ReadonlyMap<string, JobSource>;
  /** What progress is told of as long as the song's length is not known. */
  readonly likelyFrames: number;
  /** Keeps the sound whole, at most so long, instead of telling of it as it comes. */
  readonly wholeFrames?: number;
}

export interface RenderJob {
  readonly request: JobRequest;
  readonly engine: WebAssembly.Module;
  readonly codes: readonly NodeCode[];
  /** By plugin node id, which of the codes it runs. */
  readonly codeOf: ReadonlyMap<string, number>;
  /** Shared memory of the call watches: of the join, then of each part. */
  readonly watches: readonly SharedArrayBuffer[];
  /** By node id, engine frames of calls that did not end when this render was made before. */
  readonly hangs: ReadonlyMap<string, readonly number[]>;
  /** Nodes that must not be built anew, because that did not end. */
  readonly notAgain: ReadonlySet<string>;
  /** Nodes that get an instance of their own. */
  readonly isolated: ReadonlySet<string>;
}

/** Threads beside the one that joins them. A part has a strip at least, and a strip an input. */
export function mostParts({ request: { graph, jobs = 1 } }: Pick<RenderJob, "request">): number {
  return jobs === 1 ? 0 : Math.min(jobs, graph.nodes.filter(({ kind }) => kind === "input").length);
}

export interface MadeSound extends Omit<RenderOutcome, "faults" | "placeholders"> {
  /** Empty where it was told of as it came. */
  readonly outputs: Outputs;
}

export interface MeterReadings {
  readonly frame: number;
  readonly node: string;
  readonly values: Float32Array;
}

export type RenderMessage =
  /** The job has come in. */
  | { readonly kind: "taken" }
  /** It is over, and everything let go: the next may come. */
  | { readonly kind: "free" }
  /** Ids of the plugin nodes of a thread, as its call watch counts them. */
  | { readonly kind: "plan"; readonly thread: number; readonly nodes: readonly string[] }
  /** Where the sound will be. */
  | { readonly kind: "outputs"; readonly ring: SoundRing }
  /** The next slot of the ring holds so many frames. */
  | { readonly kind: "sound"; readonly frames: number }
  | { readonly kind: "progress"; readonly framesDone: number; readonly framesTotal: number }
  | { readonly kind: "meters"; readonly readings: readonly MeterReadings[] }
  | { readonly kind: "fault"; readonly fault: RuntimeFault }
  | { readonly kind: "log"; readonly said: PluginLog }
  | { readonly kind: "done"; readonly rendered: MadeSound }
  | { readonly kind: "failed"; readonly error: PlainError };
