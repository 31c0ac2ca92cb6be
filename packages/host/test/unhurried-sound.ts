/** A LiveOutput that plays to nobody, on this thread, as fast as it can: live-worklet.ts without Web Audio. */
import { MessageChannel } from "node:worker_threads";
import type { LiveOrder } from "../src/playing/live-messages.ts";
import type { LiveOutput } from "../src/playing/live-output.ts";
import { LiveStage } from "../src/playing/live-stage.ts";

const QUANTUM_FRAMES = 128;

export interface UnhurriedOptions {
  readonly channels?: 1 | 2;
  /** The song stands still after so many quanta until go() is called. */
  readonly holdAfter?: number;
}

export class UnhurriedSound implements LiveOutput {
  readonly port;
  readonly failed: Promise<never> = new Promise(() => {});
  readonly #channels: readonly Float32Array[];
  readonly #stage: LiveStage;
  #left: number;
  #frame = 0;
  #isOpen = true;
  #isPlaying = false;

  constructor({ channels = 2, holdAfter = Number.POSITIVE_INFINITY }: UnhurriedOptions = {}) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.#left = holdAfter;
    this.#channels = Array.from({ length: channels }, () => new Float32Array(QUANTUM_FRAMES));
    this.#stage = new LiveStage(QUANTUM_FRAMES, (message, transferred) => {
      if (message.kind === "playing") this.#isPlaying = true;
      port2.postMessage(message, transferred);
    });
    port2.on("message", (order: LiveOrder) => this.#stage.carryOut(order));
    this.#turn();
  }

  go(quanta: number = Number.POSITIVE_INFINITY): void {
    this.#left = quanta;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.port.close();
  }

  #turn(): void {
    if (!this.#isOpen) return;
    for (let k = 0; k < 16 && this.#isPlaying && this.#left > 0; k++, this.#left--) {
      this.#stage.render(this.#channels, this.#frame);
      this.#frame += QUANTUM_FRAMES;
    }
    setImmediate(() => this.#turn());
  }
}
