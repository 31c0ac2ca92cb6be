/**
 * Plugin API 1.0: everything a host and an effect plugin must agree on. This file is the contract.
 *
 * A plugin is a folder with a manifest (plugin.json, the first part below) and one entry: a WebAssembly module
 * (sandboxed, docs/wasm-abi.md) or an ES module whose default export is a `Plugin` (needs the user's trust).
 *
 *   activate -> (process | reset)* -> dispose
 *
 * Threads. [control] and [audio] say who calls. The host never calls two functions of one processor at the same
 * time, and runs activate(), dispose() and extensions while that processor does not process. process() and reset()
 * do not allocate, block, throw or read a clock.
 *
 * Units. Time is in frames, audio is f32 at full scale ±1, parameter values are plain (never normalised) in the unit
 * that the manifest names. Indices are for run time, ids are for ever.
 *
 * Versions. A host runs every plugin of its own major version whose minor is not newer. Within a major version
 * interfaces that the host implements may gain members, those that a plugin implements may gain optional ones, and
 * nothing that is here is renamed, retyped or called at another time.
 */

/** The version of the contract in this file, "major.minor". See negotiate() in version.ts. */
export const API_VERSION = "1.0";

// ─────────────────────────────────────────────────────────────────────────────────────────────── manifest

/** plugin.json: what a host shows, checks or refuses, readable without running any code. */
export interface Manifest {
  /** "major.minor" of the API that the plugin was built for. */
  readonly api: string;
  /** Reverse DNS, for ever. A version that would render an old session otherwise is a new id, with `replaces`. */
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  /** Semver. Patch: the same samples. Minor: the same samples for the same parameters and state. */
  readonly version: string;
  readonly description?: string;
  /** SPDX, as in "MIT". */
  readonly license?: string;
  readonly url?: string;
  /** What it is, best first, in the field's words: "equalizer", "compressor", "reverb", "delay" … */
  readonly features: readonly string[];
  /**
   * A path within the folder. `wasm` is sandboxed (it imports nothing). `module` is JavaScript and needs trust; it is
   * one file, which imports no other, since the hash and a host in a browser have this one.
   */
  readonly entry: { readonly wasm: string } | { readonly module: string };
  readonly inputs: readonly PortInfo[];
  readonly outputs: readonly PortInfo[];
  readonly params: readonly ParamInfo[];
  readonly meters?: readonly MeterInfo[];
  /** Paths of presets within the folder: JSON, see Preset. */
  readonly presets?: readonly string[];
  /** Paths of further files that the plugin reads by "resource/1". */
  readonly resources?: readonly string[];
  /** What the plugin offers beyond the core, such as "state/1". */
  readonly extensions?: readonly ExtensionId[];
  /** Host extensions that the plugin takes where they are offered. */
  readonly uses?: readonly ExtensionId[];
  /** Host extensions without which it cannot run: a host that lacks one refuses it and names it. */
  readonly requires?: readonly ExtensionId[];
  /** The version of the state that "state/1" saves, from 1. Newer state than this is refused, older is loaded. */
  readonly stateVersion?: number;
  /** Plugins that this one can stand in for, their parameter ids mapped to ours; an id left out keeps its name. */
  readonly replaces?: readonly { readonly id: string; readonly params?: Readonly<Record<string, string>> }[];
  /** What is heard when the plugin fails: its input, delayed by its latency (default), or nothing. */
  readonly onFault?: "bypass" | "silence";
}

/** Named speaker sets in the order of SMPTE ST 2036-2 (L R C LFE …), or "discrete:N". See channelsOf(). */
export type Layout = "mono" | "stereo" | "lcr" | "quad" | "5.1" | "7.1" | "7.1.4" | `discrete:${number}`;

export interface PortInfo {
  readonly id: string;
  readonly name: string;
  /** Exactly one main port on each side. A sidechain (inputs only) is heard by a detector, never passed through. */
  readonly role: "main" | "sidechain" | "aux";
  /** Accepted, best first. The main ports are given the same layout wherever both accept it. */
  readonly layouts: readonly Layout[];
}

export type Unit =
  | "dB"
  | "dBFS"
  | "dBTP"
  | "LUFS"
  | "Hz"
  | "s"
  | "ms"
  | "frames"
  | "beats"
  | "bpm"
  | "ratio"
  | "percent"
  | "semitone"
  | "cent"
  | "degree"
  | "bool"
  | "none";

