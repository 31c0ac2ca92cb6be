/**
 * The one AudioWorkletProcessor there is: the whole graph runs behind it. Its module is loaded by the audio context, its
 * orders and what it tells go through its port.
 *
 * Graphs are planned on the control side. Here plugins are activated, between two blocks: what that takes, the sound waits for.
 */
import type { LiveMessage, LiveOrder } from "./live-messages.ts";
import { QUANTUM_FRAMES } from "./live-setup.ts";
import { LiveStage } from "./live-stage.ts";

/** What an AudioWorkletGlobalScope has. */
declare class AudioWorkletProcessor {
  readonly port: {
    onmessage: ((event: { readonly data: LiveOrder }) => void) | null;
    postMessage(message: LiveMessage, transferred: ArrayBuffer[]): void;
  };
}
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class GainstageProcessor extends AudioWorkletProcessor {
  readonly #stage: LiveStage;

  constructor() {
    super();
    this.#stage = new LiveStage(QUANTUM_FRAMES, (message, transferred) =>
      this.port.postMessage(message, transferred),
    );
    this.port.onmessage = ({ data }) => this.#stage.carryOut(data);
  }

  process(_inputs: unknown, [channels]: readonly (readonly Float32Array[])[]): boolean {
    this.#stage.render(channels, currentFrame);
    return true;
  }
}

registerProcessor("gainstage", GainstageProcessor);
