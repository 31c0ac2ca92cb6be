/**
 * Runs one plugin inside a plan: audio in, process, audio out; and what is heard when the plugin fails.
 *
 *   engine buffers ─▶ block.inputs ─▶ process ─▶ block.outputs ─▶ engine buffers
 *
 * After a trap, a sample that is not finite or one above +60 dBFS the processor is never called again. Its place is
 * taken by its main input, late by the plugin's latency (onFault "bypass"), or by silence, joined to the last good
 * sample by a fade. The host may install a new processor once: it runs unheard for its latency and is faded in.
 * Every other node goes on untouched. All fades take 5 ms. A plugin at rest is not called while nothing wakes it: sleep.ts.
 */
import { clampParam, type Manifest, type RunningProcessor, reasonOf } from "@gainstage/plugin-api";
import { copyFrames } from "./copy-frames.ts";
import { DryPath } from "./dry-path.ts";
import type { CallWatch, RuntimeFault } from "./runtime-fault.ts";
import { Sleep } from "./sleep.ts";
import type { SongClock } from "./song-clock.ts";

export interface ProcessorNode {
  readonly manifest: Manifest;
  readonly processor: RunningProcessor;
}

/** What of the engine a runner works with. */
export interface RunnerPlace {
  readonly node: string;
  /** Among the engine's plugin nodes. */
  readonly index: number;
  /** Views of the engine's buffers, [port][channel]. */
  readonly inputs: readonly Float32Array[][];
  readonly outputs: readonly Float32Array[][];
  /** View of the engine's parameters. */
  readonly params: Float64Array;
  readonly sampleRateHz: number;
  readonly onFault: (fault: RuntimeFault) => void;
  readonly watch?: CallWatch;
  /** Engine frames of calls that are known not to end, rising: they fail without being made. */
  readonly hangs?: readonly number[];
  readonly clock?: SongClock;
  /** How late the song arrives at the node. */
  readonly inLatencyFrames: number;
}

/** +60 dBFS: more than any effect makes of a sound of ordinary level. */
const LOUDEST = 1000;
const FADE_SECONDS = 0.005;
const NO_COUNT = "process() did not return how many frames are left";

export class PluginRunner {
  readonly #place: RunnerPlace;
  readonly #manifest: Manifest;
  #processor: RunningProcessor;
  readonly #fadeFrames: number;
  readonly #mainIn: number;
  readonly #mainOut: number;
  readonly #dry: DryPath;
  /** Indices of the parameters that go in steps. */
  readonly #stepped: readonly number[];
  /** The last sample heard of each main output channel before the current call. */
  readonly #last: Float64Array;
  /** The same before the current block of the engine, of which a call may be only a part. */
  readonly #lastOfBlock: Float64Array;
  /** Frames of the call before, whose last sample is still in the processor's block. */
  #framesBefore = 0;
  readonly #faults: RuntimeFault[] = [];
  #off = false;
  #failedInThisBlock = false;
  /** The last good sample of each channel, and frames left of the fade from it. */
  readonly #fallFrom: Float64Array;
  #fallLeft = 0;
  /** Frames for which a new processor is still unheard, and then those left of its fade in. */
  #unheardLeft = 0;
  #riseLeft = 0;
  #nextHang = 0;
  #remainingFrames = 0;
  readonly #sleep: Sleep;

