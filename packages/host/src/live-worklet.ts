/**
 * The one AudioWorkletProcessor there is: the whole graph runs behind it. Its module is loaded by the audio context, its
 * orders and what it tells go through its port.
 *
 * A graph is built on this thread when it is asked for, between two blocks: what that takes, the sound waits for.
 */
import { toPlainError } from "./error-crossing.ts";
import { LiveEngine } from "./live-engine.ts";
import type { LiveMessage, LiveOrder } from "./live-messages.ts";

/** What an AudioWorkletGlobalScope has. */
declare class AudioWorkletProcessor {
  readonly port: {
    onmessage: ((event: { readonly data: LiveOrder }) => void) | null;
    postMessage(message: LiveMessage): void;
  };
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

const QUANTUM_FRAMES = 128;

class GainstageProcessor extends AudioWorkletProcessor {
  #live: LiveEngine | undefined;
  /** Orders are carried out one after the other. */
  #working: Promise<void> = Promise.resolve();

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      this.#working = this.#working.then(() => this.#carryOut(data));
    };
  }

  async #carryOut(order: LiveOrder): Promise<void> {
    if (order.kind === "swap") {
      await this.#live?.swap(order.id, order.program);
      return;
    }
    const tell = (message: LiveMessage) => this.port.postMessage(message);
    try {
      this.#live = await LiveEngine.create(order.job, QUANTUM_FRAMES, tell);
    } catch (error) {
      tell({ kind: "failed", error: toPlainError(error) });
    }
  }

  process(_inputs: unknown, [channels]: readonly (readonly Float32Array[])[]): boolean {
    if (this.#live) this.#live.render(channels);
    else for (const channel of channels) channel.fill(0);
    return true;
  }
}

registerProcessor("gainstage", GainstageProcessor);
