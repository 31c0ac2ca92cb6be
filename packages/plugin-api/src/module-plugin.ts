/** The host's side of an ES-module entry: block buffers are the host's, everything else is as with wasm. */
import { PluginFault, reasonOf } from "./fault.ts";
import type {
  Host,
  Manifest,
  Plugin,
  PluginExtensions,
  PortSetup,
  Processor,
  ProcessSetup,
  StateExtension,
} from "./plugin.ts";
import { writeUnconnected } from "./process-setup.ts";
import {
  BARE_HOST,
  checkedSave,
  checkState,
  checkTiming,
  guarded,
  hostFor,
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

  activate(setup: ProcessSetup, host: Host = BARE_HOST): RunningProcessor {
    const { id } = this.manifest;
    checkState(this.manifest, setup);
    let processor: Processor;
    let timing: { readonly latencyFrames: number; readonly tailFrames: number };
    try {
      processor = this.#plugin.activate(setup, hostFor(this.manifest, host));
      const { latencyFrames, tailFrames } = processor ?? {};
      timing = { latencyFrames, tailFrames };
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
    checkTiming(id, timing.latencyFrames, timing.tailFrames);
    return new ModuleProcessor(processor, timing, setup, this.manifest);
  }
}

class ModuleProcessor implements RunningProcessor {
  readonly latencyFrames: number;
  readonly tailFrames: number;
  readonly block: RunningBlock;
  readonly #processor: Processor;
  readonly #manifest: Manifest;

  constructor(
    processor: Processor,
    { latencyFrames, tailFrames }: Pick<Processor, "latencyFrames" | "tailFrames">,
    setup: ProcessSetup,
    manifest: Manifest,
  ) {
    this.#processor = processor;
    this.#manifest = manifest;
    this.latencyFrames = latencyFrames;
    this.tailFrames = tailFrames;
    const buffers = (ports: readonly PortSetup[]) =>
      ports.map((p) => Array.from({ length: p.channels }, () => new Float32Array(setup.maxFrames)));
    this.block = {
      frames: 0,
      inputs: buffers(setup.inputs),
      outputs: buffers(setup.outputs),
      params: setup.params.slice(),
      meters: new Float32Array(manifest.meters?.length ?? 0),
      silentInputs: new Uint32Array(setup.inputs.length),
      silentOutputs: new Uint32Array(setup.outputs.length),
      transport: null,
    };
    writeUnconnected(this.block.silentInputs, setup.inputs);
  }

  process(): number {
    return this.#processor.process(this.block);
  }

  reset(): void {
    this.#processor.reset();
  }

  extension<I extends keyof PluginExtensions>(id: I): PluginExtensions[I] | undefined {
    if (!this.#manifest.extensions?.includes(id)) return undefined;
    const plugin = this.#manifest.id;
    const offered = guarded(plugin, `extension("${id}")`, () => this.#processor.extension?.(id));
    if (!offered) {
      throw new PluginFault("refused", plugin, `its manifest lists "${id}", its processor does not offer it`);
    }
    if (id !== "state/1") return offered;
    const state: StateExtension = {
      save: () =>
        checkedSave(
          plugin,
          guarded(plugin, "save()", () => (offered as StateExtension).save()),
        ),
    };
    return state as PluginExtensions[I];
  }

  dispose(): void {
    try {
      this.#processor.dispose?.();
    } catch {
      // The processor is not used again, so nothing is lost.
    }
  }
}
