/**
 * Runs one plugin inside a plan: audio in, process, audio out; and what is heard when the plugin fails.
 *
 *   engine buffers ─▶ block.inputs ─▶ process ─▶ block.outputs ─▶ engine buffers
 *
 * After a trap or a sample that is not finite the plugin is never called again. Its place is taken by its main
 * input, late by the plugin's latency (onFault "bypass"), or by silence, joined to the last good sample by a fade
 * of 5 ms. Every other node goes on untouched.
 */
import { type Manifest, type RunningProcessor, reasonOf } from "@gainstage/plugin-api";

export interface RuntimeFault {
  readonly node: string;
  readonly plugin: string;
  readonly code: "trap" | "non-finite";
  /** Engine frame at which the block that failed began. */
  readonly frame: number;
  readonly heard: "bypass" | "silence";
  readonly message: string;
}

export interface ProcessorNode {
  readonly manifest: Manifest;
  readonly processor: RunningProcessor;
}

const NOT_FINITE = "it put out a sample that is not a finite number";

export class PluginRunner {
  readonly #node: string;
  readonly #manifest: Manifest;
  readonly #processor: RunningProcessor;
  readonly #inputs: readonly Float32Array[][];
  readonly #outputs: readonly Float32Array[][];
  readonly #params: Float64Array;
  readonly #fadeFrames: number;
  readonly #onFault: (fault: RuntimeFault) => void;
  readonly #mainIn: number;
  readonly #mainOut: number;
  /** The past of a dry signal that must be late, latency and one block long. Empty where it need not. [channel] */
  readonly #dry: readonly Float32Array[];
  #dryHead = 0;
  /** The last sample of each main output channel before the current call. */
  readonly #last: Float64Array;
  /** The same before the current block of the engine, of which a call may be only a part. */
  readonly #lastOfBlock: Float64Array;
  #framesBefore = 0;
  #fault: RuntimeFault | undefined;
  #failedInThisBlock = false;
  #fadeLeft = 0;
  #remainingFrames = 0;

