/**
 * Live sound, seen from the control side: plugins are found and compiled here, the song is played behind one
 * AudioWorkletNode, and another graph may take the place of the one heard while it plays.
 *
 * What opens the sound card is given to it: nothing of Web Audio is known here.
 */
import type { GraphDescription } from "@gainstage/graph";
import { watchMemory } from "./call-watch.ts";
import type { PluginCatalog } from "./catalog.ts";
import type { HostEvents } from "./events.ts";
import type { LiveJob } from "./live-messages.ts";
import { Playing, programOf } from "./playing.ts";
import type { LoadOptions } from "./plugin-code.ts";
import type { Quarantine } from "./quarantine.ts";
import { resolvePlugins } from "./resolve-plugins.ts";
import { workerUrl } from "./worker-url.ts";

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

/** What plugins are taken from: a host, or another one that has looked again. */
export interface PluginSupply {
  readonly catalog: PluginCatalog;
  readonly loading: LoadOptions;
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
    const playing = new Playing(output, job, plugins, {
      events: this.#events,
      quarantine: this.#quarantine,
      resolve,
    });
    try {
      await playing.begun;
    } catch (error) {
      await playing.stop();
      throw error;
    }
    return playing;
  }
}
