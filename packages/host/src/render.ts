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
   * Throws a GraphError or a PluginFault before anything runs, a RangeError for a bad request, and the signal's
   * reason when it is aborted. A plugin that fails while it runs is told as a `fault` and in the result.
   */
  async render(request: RenderRequest): Promise<Rendered> {
    checkRequest(request);
    request.signal?.throwIfAborted();
    const { signal, ...asked } = request;
    const plugins = resolvePlugins(request.graph, this.#catalog, this.#loading, request.missing ?? "refuse");
    const plain = { ...asked, graph: plugins.graph };
    for (const placeholder of plugins.placeholders) this.#events.emit("placeholder", placeholder);
    for (const other of plugins.otherContents) this.#events.emit("otherContent", other);
    const hangs = new Map<string, number[]>();
    const notAgain = new Set<string>();
    const told = new Set<string>();
    for (;;) {
      const faults: RuntimeFault[] = [];
      const job: RenderJob = {
        request: plain,
        engine: this.#engineModule,
        codes: plugins.codes,
        codeOf: plugins.codeOf,
        watches: Array.from({ length: request.jobs ?? 1 }, watchMemory),
        hangs,
        notAgain,
      };
      const outcome = await this.#run(job, faults, told, signal);
      if ("rendered" in outcome) {
        for (const { node, code, attempt } of faults) {
          // What trapped once and then ran on is left alone.
          if (code === "hang" || (code === "trap" && attempt === 2))
            condemn(plugins.codes[plugins.codeOf.get(node)!], code, this.#quarantine);
        }
        return { ...outcome.rendered, faults, placeholders: plugins.placeholders };
      }
      this.#leaveOut(outcome.hang, plugins, hangs, notAgain, faults.length > 0);
    }
  }

  /** Ends the thread that waits for the next render. */
  async close(): Promise<void> {
    await this.#idle?.end();
    this.#idle = undefined;
  }

  async #run(job: RenderJob, faults: RuntimeFault[], told: Set<string>, signal?: AbortSignal) {
    const thread = this.#idle ?? new RenderThread();
    this.#idle = undefined;
    const events = this.#events;
    try {
      const outcome = await thread.run(
        job,
        job.request.hangSeconds ?? HANG_SECONDS,
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
      if ("rendered" in outcome) this.#idle ??= thread;
      return outcome;
    } finally {
      if (this.#idle !== thread) await thread.end();
    }
  }

  /** Makes sure that the next attempt does not hang at the same place. Throws a PluginFault if there is no way round it. */
  #leaveOut(
    { doing, code, node, frame }: Hang,
    plugins: ResolvedPlugins,
    hangs: Map<string, number[]>,
    notAgain: Set<string>,
    running: boolean,
  ): void {
    const index = code ?? (node === undefined ? undefined : plugins.codeOf.get(node));
    const bad = index === undefined ? undefined : plugins.codes[index];
    const plugin = bad?.manifest.id ?? "unknown";
    if (doing === "processing" && node !== undefined) {
      hangs.set(
        node,
        [...(hangs.get(node) ?? []), frame].sort((a, b) => a - b),
      );
    } else if (doing === "activating" && node !== undefined && running && !notAgain.has(node)) {
      notAgain.add(node);
    } else {
      if (bad) condemn(bad, "hang", this.#quarantine);
      const what =
        doing === "starting" ? "its module does not finish starting" : "its activate() does not return";
      throw new PluginFault("hang", plugin, what);
    }
  }
}
