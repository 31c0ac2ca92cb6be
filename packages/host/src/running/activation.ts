/** The processors of a graph: each plugin node activated with its parameters, state, layout and connected ports. */
import type { GraphDescription, PluginNode, ProcessorNode } from "@gainstage/graph";
import {
  channelsOf,
  clampParam,
  type Host,
  type Layout,
  type LoadedPlugin,
  type Manifest,
  type ParamInfo,
  PluginFault,
  type ProcessSetup,
  processSetup,
  type RunningProcessor,
  type SavedState,
  WasmPlugin,
} from "@gainstage/plugin-api";
import { hostOf, type LogSink } from "../loading/host-extensions.ts";
import { instantiate } from "../loading/plugin-code.ts";
import { checkParams } from "../reading/param-text.ts";
import type { SharedCallWatch } from "./call-watch.ts";
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

/** What processors that went before leave to those that come in their places. */
export interface CarriedStates {
  /** By node id. */
  readonly states: ReadonlyMap<string, SavedState>;
  /** The plugin of a node does not take its state, and starts without. */
  readonly refused: (node: string, why: PluginFault) => void;
}

/** What a graph's plugin nodes run, and who watches that they do not hang. */
export interface RackContents {
  readonly codes: readonly NodeCode[];
  readonly codeOf: ReadonlyMap<string, number>;
  /** Nodes with an instance of their own: where they trapped before, others of the package were in the same memory. */
  readonly isolated?: ReadonlySet<string>;
  readonly watch: SharedCallWatch;
  readonly log: LogSink;
}

/** One instance for each plugin package: what an engine's processors share. */
export class PluginRack {
  readonly #contents: RackContents;
  readonly #loaded: ReadonlyMap<number, LoadedPlugin>;
  /** By node id, what is isolated. */
  readonly #alone = new Map<string, LoadedPlugin>();
  readonly #setups = new Map<string, ProcessSetup>();

  private constructor(contents: RackContents, loaded: ReadonlyMap<number, LoadedPlugin>) {
    this.#contents = contents;
    this.#loaded = loaded;
  }

  /** [control] An instance of every code that `nodes` run. Throws a PluginFault. */
  static async load(contents: RackContents, nodes: readonly { readonly id: string }[]): Promise<PluginRack> {
    const used = new Set(nodes.flatMap(({ id }) => contents.codeOf.get(id) ?? []));
    const loaded = new Map<number, LoadedPlugin>();
    for (const index of used) {
      loaded.set(index, await contents.watch.starting(index, () => load(contents.codes[index])));
    }
    const rack = new PluginRack(contents, loaded);
    for (const { id } of nodes) {
      const index = contents.codeOf.get(id);
      if (index === undefined || !contents.isolated?.has(id)) continue;
      rack.#alone.set(id, await contents.watch.starting(index, () => load(contents.codes[index])));
    }
    return rack;
  }

  /** [control] A processor for every plugin node, by node id. Throws a PluginFault, and then keeps none. */
  activate(
    graph: GraphDescription,
    setup: ActivationSetup,
    carried?: CarriedStates,
  ): ReadonlyMap<string, ProcessorNode> {
    const connected = new Map<string, string[]>();
    for (const { from, to } of graph.edges) {
      connected.set(to.node, [...(connected.get(to.node) ?? []), to.port]);
      connected.set(from.node, [...(connected.get(from.node) ?? []), from.port]);
    }
    const processors = new Map<string, ProcessorNode>();
    try {
      for (const node of graph.nodes) {
        if (node.kind !== "plugin") continue;
        const ports = connected.get(node.id) ?? [];
        try {
          processors.set(node.id, this.#activateCarrying(node, ports, setup, carried));
        } catch (error) {
          if (error instanceof PluginFault) error.node = node.id;
          throw error;
        }
      }
    } catch (error) {
      for (const { processor } of processors.values()) processor.dispose();
      throw error;
    }
    return processors;
  }

  /**
   * [control] A processor as the node had at its start, from code instantiated anew: the memory of one that trapped is not
   * trusted. Throws a PluginFault.
   */
  again(node: string): RunningProcessor {
    const code = this.#contents.codes[this.#contents.codeOf.get(node)!];
    return this.#watched(node, () =>
      this.#untouched(node).activate(this.#setups.get(node)!, this.#hostOf(code)),
    );
  }

