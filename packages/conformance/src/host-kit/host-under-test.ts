/** What the kit asks of a host: to render a small graph. Every host has its own words for that; a test puts them in. */
import type { SavedState } from "@gainstage/plugin-api";

export interface HostUnderTest {
  /**
   * What it can render. "graph", the default, is everything; "chain" is one bus behind one plugin after another, as a
   * mastering chain is, without sidechains and automation, and is asked for nothing else.
   */
  readonly shape?: "graph" | "chain";
  /**
   * Renders offline from the song's first frame, with all latency compensated, and goes on when a plugin fails. Rejects
   * with an Error that has a `code` where a plugin cannot be had at all.
   */
  render(request: HostRequest): Promise<HostRender>;
  /** For a host that keeps documents: writes the request as one, opens it, renders it, and writes it again. */
  keep?(request: HostRequest): Promise<HostDocument>;
}

export interface HostDocument {
  readonly written: Uint8Array;
  readonly writtenAgain: Uint8Array;
  /** As they stand in what was written again. */
  readonly nodes: readonly Pick<HostNode, "id" | "plugin" | "params" | "state">[];
  readonly changes: readonly HostChange[];
}

export interface HostRequest {
  /** A folder of plugin folders. They are JavaScript, and to be trusted. */
  readonly pluginsFolder: string;
  readonly sampleRateHz: number;
  readonly frames: number;
  readonly blockFrames: number;
  readonly threads: number;
  /** How long a call of a plugin may take. */
  readonly hangSeconds: number;
  /** Left and right, `frames` long; every node and bus may hear it as "input". */
  readonly input: readonly Float32Array[];
  readonly nodes: readonly HostNode[];
  readonly buses: readonly HostBus[];
  readonly changes?: readonly HostChange[];
}

/** A plugin, in stereo. Its ports are "in", "out" and, where it has one, the sidechain "key". */
export interface HostNode {
  readonly id: string;
  /** The plugin's id. */
  readonly plugin: string;
  readonly params?: Readonly<Record<string, number>>;
  readonly state?: SavedState;
  /** "input", or a node's id. */
  readonly from: string;
  /** What feeds its sidechain; without it, nothing does. */
  readonly key?: string;
}

/** Something that is rendered: a sum, in stereo. */
export interface HostBus {
  readonly id: string;
  readonly from: readonly { readonly node: string; readonly invert?: boolean }[];
}

/** A step of an automated parameter, in the song's frames. */
export interface HostChange {
  readonly node: string;
  readonly param: string;
  readonly frame: number;
  readonly value: number;
}

export interface HostRender {
  /** By bus, [channel], `frames` long. */
  readonly buses: ReadonlyMap<string, readonly Float32Array[]>;
  readonly faults: readonly { readonly node: string; readonly code: string }[];
}