export interface ParamInfo {
  /** [a-z][a-zA-Z0-9_.]*: sessions and automation refer to it, so it never changes its meaning. */
  readonly id: string;
  readonly name: string;
  /** Path for generic panels: "Band 1/Filter". */
  readonly group?: string;
  readonly unit: Unit;
  /** min, max and default never change for an id; a wider range is a new parameter with `aliases`. */
  readonly min: number;
  readonly max: number;
  readonly default: number;
  /** How a knob moves from min to max, never what is stored. Default "linear"; "log" needs min > 0. */
  readonly scale?: "linear" | "log" | { readonly power: number };
  /** Values are min + a whole number of steps. The host rounds. */
  readonly step?: number;
  /** How a value is printed and read back, by the host alone. */
  readonly format?: Format;
  /** Makes it an enumeration: the plain value is the index, min 0; sessions keep the choice's id. */
  readonly choices?: readonly { readonly id: string; readonly label: string }[];
  /** "live" (default): acts in process(). "restart": acts in activate() and cannot be automated. */
  readonly applies?: "live" | "restart";
  /** Default: true for "live". */
  readonly automatable?: boolean;
  /** Not shown in generic panels; works all the same. */
  readonly hidden?: boolean;
  /** At most one of each: dry/wet (at min, the output is the input late by the latency); own bypass; output gain. */
  readonly role?: "mix" | "bypass" | "output-gain";
  /** Ids that this parameter had in earlier versions. */
  readonly aliases?: readonly string[];
  /** The plugin's version that added it; sessions of older ones take `legacy` instead of the default. */
  readonly since?: string;
  readonly legacy?: number;
}

export interface Format {
  /** Digits behind the point. Default: what the value needs, three significant ones. */
  readonly digits?: number;
  /** "1.2 kHz" instead of "1200 Hz". */
  readonly si?: boolean;
  /** "+3 dB". */
  readonly sign?: boolean;
  /** Text at an end of the range: "off", "-inf". */
  readonly atMin?: string;
  readonly atMax?: string;
}

export interface MeterInfo {
  readonly id: string;
  readonly name: string;
  /** "gain-change": dB at the block's last frame before make-up; negative reduces, 0 at rest. */
  readonly kind: "gain-change" | "level" | "correlation" | "phase" | "scalar";
  readonly unit: Unit;
  readonly min: number;
  readonly max: number;
}

/** A preset file. What it does not name takes its default; choices may be given by id. */
export interface Preset {
  readonly name: string;
  /** When to use it. */
  readonly description: string;
  readonly params: Readonly<Record<string, number | string>>;
}

// ────────────────────────────────────────────────────────────────────────────────────────────── processor

/** What an ES-module entry exports as its default. */
export interface Plugin {
  /**
   * [control] Allocates everything the processor will ever need and leaves it as reset() does.
   * Parameters that the manifest marks `"applies": "restart"`, and a saved state, act here and only here.
   * May throw an Error whose message says which part of the setup is refused.
   */
  activate(setup: ProcessSetup, host: Host): Processor;
}

/** What stays fixed for the life of a processor. */
export interface ProcessSetup {
  readonly sampleRateHz: number;
  /** process() gets 1..maxFrames frames. The output must not depend, to the bit, on how the stream is cut. */
  readonly maxFrames: number;
  /** The only source of randomness: the same seed gives the same samples. Unsigned, 32 bits. */
  readonly seed: number;
  /** For scheduling background work; never for the sound: the same samples come out in both. */
  readonly mode: "realtime" | "offline";
  /** One for each port of the manifest, in its order. */
  readonly inputs: readonly PortSetup[];
  readonly outputs: readonly PortSetup[];
  /** The values to start with, in manifest order, plain. */
  readonly params: Float64Array;
  /** What "state/1" saved, of this or an older stateVersion. Any bytes may come: refuse those not understood. */
  readonly state: SavedState | null;
}

export interface PortSetup {
  readonly layout: Layout;
  readonly channels: number;
  /** False for a sidechain or aux port that nobody feeds or hears. Its channels are still there, and silent. */
  readonly connected: boolean;
}