  /** The plugin of a node, without anything that a trap could have spoilt. */
  #untouched(node: string): LoadedPlugin {
    const index = this.#contents.codeOf.get(node)!;
    const code = this.#contents.codes[index];
    // An ES module is evaluated once; its processors share nothing.
    return "module" in code ? new WasmPlugin(code.manifest, code.module) : this.#loaded.get(index)!;
  }

  #activateCarrying(
    node: PluginNode,
    connected: readonly string[],
    setup: ActivationSetup,
    carried: CarriedStates | undefined,
  ): ProcessorNode {
    const plugin = this.#alone.get(node.id) ?? this.#loaded.get(this.#contents.codeOf.get(node.id)!);
    if (!plugin) throw new RangeError(`the code of ${node.plugin} was not loaded`);
    const state = carried?.states.get(node.id);
    if (!carried || !state) return this.#activateNode(plugin, node, connected, setup);
    try {
      return this.#activateNode(plugin, { ...node, state }, connected, setup);
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
      const { state: _, ...stateless } = node;
      const started = this.#activateNode(this.#untouched(node.id), stateless, connected, setup);
      carried.refused(node.id, error);
      return started;
    }
  }

  #activateNode(
    plugin: LoadedPlugin,
    node: PluginNode,
    connected: readonly string[],
    setup: ActivationSetup,
  ): ProcessorNode {
    const { manifest } = plugin;
    const complete = processSetup(manifest, {
      ...setup,
      seed: seedOf(node.id),
      layout: layoutOf(node.channels),
      connected,
      params: checkParams(manifest, node.params),
      ...(node.state && { state: node.state }),
    });
    this.#setups.set(node.id, complete);
    const host = this.#hostOf(this.#contents.codes[this.#contents.codeOf.get(node.id)!]);
    return { manifest, processor: this.#watched(node.id, () => plugin.activate(complete, host)) };
  }

  #hostOf(code: NodeCode): Host | undefined {
    return "placeholder" in code ? undefined : hostOf(code, this.#contents.log);
  }

  #watched<T>(node: string, work: () => T): T {
    return this.#contents.watch.activating([...this.#contents.codeOf.keys()].indexOf(node), work);
  }
}

async function load(code: NodeCode): Promise<LoadedPlugin> {
  if ("placeholder" in code) return new PlaceholderPlugin(code.manifest, code.placeholder.latencyFrames);
  return instantiate(code);
}

/**
 * The graph with every lane of a plugin as the plugin may hear it: points within the parameter's range, and steps for
 * an enumeration or a switch, since there is nothing between two choices for a curve to pass through.
 */
export function withPluginLanes(
  graph: GraphDescription,
  processors: ReadonlyMap<string, ProcessorNode>,
): GraphDescription {
  const lanes = graph.lanes?.map((lane) => {
    const manifest = processors.get(lane.node)?.manifest;
    const param = manifest && paramNamed(manifest, lane.param);
    if (!param) return lane;
    const steps = param.choices !== undefined || param.unit === "bool";
    const points = lane.points.map((point) => ({
      ...point,
      value: point.value === null ? null : clampParam(param, point.value),
      curve: steps ? ("hold" as const) : point.curve,
    }));
    return { ...lane, param: param.id, points };
  });
  return lanes ? { ...graph, lanes } : graph;
}

function layoutOf(channels: number): Layout {
  return NAMED_LAYOUTS.find((layout) => channelsOf(layout) === channels) ?? `discrete:${channels}`;
}

function paramNamed({ params }: Manifest, name: string): ParamInfo | undefined {
  return params.find(({ id }) => id === name) ?? params.find(({ aliases }) => aliases?.includes(name));
}

/** The same for the same node on every machine, and other for another: FNV-1a, 32 bits. */
function seedOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
