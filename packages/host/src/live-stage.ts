/** Carries out the orders of a LivePlayer on the thread that plays, one after the other, and sounds meanwhile. */
import { toPlainError } from "./error-crossing.ts";
import { LiveEngine } from "./live-engine.ts";
import type { LiveMessage, LiveOrder } from "./live-messages.ts";

export class LiveStage {
  readonly #maxFrames: number;
  readonly #tell: (message: LiveMessage) => void;
  #live: LiveEngine | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(maxFrames: number, tell: (message: LiveMessage) => void) {
    this.#maxFrames = maxFrames;
    this.#tell = tell;
  }

  /** [control, between blocks] Every failure is told. */
  carryOut(order: LiveOrder): void {
    this.#working = this.#working.then(() =>
      order.kind === "play" ? this.#play(order) : this.#live?.swap(order.id, order.program),
    );
  }

  /** [audio] Writes the next block to every channel; silence before and after the song. */
  render(channels: readonly Float32Array[]): void {
    if (this.#live) this.#live.render(channels);
    else for (const channel of channels) channel.fill(0);
  }

  async #play({ job }: Extract<LiveOrder, { kind: "play" }>): Promise<void> {
    try {
      this.#live = await LiveEngine.create(job, this.#maxFrames, this.#tell);
    } catch (error) {
      this.#tell({ kind: "failed", error: toPlainError(error) });
    }
  }
}
