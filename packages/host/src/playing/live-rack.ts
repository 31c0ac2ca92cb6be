/**
 * The processors of a song that plays, on the thread that plays it. They come one by one, are known by a number, and stay
 * until nobody wants them: edits hand them from graph to graph.
 */
import { type PluginShape, type ProcessorNode, shapeOf } from "@gainstage/graph";
import {
  type LoadedPlugin,
  PluginFault,
  type ProcessSetup,
  type RunningProcessor,
  type SavedState,
} from "@gainstage/plugin-api";
import type { LogSink } from "../loading/host-extensions.ts";
import { type ActivationSetup, hostFor, loadCode, setupFor, untouched } from "../running/activation.ts";
import type { SharedCallWatch } from "../running/call-watch.ts";
import type { NodeCode } from "../running/resolve-plugins.ts";
import { outdated } from "./live-code.ts";
import type { WantedProcessor } from "./live-messages.ts";

/** What a processor that was asked for turned out to be. */
export interface Activated {
  readonly shape: PluginShape;
  /** Whether it goes on with the state of the one in whose place it comes; if not, why. */
  readonly carried: boolean;
  readonly lost?: string;
}

interface Code {
  readonly content: NodeCode;
  readonly loaded: LoadedPlugin;
}

interface Running {
  readonly node: ProcessorNode;
  readonly code: number;
  readonly setup: ProcessSetup;
}

export class LiveRack {
  readonly #setup: ActivationSetup;
  readonly #watch: SharedCallWatch;
  readonly #log: LogSink;
  readonly #codes = new Map<number, Code>();
  readonly #running = new Map<number, Running>();
  /** Those that failed, whatever runs in their place now: their states are not asked for. */
  readonly #failed = new Set<number>();

  constructor(setup: ActivationSetup, watch: SharedCallWatch, log: LogSink) {
    this.#setup = setup;
    this.#watch = watch;
    this.#log = log;
  }

  /** [control] Takes in code under a number. Throws a PluginFault. */
  async load(code: number, content: NodeCode): Promise<void> {
    const loaded = await this.#watch.starting(code, () => loadCode(content));
    this.#codes.set(code, { content, loaded });
  }

  /** [control, between blocks] Throws a PluginFault, and then there is no such processor. */
  activate(wanted: WantedProcessor): Activated {
    const { from } = wanted;
    const before = from === undefined || this.#failed.has(from) ? undefined : this.#running.get(from);
    const saved = before && stateOf(before);
    if (!saved) return this.#add(wanted, this.#activated(wanted), false);
    if ("message" in saved) return this.#add(wanted, this.#activated(wanted), false, saved.message);
    try {
      return this.#add(wanted, this.#activated({ ...wanted, node: { ...wanted.node, state: saved } }), true);
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
      return this.#add(wanted, this.#activated(wanted, true), false, error.message);
    }
  }

  /** [control, between blocks] The processors of nodes. */
  nodes(handles: ReadonlyMap<string, number>): ReadonlyMap<string, ProcessorNode> {
    return new Map([...handles].map(([id, handle]) => [id, this.#running.get(handle)!.node]));
  }

  /** [control, between blocks] Another processor as that one was at its start, in a memory of its own. Throws a PluginFault. */
  again(handle: number): RunningProcessor {
    const { code, setup } = this.#running.get(handle)!;
    const { content, loaded } = this.#codes.get(code)!;
    return this.#watch.activating(handle, () =>
      untouched(content, loaded).activate(setup, hostFor(content, this.#log)),
    );
  }

  /** [audio] */
  failed(handle: number): void {
    this.#failed.add(handle);
  }

  /** [control] It runs from now on in the place of the one that failed. */
  replace(handle: number, processor: RunningProcessor): void {
    const running = this.#running.get(handle)!;
    this.#running.set(handle, { ...running, node: { ...running.node, processor } });
  }

  /** [control, between blocks] Lets go of all processors but these, and of code that none of them runs and that is outdated. */
  keep(handles: Iterable<number>): void {
    const kept = new Set(handles);
    for (const [handle, { node }] of this.#running) {
      if (kept.has(handle)) continue;
      this.#running.delete(handle);
      this.#failed.delete(handle);
      node.processor.dispose();
    }
    const used = [...this.#running.values()].map(({ code }) => code);
    const contents = new Map([...this.#codes].map(([code, { content }]) => [code, content]));
    for (const code of outdated(contents, used)) this.#codes.delete(code);
  }

  #activated({ handle, node, code, connected }: WantedProcessor, afresh = false): Running {
    const { content, loaded } = this.#codes.get(code)!;
    const plugin = afresh ? untouched(content, loaded) : loaded;
    const { manifest } = plugin;
    try {
      const setup = setupFor(manifest, node, connected, this.#setup);
      const host = hostFor(content, this.#log);
      const processor = this.#watch.activating(handle, () => plugin.activate(setup, host));
      return { node: { manifest, processor }, code, setup };
    } catch (error) {
      if (error instanceof PluginFault) error.node = node.id;
      throw error;
    }
  }

  #add({ handle }: WantedProcessor, running: Running, carried: boolean, lost?: string): Activated {
    this.#running.set(handle, running);
    return { shape: shapeOf(running.node), carried, ...(lost !== undefined && { lost }) };
  }
}

/** What "state/1" saves, if the plugin has it; why not, if it fails. */
function stateOf({ node: { manifest, processor } }: Running): SavedState | PluginFault | undefined {
  try {
    const bytes = processor.extension("state/1")?.save();
    return bytes && { version: manifest.stateVersion ?? 1, bytes };
  } catch (error) {
    if (error instanceof PluginFault) return error;
    throw error;
  }
}
