/**
 * Offline rendering: a graph and its sources in, the outputs with latency removed out.
 *
 * The work is done on a thread of its own, so that a plugin that does not return can be ended. The render is then made
 * again from its start with that call left out: as plugins give the same samples each time, everything else is as if
 * the call had failed at once.
 */
import { flatten, type RuntimeFault } from "@gainstage/graph";
import { PluginFault } from "@gainstage/plugin-api";
import type { PluginCatalog } from "../catalog/catalog.ts";
import type { HostEvents } from "../events.ts";
import type { LoadOptions } from "../loading/plugin-code.ts";
import { watchMemory } from "../running/call-watch.ts";
import { condemn, type Quarantine } from "../running/quarantine.ts";
import { type ResolvedPlugins, resolvePlugins } from "../running/resolve-plugins.ts";
import { GrowingSound } from "./growing-sound.ts";
import { nodesOf, RenderFailures, sharesMemory } from "./render-failures.ts";
import { type JobRequest, mostParts, type RenderJob } from "./render-job.ts";
import {
  checkRequest,
  type Rendered,
  type RenderOutcome,
  type RenderRequest,
  type RenderSink,
} from "./render-request.ts";
import { RenderThread } from "./render-thread.ts";
import { longestTailOf } from "./rendering.ts";
import { SoundDelivery } from "./sound-delivery.ts";
import { likelyFramesOf, SourceFeed } from "./source-feed.ts";

const HANG_SECONDS = 5;

export class OfflineRenderer {
  readonly #engineModule: WebAssembly.Module;
  readonly #catalog: PluginCatalog;
  readonly #events: HostEvents;
  readonly #loading: LoadOptions;
  readonly #quarantine: Pick<Quarantine, "add"> | undefined;
  /** A thread that has made a render and waits for the next. */
  #idle: RenderThread | undefined;

  constructor(
    engineModule: WebAssembly.Module,
    catalog: PluginCatalog,
    events: HostEvents,
    loading: LoadOptions,
    quarantine?: Pick<Quarantine, "add">,
  ) {
    this.#engineModule = engineModule;
    this.#catalog = catalog;
    this.#events = events;
    this.#loading = loading;
    this.#quarantine = quarantine;
  }

  /**
   * Throws a GraphError for a graph that cannot be, a PluginFault for a plugin that cannot be had or does not start, unless
   * `missing` allows placeholders, a RangeError for a bad request, and the signal's reason when it is aborted. A plugin that
   * fails while it runs is told as a `fault` and in the result. It is over once everything of it is let go.
   */
  async render(request: RenderRequest): Promise<Rendered> {
    checkRequest(request);
    const { frames } = request;
    if (frames !== undefined) {
      const nowhere = new SoundDelivery(() => {});
      return this.#render(request, nowhere, frames + longestTailOf(request));
    }
    const sound = new GrowingSound(request.sampleRateHz);
    const outcome = await this.#render(request, new SoundDelivery(sound.append, sound.begin));
    return { ...outcome, outputs: sound.outputs };
  }

  /**
   * As render(), but hands the sound over as it is made: the memory it takes does not grow with the song, if its sources
   * are streamed. Throws what render() throws, what reading a source does, and what `sink` does.
   */
  async renderTo(request: RenderRequest, sink: RenderSink): Promise<RenderOutcome> {
    checkRequest(request);
    const { outputs: _, ...outcome } = await this.#render(request, new SoundDelivery(sink));
    return outcome;
  }

