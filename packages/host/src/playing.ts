/** A song under way: what its worklet tells is handed on, another graph is sent to it, and a plugin that hangs is found out. */
import type { GraphDescription } from "@gainstage/graph";
import { PluginFault } from "@gainstage/plugin-api";
import { CallWatcher } from "./call-watch.ts";
import { fromPlainError } from "./error-crossing.ts";
import type { HostEvents } from "./events.ts";
import type { LiveJob, LiveMessage, LiveOrder } from "./live-messages.ts";
import type { LiveOutput, PluginSupply } from "./live-player.ts";
import { type Pending, pending } from "./pending.ts";
import { condemn, type Quarantine } from "./quarantine.ts";
import type { ResolvedPlugins } from "./resolve-plugins.ts";
import type { StateReport } from "./running-graph.ts";

const LOOK_SECONDS = 0.25;
const HANG_LOOKS = 20;

export type SwapOutcome =
  /** From this frame of the song on only the new graph is heard. */
  | { readonly kind: "swapped"; readonly frame: number; readonly states: StateReport }
  /** Another swap came before its turn, or the song ended. */
  | { readonly kind: "superseded" };

/** What a song needs of the host that plays it. */
export interface Surroundings {
  readonly events: HostEvents;
  readonly quarantine: Pick<Quarantine, "add"> | undefined;
  readonly resolve: (graph: GraphDescription, supply: PluginSupply) => ResolvedPlugins;
}

/** A song under way. */
export class Playing {
  /** @internal */
  readonly begun: Promise<void>;
  /** Resolves when the song is over or stopped; rejects with a PluginFault if a plugin hangs, or what the worklet threw. */
  readonly ended: Promise<void>;
  readonly #output: LiveOutput;
  readonly #surroundings: Surroundings;
  readonly #swaps = new Map<number, Pending<SwapOutcome>>();
  readonly #begun: Pending<void> = pending();
  readonly #ended: Pending<void> = pending();
  readonly #watcher: CallWatcher;
  readonly #timer: NodeJS.Timeout;
  /** Of the graph that was sent last, for naming who hangs. */
  #plugins: ResolvedPlugins;
  #plan: readonly string[] = [];
  #count = 0;

  constructor(output: LiveOutput, job: LiveJob, plugins: ResolvedPlugins, surroundings: Surroundings) {
    this.#output = output;
    this.#plugins = plugins;
    this.#surroundings = surroundings;
    this.begun = this.#begun.promise;
    this.ended = this.#ended.promise;
    // Whoever waits for one of them hears of it.
    for (const promise of [this.begun, this.ended]) promise.catch(() => {});
    output.port.on("message", (message) => this.#told(message as LiveMessage));
    output.failed.catch((error: unknown) => this.#fail(error));
    this.#watcher = new CallWatcher(job.watched);
    this.#timer = setInterval(() => this.#look(), LOOK_SECONDS * 1000);
    this.#send({ kind: "play", job });
  }

  /**
   * Plays `graph` from now on, with the plugins that `supply` has: primed with the song, faded in over 20 ms, with the state
   * of the plugins before. Throws what play() throws, and then the graph before goes on.
   */
  async swap(graph: GraphDescription, supply: PluginSupply): Promise<SwapOutcome> {
    const plugins = this.#surroundings.resolve(graph, supply);
    const id = ++this.#count;
    const outcome = pending<SwapOutcome>();
    this.#swaps.set(id, outcome);
    this.#plugins = plugins;
    this.#send({ kind: "swap", id, program: programOf(plugins) });
    return outcome.promise;
  }

  /** Ends the sound. */
  async stop(): Promise<void> {
    this.#end();
    await this.#output.close();
  }

  #send(order: LiveOrder): void {
    this.#output.port.postMessage(order);
  }

  #told(message: LiveMessage): void {
    const { events } = this.#surroundings;
    const swap = "id" in message ? this.#swaps.get(message.id) : undefined;
    if ("id" in message) this.#swaps.delete(message.id);
    switch (message.kind) {
      case "plan":
        this.#plan = message.nodes;
        break;
      case "playing":
        this.#begun.resolve();
        break;
      case "position":
        events.emit("position", { frame: message.frame, peaks: message.peaks });
        break;
      case "swapped":
        swap?.resolve({ kind: "swapped", frame: message.frame, states: message.states });
        break;
      case "superseded":
        swap?.resolve({ kind: "superseded" });
        break;
      case "refused":
        swap?.reject(fromPlainError(message.error));
        break;
      case "fault": {
        const { code, node, attempt } = message.fault;
        // What trapped once and then ran on is left alone; while another graph is on its way, it is not clear whose node it is.
        if (code === "trap" && attempt === 2 && this.#swaps.size === 0)
          this.#condemn(this.#plugins.codeOf.get(node), "trap");
        events.emit("fault", message.fault);
        break;
      }
      case "log":
        events.emit("log", message.said);
        break;
      case "ended":
        this.#end();
        break;
      case "failed":
        this.#fail(fromPlainError(message.error));
        break;
    }
  }

  #end(): void {
    clearInterval(this.#timer);
    for (const swap of this.#swaps.values()) swap.resolve({ kind: "superseded" });
    this.#swaps.clear();
    this.#ended.resolve();
  }

  #fail(error: unknown): void {
    this.#begun.reject(error);
    this.#ended.reject(error);
    this.#end();
  }

  /** A plugin that does not return stops the thread that plays; nothing can be told from there any more. */
  #look(): void {
    const stuck = this.#watcher.look(HANG_LOOKS);
    if (!stuck) return;
    const { codes, codeOf } = this.#plugins;
    const node = stuck.doing === "processing" ? this.#plan[stuck.index] : [...codeOf.keys()][stuck.index];
    const code = stuck.doing === "starting" ? stuck.index : codeOf.get(node);
    this.#condemn(code, "hang");
    const plugin = code === undefined ? "unknown" : codes[code].manifest.id;
    const what = {
      starting: "its module does not finish starting",
      activating: "its activate() does not return",
      processing: "its process() does not return",
    };
    this.#fail(new PluginFault("hang", plugin, what[stuck.doing]));
  }

  #condemn(code: number | undefined, why: "trap" | "hang"): void {
    if (code !== undefined) condemn(this.#plugins.codes[code], why, this.#surroundings.quarantine);
  }
}

/** The graph as the worklet is sent it. */
export function programOf({ graph, codes, codeOf }: ResolvedPlugins): LiveJob["program"] {
  return { graph, codes, codeOf };
}
