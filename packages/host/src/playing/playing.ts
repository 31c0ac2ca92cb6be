/**
 * A song under way: what moves it is sent to its worklet, and another graph; what the worklet tells is handed on, and a
 * plugin that hangs is found out. All of it is for the control thread.
 */
import type { GraphDescription } from "@gainstage/graph";
import { PluginFault } from "@gainstage/plugin-api";
import type { PluginCatalog } from "../catalog/catalog.ts";
import type { HostEvents } from "../events.ts";
import type { LoadOptions } from "../loading/plugin-code.ts";
import { CallWatcher } from "../running/call-watch.ts";
import { fromPlainError } from "../running/error-crossing.ts";
import { type Pending, pending } from "../running/pending.ts";
import type { NodeCode, ResolvedPlugins } from "../running/resolve-plugins.ts";
import type { StateReport } from "../running/running-graph.ts";
import { programOf, requireLoop, requirePlace } from "./live-job.ts";
import { readRow } from "./live-levels.ts";
import type { LiveJob, LiveMessage, LiveOrder, LoopRange } from "./live-messages.ts";
import type { LiveOutput, Underruns } from "./live-output.ts";
import { readShared } from "./live-post.ts";

const LOOK_SECONDS = 0.25;
const HANG_LOOKS = 20;
/** How often levels in shared memory are looked for: about as often as they come. */
const READ_SECONDS = 0.04;

/** What plugins are taken from: a host, or another one that has looked again. */
export interface PluginSupply {
  readonly catalog: PluginCatalog;
  readonly loading: LoadOptions;
}

export type SwapOutcome =
  /** From this frame of the song on only the new graph is heard. */
  | { readonly kind: "swapped"; readonly frame: number; readonly states: StateReport }
  /** Another swap came before its turn, or the song ended. */
  | { readonly kind: "superseded" };

/** What a song needs of the host that plays it. */
export interface Surroundings {
  readonly events: HostEvents;
  /** A plugin trapped twice, or hangs. */
  readonly condemn: (code: NodeCode, why: "trap" | "hang") => void;
  readonly resolve: (graph: GraphDescription, supply: PluginSupply) => ResolvedPlugins;
}

/** A song under way. */
export class Playing {
  /** Resolves when the song is over or closed; rejects with a PluginFault if a plugin hangs, or what the worklet threw. */
  readonly ended: Promise<void>;
  readonly #output: LiveOutput;
  readonly #job: LiveJob;
  readonly #surroundings: Surroundings;
  readonly #swaps = new Map<number, Pending<SwapOutcome>>();
  readonly #begun: Pending<void> = pending();
  readonly #ended: Pending<void> = pending();
  readonly #watcher: CallWatcher;
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  /** Of the graph that was sent last, for naming who hangs. */
  #plugins: ResolvedPlugins;
  #plan: readonly string[] = [];
  /** Those before the song began are nobody's. */
  #underrunsBefore: Underruns | undefined;
  #count = 0;

  /**
   * Resolves when the song has begun. Throws a GraphError, a PluginFault or a RangeError if the graph cannot be played; then the
   * output is closed.
   */
  static async start(
    output: LiveOutput,
    job: LiveJob,
    plugins: ResolvedPlugins,
    surroundings: Surroundings,
  ): Promise<Playing> {
    const playing = new Playing(output, job, plugins, surroundings);
    try {
      await playing.#begun.promise;
    } catch (error) {
      await playing.close();
      throw error;
    }
    return playing;
  }

  private constructor(
    output: LiveOutput,
    job: LiveJob,
    plugins: ResolvedPlugins,
    surroundings: Surroundings,
  ) {
    this.#output = output;
    this.#job = job;
    this.#plugins = plugins;
    this.#surroundings = surroundings;
    this.ended = this.#ended.promise;
    // Whoever waits for one of them hears of it.
    for (const promise of [this.#begun.promise, this.ended]) promise.catch(() => {});
    output.port.on("message", (message) => this.#told(message as LiveMessage));
    output.failed.catch((error: unknown) => this.#fail(error));
    this.#watcher = new CallWatcher(job.watched);
    this.#timers = [
      setInterval(() => this.#look(), LOOK_SECONDS * 1000),
      setInterval(() => this.#readLevels(), READ_SECONDS * 1000),
    ];
    this.#send({ kind: "open", job });
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

  /** Goes on where it was stopped, faded in over 5 ms; without an effect while it plays. */
  play(): void {
    this.#send({ kind: "play" });
  }

  /** Fades out in 5 ms; then nothing runs, and what was ringing stands still until play(). A swap waits as well. */
  stop(): void {
    this.#send({ kind: "stop" });
  }

  /**
   * Goes to a frame of the song, which is the next that is heard: after a fade of 5 ms and the latency in silence while it
   * plays, else with play(). What was ringing is cut off. Throws a RangeError beyond the song.
   */
  seek(frame: number): void {
    requirePlace(frame, this.#job.frames);
    this.#send({ kind: "seek", frame });
  }

  /**
   * From now on the frame after the last of the range is its first: exact to the frame, and what rings on rings on over it.
   * Whoever is beyond its end plays on. Undefined for no loop. Throws a RangeError unless it is 10 ms of the song at least.
   */
  loop(range: LoopRange | undefined): void {
    if (range) requireLoop(range, this.#job);
    this.#send({ kind: "loop", range });
  }

  /** Ends the sound. */
  async close(): Promise<void> {
    this.#end();
    await this.#output.close();
  }

  #send(order: LiveOrder, transferred: ArrayBuffer[] = []): void {
    this.#output.port.postMessage(order, transferred);
  }

  #readLevels(): void {
    const { levels } = this.#job;
    if ("byteLength" in levels) readShared(levels, (values) => this.#tellLevels(values));
  }

  #tellLevels(values: Float64Array): void {
    const { events } = this.#surroundings;
    const { meters, ...position } = readRow(this.#job.row, values);
    const device = this.#underruns();
    events.emit("position", {
      ...position,
      dropouts: position.dropouts + device.count,
      droppedFrames: position.droppedFrames + Math.round(device.seconds * this.#job.sampleRateHz),
    });
    for (const { node, values } of meters) events.emit("meters", { frame: position.frame, node, values });
  }

  /** Since the song began. */
  #underruns(): Underruns {
    const now = this.#output.underruns?.();
    const before = this.#underrunsBefore;
    if (!now || !before) return { count: 0, seconds: 0 };
    return { count: now.count - before.count, seconds: now.seconds - before.seconds };
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
        this.#underrunsBefore = this.#output.underruns?.();
        this.#begun.resolve();
        break;
      case "levels":
        this.#tellLevels(new Float64Array(message.buffer));
        this.#send({ kind: "levels", buffer: message.buffer }, [message.buffer]);
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
        this.#readLevels();
        this.#tellLevels(message.levels);
        for (const [c, channel] of message.captured.entries()) this.#job.capture[c].set(channel);
        this.#end();
        break;
      case "failed":
        this.#fail(fromPlainError(message.error));
        break;
    }
  }

  #end(): void {
    for (const timer of this.#timers) clearInterval(timer);
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
    if (code !== undefined) this.#surroundings.condemn(this.#plugins.codes[code], why);
  }
}
