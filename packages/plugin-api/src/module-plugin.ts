/** The host's side of an ES-module entry: block buffers are the host's, everything else is as with wasm. */
import { PluginFault, reasonOf } from "./fault.ts";
import type { Manifest } from "./manifest.ts";
import type { Plugin, PortSetup, Processor, ProcessSetup } from "./plugin.ts";
import {
  checkTiming,
  type LoadedPlugin,
  type RunningBlock,
  type RunningProcessor,
} from "./running-processor.ts";

export class ModulePlugin implements LoadedPlugin {
  readonly manifest: Manifest;
  readonly #plugin: Plugin;

  /** `exported` is the module's default export. Throws a PluginFault if it is not a Plugin. */
  constructor(manifest: Manifest, exported: unknown) {
    if (typeof (exported as Plugin | undefined)?.activate !== "function") {
      throw new PluginFault("export-missing", manifest.id, "its default export has no function activate");
    }
    this.manifest = manifest;
    this.#plugin = exported as Plugin;
  }

  activate(setup: ProcessSetup): RunningProcessor {
    const { id } = this.manifest;
    let processor: Processor;
    try {
      processor = this.#plugin.activate(setup);
    } catch (error) {
      throw new PluginFault("refused", id, `it refuses to activate: ${reasonOf(error)}`);
    }
    if (typeof processor?.process !== "function" || typeof processor.reset !== "function") {
      throw new PluginFault(
        "refused",
        id,
        "its activate() did not return a processor with process and reset",
      );
    }
    checkTiming(id, processor.latencyFrames, processor.tailFrames);
    return new ModuleProcessor(processor, setup, this.manifest);
  }
}

class ModuleProcessor implements RunningProcessor {
  readonly latencyFrames: number;
  readonly tailFrames: number;
  readonly block: RunningBlock;
  readonly #processor: Processor;

  constructor(processor: Processor, setup: ProcessSetup, manifest: Manifest) {
    this.#processor = processor;
    this.latencyFrames = processor.latencyFrames;
    this.tailFrames = processor.tailFrames;
    const buffers = (ports: readonly PortSetup[]) =>
      ports.map((p) => Array.from({ length: p.channels }, () => new Float32Array(setup.maxFrames)));
    this.block = {
      frames: 0,
      inputs: buffers(setup.inputs),
      outputs: buffers(setup.outputs),
      params: setup.params.slice(),
      meters: new Float32Array(manifest.meters?.length ?? 0),
    };
  }

  process(): number {
    return this.#processor.process(this.block);
  }

  reset(): void {
    this.#processor.reset();
  }

  dispose(): void {
    try {
      this.#processor.dispose?.();
    } catch {
      // The processor is not used again, so nothing is lost.
    }
  }
}
