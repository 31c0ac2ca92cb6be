/** The processors of a graph: each plugin node activated with its parameters, layout and connected ports. */
import type { GraphDescription, GraphNode, ProcessorNode } from "@gainstage/graph";
import { clampParam, type LoadedPlugin, processSetup } from "@gainstage/plugin-api";
import type { PluginCatalog } from "./catalog.ts";
import { instantiate, type LoadOptions, type PluginCode, readCode } from "./load.ts";
import { checkParams } from "./param-text.ts";

type PluginNode = Extract<GraphNode, { kind: "plugin" }>;

export interface ActivationSetup {
  readonly sampleRateHz: number;
  readonly maxFrames: number;
}

/** One instance for each plugin package: what an engine's processors share. */
export class PluginRack {
  readonly #loaded = new Map<string, LoadedPlugin>();

  /** [control] An instance of every code in `codes`. Throws a PluginFault. */
  static async load(codes: Iterable<PluginCode>): Promise<PluginRack> {
    const rack = new PluginRack();
    for (const code of codes) rack.#loaded.set(code.manifest.id, await instantiate(code));
    return rack;
  }

  /** [control] A processor for every plugin node, by node id. Throws a PluginFault, and then keeps none. */
  activate(graph: GraphDescription, setup: ActivationSetup): ReadonlyMap<string, ProcessorNode> {
    const fed = new Map<string, string[]>();
    for (const { to } of graph.edges) fed.set(to.node, [...(fed.get(to.node) ?? []), to.port]);
    const processors = new Map<string, ProcessorNode>();
    try {
      for (const node of graph.nodes) {
        if (node.kind === "plugin")
          processors.set(node.id, this.#activateNode(node, fed.get(node.id) ?? [], setup));
      }
    } catch (error) {
      for (const { processor } of processors.values()) processor.dispose();
      throw error;
    }
    return processors;
  }

  #activateNode(node: PluginNode, connected: readonly string[], setup: ActivationSetup): ProcessorNode {
    const plugin = this.#loaded.get(node.plugin);
    if (!plugin) throw new RangeError(`the code of ${node.plugin} was not loaded`);
    const { manifest } = plugin;
    const processor = plugin.activate(
      processSetup(manifest, {
        ...setup,
        seed: seedOf(node.id),
        layout: node.channels === 1 ? "mono" : "stereo",
        connected,
        params: checkParams(manifest, node.params),
      }),
    );
    return { manifest, processor };
  }
}

/** The code of every plugin that the graph names, each read once. Throws a PluginFault. */
export function codesOf(graph: GraphDescription, catalog: PluginCatalog, options: LoadOptions): PluginCode[] {
  const ids = new Set(graph.nodes.flatMap((node) => (node.kind === "plugin" ? [node.plugin] : [])));
  return [...ids].map((id) => readCode(catalog.find(id), options));
}

/**
 * The graph with every lane of a plugin as the plugin may hear it: points within the parameter's range, and steps for
 * an enumeration, since there is nothing between two choices for a curve to pass through.
 */
export function withPluginLanes(
  graph: GraphDescription,
  processors: ReadonlyMap<string, ProcessorNode>,
): GraphDescription {
  const lanes = graph.lanes?.map((lane) => {
    const param = processors.get(lane.node)?.manifest.params.find(({ id }) => id === lane.param);
    if (!param) return lane;
    const points = lane.points.map((point) => ({
      ...point,
      value: point.value === null ? null : clampParam(param, point.value),
      curve: param.choices ? ("hold" as const) : point.curve,
    }));
    return { ...lane, points };
  });
  return lanes ? { ...graph, lanes } : graph;
}

/** The same for the same node on every machine, and other for another: FNV-1a, 32 bits. */
function seedOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