  /** Keeps the sound whole if it is told how long that can be at most. */
  async #render(request: RenderRequest, delivery: SoundDelivery, wholeFrames?: number): Promise<Rendered> {
    request.signal?.throwIfAborted();
    const missing = request.missing ?? "refuse";
    const graph = flatten(request.graph);
    const lost = new Map<string, PluginFault>();
    let plugins = resolvePlugins(graph, this.#catalog, this.#loading, missing);
    for (const placeholder of plugins.placeholders) this.#events.emit("placeholder", placeholder);
    for (const other of plugins.otherContents) this.#events.emit("otherContent", other);
    const before = new RenderFailures(this.#events, this.#quarantine);
    for (;;) {
      try {
        const asked = { ...request, graph: plugins.graph, ...(wholeFrames !== undefined && { wholeFrames }) };
        const rendered = await this.#feeding(asked, plugins, before, delivery);
        if (rendered) return rendered;
      } catch (error) {
        // A plugin that does not start is one that cannot be had.
        if (!(error instanceof PluginFault) || missing === "refuse") throw error;
        const failed = nodesOf(error, plugins).filter((node) => !lost.has(node));
        if (failed.length === 0) throw error;
        for (const node of failed) lost.set(node, error);
        plugins = resolvePlugins(graph, this.#catalog, this.#loading, missing, lost);
        for (const placeholder of plugins.placeholders)
          if (failed.includes(placeholder.node)) this.#events.emit("placeholder", placeholder);
      }
    }
  }

  /** An attempt, with its sources being read and its sound being taken. A failure of either ends it. */
  async #feeding(
    { signal, ...asked }: RenderRequest & Pick<JobRequest, "graph" | "wholeFrames">,
    plugins: ResolvedPlugins,
    before: RenderFailures,
    delivery: SoundDelivery,
  ): Promise<Rendered | undefined> {
    const failure = new AbortController();
    const fail = (error: unknown) => failure.abort(error);
    const end = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
    delivery.startOver(fail);
    const feed = new SourceFeed(asked.sources, asked.sampleRateHz, fail);
    const request = { ...asked, sources: feed.sources, likelyFrames: likelyFramesOf(asked) };
    try {
      const outcome = await this.#attempt(request, plugins, before, delivery, end);
      await delivery.settled();
      delivery.throwIfFailed();
      return outcome;
    } finally {
      await Promise.all([feed.stop(), delivery.settled()]);
    }
  }

  /** Undefined where a plugin hung, or trapped in a memory that it shares: the next attempt keeps it from the others. */
  async #attempt(
    request: JobRequest,
    plugins: ResolvedPlugins,
    before: RenderFailures,
    delivery: SoundDelivery,
    signal: AbortSignal,
  ): Promise<Rendered | undefined> {
    const faults: RuntimeFault[] = [];
    const { hangs, notAgain, isolated, told, unreturned } = before;
    const job: RenderJob = {
      request,
      engine: this.#engineModule,
      codes: plugins.codes,
      codeOf: plugins.codeOf,
      watches: Array.from({ length: 1 + mostParts({ request }) }, watchMemory),
      hangs,
      notAgain,
      isolated,
    };
    const spoils = (fault: RuntimeFault) => sharesMemory(fault, plugins) && !isolated.has(fault.node);
    const onFault = (fault: RuntimeFault) => {
      faults.push(fault);
      // From here on other nodes may not sound as they will when this is kept from them.
      if (spoils(fault)) delivery.drop();
      // A render that is made again fails again in the same way.
      const name = `${fault.node} ${fault.attempt}`;
      if (!told.has(name)) this.#events.emit("fault", fault);
      told.add(name);
    };
    const outcome = await this.#run(job, onFault, delivery, signal);
    if ("hang" in outcome) {
      before.leaveOut(outcome.hang, plugins, faults);
      return undefined;
    }
    const spoilt = faults.filter(spoils);
    if (spoilt.length > 0) {
      for (const { node } of spoilt) isolated.add(node);
      return undefined;
    }
    for (const { node, code, attempt } of faults) {
      // What trapped once and then ran on is left alone.
      if (code === "hang" || (code === "trap" && attempt === 2))
        condemn(plugins.codes[plugins.codeOf.get(node)!], code, this.#quarantine);
    }
    return { ...outcome.rendered, faults: [...faults, ...unreturned], placeholders: plugins.placeholders };
  }

  /** Ends the thread that waits for the next render. */
  async close(): Promise<void> {
    await this.#idle?.end();
    this.#idle = undefined;
  }

  async #run(
    job: RenderJob,
    onFault: (fault: RuntimeFault) => void,
    delivery: SoundDelivery,
    signal: AbortSignal,
  ) {
    const { hangSeconds = HANG_SECONDS } = job.request;
    const events = this.#events;
    for (;;) {
      const thread = await this.#takeThread(job);
      try {
        const outcome = await thread.run(
          job,
          hangSeconds,
          (message) => {
            if (message.kind === "progress") events.emit("progress", message);
            else if (message.kind === "meters")
              for (const reading of message.readings) events.emit("meters", reading);
            else if (message.kind === "log") events.emit("log", message.said);
            else if (message.kind === "outputs") delivery.begin(message.ring);
            else if (message.kind === "sound") delivery.deliver(message.frames);
            else onFault(message.fault);
          },
          signal,
        );
        // A thread that does not take a job has been left in a state by a plugin of the render before.
        if ("notTaken" in outcome) continue;
        if ("rendered" in outcome && (await thread.isFree())) this.#idle ??= thread;
        return outcome;
      } finally {
        if (this.#idle !== thread) await thread.end();
      }
    }
  }

  /** The one that made the render before, if it lives; else a new one. */
  async #takeThread(job: RenderJob): Promise<RenderThread> {
    const idle = this.#idle;
    this.#idle = undefined;
    if (idle && (await idle.isFree())) return idle;
    await idle?.end();
    return new RenderThread(mostParts(job));
  }
}