  constructor({ manifest, processor }: ProcessorNode, place: RunnerPlace) {
    this.#place = place;
    this.#manifest = manifest;
    this.#processor = processor;
    this.#fadeFrames = Math.max(1, Math.round(FADE_SECONDS * place.sampleRateHz));
    this.#mainIn = manifest.inputs.findIndex((p) => p.role === "main");
    this.#mainOut = manifest.outputs.findIndex((p) => p.role === "main");
    const bypasses = manifest.onFault !== "silence" && this.#mainIn >= 0;
    const maxFrames = processor.block.inputs[this.#mainIn]?.[0]?.length ?? 0;
    this.#dry = new DryPath(bypasses ? place.inputs[this.#mainIn] : [], processor.latencyFrames, maxFrames);
    this.#stepped = manifest.params.flatMap(({ step }, i) => (step === undefined ? [] : [i]));
    this.#last = new Float64Array(place.outputs[this.#mainOut]?.length ?? 0);
    this.#lastOfBlock = this.#last.slice();
    this.#fallFrom = this.#last.slice();
    this.#sleep = new Sleep(place.params);
  }

  get faults(): readonly RuntimeFault[] {
    return this.#faults;
  }

  /** What the plugin said at its last block: frames it may still sound. */
  get remainingFrames(): number {
    return this.#off ? 0 : this.#remainingFrames;
  }

  get meters(): Float32Array {
    return this.#processor.block.meters;
  }

  /**
   * [control, between blocks] A new processor in the place of the one that failed, of the same latency. False if
   * none is wanted: nothing failed, or it is the second time.
   */
  install(processor: RunningProcessor): boolean {
    const fits = processor.latencyFrames === this.#processor.latencyFrames;
    if (!this.#off || this.#faults.length > 1 || !fits) return false;
    this.#processor = processor;
    this.#off = false;
    this.#unheardLeft = processor.latencyFrames;
    this.#riseLeft = this.#fadeFrames;
    this.#framesBefore = 0;
    this.#sleep.wake();
    return true;
  }

  /**
   * [audio] Frames `offset` to `offset + frames` of the engine's current block. True if the plugin is at rest: nothing is
   * written, and the engine puts zeros.
   */
  run(offset: number, frames: number, position: number, silent: boolean): boolean {
    if (offset === 0) this.#failedInThisBlock = false;
    this.#dry.keep(offset, frames);
    if (!this.#off) {
      if (silent && this.#sleep.lasts()) {
        this.#rest(offset);
        return true;
      }
      try {
        this.#keepLast(offset);
        this.#callBetweenTempoChanges(offset, frames, position);
        this.#sleep.called(silent, this.#remainingFrames, this.#place.outputs, offset, frames);
        return false;
      } catch (error) {
        this.#place.watch?.leave();
        // By identity: what a module throws may trap whoever asks what it is.
        if (error === WITHOUT_END) this.#fail("hang", position, "its process() did not return");
        else this.#fail("trap", position, `it failed while running: ${reasonOf(error)}`);
      }
    }
    this.#replace(offset, frames);
    return false;
  }

  /** [audio] An output of the block just run is beyond +60 dBFS or no number: if that is the plugin's, the block is made without it. */
  unsound(frames: number, position: number): void {
    if (!this.#off) {
      const peak = peakOf(this.#place.outputs, frames);
      if (!(peak < Number.POSITIVE_INFINITY)) {
        this.#fail("non-finite", position, "it put out a sample that is not a finite number");
      } else if (peak > LOUDEST * Math.max(1, peakOf(this.#place.inputs, frames))) {
        const decibels = Math.round(20 * Math.log10(peak));
        this.#fail("overload", position, `it put out a sample at +${decibels} dBFS`);
      } else return;
    }
    if (this.#failedInThisBlock) {
      this.#fallFrom.set(this.#lastOfBlock);
      this.#fallLeft = this.#fadeFrames;
      this.#replace(0, frames);
    }
    // What is left now came in with the dry signal.
    for (const port of this.#place.outputs) {
      for (const channel of port) {
        for (let i = 0; i < frames; i++) if (!Number.isFinite(channel[i])) channel[i] = 0;
      }
    }
  }

  /** [audio] Back to the song's first frame. A plugin that is off stays off, also one that fails in this. */
  reset(): void {
    if (!this.#off) {
      try {
        this.#processor.reset();
      } catch (error) {
        this.#fail("trap", 0, `it failed in reset: ${reasonOf(error)}`);
      }
    }
    this.#dry.reset();
    this.#last.fill(0);
    this.#lastOfBlock.fill(0);
    this.#framesBefore = 0;
    this.#fallLeft = 0;
    this.#unheardLeft = 0;
    this.#riseLeft = 0;
    this.#remainingFrames = 0;
    this.#sleep.wake();
  }

  /** Frames that a plugin at rest is not called for. */
  #rest(offset: number): void {
    if (offset === 0) this.#lastOfBlock.fill(0);
    this.#last.fill(0);
    this.#framesBefore = 0;
  }

  #keepLast(offset: number): void {
    if (this.#framesBefore > 0) {
      const before = this.#processor.block.outputs[this.#mainOut];
      for (let c = 0; c < this.#last.length; c++) this.#last[c] = before[c][this.#framesBefore - 1];
    }
    if (offset === 0) this.#lastOfBlock.set(this.#last);
  }

  #callBetweenTempoChanges(offset: number, frames: number, position: number): void {
    const { clock, inLatencyFrames } = this.#place;
    if (!clock) {
      this.#call(offset, frames, position);
      return;
    }
    for (let done = 0; done < frames; ) {
      const songFrame = position + done - inLatencyFrames;
      const run = Math.min(frames - done, clock.nextChange(songFrame) - songFrame);
      this.#processor.block.transport = clock.at(songFrame);
      this.#call(offset + done, run, position + done);
      done += run;
      if (done < frames) this.#keepLast(offset + done);
    }
  }

  #call(offset: number, frames: number, position: number): void {
    const { inputs, outputs, params, watch, hangs, index } = this.#place;
    const { block } = this.#processor;
    for (let p = 0; p < inputs.length; p++) {
      for (let c = 0; c < inputs[p].length; c++)
        copyFrames(block.inputs[p][c], 0, inputs[p][c], offset, frames);
    }
    block.params.set(params);
    for (let k = 0; k < this.#stepped.length; k++) {
      const i = this.#stepped[k];
      block.params[i] = clampParam(this.#manifest.params[i], params[i]);
    }
    block.silentOutputs.fill(0);
    block.frames = frames;
    if (hangs && hangs[this.#nextHang] === position) {
      this.#nextHang++;
      throw WITHOUT_END;
    }
    watch?.enter(index, position);
    const remaining = this.#processor.process();
    watch?.leave();
    // A module may say anything; what it says is counted with.
    if (typeof remaining !== "number" || !(remaining >= 0)) throw new TypeError(NO_COUNT);
    this.#remainingFrames = remaining;
    this.#framesBefore = frames;
    if (this.#riseLeft > 0) {
      this.#rise(offset, frames);
      return;
    }
    for (let p = 0; p < outputs.length; p++) {
      for (let c = 0; c < outputs[p].length; c++)
        copyFrames(outputs[p][c], offset, block.outputs[p][c], 0, frames);
    }
  }

  #fail(code: RuntimeFault["code"], frame: number, message: string): void {
    const heard = this.#manifest.onFault ?? "bypass";
    const { id } = this.#manifest;
    const { node } = this.#place;
    const attempt = this.#faults.length === 0 ? 1 : 2;
    const fault: RuntimeFault = {
      node,
      plugin: id,
      code,
      frame,
      heard,
      message: `plugin ${id}: ${message}`,
      attempt,
    };
    this.#faults.push(fault);
    this.#off = true;
    this.#fallFrom.set(this.#last);
    this.#fallLeft = this.#fadeFrames;
    this.#riseLeft = 0;
    this.#failedInThisBlock = true;
    this.#place.onFault(fault);
  }

  /** Frames without the plugin: the dry path, joined by a fade to what was heard last. */
  #replace(offset: number, frames: number): void {
    for (let p = 0; p < this.#place.outputs.length; p++) {
      if (p === this.#mainOut) continue;
      for (const channel of this.#place.outputs[p]) channel.fill(0, offset, offset + frames);
    }
    const outputs = this.#place.outputs[this.#mainOut];
    this.#dry.play(outputs, offset, frames);
    for (let i = offset; i < offset + frames && this.#fallLeft > 0; i++) {
      const old = this.#fallLeft-- / this.#fadeFrames;
      for (let c = 0; c < this.#fallFrom.length; c++) {
        outputs[c][i] = outputs[c][i] * (1 - old) + this.#fallFrom[c] * old;
      }
    }
  }

  /** Frames in which a new processor is unheard or fades in over what took its place. */
  #rise(offset: number, frames: number): void {
    this.#replace(offset, frames);
    const { outputs } = this.#place;
    const wet = this.#processor.block.outputs;
    for (let i = 0; i < frames; i++) {
      if (this.#unheardLeft > 0) {
        this.#unheardLeft--;
        continue;
      }
      const share = 1 - this.#riseLeft / this.#fadeFrames;
      if (this.#riseLeft > 0) this.#riseLeft--;
      for (let p = 0; p < outputs.length; p++) {
        for (let c = 0; c < outputs[p].length; c++) {
          const dry = outputs[p][c][offset + i];
          outputs[p][c][offset + i] = share === 1 ? wet[p][c][i] : dry + (wet[p][c][i] - dry) * share;
        }
      }
    }
    // What was heard last is not what the processor put out.
    for (let c = 0; c < this.#last.length; c++)
      this.#last[c] = outputs[this.#mainOut][c][offset + frames - 1];
    this.#framesBefore = 0;
  }
}

/** Thrown in the place of a call that is known not to end. */
const WITHOUT_END = new Error("a call that does not end");

/** The largest magnitude; NaN if any sample is none. */
function peakOf(ports: readonly Float32Array[][], frames: number): number {
  let peak = 0;
  for (const port of ports) {
    for (const channel of port) {
      for (let i = 0; i < frames; i++) peak = Math.max(peak, Math.abs(channel[i]));
    }
  }
  return peak;
}
