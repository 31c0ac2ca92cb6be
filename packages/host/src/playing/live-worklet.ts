/**
 * The one AudioWorkletProcessor there is: the whole graph runs behind it. Its module is loaded by the audio context, its
 * orders and what it tells go through its port.
 *
 * A graph is built on this thread when it is asked for, between two blocks: what that takes, the sound waits for.
 */
import type { LiveMessage, LiveOrder } from "./live-messages.ts";
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

const QUANTUM_FRAMES = 128;

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