  /** `inputs` and `outputs` are views of the engine's buffers, [port][channel]; `params` of its parameters. */
  constructor(
    node: string,
    { manifest, processor }: ProcessorNode,
    views: {
      readonly inputs: readonly Float32Array[][];
      readonly outputs: readonly Float32Array[][];
      readonly params: Float64Array;
    },
    sampleRateHz: number,
    onFault: (fault: RuntimeFault) => void,
  ) {
    this.#node = node;
    this.#manifest = manifest;
    this.#processor = processor;
    this.#inputs = views.inputs;
    this.#outputs = views.outputs;
    this.#params = views.params;
    this.#onFault = onFault;
    this.#fadeFrames = Math.max(1, Math.round(0.005 * sampleRateHz));
    this.#mainIn = manifest.inputs.findIndex((p) => p.role === "main");
    this.#mainOut = manifest.outputs.findIndex((p) => p.role === "main");
    const late = this.#bypasses && processor.latencyFrames > 0;
    const dryChannels = late ? this.#inputs[this.#mainIn].length : 0;
    const dryFrames = processor.latencyFrames + (processor.block.inputs[this.#mainIn]?.[0]?.length ?? 0);
    this.#dry = Array.from({ length: dryChannels }, () => new Float32Array(dryFrames));
    this.#last = new Float64Array(this.#outputs[this.#mainOut]?.length ?? 0);
    this.#lastOfBlock = this.#last.slice();
  }

  get #bypasses(): boolean {
    return this.#manifest.onFault !== "silence" && this.#mainIn >= 0;
  }

  get fault(): RuntimeFault | undefined {
    return this.#fault;
  }

  /** What the plugin said at its last block: frames it may still sound. */
  get remainingFrames(): number {
    return this.#fault ? 0 : this.#remainingFrames;
  }

  get meters(): Float32Array {
    return this.#processor.block.meters;
  }

  /** [audio] Frames `offset` to `offset + frames` of the engine's current block. */
  run(offset: number, frames: number, position: number): void {
    if (offset === 0) this.#failedInThisBlock = false;
    this.#keepDry(offset, frames);
    if (!this.#fault) {
      try {
        this.#call(offset, frames);
        return;
      } catch (error) {
        this.#fail("trap", position, `it failed while running: ${reasonOf(error)}`);
      }
    }
    this.#replace(offset, frames);
  }

  /** [audio] An output of the block just run is not finite: if that is the plugin's, the block is made without it. */
  notFinite(frames: number, position: number): void {
    if (!this.#fault) this.#fail("non-finite", position, NOT_FINITE);
    if (this.#failedInThisBlock) {
      this.#last.set(this.#lastOfBlock);
      this.#fadeLeft = this.#fadeFrames;
      this.#replace(0, frames);
    }
    // What is left now came in with the dry signal.
    for (const port of this.#outputs) {
      for (const channel of port) {
        for (let i = 0; i < frames; i++) if (!Number.isFinite(channel[i])) channel[i] = 0;
      }
    }
  }

  /** [audio] Back to the song's first frame. A plugin that failed stays off, also one that fails in this. */
  reset(): void {
    if (!this.#fault) {
      try {
        this.#processor.reset();
      } catch (error) {
        this.#fail("trap", 0, `it failed in reset: ${reasonOf(error)}`);
      }
    }
    for (const ring of this.#dry) ring.fill(0);
    this.#dryHead = 0;
    this.#last.fill(0);
    this.#lastOfBlock.fill(0);
    this.#framesBefore = 0;
    this.#fadeLeft = 0;
    this.#remainingFrames = 0;
  }

  #call(offset: number, frames: number): void {
    const { block } = this.#processor;
    if (this.#framesBefore > 0) {
      const before = block.outputs[this.#mainOut];
      for (let c = 0; c < this.#last.length; c++) this.#last[c] = before[c][this.#framesBefore - 1];
    }
    if (offset === 0) this.#lastOfBlock.set(this.#last);
    for (let p = 0; p < this.#inputs.length; p++) {
      for (let c = 0; c < this.#inputs[p].length; c++) {
        copyFrames(block.inputs[p][c], 0, this.#inputs[p][c], offset, frames);
      }
    }
    block.params.set(this.#params);
    block.frames = frames;
    this.#remainingFrames = this.#processor.process();
    for (let p = 0; p < this.#outputs.length; p++) {
      for (let c = 0; c < this.#outputs[p].length; c++) {
        copyFrames(this.#outputs[p][c], offset, block.outputs[p][c], 0, frames);
      }
    }
    this.#framesBefore = frames;
  }

  #fail(code: RuntimeFault["code"], frame: number, message: string): RuntimeFault {
    const heard = this.#manifest.onFault ?? "bypass";
    const { id } = this.#manifest;
    this.#fault = { node: this.#node, plugin: id, code, frame, heard, message: `plugin ${id}: ${message}` };
    this.#fadeLeft = this.#fadeFrames;
    this.#failedInThisBlock = true;
    this.#onFault(this.#fault);
    return this.#fault;
  }

  #replace(offset: number, frames: number): void {
    for (const port of this.#outputs) {
      for (const channel of port) channel.fill(0, offset, offset + frames);
    }
    this.#playDry(offset, frames);
    const outputs = this.#outputs[this.#mainOut];
    for (let i = offset; i < offset + frames && this.#fadeLeft > 0; i++) {
      const old = this.#fadeLeft-- / this.#fadeFrames;
      for (let c = 0; c < this.#last.length; c++) {
        outputs[c][i] = outputs[c][i] * (1 - old) + this.#last[c] * old;
      }
    }
  }

  #keepDry(offset: number, frames: number): void {
    if (this.#dry.length === 0) return;
    const inputs = this.#inputs[this.#mainIn];
    for (let i = offset; i < offset + frames; i++) {
      for (let c = 0; c < this.#dry.length; c++) this.#dry[c][this.#dryHead] = inputs[c][i];
      if (++this.#dryHead === this.#dry[0].length) this.#dryHead = 0;
    }
  }

  /** The dry input, late by the plugin's latency; a mono one stands on both sides of a stereo output. */
  #playDry(offset: number, frames: number): void {
    if (!this.#bypasses) return;
    const outputs = this.#outputs[this.#mainOut];
    const inputs = this.#inputs[this.#mainIn];
    if (this.#dry.length === 0) {
      for (let i = offset; i < offset + frames; i++) {
        for (let c = 0; c < outputs.length; c++) outputs[c][i] = inputs[Math.min(c, inputs.length - 1)][i];
      }
      return;
    }
    const { length } = this.#dry[0];
    let at = this.#dryHead - frames - this.#processor.latencyFrames;
    if (at < 0) at += length;
    for (let i = offset; i < offset + frames; i++) {
      for (let c = 0; c < outputs.length; c++)
        outputs[c][i] = this.#dry[Math.min(c, this.#dry.length - 1)][at];
      if (++at === length) at = 0;
    }
  }
}

/** A whole buffer goes by `set`, which is fastest; a part by a loop, since a subarray would allocate. */
function copyFrames(
  to: Float32Array,
  toAt: number,
  from: Float32Array,
  fromAt: number,
  frames: number,
): void {
  if (toAt === 0 && fromAt === 0 && frames * 2 > to.length && from.length <= to.length) {
    to.set(from);
    return;
  }
  for (let i = 0; i < frames; i++) to[toAt + i] = from[fromAt + i];
}
