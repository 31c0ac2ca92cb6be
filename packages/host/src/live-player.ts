/**
 * Live sound, seen from the control side: plugins are found and compiled here, the song is played behind one
 * AudioWorkletNode, and another graph may take the place of the one heard while it plays.
 *
 * What opens the sound card is given to it: nothing of Web Audio is known here.
 */
import type { GraphDescription } from "@gainstage/graph";
import { PluginFault } from "@gainstage/plugin-api";
import { CallWatcher, watchMemory } from "./call-watch.ts";
import type { PluginCatalog } from "./catalog.ts";
import { fromPlainError } from "./error-crossing.ts";
import type { HostEvents } from "./events.ts";
import type { LiveJob, LiveMessage, LiveOrder } from "./live-messages.ts";
import { type Pending, pending } from "./pending.ts";
import type { LoadOptions } from "./plugin-code.ts";
import { type ResolvedPlugins, resolvePlugins } from "./resolve-plugins.ts";
import type { StateReport } from "./running-graph.ts";
import { workerUrl } from "./worker-url.ts";

const LOOK_SECONDS = 0.25;
const HANG_LOOKS = 20;

/** The worklet to load: its module, and the name of the processor in it. */
export interface Worklet {
  readonly module: URL;
  readonly processor: string;
}

/** A worklet that sounds, on whatever it is heard. */
export interface LiveOutput {
  readonly port: {
    postMessage(message: unknown): void;
    on(event: "message", listener: (message: unknown) => void): unknown;
  };
  /** Rejects when the processor fails. */
  readonly failed: Promise<never>;
  /** Lets what was rendered be heard, and ends the sound. */
  close(): Promise<void>;
}

export interface PlayRequest {
  readonly graph: GraphDescription;
  /** The id of the output node that is heard. */
  readonly output: string;
  readonly sampleRateHz: number;
  /** How much of the song to play, from its first frame; at least 1. */
  readonly frames: number;
  /** Sources are silent from here on. Default: as they are. */
  readonly sourceFrames?: number;
  /** By input node id, [channel], on shared memory. */
  readonly sources: ReadonlyMap<string, readonly Float32Array[]>;
  /** What rings on after the song is heard for so long at most. Default 0. */
  readonly longestTailFrames?: number;
  /** Graphs of up to this latency are swapped in without moving the song. Default: that of the graph. */
  readonly latencyFrames?: number;
  /** What becomes of a plugin that cannot be had. Default "refuse". */
  readonly missing?: "refuse" | "placeholder";
  /** [channel], on shared memory: what is heard is written here as well, from the song's first frame until it is full. */
  readonly capture?: readonly Float32Array[];
}

export type SwapOutcome =
  /** From this frame of the song on only the new graph is heard. */
  | { readonly kind: "swapped"; readonly frame: number; readonly states: StateReport }
  /** Another swap came before its turn, or the song ended. */
  | { readonly kind: "superseded" };

/** What plugins are taken from: a host, or another one that has looked again. */
export interface PluginSupply {
  readonly catalog: PluginCatalog;
  readonly loading: LoadOptions;
}

export class LivePlayer {
  readonly #engineModule: WebAssembly.Module;
  readonly #supply: PluginSupply;
  readonly #events: HostEvents;

  constructor(engineModule: WebAssembly.Module, supply: PluginSupply, events: HostEvents) {
    this.#engineModule = engineModule;
    this.#supply = supply;
    this.#events = events;
  }

  /**
   * Resolves when the song has begun. Throws a GraphError, a PluginFault or a RangeError if the graph cannot be played, and
   * what `open` throws.
   */
  async play(request: PlayRequest, open: (worklet: Worklet) => Promise<LiveOutput>): Promise<Playing> {
    if (!(Number.isInteger(request.frames) && request.frames >= 1))
      throw new RangeError("there is nothing to play: the song has no length");
    const resolve = (graph: GraphDescription, { catalog, loading }: PluginSupply) => {
      const plugins = resolvePlugins(graph, catalog, loading, request.missing ?? "refuse");
      for (const placeholder of plugins.placeholders) this.#events.emit("placeholder", placeholder);
      return plugins;
    };
    const plugins = resolve(request.graph, this.#supply);
    const job: LiveJob = {
      engine: this.#engineModule,
      program: programOf(plugins),
      output: request.output,
      sampleRateHz: request.sampleRateHz,
      frames: request.frames,
      tailFrames: request.longestTailFrames ?? 0,
      sourceFrames: request.sourceFrames ?? Number.POSITIVE_INFINITY,
      sources: request.sources,
      latencyFrames: request.latencyFrames ?? 0,
      watched: watchMemory(),
      capture: request.capture ?? [],
    };
    const output = await open({
      module: workerUrl("live-worklet", import.meta.url),
      processor: "gainstage",
    });
    const playing = new Playing(output, job, plugins, this.#events, resolve);
    try {
      await playing.begun;
    } catch (error) {
      await playing.stop();
      throw error;
    }
    return playing;
  }
}

/** A song under way. */
export class Playing {
  /** @internal */
  readonly begun: Promise<void>;
  /** Resolves when the song is over or stopped; rejects with a PluginFault if a plugin hangs, or what the worklet threw. */
  readonly ended: Promise<void>;
  readonly #output: LiveOutput;
  readonly #events: HostEvents;
  readonly #resolve: (graph: GraphDescription, supply: PluginSupply) => ResolvedPlugins;
  readonly #swaps = new Map<number, Pending<SwapOutcome>>();
  readonly #begun: Pending<void> = pending();
  readonly #ended: Pending<void> = pending();
  readonly #watcher: CallWatcher;
  readonly #timer: NodeJS.Timeout;
  /** Of the graph that was sent last, for naming who hangs. */
  #plugins: ResolvedPlugins;
  #plan: readonly string[] = [];
  #count = 0;

  constructor(
    output: LiveOutput,
    job: LiveJob,
    plugins: ResolvedPlugins,
    events: HostEvents,
    resolve: (graph: GraphDescription, supply: PluginSupply) => ResolvedPlugins,
  ) {
    this.#output = output;
    this.#events = events;
    this.#plugins = plugins;
    this.#resolve = resolve;
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
    const plugins = this.#resolve(graph, supply);
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
        this.#events.emit("position", { frame: message.frame, peaks: message.peaks });
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
      case "fault":
        this.#events.emit("fault", message.fault);
        break;
      case "log":
        this.#events.emit("log", message.said);
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
    const plugin = code === undefined ? "unknown" : codes[code].manifest.id;
    const what = {
      starting: "its module does not finish starting",
      activating: "its activate() does not return",
      processing: "its process() does not return",
    };
    this.#fail(new PluginFault("hang", plugin, what[stuck.doing]));
  }
}

function programOf({ graph, codes, codeOf }: ResolvedPlugins): LiveJob["program"] {
  return { graph, codes, codeOf };
}
