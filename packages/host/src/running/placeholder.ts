/**
 * Stands in for a plugin that cannot be had: its ports, its parameters and its latency are kept, its main input goes to
 * its main output as late as the plugin would be, and every other output is silent.
 */
import type {
  LoadedPlugin,
  Manifest,
  ProcessSetup,
  RunningBlock,
  RunningProcessor,
} from "@gainstage/plugin-api";

export class PlaceholderPlugin implements LoadedPlugin {
  readonly manifest: Manifest;
  readonly #latencyFrames: number;

  constructor(manifest: Manifest, latencyFrames: number) {
    this.manifest = manifest;
    this.#latencyFrames = latencyFrames;
  }

  activate(setup: ProcessSetup): RunningProcessor {
    return new PlaceholderProcessor(this.manifest, setup, this.#latencyFrames);
  }
}

class PlaceholderProcessor implements RunningProcessor {
  readonly latencyFrames: number;
  readonly tailFrames = 0;
  readonly block: RunningBlock;
  readonly #input: number;
  readonly #output: number;
  /** The latest `latencyFrames` of each channel of the main input. */
  readonly #line: readonly Float32Array[];
  #head = 0;
  /** Frames of silence at the end of what was heard. */
  #silentFrames = Number.MAX_SAFE_INTEGER;

  constructor(manifest: Manifest, setup: ProcessSetup, latencyFrames: number) {
    this.latencyFrames = latencyFrames;
    this.#input = manifest.inputs.findIndex((p) => p.role === "main");
    this.#output = manifest.outputs.findIndex((p) => p.role === "main");
    const buffers = (ports: ProcessSetup["inputs"]) =>
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
    this.#line = (this.block.inputs[this.#input] ?? []).map(() => new Float32Array(latencyFrames));
  }

  process(): number {
    const { frames, inputs, outputs } = this.block;
    const heard = inputs[this.#input] ?? [];
    for (const [p, port] of outputs.entries()) {
      for (const [c, channel] of port.entries()) {
        const from = Math.min(c, heard.length - 1);
        if (p !== this.#output || from < 0) channel.fill(0, 0, frames);
        else this.#delay(heard[from], this.#line[from], channel, frames);
      }
    }
    if (this.latencyFrames > 0) this.#keep(heard, frames);
    for (let i = 0; i < frames; i++) {
      this.#silentFrames = heard.some((channel) => channel[i] !== 0) ? 0 : this.#silentFrames + 1;
    }
    return Math.max(0, this.latencyFrames - this.#silentFrames);
  }

  #delay(input: Float32Array, line: Float32Array, output: Float32Array, frames: number): void {
    for (let i = 0; i < frames; i++) {
      const at = i - this.latencyFrames;
      output[i] = at >= 0 ? input[at] : line[(this.#head + i) % this.latencyFrames];
    }
  }

  #keep(heard: readonly Float32Array[], frames: number): void {
    for (const [c, line] of this.#line.entries()) {
      for (let i = Math.max(0, frames - this.latencyFrames); i < frames; i++)
        line[(this.#head + i) % this.latencyFrames] = heard[c][i];
    }
    this.#head = (this.#head + frames) % this.latencyFrames;
  }

  reset(): void {
    for (const line of this.#line) line.fill(0);
    this.#head = 0;
    this.#silentFrames = Number.MAX_SAFE_INTEGER;
  }

  extension(): undefined {
    return undefined;
  }

  dispose(): void {}
}

/**
 * The least that can be said of a plugin of which nothing was kept: a stereo or mono effect with the parameters and
 * ports that the graph itself names.
 */
export function unknownManifest(id: string, params: readonly string[], ports: readonly string[]): Manifest {
  const layouts = ["stereo", "mono"] as const;
  return {
    api: "1.0",
    id,
    name: id,
    vendor: "unknown",
    version: "0.0.0",
    features: ["utility"],
    entry: { wasm: "missing.wasm" },
    inputs: [
      { id: "in", name: "Input", role: "main", layouts },
      ...ports.map((port) => ({ id: port, name: port, role: "sidechain" as const, layouts })),
    ],
    outputs: [{ id: "out", name: "Output", role: "main", layouts }],
    params: params.map((param) => ({
      id: param,
      name: param,
      unit: "none",
      min: -Number.MAX_VALUE,
      max: Number.MAX_VALUE,
      default: 0,
    })),
  };
}
