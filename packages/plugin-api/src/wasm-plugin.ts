/**
 * The host's side of the wasm ABI 0.1 (docs/wasm-abi.md): one instance and one memory for a plugin package, many
 * processors inside it.
 */
import { PluginFault, reasonOf } from "./fault.ts";
import type { Manifest } from "./manifest.ts";
import type { ProcessSetup } from "./plugin.ts";
import {
  checkTiming,
  type LoadedPlugin,
  type RunningBlock,
  type RunningProcessor,
} from "./running-processor.ts";
import { parseApiVersion } from "./version.ts";

interface Exports {
  readonly memory: WebAssembly.Memory;
  api(): number;
  create(): number;
  activate(processor: number, sampleRateHz: number, maxFrames: number, seed: number): number;
  reset(processor: number): void;
  process(processor: number, frames: number): number;
  destroy(processor: number): void;
}

const FUNCTIONS = ["api", "create", "activate", "reset", "process", "destroy"] as const;

/** Word offsets of the record that create() returns. */
const LATENCY_FRAMES = 0;
const TAIL_FRAMES = 1;
const PARAMS = 2;
const PORTS = 3;
const INPUTS = 4;
const OUTPUTS = 5;
const METERS = 6;

const CONNECTED = 0x10000;
const ENDLESS_TAIL = 0xffffffff;

export class WasmPlugin implements LoadedPlugin {
  readonly manifest: Manifest;
  readonly #exports: Exports;
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
    const kinds = new Map(WebAssembly.Module.exports(module).map((e) => [e.name, e.kind]));
    const missing = FUNCTIONS.filter((name) => kinds.get(name) !== "function");
    if (missing.length > 0 || kinds.get("memory") !== "memory") {
      const names = kinds.get("memory") === "memory" ? missing : ["memory", ...missing];
      throw new PluginFault("export-missing", manifest.id, `its module does not export ${names.join(", ")}`);
    }
    this.manifest = manifest;
    try {
      this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
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

  activate(setup: ProcessSetup): RunningProcessor {
    try {
      return this.#activate(setup);
    } catch (error) {
      if (error instanceof PluginFault) throw error;
      throw new PluginFault("trap", this.manifest.id, `it failed in activate: ${reasonOf(error)}`);
    }
  }

  #activate(setup: ProcessSetup): RunningProcessor {
    const { id } = this.manifest;
    try {
      // An address from 2 GiB on comes out of WebAssembly as a negative number.
      const address = this.#exports.create() >>> 0;
      if (address === 0) throw new PluginFault("refused", id, "it could not create a processor");
      this.#writeSetup(address, setup);
      const accepted = this.#exports.activate(address, setup.sampleRateHz, setup.maxFrames, setup.seed | 0);
      if (accepted === 0) {
        this.#exports.destroy(address);
        throw new PluginFault(
          "refused",
          id,
          `it refuses ${setup.sampleRateHz} Hz with blocks of ${setup.maxFrames} frames`,
        );
      }
      const processor = new WasmProcessor(this.#exports, address, setup, this.manifest, (gone) =>
        this.#processors.delete(gone),
      );
      this.#processors.add(processor);
      return processor;
    } finally {
      // Also after a refusal: the memory may have grown before it.
      this.#refreshViews();
    }
  }

  #writeSetup(address: number, setup: ProcessSetup): void {
    const { buffer } = this.#exports.memory;
    const record = new Uint32Array(buffer, address, METERS + 1);
    new Float64Array(buffer, record[PARAMS], setup.params.length).set(setup.params);
    const ports = [...setup.inputs, ...setup.outputs];
    new Uint32Array(buffer, record[PORTS], ports.length).set(
      ports.map((p) => p.channels | (p.connected ? CONNECTED : 0)),
    );
  }

  /** Activating one processor may grow the memory, which detaches every view of every other. */
  #refreshViews(): void {
    if (this.#memory === this.#exports.memory.buffer) return;
    this.#memory = this.#exports.memory.buffer;
    for (const processor of this.#processors) processor.refreshViews();
  }
}

class WasmProcessor implements RunningProcessor {
  readonly latencyFrames: number;
  readonly tailFrames: number;
  readonly block: RunningBlock;
  readonly #exports: Exports;
  readonly #address: number;
  readonly #setup: ProcessSetup;
  readonly #meterCount: number;
  readonly #onDispose: (self: WasmProcessor) => void;

  constructor(
    exports: Exports,
    address: number,
    setup: ProcessSetup,
    manifest: Manifest,
    onDispose: (self: WasmProcessor) => void,
  ) {
    this.#exports = exports;
    this.#address = address;
    this.#setup = setup;
    this.#meterCount = manifest.meters?.length ?? 0;
    this.#onDispose = onDispose;
    const record = new Uint32Array(exports.memory.buffer, address, METERS + 1);
    this.latencyFrames = record[LATENCY_FRAMES];
    this.tailFrames = record[TAIL_FRAMES] === ENDLESS_TAIL ? Number.POSITIVE_INFINITY : record[TAIL_FRAMES];
    checkTiming(manifest.id, this.latencyFrames, this.tailFrames);
    this.block = {
      frames: 0,
      inputs: setup.inputs.map(() => []),
      outputs: setup.outputs.map(() => []),
      params: new Float64Array(0),
      meters: new Float32Array(0),
    };
    this.refreshViews();
  }

  /** [control] Makes the views again from the record; its addresses are fixed until the next activation. */
  refreshViews(): void {
    const { buffer } = this.#exports.memory;
    const record = new Uint32Array(buffer, this.#address, METERS + 1);
    const { maxFrames, inputs, outputs, params } = this.#setup;
    const channels = (table: number, ports: ProcessSetup["inputs"], into: Float32Array[][]) => {
      const count = ports.reduce((sum, p) => sum + p.channels, 0);
      const addresses = new Uint32Array(buffer, table, count);
      let next = 0;
      ports.forEach((port, index) => {
        into[index].length = 0;
        for (let c = 0; c < port.channels; c++) {
          into[index].push(new Float32Array(buffer, addresses[next++], maxFrames));
        }
      });
    };
    channels(record[INPUTS], inputs, this.block.inputs);
    channels(record[OUTPUTS], outputs, this.block.outputs);
    this.block.params = new Float64Array(buffer, record[PARAMS], params.length);
    this.block.meters = new Float32Array(buffer, record[METERS], this.#meterCount);
  }

  process(): number {
    const remaining = this.#exports.process(this.#address, this.block.frames);
    return remaining < 0 ? Number.POSITIVE_INFINITY : remaining;
  }

  reset(): void {
    this.#exports.reset(this.#address);
  }

  dispose(): void {
    this.#onDispose(this);
    try {
      this.#exports.destroy(this.#address);
    } catch {
      // A trap here: the processor is not used again, so nothing is lost.
    }
  }
}
