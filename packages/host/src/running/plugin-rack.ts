/** The processors of a graph, one instance for each plugin package. */
import type { GraphDescription, PluginNode, ProcessorNode } from "@gainstage/graph";
import {
  type LoadedPlugin,
  PluginFault,
  type ProcessSetup,
  type RunningProcessor,
} from "@gainstage/plugin-api";
import type { LogSink } from "../loading/host-extensions.ts";
import {
  type ActivationSetup,
  connectedPorts,
  hostFor,
  loadCode,
  setupFor,
  untouched,
} from "./activation.ts";
import type { SharedCallWatch } from "./call-watch.ts";
import type { NodeCode } from "./resolve-plugins.ts";

/** What a graph's plugin nodes run, and who watches that they do not hang. */
export interface RackContents {
  readonly codes: readonly NodeCode[];
  readonly codeOf: ReadonlyMap<string, number>;
  /** Nodes with an instance of their own: where they trapped before, others of the package were in the same memory. */
  readonly isolated?: ReadonlySet<string>;
  readonly watch: SharedCallWatch;
  readonly log: LogSink;
}

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
    const { codes, codeOf, isolated, watch } = contents;
    const used = new Set(nodes.flatMap(({ id }) => codeOf.get(id) ?? []));
    const loaded = new Map<number, LoadedPlugin>();
    for (const index of used) loaded.set(index, await watch.starting(index, () => loadCode(codes[index])));
    const rack = new PluginRack(contents, loaded);
    for (const { id } of nodes) {
      const index = codeOf.get(id);
      if (index === undefined || !isolated?.has(id)) continue;
      rack.#alone.set(id, await watch.starting(index, () => loadCode(codes[index])));
    }
    return rack;
  }

  /** [control] A processor for every plugin node, by node id. Throws a PluginFault, and then keeps none. */
  activate(graph: GraphDescription, setup: ActivationSetup): ReadonlyMap<string, ProcessorNode> {
    const connected = connectedPorts(graph);
    const processors = new Map<string, ProcessorNode>();
    try {
      for (const node of graph.nodes) {
        if (node.kind !== "plugin") continue;
        try {
          processors.set(node.id, this.#activateNode(node, connected.get(node.id) ?? [], setup));
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
    const index = this.#contents.codeOf.get(node)!;
    const code = this.#contents.codes[index];
    const plugin = untouched(code, this.#loaded.get(index)!);
    return this.#watched(node, () =>
      plugin.activate(this.#setups.get(node)!, hostFor(code, this.#contents.log)),
    );
  }

  #activateNode(node: PluginNode, connected: readonly string[], setup: ActivationSetup): ProcessorNode {
    const { codes, codeOf, log } = this.#contents;
    const index = codeOf.get(node.id)!;
    const plugin = this.#alone.get(node.id) ?? this.#loaded.get(index);
    if (!plugin) throw new RangeError(`the code of ${node.plugin} was not loaded`);
    const { manifest } = plugin;
    const complete = setupFor(manifest, node, connected, setup);
    this.#setups.set(node.id, complete);
    const host = hostFor(codes[index], log);
    return { manifest, processor: this.#watched(node.id, () => plugin.activate(complete, host)) };
  }

  #watched<T>(node: string, work: () => T): T {
    return this.#contents.watch.activating([...this.#contents.codeOf.keys()].indexOf(node), work);
  }
}
