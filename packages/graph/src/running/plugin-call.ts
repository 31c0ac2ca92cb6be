/** One call of a plugin: audio and parameters from the engine into its block, process(), and its block back. */
import { clampParam, type Manifest, type RunningProcessor } from "@gainstage/plugin-api";
import { copyFrames } from "./copy-frames.ts";
import type { RunnerPlace } from "./runner-place.ts";

const NO_COUNT = "process() did not return how many frames are left";

/** Thrown in the place of a call that is known not to end. */
export const WITHOUT_END: Error = new Error("a call that does not end");

export class PluginCall {
  #place: RunnerPlace;
  readonly #manifest: Manifest;
  /** Indices of the parameters that go in steps. */
  readonly #stepped: readonly number[];
  #processor: RunningProcessor;
  #nextHang = 0;

  constructor(manifest: Manifest, processor: RunningProcessor, place: RunnerPlace) {
    this.#place = place;
    this.#manifest = manifest;
    this.#processor = processor;
    this.#stepped = manifest.params.flatMap(({ step }, i) => (step === undefined ? [] : [i]));
  }

  get processor(): RunningProcessor {
    return this.#processor;
  }

  /** [control, between blocks] */
  move(place: RunnerPlace): void {
    this.#place = place;
  }

  /** [control, between blocks] */
  replace(processor: RunningProcessor): void {
    this.#processor = processor;
    this.takeParams();
  }

  /** [audio] The parameters are others than at the call before. */
  takeParams(): void {
    const { params } = this.#place;
    const { block } = this.#processor;
    block.params.set(params);
    for (let k = 0; k < this.#stepped.length; k++) {
      const i = this.#stepped[k];
      block.params[i] = clampParam(this.#manifest.params[i], params[i]);
    }
  }

  /**
   * [audio] Frames `offset` to `offset + frames` of the engine's block, which begins at engine frame `position`. What comes
   * out is in the processor's block. Frames left to sound; throws what the plugin throws, and WITHOUT_END.
   */
  make(offset: number, frames: number, position: number): number {
    const { inputs, watch, hangs, index } = this.#place;
    const { block } = this.#processor;
    for (let p = 0; p < inputs.length; p++) {
      for (let c = 0; c < inputs[p].length; c++)
        copyFrames(block.inputs[p][c], 0, inputs[p][c], offset, frames);
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
    return remaining;
  }

  /** [audio] What the last call put out, to the same place of the engine's block. */
  takeOutputs(offset: number, frames: number): void {
    const { outputs } = this.#place;
    const { block } = this.#processor;
    for (let p = 0; p < outputs.length; p++) {
      for (let c = 0; c < outputs[p].length; c++)
        copyFrames(outputs[p][c], offset, block.outputs[p][c], 0, frames);
    }
  }
}
