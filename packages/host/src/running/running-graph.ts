/** A graph that runs: its plugins loaded and activated, the engine on top of them, and what fails in it built anew. */
import { Engine, type GraphDescription, type ProcessorNode, type RuntimeFault } from "@gainstage/graph";
import { PluginFault, type SavedState } from "@gainstage/plugin-api";
import type { LogSink } from "../loading/host-extensions.ts";
import { type ActivationSetup, PluginRack, withPluginLanes } from "./activation.ts";
import type { SharedCallWatch } from "./call-watch.ts";
import { Rebuilds } from "./rebuilds.ts";
import type { ResolvedPlugins } from "./resolve-plugins.ts";

/** A graph and the code of its plugins: plain data, which may come from another thread. */
export type Program = Pick<ResolvedPlugins, "graph" | "codes" | "codeOf">;

/** What stays the same for every graph that takes the place of another. */
export interface RunningSetup extends ActivationSetup {
  readonly engine: WebAssembly.Module;
  readonly watch: SharedCallWatch;
  readonly log: LogSink;
  readonly onFault: (fault: RuntimeFault) => void;
}

/** What became of the states that the graph before left. */
export interface StateReport {
  /** Ids of the nodes whose plugin goes on with the state it had. */
  readonly carried: readonly string[];
  readonly lost: readonly { readonly node: string; readonly message: string }[];
}

export class RunningGraph {
  readonly graph: GraphDescription;
  readonly engine: Engine;
  readonly states: StateReport;
  readonly #processors: ReadonlyMap<string, ProcessorNode>;
  readonly #rebuilds: Rebuilds;

  private constructor(
    graph: GraphDescription,
    engine: Engine,
    processors: ReadonlyMap<string, ProcessorNode>,
    rebuilds: Rebuilds,
    states: StateReport,
  ) {
    this.graph = graph;
    this.engine = engine;
    this.states = states;
    this.#processors = processors;
    this.#rebuilds = rebuilds;
  }

  /**
   * [control] Plugins that can save their state hand it on from the graph `before`, asked for when this one is loaded, to those
   * of the same nodes. Throws a PluginFault or a GraphError, and then nothing of it is left.
   */
  static async start(
    program: Program,
    setup: RunningSetup,
    before: () => RunningGraph | undefined = () => undefined,
  ): Promise<RunningGraph> {
    const { codes, codeOf } = program;
    const rack = await PluginRack.load({ ...setup, codes, codeOf }, program.graph.nodes);
    const lost: { node: string; message: string }[] = [];
    const refused = (node: string, why: PluginFault) => lost.push({ node, message: why.message });
    const states = before()?.saveStates(refused) ?? new Map<string, SavedState>();
    const processors = rack.activate(program.graph, setup, { states, refused });
    const isLost = (node: string) => lost.some((state) => state.node === node);
    try {
      const rebuilds = new Rebuilds(rack, new Set());
      const engine = Engine.create(setup.engine, withPluginLanes(program.graph, processors), {
        sampleRateHz: setup.sampleRateHz,
        maxFrames: setup.maxFrames,
        processors,
        watch: setup.watch,
        onFault: (fault) => {
          rebuilds.failed(fault);
          setup.onFault(fault);
        },
      });
      const carried = [...states.keys()].filter((node) => processors.has(node) && !isLost(node));
      return new RunningGraph(program.graph, engine, processors, rebuilds, { carried, lost });
    } catch (error) {
      for (const { processor } of processors.values()) processor.dispose();
      throw error;
    }
  }

  /** Between blocks: puts new processors in the places of those that failed. */
  rebuild(): void {
    this.#rebuilds.install(this.engine);
  }

  /** [control, between blocks] What "state/1" saves, by node id. What failed once is not asked. */
  saveStates(refused: (node: string, why: PluginFault) => void): ReadonlyMap<string, SavedState> {
    const failed = new Set(this.engine.faults.map(({ node }) => node));
    const states = new Map<string, SavedState>();
    for (const [node, { manifest, processor }] of this.#processors) {
      if (failed.has(node)) continue;
      try {
        const bytes = processor.extension("state/1")?.save();
        if (bytes) states.set(node, { version: manifest.stateVersion ?? 1, bytes });
      } catch (error) {
        if (!(error instanceof PluginFault)) throw error;
        refused(node, error);
      }
    }
    return states;
  }

  /** [control] It does not run any more. */
  dispose(): void {
    for (const { processor } of this.#processors.values()) processor.dispose();
  }
}
