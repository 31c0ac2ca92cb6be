/**
 * The host's side of the wasm ABI 1 (docs/wasm-abi.md): one instance and one memory for a plugin package, many
 * processors inside it.
 */
import { PluginFault, reasonOf } from "./fault.ts";
import type { Host, Manifest, ProcessSetup } from "./plugin.ts";
import {
  BARE_HOST,
  checkState,
  guarded,
  hostFor,
  type LoadedPlugin,
  type RunningProcessor,
} from "./running-processor.ts";
import { parseApiVersion } from "./version.ts";
import { type WasmExports, WasmProcessor } from "./wasm-processor.ts";
import { RECORD, RECORD_WORDS, writeSetup } from "./wasm-record.ts";

const FUNCTIONS = ["api", "create", "activate", "reset", "process", "destroy"] as const;

export class WasmPlugin implements LoadedPlugin {
  readonly manifest: Manifest;
  readonly #exports: WasmExports;
  readonly #processors = new Set<WasmProcessor>();
  #memory: ArrayBuffer;

  /** [control] Instantiates the code. Throws a PluginFault if it imports anything or lacks an export. */
  constructor(manifest: Manifest, module: WebAssembly.Module) {
    const imports = WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`);
    if (imports.length > 0) {
      throw new PluginFault(
        "import-forbidden",
        manifest.id,
        `its module imports ${imports.slice(0, 5).join(", ")}; a wasm plugin may import nothing`,
      );
    }
    requireExports(manifest, module);
    this.manifest = manifest;
    try {
      this.#exports = new WebAssembly.Instance(module).exports as unknown as WasmExports;
      this.#checkApi();
    } catch (error) {
      if (error instanceof PluginFault) throw error;
      throw new PluginFault("trap", manifest.id, `its module failed while starting: ${reasonOf(error)}`);
    }
    this.#memory = this.#exports.memory.buffer;
    if (!(this.#memory instanceof ArrayBuffer)) {
      throw new PluginFault("export-missing", manifest.id, "its memory is shared; build it without threads");
    }
  }

  #checkApi(): void {
    const packed = this.#exports.api();
    const declared = parseApiVersion(this.manifest.api);
    if (declared && packed === ((declared.major << 16) | declared.minor)) return;
    const found = `${packed >>> 16}.${packed & 0xffff}`;
    throw new PluginFault(
      "api-invalid",
      this.manifest.id,
      `its manifest says API ${this.manifest.api}, its module says ${found}: build it again with one of the two`,
    );
  }

  activate(setup: ProcessSetup, host: Host = BARE_HOST): RunningProcessor {
    const { id } = this.manifest;
    checkState(this.manifest, setup);
    try {
      return guarded(id, "activate", () => this.#activate(setup, hostFor(this.manifest, host)));
    } finally {
      // Also after a refusal: the memory may have grown before it. A record that was spoilt meanwhile is the plugin's doing.
      guarded(id, "activate", () => this.#refreshViews());
    }
  }

  #activate(setup: ProcessSetup, host: Host): RunningProcessor {
    const { id } = this.manifest;
    // An address from 2 GiB on comes out of WebAssembly as a negative number.
    const address = this.#exports.create() >>> 0;
    if (address === 0) throw new PluginFault("refused", id, "it could not create a processor");
    const refresh = () => this.#refreshViews();
    const life = {
      memoryMayHaveGrown: () => guarded(id, "a call", refresh),
      ended: (gone: WasmProcessor) => this.#processors.delete(gone),
    };
    try {
      this.#offerExtensions(address, host);
      this.#loadState(address, setup);
      writeSetup(this.#exports.memory.buffer, address, setup);
      if (this.#exports.activate(address, setup.sampleRateHz, setup.maxFrames, setup.seed | 0) === 0) {
        const what = `${setup.sampleRateHz} Hz with blocks of ${setup.maxFrames} frames`;
        throw new PluginFault("refused", id, `it refuses ${what}`);
      }
      const processor = new WasmProcessor(this.#exports, address, setup, this.manifest, host, life);
      this.#processors.add(processor);
      return processor;
    } catch (error) {
      // A plugin that said no is asked to tidy up; one that trapped is not called again.
      if (error instanceof PluginFault) this.#exports.destroy(address);
      throw error;
    }
  }

  /** Clears the areas of what the host does not offer, and hands over the resources. */
  #offerExtensions(address: number, host: Host): void {
    const { id, requires = [], uses = [], resources = [] } = this.manifest;
    const wanted = [...requires, ...uses];
    const { buffer } = this.#exports.memory;
    const areas = new Uint32Array(buffer, address, RECORD_WORDS)[RECORD.AREAS];
    if (areas !== 0) {
      const table = new Uint32Array(buffer, areas, wanted.length);
      for (const [i, extension] of wanted.entries()) {
        if (!host.extension(extension as "log/1")) table[i] = 0;
      }
    }
    const files = host.extension("resource/1");
    if (!files || !this.#exports.resource) return;
    for (const [index, path] of resources.entries()) {
      const bytes = files.read(path);
      if (!bytes) continue;
      const at = this.#put(address, bytes);
      if (this.#exports.resource(address, index, at, bytes.length) === 0)
        throw new PluginFault("refused", id, `it refuses its own file ${path}`);
    }
  }

  #loadState(address: number, { state }: ProcessSetup): void {
    const { id } = this.manifest;
    if (!state) return;
    if (!this.#exports.load) throw new PluginFault("export-missing", id, "its module does not export load");
    const at = this.#put(address, state.bytes);
    if (this.#exports.load(address, state.version, at, state.bytes.length) === 0)
      throw new PluginFault(
        "state",
        id,
        `it does not understand its saved state of version ${state.version}`,
      );
  }

  /** Copies bytes to where the plugin has room for them. */
  #put(address: number, bytes: Uint8Array): number {
    const { id } = this.manifest;
    if (!this.#exports.room) throw new PluginFault("export-missing", id, "its module does not export room");
    const at = this.#exports.room(address, bytes.length) >>> 0;
    if (at === 0) throw new PluginFault("refused", id, `it has no room for ${bytes.length} bytes`);
    new Uint8Array(this.#exports.memory.buffer, at, bytes.length).set(bytes);
    return at;
  }

  /** Activating one processor may grow the memory, which detaches every view of every other. */
  #refreshViews(): void {
    if (this.#memory === this.#exports.memory.buffer) return;
    this.#memory = this.#exports.memory.buffer;
    for (const processor of this.#processors) processor.refreshViews();
  }
}

/** Throws a PluginFault that names the exports which the ABI, or an extension of the manifest, asks for in vain. */
function requireExports(manifest: Manifest, module: WebAssembly.Module): void {
  const kinds = new Map(WebAssembly.Module.exports(module).map((e) => [e.name, e.kind]));
  const extensions: readonly string[] = manifest.extensions ?? [];
  const needed: string[] = [...FUNCTIONS];
  if (extensions.includes("state/1")) needed.push("room", "save", "load");
  if (extensions.includes("curve/1")) needed.push("room", "curve");
  const missing = [...new Set(needed)].filter((name) => kinds.get(name) !== "function");
  if (kinds.get("memory") !== "memory") missing.unshift("memory");
  if (missing.length > 0)
    throw new PluginFault("export-missing", manifest.id, `its module does not export ${missing.join(", ")}`);
}
