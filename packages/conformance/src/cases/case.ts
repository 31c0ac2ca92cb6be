/**
 * One run of a plugin as plain data: what it is activated with, what it hears, how the stream is cut and what changes.
 * Everything has a default, so that the smallest failing case reads in one line.
 */
import type { Layout, Manifest } from "@gainstage/plugin-api";

export interface Case {
  /** The id of the check that it fails. */
  readonly check?: string;
  /** Default 48000. */
  readonly sampleRateHz?: number;
  /** Default 1024. */
  readonly maxFrames?: number;
  /** ProcessSetup.seed. Default 1. */
  readonly seed?: number;
  readonly mode?: "realtime" | "offline";
  /** Of the main ports. Default: the plugin's best. */
  readonly layout?: Layout;
  /** Ids of sidechain and aux ports that are connected. Default none. */
  readonly connected?: readonly string[];
  /** By id, plain; the others have their defaults. */
  readonly params?: Readonly<Record<string, number>>;
  /** Default: noise of amplitude 0.7. */
  readonly signal?: Signal;
  /** Default 4096; in a check's fixed cases longer where the plugin answers later, see measuring/answer.ts. */
  readonly frames?: number;
  /** Lengths of the blocks, repeated as often as needed. Default [128]. */
  readonly blocks?: readonly number[];
  readonly changes?: readonly Change[];
  readonly transport?: Song;
  /** What happened to the processor before `frames`: reset, calls, bytes. Each check says what it makes of it. */
  readonly before?: readonly Step[];
  /** A state for "state/1", as hexadecimal bytes. */
  readonly stateHex?: string;
}

export interface Signal {
  readonly kind: "noise" | "sine" | "impulse" | "dc" | "square" | "silence";
  /** Default 0.7. */
  readonly amplitude?: number;
  /** Of noise. Default 1. */
  readonly seed?: number;
  /** Of sine and square. Default 997. */
  readonly frequencyHz?: number;
  /** Everything from this frame on is silence. */
  readonly until?: number;
}

/** A parameter's new value from `frame` on. */
export interface Change {
  readonly frame: number;
  /** Its id. */
  readonly param: string;
  readonly value: number;
}

/** What the transport does while the plugin runs. */
export interface Song {
  /** From the song's start, and before it. */
  readonly tempoBpm: number;
  /** Other tempos, each from a frame of the song on: above 0 and rising. They lie in the song, so a jump meets them again. */
  readonly tempoChanges?: readonly { readonly frame: number; readonly tempoBpm: number }[];
  /** Default true. */
  readonly playing?: boolean;
  /** The song's frame at the start. Default 0. */
  readonly from?: number;
  readonly numerator?: number;
  readonly denominator?: number;
  /** The song jumps back to `from` after so many frames, again and again: a loop as a host plays it. */
  readonly loopFrames?: number;
  /** From the plugin's frame `at` the song goes on at its frame `to`. */
  readonly jumps?: readonly { readonly at: number; readonly to: number }[];
}

/** One legal call. Processors are counted from 0, and there are always some: an index beyond wraps around. */
export type Step =
  | { readonly do: "activate"; readonly sampleRateHz: number }
  | { readonly do: "process"; readonly on: number; readonly frames: number }
  | { readonly do: "reset"; readonly on: number }
  | { readonly do: "set"; readonly on: number; readonly param: string; readonly value: number }
  | { readonly do: "save"; readonly on: number }
  | { readonly do: "curve"; readonly on: number }
  | { readonly do: "dispose"; readonly on: number };

export const CASE_FRAMES = 4096;

/** Reads what came from a file. Throws a RangeError that says what is wrong; values are the checks' matter. */
export function readCase(text: string, manifest: Manifest): Case {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`the case is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new RangeError("the case is not a JSON object");
  const found = value as Case;
  if (typeof found.check !== "string") throw new RangeError('the case does not name its "check"');
  const ids = new Set(manifest.params.map((p) => p.id));
  const named = [...Object.keys(found.params ?? {}), ...(found.changes ?? []).map((c) => c.param)];
  const unknown = named.find((id) => !ids.has(id));
  if (unknown !== undefined)
    throw new RangeError(`the case names a parameter "${unknown}", which is not there`);
  return found;
}
