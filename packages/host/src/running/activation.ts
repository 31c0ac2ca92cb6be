/** What a plugin node is activated with: its parameters, state, layout and connected ports. */
import type { GraphDescription, PluginNode } from "@gainstage/graph";
import {
  channelsOf,
  type Host,
  type Layout,
  type LoadedPlugin,
  type Manifest,
  type ProcessSetup,
  processSetup,
  WasmPlugin,
} from "@gainstage/plugin-api";
import { hostOf, type LogSink } from "../loading/host-extensions.ts";
import { instantiate } from "../loading/plugin-code.ts";
import { checkParams } from "../reading/param-text.ts";
import { PlaceholderPlugin } from "./placeholder.ts";
import type { NodeCode } from "./resolve-plugins.ts";

/** Those that a count of channels alone names; others are "discrete:N". */
const NAMED_LAYOUTS: readonly Layout[] = ["mono", "stereo", "lcr", "quad", "5.1", "7.1", "7.1.4"];

export interface ActivationSetup {
  readonly sampleRateHz: number;
  readonly maxFrames: number;
  /** Default "offline". */
  readonly mode?: ProcessSetup["mode"];
}

/** By node id, the ports that an edge leads to or from. */
export function connectedPorts({
  edges,
}: Pick<GraphDescription, "edges">): ReadonlyMap<string, readonly string[]> {
  const connected = new Map<string, string[]>();
  const add = (node: string, port: string) => {
    const ports = connected.get(node);
    if (ports) ports.push(port);
    else connected.set(node, [port]);
  };
  for (const { from, to } of edges) {
    add(to.node, to.port);
    add(from.node, from.port);
  }
  return connected;
}

/** Throws a PluginFault for parameters that the plugin does not have. */
export function setupFor(
  manifest: Manifest,
  node: PluginNode,
  connected: readonly string[],
  setup: ActivationSetup,
): ProcessSetup {
  return processSetup(manifest, {
    ...setup,
    seed: seedOf(node.id),
    layout: layoutOf(node.channels),
    connected,
    params: checkParams(manifest, node.params),
    ...(node.state && { state: node.state }),
  });
}

/** [control] An instance of the code. Throws a PluginFault. */
export async function loadCode(code: NodeCode): Promise<LoadedPlugin> {
  if ("placeholder" in code) return new PlaceholderPlugin(code.manifest, code.placeholder.latencyFrames);
  return instantiate(code);
}

/** The plugin without anything that a trap in `loaded` could have spoilt. */
export function untouched(code: NodeCode, loaded: LoadedPlugin): LoadedPlugin {
  // An ES module is evaluated once; its processors share nothing.
  return "module" in code ? new WasmPlugin(code.manifest, code.module) : loaded;
}

/** What a plugin is offered by its host. */
export function hostFor(code: NodeCode, log: LogSink): Host | undefined {
  return "placeholder" in code ? undefined : hostOf(code, log);
}

function layoutOf(channels: number): Layout {
  return NAMED_LAYOUTS.find((layout) => channelsOf(layout) === channels) ?? `discrete:${channels}`;
}

/** The same for the same node on every machine, and other for another: FNV-1a, 32 bits. */
function seedOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
