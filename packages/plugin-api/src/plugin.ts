/**
 * Plugin API 0.1: everything a host and an effect plugin must agree on.
 *
 * A plugin is a folder with a manifest (plugin.json, see manifest.ts) and one entry: a WebAssembly module
 * (sandboxed, docs/wasm-abi.md) or an ES module whose default export is a `Plugin` (needs the user's trust).
 *
 *   activate -> (process | reset)* -> dispose
 *
 * Threads. `activate` and `dispose` run on the control thread, never while the same processor runs `process`.
 * `process` and `reset` run on the audio thread: they do not allocate, block, throw or read a clock.
 *
 * Units. Time is in frames, parameter values are plain (never normalised), in the unit the manifest names.
 */

/** The version of the contract in this file, "major.minor". See negotiate() in version.ts. */
export const API_VERSION = "0.1";

/** Named speaker sets. The number of channels follows from the name, see channelsOf(). */
export type Layout = "mono" | "stereo";

/** What an ES-module entry exports as its default. */
export interface Plugin {
  /**
   * [control] Allocates everything the processor will ever need and leaves it as reset() does.
   * Parameters that the manifest marks `"applies": "restart"` act here and only here.
   * May throw an Error whose message says which part of the setup is refused.
   */
  activate(setup: ProcessSetup): Processor;
}

/** What stays fixed for the life of a processor. */
export interface ProcessSetup {
  readonly sampleRateHz: number;
  /** process() gets 1..maxFrames frames. The output must not depend, to the bit, on how the stream is cut. */
  readonly maxFrames: number;
  /** The only source of randomness: the same seed gives the same samples. Unsigned, 32 bits. */
  readonly seed: number;
  /** One for each port of the manifest, in its order. */
  readonly inputs: readonly PortSetup[];
  readonly outputs: readonly PortSetup[];
  /** The values to start with, in manifest order, plain. */
  readonly params: Float64Array;
}

export interface PortSetup {
  readonly layout: Layout;
  readonly channels: number;
  /** False for a sidechain that nobody feeds. Its channels are still there, and silent. */
  readonly connected: boolean;
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
   * 0 when it may be put to sleep, Infinity for never.
   */
  process(block: Block): number;
  /** [control] Releases what activate() took, if it is not only memory. */
  dispose?(): void;
}

/** One call's worth of audio. Owned by the host: read it, do not keep it. */
export interface Block {
  readonly frames: number;
  /** [port][channel], each at least `frames` long. Never written by a plugin; never aliased by an output. */
  readonly inputs: readonly (readonly Float32Array[])[];
  readonly outputs: readonly (readonly Float32Array[])[];
  /** In manifest order, plain, within their ranges, constant during one call: the host cuts blocks at changes. */
  readonly params: Float64Array;
  /** Written by the plugin at every call, in manifest order. */
  readonly meters: Float32Array;
}

/** Gives a plain object the type of a plugin, so that its author sees mistakes while typing. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

export function channelsOf(layout: Layout): number {
  return layout === "mono" ? 1 : 2;
}
