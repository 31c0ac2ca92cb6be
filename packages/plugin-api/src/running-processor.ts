/**
 * A processor as a host runs it: the same shape for both kinds of entry, so that nothing above can tell them apart.
 *
 * The host writes `block.frames`, the input channels, the parameters and the transport, calls process(), and reads
 * the output channels and meters. For a wasm entry the arrays are views of the plugin's own memory.
 */
import { isPluginFault, PluginFault, reasonOf } from "./fault.ts";
import type {
  ExtensionId,
  Host,
  HostExtensions,
  Manifest,
  PluginExtensions,
  ProcessSetup,
  Transport,
} from "./plugin.ts";
import { API_VERSION } from "./plugin.ts";

export interface RunningBlock {
  frames: number;
  /** [port][channel], maxFrames long. Replaced, never resized, when a wasm memory grows: do not keep them. */
  readonly inputs: Float32Array[][];
  readonly outputs: Float32Array[][];
  params: Float64Array;
  meters: Float32Array;
  /** One word a port, see Block. The host writes the first and clears the second before each call. */
  silentInputs: Uint32Array;
  silentOutputs: Uint32Array;
  transport: Transport | null;
}

export interface RunningProcessor {
  readonly latencyFrames: number;
  readonly tailFrames: number;
  readonly block: RunningBlock;
  /** [audio] May throw if the plugin traps; the processor must then not be called again. */
  process(): number;
  /** [audio] */
  reset(): void;
  /** [control] Undefined where the manifest does not list it. What it returns may throw a PluginFault. */
  extension<I extends keyof PluginExtensions>(id: I): PluginExtensions[I] | undefined;
  /** [control] Never throws: whatever a plugin does at its end harms nobody else. */
  dispose(): void;
}

/** Code of either kind, loaded and ready to activate any number of processors. */
export interface LoadedPlugin {
  readonly manifest: Manifest;
  /** [control] Throws a PluginFault if the plugin refuses the setup. Default: a host without extensions. */
  activate(setup: ProcessSetup, host?: Host): RunningProcessor;
}

/** More latency than any effect has use for; a host sets memory aside for it. */
export const MAX_LATENCY_FRAMES: number = 1 << 22;
export const MAX_STATE_BYTES: number = 16 * 1024 * 1024;

/** Throws a PluginFault if a processor's latency or tail is nothing a host can compensate or wait for. */
export function checkTiming(plugin: string, latencyFrames: number, tailFrames: number): void {
  if (!(Number.isInteger(latencyFrames) && latencyFrames >= 0 && latencyFrames <= MAX_LATENCY_FRAMES)) {
    throw new PluginFault(
      "refused",
      plugin,
      `it declares a latency of ${latencyFrames} frames; it must be a whole number from 0 to ${MAX_LATENCY_FRAMES}`,
    );
  }
  if (typeof tailFrames !== "number" || !(tailFrames >= 0)) {
    throw new PluginFault(
      "refused",
      plugin,
      `it declares a tail of ${tailFrames} frames; it must be 0 or more, or Infinity`,
    );
  }
}

/** Throws a PluginFault if the setup's state is newer than the plugin's, or the plugin keeps none. */
export function checkState({ id, stateVersion }: Manifest, { state }: ProcessSetup): void {
  if (!state) return;
  if (stateVersion === undefined)
    throw new PluginFault("state", id, "has a saved state, but this version of it keeps none");
  if (state.version > stateVersion) {
    throw new PluginFault(
      "state",
      id,
      `its saved state has version ${state.version}, this version of the plugin reads up to ${stateVersion}: update the plugin`,
    );
  }
  if (state.bytes.length > MAX_STATE_BYTES)
    throw new PluginFault("state", id, `its saved state has more than ${MAX_STATE_BYTES} bytes`);
}

/** A host that offers nothing. */
export const BARE_HOST: Host = { api: API_VERSION, name: "Gainstage", extension: () => undefined };

/** The extensions that a manifest requires and `offered` lacks. */
export function missingExtensions(
  { requires = [] }: Manifest,
  offered: readonly ExtensionId[],
): readonly ExtensionId[] {
  return requires.filter((id) => !offered.includes(id));
}

/** The host as one plugin sees it: of its extensions, those that the manifest names. */
export function hostFor({ uses = [], requires = [] }: Manifest, host: Host): Host {
  const named = new Set<string>([...uses, ...requires]);
  return {
    api: host.api,
    name: host.name,
    extension: <I extends keyof HostExtensions>(id: I) => (named.has(id) ? host.extension(id) : undefined),
  };
}

/** Runs a plugin's own code on the control thread: whatever it throws becomes a PluginFault. */
export function guarded<T>(plugin: string, doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isPluginFault(error)) throw error;
    throw new PluginFault("trap", plugin, `it failed in ${doing}: ${reasonOf(error)}`);
  }
}

/** What save() gave, checked. Throws a PluginFault if it is no state that a session can hold. */
export function checkedSave(plugin: string, bytes: unknown): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new PluginFault("state", plugin, "its save() gave no bytes");
  if (bytes.length > MAX_STATE_BYTES)
    throw new PluginFault("state", plugin, `its state has more than ${MAX_STATE_BYTES} bytes`);
  return bytes.slice();
}
