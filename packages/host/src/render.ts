/**
 * Offline rendering: a graph and its sources in, the outputs with latency removed out.
 *
 * The work is done on a thread of its own, so that a plugin that does not return can be ended. The render is then made
 * again from its start with that call left out: as plugins give the same samples each time, everything else is as if
 * the call had failed at once.
 */
import type { RuntimeFault } from "@gainstage/graph";
import { PluginFault } from "@gainstage/plugin-api";
import { watchMemory } from "./call-watch.ts";
import type { PluginCatalog } from "./catalog.ts";
import type { HostEvents } from "./events.ts";
import type { LoadOptions } from "./plugin-code.ts";
import { condemn, type Quarantine } from "./quarantine.ts";
import type { RenderJob } from "./render-job.ts";
import { checkRequest, type Rendered, type RenderRequest } from "./render-request.ts";
import { type Hang, RenderThread } from "./render-thread.ts";
import { type ResolvedPlugins, resolvePlugins } from "./resolve-plugins.ts";

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
    request.signal?.throwIfAborted();
    const { signal, ...asked } = request;
    const missing = request.missing ?? "refuse";
    const lost = new Map<string, PluginFault>();
    let plugins = resolvePlugins(request.graph, this.#catalog, this.#loading, missing);
    for (const placeholder of plugins.placeholders) this.#events.emit("placeholder", placeholder);
    for (const other of plugins.otherContents) this.#events.emit("otherContent", other);
    const before: Before = {
      hangs: new Map(),
      notAgain: new Set(),
      isolated: new Set(),
      told: new Set(),
      unreturned: [],
    };
    for (;;) {
      try {
        const rendered = await this.#attempt({ ...asked, graph: plugins.graph }, plugins, before, signal);
        if (rendered) return rendered;
      } catch (error) {
        // A plugin that does not start is one that cannot be had.
        if (!(error instanceof PluginFault) || missing === "refuse") throw error;
        const failed = nodesOf(error, plugins).filter((node) => !lost.has(node));
        if (failed.length === 0) throw error;
        for (const node of failed) lost.set(node, error);
        plugins = resolvePlugins(request.graph, this.#catalog, this.#loading, missing, lost);
        for (const placeholder of plugins.placeholders)
          if (failed.includes(placeholder.node)) this.#events.emit("placeholder", placeholder);
      }
    }
  }

  /** Undefined where a plugin hung, or trapped in a memory that it shares: the next attempt keeps it from the others. */
  async #attempt(
    request: RenderJob["request"],
    plugins: ResolvedPlugins,
    before: Before,
    signal: AbortSignal | undefined,
  ): Promise<Rendered | undefined> {
    const faults: RuntimeFault[] = [];
    const { hangs, notAgain, isolated, told, unreturned } = before;
    const job: RenderJob = {
      request,
      engine: this.#engineModule,
      codes: plugins.codes,
      codeOf: plugins.codeOf,
      watches: Array.from({ length: request.jobs ?? 1 }, watchMemory),
      hangs,
      notAgain,
      isolated,
    };
    const outcome = await this.#run(job, faults, told, signal);
    if ("hang" in outcome) {
      this.#leaveOut(outcome.hang, plugins, before, faults);
      return undefined;
    }
    const spoilt = faults.filter((fault) => sharesMemory(fault, plugins) && !isolated.has(fault.node));
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

  async #run(job: RenderJob, faults: RuntimeFault[], told: Set<string>, signal?: AbortSignal) {
    const { hangSeconds = HANG_SECONDS } = job.request;
    const events = this.#events;
    for (;;) {
      const thread = await this.#takeThread();
      try {
        const outcome = await thread.run(
          job,
          hangSeconds,
          (message) => {
            if (message.kind === "progress") events.emit("progress", message);
            else if (message.kind === "meters")
              for (const reading of message.readings) events.emit("meters", reading);
            else if (message.kind === "log") events.emit("log", message.said);
            else if (message.kind === "fault") {
              faults.push(message.fault);
              // A render that is made again fails again in the same way.
              const { node, attempt } = message.fault;
              const name = `${node} ${attempt}`;
              if (!told.has(name)) events.emit("fault", message.fault);
              told.add(name);
            }
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
  async #takeThread(): Promise<RenderThread> {
    const idle = this.#idle;
    this.#idle = undefined;
    if (idle && (await idle.isFree())) return idle;
    await idle?.end();
    return new RenderThread();
  }

  /** Makes sure that the next attempt does not hang at the same place. Throws a PluginFault if there is no way round it. */
  #leaveOut(
    { doing, code, node, frame }: Hang,
    plugins: ResolvedPlugins,
    { hangs, notAgain, unreturned }: Before,
    faults: readonly RuntimeFault[],
  ): void {
    const index = code ?? (node === undefined ? undefined : plugins.codeOf.get(node));
    const bad = index === undefined ? undefined : plugins.codes[index];
    const plugin = bad?.manifest.id ?? "unknown";
    if (doing === "processing" && node !== undefined) {
      hangs.set(
        node,
        [...(hangs.get(node) ?? []), frame].sort((a, b) => a - b),
      );
      return;
    }
    const what =
      doing === "starting" ? "its module does not finish starting" : "its activate() does not return";
    if (bad) condemn(bad, "hang", this.#quarantine);
    const failed = faults.find((fault) => fault.node === node);
    if (doing === "activating" && node !== undefined && failed && !notAgain.has(node)) {
      notAgain.add(node);
      const fault = { ...failed, code: "hang", attempt: 2, message: `plugin ${plugin}: ${what}` } as const;
      unreturned.push(fault);
      this.#events.emit("fault", fault);
      return;
    }
    const fault = new PluginFault("hang", plugin, what);
    if (node !== undefined) fault.node = node;
    throw fault;
  }
}

/** What the attempts before have shown. */
interface Before {
  /** By node id, engine frames of calls that do not end. */
  readonly hangs: Map<string, number[]>;
  /** Nodes whose plugin does not come back from being built anew, and the faults to tell of them. */
  readonly notAgain: Set<string>;
  readonly unreturned: RuntimeFault[];
  /** Nodes that trapped in a memory that they shared with others. */
  readonly isolated: Set<string>;
  /** Faults that were told already: "node attempt". */
  readonly told: Set<string>;
}

/** What a trap left behind in the memory of a package may reach every processor in it. */
function sharesMemory({ node, code }: RuntimeFault, { codes, codeOf }: ResolvedPlugins): boolean {
  const index = codeOf.get(node)!;
  if (code !== "trap" || !("module" in codes[index])) return false;
  return [...codeOf.values()].filter((other) => other === index).length > 1;
}

/** The nodes that cannot be had for it: its own, or all that run the plugin. */
function nodesOf(fault: PluginFault, { codes, codeOf }: ResolvedPlugins): readonly string[] {
  if (fault.node !== undefined) return [fault.node];
  return [...codeOf].flatMap(([node, code]) => (codes[code].manifest.id === fault.plugin ? [node] : []));
}
