/**
 * A processor as a host runs it: the same shape for both kinds of entry, so that nothing above can tell them apart.
 *
 * The host writes `block.frames`, the input channels and the parameters, calls process(), and reads the output
 * channels and meters. For a wasm entry the arrays are views of the plugin's own memory.
 */
import { PluginFault } from "./fault.ts";
import type { Manifest, ParamInfo, PortInfo } from "./manifest.ts";
import { channelsOf, type Layout, type PortSetup, type ProcessSetup } from "./plugin.ts";

export interface RunningBlock {
  frames: number;
  /** [port][channel], maxFrames long. Replaced, never resized, when a wasm memory grows: do not keep them. */
  readonly inputs: Float32Array[][];
  readonly outputs: Float32Array[][];
  params: Float64Array;
  meters: Float32Array;
}

export interface RunningProcessor {
  readonly latencyFrames: number;
  readonly tailFrames: number;
  readonly block: RunningBlock;
  /** [audio] May throw if the plugin traps; the processor must then not be called again. */
  process(): number;
  /** [audio] */
  reset(): void;
  /** [control] Never throws: whatever a plugin does at its end harms nobody else. */
  dispose(): void;
}

/** More latency than any effect has use for; a host sets memory aside for it. */
const MAX_LATENCY_FRAMES = 1 << 22;

/** Throws a PluginFault if a processor's latency or tail is nothing a host can compensate or wait for. */
export function checkTiming(plugin: string, latencyFrames: number, tailFrames: number): void {
  if (!(Number.isInteger(latencyFrames) && latencyFrames >= 0 && latencyFrames <= MAX_LATENCY_FRAMES)) {
    throw new PluginFault(
      "refused",
      plugin,
      `it declares a latency of ${latencyFrames} frames; it must be a whole number from 0 to ${MAX_LATENCY_FRAMES}`,
    );
  }
  if (!(tailFrames >= 0)) {
    throw new PluginFault(
      "refused",
      plugin,
      `it declares a tail of ${tailFrames} frames; it must be 0 or more, or Infinity`,
    );
  }
}

/** Code of either kind, loaded and ready to activate any number of processors. */
export interface LoadedPlugin {
  readonly manifest: Manifest;
  /** [control] Throws a PluginFault if the plugin refuses the setup. */
  activate(setup: ProcessSetup): RunningProcessor;
}

export interface SetupRequest {
  readonly sampleRateHz: number;
  readonly maxFrames: number;
  readonly seed?: number;
  /** The layout of the main ports; a sidechain takes it too where its manifest allows. Default: the best accepted. */
  readonly layout?: Layout;
  /** Ids of input ports that something feeds. Default: the main port alone. */
  readonly connected?: readonly string[];
  /** By id, plain. What is not named takes its default. */
  readonly params?: Readonly<Record<string, number>>;
}

/** The complete setup for a request: defaults filled in, layouts chosen from what each port accepts. */
export function processSetup(manifest: Manifest, request: SetupRequest): ProcessSetup {
  const port = (info: PortInfo): PortSetup => {
    const layout = request.layout && info.layouts.includes(request.layout) ? request.layout : info.layouts[0];
    const connected = info.role === "main" || (request.connected?.includes(info.id) ?? false);
    return { layout, channels: channelsOf(layout), connected };
  };
  return {
    sampleRateHz: request.sampleRateHz,
    maxFrames: request.maxFrames,
    seed: request.seed ?? 1,
    inputs: manifest.inputs.map(port),
    outputs: manifest.outputs.map(port),
    params: Float64Array.from(manifest.params, (p) => clampParam(p, requestedValue(request.params, p))),
  };
}

/** Own properties only: a parameter may be called "constructor". */
function requestedValue(params: SetupRequest["params"], { id, default: value }: ParamInfo): number {
  return params && Object.hasOwn(params, id) ? params[id] : value;
}

/** A value as the plugin may see it: inside the range, and whole for an enumeration. */
export function clampParam(param: ParamInfo, value: number): number {
  const inside = Math.min(param.max, Math.max(param.min, Number.isNaN(value) ? param.default : value));
  return param.choices ? Math.round(inside) : inside;
}