export interface SavedState {
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** A running instance of an effect. */
export interface Processor {
  /** Frames by which the main output is late. Constant for the life of the processor. */
  readonly latencyFrames: number;
  /** Upper bound, at any parameters, of the ring after the input ends, latency not counted. Infinity is allowed. */
  readonly tailFrames: number;
  /** [audio] Forgets all signal history; parameter values stay. Bit for bit as after activate(). */
  reset(): void;
  /**
   * [audio] Writes every frame of every output channel of `block`.
   * Returns how many more frames could sound if from now on the inputs were silent and no parameter changed:
   * 0 when it may be put to sleep, Infinity for never. State that still moves counts too.
   */
  process(block: Block): number;
  /** [control] What the manifest's `extensions` lists, by id; undefined for every other id. */
  extension?<I extends keyof PluginExtensions>(id: I): PluginExtensions[I] | undefined;
  /** [control] Releases what activate() took, if it is not only memory. */
  dispose?(): void;
}

/** One call's worth of audio. Owned by the host: read it, do not keep it or anything in it. */
export interface Block {
  readonly frames: number;
  /** [port][channel], each at least `frames` long. Never written by a plugin; never aliased by an output. */
  readonly inputs: readonly (readonly Float32Array[])[];
  readonly outputs: readonly (readonly Float32Array[])[];
  /** In manifest order, plain, within their ranges, constant during one call: the host cuts blocks at changes. */
  readonly params: Float64Array;
  /** Written by the plugin at every call, in manifest order. */
  readonly meters: Float32Array;
  /** One word a port, bit c for channel c: set only if all its frames are zero. A hint: the zeros are there too. */
  readonly silentInputs: Uint32Array;
  /** The same of the outputs: zero at each call; a plugin may set a bit for a channel that it filled with zeros. */
  readonly silentOutputs: Uint32Array;
  /** Where the song is; null where there is no song. Constant but for `frame` during one call. */
  readonly transport: Transport | null;
}

/**
 * The musical clock. The beat at frame f is `anchorBeat + (f - anchorFrame) * tempoBpm / (60 * sampleRateHz)`: it is
 * counted from the last change of tempo, so that it does not depend on how the stream is cut. A beat is a quarter.
 */
export interface Transport {
  readonly playing: boolean;
  /** The song's frame that the block's first frame belongs to, latency upstream removed; negative before the start. */
  readonly frame: number;
  readonly tempoBpm: number;
  readonly anchorFrame: number;
  readonly anchorBeat: number;
  /** Time signature: 6/8 is 6, 8. */
  readonly numerator: number;
  readonly denominator: number;
  /** In beats; both 0 where nothing is looped. */
  readonly loopStartBeat: number;
  readonly loopEndBeat: number;
}

/** Gives a plain object the type of a plugin, so that its author sees mistakes while typing. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

// ───────────────────────────────────────────────────────────────────────────────── the host and extensions

/** "name/revision" ("vendor.name/revision" for yours). Any change at all is a new revision. */
export type ExtensionId = `${string}/${number}`;

/** [control] Given to activate(); good for the life of the processor. */
export interface Host {
  /** "major.minor" of the API that the host implements. */
  readonly api: string;
  readonly name: string;
  /** By id; undefined where the host does not offer it or the manifest does not name it in `uses` or `requires`. */
  extension<I extends keyof HostExtensions>(id: I): HostExtensions[I] | undefined;
}

/** What plugins may offer. Declare yours by merging into this interface. */
export interface PluginExtensions {
  "state/1": StateExtension;
  "curve/1": CurveExtension;
}

/** What hosts may offer. Declare yours by merging into this interface. */
export interface HostExtensions {
  "log/1": LogExtension;
  "resource/1": ResourceExtension;
}

/** Opaque state beyond the parameters, which the host keeps. Most effects need none. It returns as setup.state. */
export interface StateExtension {
  /** [control] The same state gives the same bytes, at most 16 MiB, without paths or addresses in them. */
  save(): Uint8Array;
}

/** What the effect does to a signal at its present parameters, for a display. */
export interface CurveExtension {
  /**
   * [control] Writes y for each x: "magnitude" in dB over Hz, "transfer" in dBFS out over dBFS in. Both arrays are
   * equally long. Returns false for a kind that it has not.
   */
  curve(kind: "magnitude" | "transfer", x: Float64Array, y: Float64Array): boolean;
}

/** Messages to whoever develops or runs the plugin. */
export interface LogExtension {
  /** [control] */
  log(level: "debug" | "info" | "warn" | "error", text: string): void;
}

/** The files that the manifest names in `resources`. */
export interface ResourceExtension {
  /** [control] A copy of the file's bytes; undefined for a path that is not listed. */
  read(path: string): Uint8Array | undefined;
}
