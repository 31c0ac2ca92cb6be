/** From what a host asks for to the complete setup of a processor: layouts chosen, defaults filled in. */
import { channelsOf } from "./layout.ts";
import { clampParam } from "./param-value.ts";
import type { Layout, Manifest, ParamInfo, PortInfo, PortSetup, ProcessSetup, SavedState } from "./plugin.ts";

export interface SetupRequest {
  readonly sampleRateHz: number;
  readonly maxFrames: number;
  readonly seed?: number;
  /** Default "offline". */
  readonly mode?: "realtime" | "offline";
  /** The layout of the main ports; a sidechain takes it too where its manifest allows. Default: the best accepted. */
  readonly layout?: Layout;
  /** What the host has room for: wider layouts are not chosen where a port accepts others. Default: any. */
  readonly maxChannels?: number;
  /** Ids of ports, other than the main ones, that something feeds or hears. Default: none. */
  readonly connected?: readonly string[];
  /** By id, plain. What is not named takes its default. */
  readonly params?: Readonly<Record<string, number>>;
  readonly state?: SavedState;
}

/** Layouts are chosen from what each port accepts; parameters are brought into their ranges. */
export function processSetup(manifest: Manifest, request: SetupRequest): ProcessSetup {
  const port = (info: PortInfo): PortSetup => {
    const { maxChannels = Number.POSITIVE_INFINITY } = request;
    const fitting = info.layouts.filter((layout) => channelsOf(layout) <= maxChannels);
    const wanted = request.layout && fitting.includes(request.layout) ? request.layout : fitting[0];
    const layout = wanted ?? info.layouts[0];
    const connected = info.role === "main" || (request.connected?.includes(info.id) ?? false);
    return { layout, channels: channelsOf(layout), connected };
  };
  return {
    sampleRateHz: request.sampleRateHz,
    maxFrames: request.maxFrames,
    seed: request.seed ?? 1,
    mode: request.mode ?? "offline",
    inputs: manifest.inputs.map(port),
    outputs: manifest.outputs.map(port),
    params: Float64Array.from(manifest.params, (p) => clampParam(p, requestedValue(request.params, p))),
    state: request.state ?? null,
  };
}

/** The silence words of input ports: every channel of a port that nobody feeds. */
export function writeUnconnected(words: Uint32Array, ports: readonly PortSetup[]): void {
  for (const [i, { connected, channels }] of ports.entries()) words[i] = connected ? 0 : 2 ** channels - 1;
}

/** Own properties only: a parameter may be called "constructor". */
function requestedValue(params: SetupRequest["params"], { id, default: value }: ParamInfo): number {
  return params && Object.hasOwn(params, id) ? params[id] : value;
}
