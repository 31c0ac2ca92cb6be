/**
 * Live sound, seen from the control side: plugins are found and compiled here, the song is played behind one
 * AudioWorkletNode, and another graph may take the place of the one heard while it plays.
 *
 * What opens the sound card is given to it: nothing of Web Audio is known here.
 */
import { flatten, type NestedGraph } from "@gainstage/graph";
import type { HostEvents } from "../events.ts";
import { CodeStore } from "../loading/load.ts";
import { condemn, type Quarantine } from "../running/quarantine.ts";
import { type NodeCode, resolvePlugins } from "../running/resolve-plugins.ts";
import { workerUrl } from "../running/worker-url.ts";
import { liveJob, type PlayRequest } from "./live-job.ts";
import type { LiveOutput } from "./live-output.ts";
import { Playing, type PluginSupply } from "./playing.ts";

/** The worklet to load: its module, and the name of the processor in it. */
export interface Worklet {
  readonly module: URL;
  readonly processor: string;
}

export class LivePlayer {
  readonly #engineModule: WebAssembly.Module;
  readonly #supply: PluginSupply;
  readonly #events: HostEvents;
  readonly #quarantine: Pick<Quarantine, "add"> | undefined;

  /** `quarantine` takes down what traps twice or hangs. */
  constructor(
    engineModule: WebAssembly.Module,
    supply: PluginSupply,
    events: HostEvents,
    quarantine?: Pick<Quarantine, "add">,
  ) {
    this.#engineModule = engineModule;
    this.#supply = supply;
    this.#events = events;
    this.#quarantine = quarantine;
  }

  /**
   * [control] Resolves when the song has begun. Throws a GraphError, a PluginFault or a RangeError if the graph cannot be played, and
   * what `open` throws.
   */
  async play(request: PlayRequest, open: (worklet: Worklet) => Promise<LiveOutput>): Promise<Playing> {
    const store = new CodeStore();
    const read: CodeStore["read"] = (entry, options) => store.read(entry, options);
    const { missing = "refuse" } = request;
    const resolve = (graph: NestedGraph, { catalog, loading }: PluginSupply) => {
      const plugins = resolvePlugins(flatten(graph), catalog, loading, missing, new Map(), read);
      for (const placeholder of plugins.placeholders) this.#events.emit("placeholder", placeholder);
      return plugins;
    };
    const plugins = resolve(request.graph, this.#supply);
    const job = liveJob(this.#engineModule, request, plugins);
    const output = await open({
      module: workerUrl("live-worklet", import.meta.url),
      processor: "gainstage",
    });
    const surroundings = {
      events: this.#events,
      condemn: (code: NodeCode, why: "trap" | "hang") => condemn(code, why, this.#quarantine),
      resolve,
    };
    return Playing.start(output, job, plugins, surroundings, request.latencyFrames);
  }
}
