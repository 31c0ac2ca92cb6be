/**
 * A song under way: what moves it is sent to its worklet, and another graph; what the worklet tells is handed on, and a
 * plugin that hangs is found out. All of it is for the control thread.
 */
import type { NestedGraph } from "@gainstage/graph";
import { PluginFault } from "@gainstage/plugin-api";
import type { PluginCatalog } from "../catalog/catalog.ts";
import type { HostEvents } from "../events.ts";
import type { LoadOptions } from "../loading/plugin-code.ts";
import { CallWatcher } from "../running/call-watch.ts";
import { type Pending, pending } from "../running/pending.ts";
import type { NodeCode, ResolvedPlugins } from "../running/resolve-plugins.ts";
import { type EditOutcome, LiveEdits } from "./live-edits.ts";
import { requireLoop, requirePlace } from "./live-job.ts";
import { readRow } from "./live-levels.ts";
import type { LiveJob, LiveMessage, LiveOrder, LoopRange } from "./live-messages.ts";
import type { LiveOutput, Underruns } from "./live-output.ts";
import { readShared } from "./live-post.ts";
import type { LiveValue } from "./live-values.ts";

const LOOK_SECONDS = 0.25;
const HANG_LOOKS = 20;
/** How often levels in shared memory are looked for: about as often as they come. */
const READ_SECONDS = 0.04;

/** What plugins are taken from: a host, or another one that has looked again. */
export interface PluginSupply {
  readonly catalog: PluginCatalog;
  readonly loading: LoadOptions;
}

/** What a song needs of the host that plays it. */
export interface Surroundings {
  readonly events: HostEvents;
  /** A plugin trapped twice, or hangs. */
  readonly condemn: (code: NodeCode, why: "trap" | "hang") => void;
  readonly resolve: (graph: NestedGraph, supply: PluginSupply) => ResolvedPlugins;
}

/** A song under way. */
export class Playing {
  /** Resolves when the song is over or closed; rejects with a PluginFault if a plugin hangs, or what the worklet threw. */
  readonly ended: Promise<void>;
  readonly #output: LiveOutput;
  readonly #job: LiveJob;
  readonly #surroundings: Surroundings;
  readonly #edits: LiveEdits;
  readonly #begun: Pending<void> = pending();
  readonly #ended: Pending<void> = pending();
  readonly #watcher: CallWatcher;
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  /** Ids of the plugin nodes that run, as the call watch counts them. */
  #plan: readonly string[] = [];
  /** Those before the song began are nobody's. */
  #underrunsBefore: Underruns | undefined;

  /**
   * Resolves when the song has begun. `latencyFrames` is the least that it is heard late by. Throws a GraphError, a PluginFault or a RangeError if the graph cannot be played; then the
   * output is closed.
   */
  static async start(
    output: LiveOutput,
    job: LiveJob,
    plugins: ResolvedPlugins,
    surroundings: Surroundings,
    latencyFrames = 0,
  ): Promise<Playing> {
    const playing = new Playing(output, job, surroundings, latencyFrames);
    try {
      playing.#edits.edit(plugins).catch((error: unknown) => playing.#fail(error));
      await playing.#begun.promise;
    } catch (error) {
      await playing.close();
      throw error;
    }
    return playing;
  }

  private constructor(output: LiveOutput, job: LiveJob, surroundings: Surroundings, latencyFrames: number) {
    this.#output = output;
    this.#job = job;
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
    const { sampleRateHz, output: heard } = job;
    this.#edits = new LiveEdits({ sampleRateHz, output: heard, latencyFrames }, (order, transferred) =>
      this.#send(order, transferred),
    );
    this.#send({ kind: "open", job });
  }

  /**
   * Goes to `graph` while it plays, with the plugins that `supply` has. Nodes of both graphs go on as they are, what is new
   * comes in and what is gone goes out over 20 ms; a plugin that takes another's place has its state where it can, and has heard
   * half a second of the song. Throws what play() throws, and then the graph before goes on.
   */
  async edit(graph: NestedGraph, supply: PluginSupply): Promise<EditOutcome> {
    return this.#edits.edit(this.#surroundings.resolve(graph, supply));
  }

  /**
   * Sets one value while it plays, without a plan: a fader. It holds until an edit, whose graph says what it is. Throws a RangeError
   * or a PluginFault for what there is not, or is not taken.
   */
  set(value: LiveValue): void {
    this.#edits.set(value);
  }

  /**
   * What an input is fed from now on, [channel], from the song's first frame on: of an edit to come, or another one for an input
   * that is there. On shared memory where there is any: other memory is copied.
   */
  source(input: string, channels: readonly Float32Array[]): void {
    this.#send({ kind: "source", input, channels });
  }

  /** Goes on where it was stopped, faded in over 5 ms; without an effect while it plays. */
  play(): void {
    this.#send({ kind: "play" });
  }

  /** Fades out in 5 ms; then nothing runs, and what was ringing stands still until play(). An edit is made at once. */
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
      case "done":
      case "refused":
        this.#edits.told(message);
        break;
      case "fault": {
        const { code, node, attempt } = message.fault;
        // What trapped once and then ran on is left alone.
        if (code === "trap" && attempt === 2) this.#condemn(this.#edits.codeOf(node), "trap");
        events.emit("fault", { ...message.fault, node: this.#edits.nameOf(node) });
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
    }
  }

  #end(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#edits.end();
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
    const code = {
      starting: () => this.#edits.codeAt(stuck.index),
      activating: () => this.#edits.codeActivated(stuck.index),
      processing: () => this.#edits.codeOf(this.#plan[stuck.index]),
    }[stuck.doing]();
    this.#condemn(code, "hang");
    const plugin = code?.manifest.id ?? "unknown";
    const what = {
      starting: "its module does not finish starting",
      activating: "its activate() does not return",
      processing: "its process() does not return",
    };
    this.#fail(new PluginFault("hang", plugin, what[stuck.doing]));
  }

  #condemn(code: NodeCode | undefined, why: "trap" | "hang"): void {
    if (code) this.#surroundings.condemn(code, why);
  }
}
