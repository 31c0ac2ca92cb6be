/**
 * Runs one plugin inside a plan: audio in, process, audio out; and what is heard when the plugin fails.
 *
 *   engine buffers ─▶ block.inputs ─▶ process ─▶ block.outputs ─▶ engine buffers
 *
 * After a trap, a sample that is not finite or one above +60 dBFS the processor is never called again; substitute.ts says
 * what is heard instead (onFault). The host may install a new processor once: it runs unheard for its latency and is
 * faded in. Every other node goes on untouched. These fades take 5 ms.
 *
 * Bypassed, a plugin goes on running, and its main input is heard, late by its latency; the change takes 10 ms. A plugin
 * at rest is not called while nothing wakes it: sleep.ts.
 */
import { type Manifest, type RunningProcessor, reasonOf } from "@gainstage/plugin-api";
import { DryPath } from "./dry-path.ts";
import { LastHeard } from "./last-heard.ts";
import { PluginCall, WITHOUT_END } from "./plugin-call.ts";
import type { RunnerPlace } from "./runner-place.ts";
import type { RuntimeFault } from "./runtime-fault.ts";
import { Sleep } from "./sleep.ts";
import { dropNonFinite, unsoundOf } from "./soundness.ts";
import { Substitute } from "./substitute.ts";
import { WetShare } from "./wet-share.ts";

export interface ProcessorNode {
  readonly manifest: Manifest;
  readonly processor: RunningProcessor;
}

const FADE_SECONDS = 0.005;
const BYPASS_SECONDS = 0.01;

export class PluginRunner {
  #place: RunnerPlace;
  readonly #manifest: Manifest;
  readonly #call: PluginCall;
  readonly #fadeFrames: number;
  readonly #mainIn: number;
  readonly #mainOut: number;
  readonly #substitute: Substitute;
  readonly #wet: WetShare;
  #bypassed: boolean;
  readonly #last: LastHeard;
  readonly #faults: RuntimeFault[] = [];
  #off = false;
  #failedInThisBlock = false;
  #remainingFrames = 0;
  readonly #sleep: Sleep;

