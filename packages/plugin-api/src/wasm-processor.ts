/** One processor inside a wasm plugin's memory: views of its block, and its extensions. */
import { PluginFault } from "./fault.ts";
import type {
  CurveExtension,
  Host,
  Manifest,
  PluginExtensions,
  ProcessSetup,
  StateExtension,
} from "./plugin.ts";
import { writeUnconnected } from "./process-setup.ts";
import {
  checkedSave,
  checkTiming,
  guarded,
  type RunningBlock,
  type RunningProcessor,
} from "./running-processor.ts";
import { readLog } from "./wasm-log.ts";
import { RECORD, RECORD_WORDS, TransportView } from "./wasm-record.ts";

export interface WasmExports {
  readonly memory: WebAssembly.Memory;
  api(): number;
  create(): number;
  activate(processor: number, sampleRateHz: number, maxFrames: number, seed: number): number;
  reset(processor: number): void;
  process(processor: number, frames: number): number;
  destroy(processor: number): void;
  room?(processor: number, bytes: number): number;
  save?(processor: number): number;
  load?(processor: number, version: number, address: number, bytes: number): number;
  curve?(processor: number, kind: number, points: number, address: number): number;
  resource?(processor: number, index: number, address: number, bytes: number): number;
}

const ENDLESS_TAIL = 0xffffffff;
const CURVE_KINDS = { magnitude: 0, transfer: 1 } as const;

interface Life {
  memoryMayHaveGrown(): void;
  ended(processor: WasmProcessor): void;
}

export class WasmProcessor implements RunningProcessor {
  readonly latencyFrames: number;
  readonly tailFrames: number;
  readonly block: RunningBlock;
  readonly #exports: WasmExports;
  readonly #address: number;
  readonly #setup: ProcessSetup;
  readonly #manifest: Manifest;
  readonly #host: Host;
  readonly #life: Life;
  /** A view whose length shows at no cost whether the memory has grown: then it is 0. */
  #oneByte = new Uint8Array(1);
  #transport: TransportView | undefined;

  /** [control] After the plugin's activate(). Throws a PluginFault for a latency or tail that nobody can keep. */
  constructor(
    exports: WasmExports,
    address: number,
    setup: ProcessSetup,
    manifest: Manifest,
    host: Host,
    life: Life,
  ) {
    this.#exports = exports;
    this.#address = address;
    this.#setup = setup;
    this.#manifest = manifest;
    this.#host = host;
    this.#life = life;
    const record = new Uint32Array(exports.memory.buffer, address, RECORD_WORDS);
    const tail = record[RECORD.TAIL_FRAMES];
    this.latencyFrames = record[RECORD.LATENCY_FRAMES];
    this.tailFrames = tail === ENDLESS_TAIL ? Number.POSITIVE_INFINITY : tail;
    checkTiming(manifest.id, this.latencyFrames, this.tailFrames);
    this.block = {
      frames: 0,
      inputs: setup.inputs.map(() => []),
      outputs: setup.outputs.map(() => []),
      params: new Float64Array(0),
      meters: new Float32Array(0),
      silentInputs: new Uint32Array(setup.inputs.length),
      silentOutputs: new Uint32Array(setup.outputs.length),
      transport: null,
    };
    this.refreshViews();
    writeUnconnected(this.block.silentInputs, setup.inputs);
    this.#readLog();
  }

  /** [control] Makes the views again from the record; its addresses are fixed until the next activation. */
  refreshViews(): void {
    const { buffer } = this.#exports.memory;
    this.#oneByte = new Uint8Array(buffer, 0, 1);
    const record = new Uint32Array(buffer, this.#address, RECORD_WORDS);
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
    channels(record[RECORD.INPUTS], inputs, this.block.inputs);
    channels(record[RECORD.OUTPUTS], outputs, this.block.outputs);
    this.block.params = new Float64Array(buffer, record[RECORD.PARAMS], params.length);
    this.block.meters = new Float32Array(buffer, record[RECORD.METERS], this.#manifest.meters?.length ?? 0);
    const silence = record[RECORD.SILENCE];
    if (silence !== 0) {
      this.block.silentInputs = new Uint32Array(buffer, silence, inputs.length);
      this.block.silentOutputs = new Uint32Array(buffer, silence + 4 * inputs.length, outputs.length);
    }
    const transport = record[RECORD.TRANSPORT];
    this.#transport = transport === 0 ? undefined : new TransportView(buffer, transport);
  }

  process(): number {
    this.#transport?.write(this.block.transport);
    const remaining = this.#exports.process(this.#address, this.block.frames);
    // It must not grow the memory here; where it does, the views of its neighbours must not be lost with its own.
    if (this.#oneByte.length === 0) this.#life.memoryMayHaveGrown();
    return remaining < 0 ? Number.POSITIVE_INFINITY : remaining;
  }

  reset(): void {
    this.#exports.reset(this.#address);
  }

  extension<I extends keyof PluginExtensions>(id: I): PluginExtensions[I] | undefined {
    if (!this.#manifest.extensions?.includes(id)) return undefined;
    const state: StateExtension = { save: () => this.#control("save", () => this.#save()) };
    const curve: CurveExtension = {
      curve: (kind, x, y) => this.#control("curve", () => this.#curve(CURVE_KINDS[kind], x, y)),
    };
    const offered: Partial<PluginExtensions> = { "state/1": state, "curve/1": curve };
    return offered[id];
  }

  #save(): Uint8Array {
    const at = this.#exports.save!(this.#address) >>> 0;
    const { id } = this.#manifest;
    if (at === 0) throw new PluginFault("state", id, "it could not save its state");
    const { buffer } = this.#exports.memory;
    const [length] = new Uint32Array(buffer, at, 1);
    return checkedSave(id, new Uint8Array(buffer, at + 4, length));
  }

  #curve(kind: number, x: Float64Array, y: Float64Array): boolean {
    const at = this.#exports.room!(this.#address, 16 * x.length) >>> 0;
    if (at === 0) throw new PluginFault("refused", this.#manifest.id, "it has no room for a curve");
    new Float64Array(this.#exports.memory.buffer, at, x.length).set(x);
    if (this.#exports.curve!(this.#address, kind, x.length, at) === 0) return false;
    y.set(new Float64Array(this.#exports.memory.buffer, at + 8 * x.length, x.length));
    return true;
  }

  dispose(): void {
    this.#life.ended(this);
    try {
      this.#exports.destroy(this.#address);
    } catch {
      // A trap here: the processor is not used again, so nothing is lost.
    }
  }

  #control<T>(doing: string, work: () => T): T {
    try {
      return guarded(this.#manifest.id, doing, work);
    } finally {
      this.#life.memoryMayHaveGrown();
      this.#readLog();
    }
  }

  /** A ring that lies outside the memory, or is no ring, is not read. */
  #readLog(): void {
    const log = this.#host.extension("log/1");
    if (!log) return;
    const { requires = [], uses = [] } = this.#manifest;
    const index = [...requires, ...uses].indexOf("log/1");
    const { buffer } = this.#exports.memory;
    try {
      const areas = new Uint32Array(buffer, this.#address, RECORD_WORDS)[RECORD.AREAS];
      const area = areas === 0 ? 0 : new Uint32Array(buffer, areas + 4 * index, 1)[0];
      if (area !== 0) readLog(buffer, area, log);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}
