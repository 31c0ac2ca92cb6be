/** What crosses between the thread that asks for a render and the thread that makes it: all of it plain data. */
import type { RuntimeFault } from "@gainstage/graph";
import type { PlainError } from "./error-crossing.ts";
import type { PluginLog } from "./host-extensions.ts";
import type { Rendered, RenderRequest } from "./render-request.ts";
import type { NodeCode } from "./resolve-plugins.ts";

export interface RenderJob {
  readonly request: Omit<RenderRequest, "signal">;
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
  | { readonly kind: "progress"; readonly framesDone: number; readonly framesTotal: number }
  | { readonly kind: "meters"; readonly readings: readonly MeterReadings[] }
  | { readonly kind: "fault"; readonly fault: RuntimeFault }
  | { readonly kind: "log"; readonly said: PluginLog }
  | { readonly kind: "done"; readonly rendered: Omit<Rendered, "faults" | "placeholders"> }
  | { readonly kind: "failed"; readonly error: PlainError };