  constructor({ manifest, processor }: ProcessorNode, place: RunnerPlace) {
    this.#place = place;
    this.#manifest = manifest;
    this.#call = new PluginCall(manifest, processor, place);
    this.#fadeFrames = Math.max(1, Math.round(FADE_SECONDS * place.sampleRateHz));
    this.#mainOut = manifest.outputs.findIndex((p) => p.role === "main");
    this.#mainIn = manifest.inputs.findIndex((p) => p.role === "main");
    const maxFrames = processor.block.inputs[this.#mainIn]?.[0]?.length ?? 0;
    const dry = new DryPath(place.inputs[this.#mainIn] ?? [], processor.latencyFrames, maxFrames);
    this.#substitute = new Substitute(dry, place.outputs, this.#mainOut, this.#fadeFrames);
    this.#bypassed = place.bypassed;
    this.#wet = new WetShare(place.bypassed ? 0 : 1);
    this.#last = new LastHeard(place.outputs[this.#mainOut]?.length ?? 0);
    this.#sleep = new Sleep();
  }

  get node(): string {
    return this.#place.node;
  }

  /** What it runs, or ran until it failed. */
  get processorNode(): ProcessorNode {
    return { manifest: this.#manifest, processor: this.#call.processor };
  }

  /** [control, between blocks] To the buffers of another plan; all that is remembered goes on. */
  move(place: RunnerPlace): void {
    this.#place = place;
    this.#call.move(place);
    this.#substitute.move(place.inputs[this.#mainIn] ?? [], place.outputs);
  }

  get faults(): readonly RuntimeFault[] {
    return this.#faults;
  }

  /** What the plugin said at its last block: frames it may still sound. */
  get remainingFrames(): number {
    return this.#off ? 0 : this.#remainingFrames;
  }

  get meters(): Float32Array {
    return this.#call.processor.block.meters;
  }

  /**
   * [control, between blocks] A new processor in the place of the one that failed, of the same latency. False if
   * none is wanted: nothing failed, or it is the second time.
   */
  install(processor: RunningProcessor): boolean {
    const fits = processor.latencyFrames === this.#call.processor.latencyFrames;
    if (!this.#off || this.#faults.length > 1 || !fits) return false;
    this.#call.replace(processor);
    this.#off = false;
    this.#wet.jumpTo(0);
    if (!this.#bypassed) this.#wet.aimAt(1, this.#fadeFrames, processor.latencyFrames);
    this.#last.another();
    this.#sleep.wake();
    return true;
  }

  /** [control, between blocks] From here on its input is heard in its place, or it again. */
  bypass(on: boolean): void {
    if (on === this.#bypassed) return;
    this.#bypassed = on;
    this.#substitute.isDry = true;
    this.#wet.aimAt(on ? 0 : 1, Math.max(1, Math.round(BYPASS_SECONDS * this.#place.sampleRateHz)));
  }

  /**
   * [audio] Frames `offset` to `offset + frames` of the engine's current block. True if the plugin is at rest: nothing is
   * written, and the engine puts zeros.
   */
  run(offset: number, frames: number, position: number, silent: boolean, moved: boolean): boolean {
    if (offset === 0) this.#failedInThisBlock = false;
    this.#substitute.dry.keep(offset, frames);
    if (!this.#off) {
      if (moved) this.#sleep.wake();
      if (silent && this.#sleep.lasts) {
        this.#last.rest(offset);
        if (this.#wet.isWhole) return true;
        this.#blend(offset, frames, undefined);
        return false;
      }
      try {
        this.#takeLast(offset);
        if (moved) this.#call.takeParams();
        this.#callBetweenTempoChanges(offset, frames, position);
        this.#sleep.called(silent && !moved, this.#remainingFrames, this.#place.outputs, offset, frames);
        return false;
      } catch (error) {
        this.#place.watch?.leave();
        // By identity: what a module throws may trap whoever asks what it is.
        if (error === WITHOUT_END) this.#fail("hang", position, "its process() did not return");
        else this.#fail("trap", position, `it failed while running: ${reasonOf(error)}`);
      }
    }
    this.#substitute.play(offset, frames);
    return false;
  }

  /** [audio] An output of the block just run is beyond +60 dBFS or no number: if that is the plugin's, the block is made without it. */
  unsound(frames: number, position: number): void {
    if (!this.#off) {
      const { outputs, inputs } = this.#place;
      const unsound = unsoundOf(outputs, inputs, frames);
      if (!unsound) return;
      this.#fail(unsound.code, position, unsound.message);
    }
    if (this.#failedInThisBlock) {
      this.#substitute.fallFrom(this.#last.ofBlock);
      this.#substitute.play(0, frames);
    }
    // What is left now came in with the dry signal.
    dropNonFinite(this.#place.outputs, frames);
  }

  /** [audio] Back to the song's first frame. A plugin that is off stays off, also one that fails in this. */
  reset(): void {
    if (!this.#off) {
      try {
        this.#call.processor.reset();
      } catch (error) {
        this.#fail("trap", 0, `it failed in reset: ${reasonOf(error)}`);
      }
    }
    this.#substitute.reset();
    this.#wet.jumpTo(this.#bypassed ? 0 : 1);
    this.#last.reset();
    this.#remainingFrames = 0;
    this.#sleep.wake();
  }

  #takeLast(offset: number): void {
    this.#last.take(offset, this.#call.processor.block.outputs[this.#mainOut]);
  }

  #callBetweenTempoChanges(offset: number, frames: number, position: number): void {
    const { clock, heard } = this.#place;
    if (!clock) {
      this.#callOnce(offset, frames, position);
      return;
    }
    const start = heard.frame;
    for (let done = 0; done < frames; ) {
      const songFrame = start + done;
      const run = Math.min(frames - done, clock.nextChange(songFrame) - songFrame);
      this.#call.processor.block.transport = heard.transportAt(clock, songFrame);
      this.#callOnce(offset + done, run, position + done);
      done += run;
      if (done < frames) this.#takeLast(offset + done);
    }
  }

  #callOnce(offset: number, frames: number, position: number): void {
    this.#remainingFrames = this.#call.make(offset, frames, position);
    this.#last.called(frames);
    if (this.#wet.isWhole) this.#call.takeOutputs(offset, frames);
    else this.#blend(offset, frames, this.#call.processor.block.outputs);
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
    this.#substitute.isDry = this.#bypassed || heard === "bypass";
    this.#substitute.fallFrom(this.#last.ofCall);
    this.#failedInThisBlock = true;
    this.#place.onFault(fault);
  }

  /** Frames in which the plugin is heard in part or not at all; `wet` undefined where it put out silence. */
  #blend(offset: number, frames: number, wet: readonly (readonly Float32Array[])[] | undefined): void {
    this.#substitute.play(offset, frames);
    const { outputs } = this.#place;
    for (let i = 0; i < frames; i++) {
      const share = this.#wet.next();
      if (share === 0) continue;
      for (let p = 0; p < outputs.length; p++) {
        for (let c = 0; c < outputs[p].length; c++) {
          const dry = outputs[p][c][offset + i];
          const own = wet ? wet[p][c][i] : 0;
          outputs[p][c][offset + i] = share === 1 ? own : dry + (own - dry) * share;
        }
      }
    }
    this.#last.heard(outputs[this.#mainOut], offset + frames - 1);
  }
}
