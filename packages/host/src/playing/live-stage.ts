/** Carries out the orders of a LivePlayer on the thread that plays, and sounds meanwhile. */
import { toPlainError } from "../running/error-crossing.ts";
import { LiveEngine } from "./live-engine.ts";
import type { LiveJob, LiveOrder } from "./live-messages.ts";
import type { TellTransferring } from "./live-post.ts";

export class LiveStage {
  readonly #maxFrames: number;
  readonly #tell: TellTransferring;
  #live: LiveEngine | undefined;
  /** Graphs are built one after the other. */
  #building: Promise<void> = Promise.resolve();

  constructor(maxFrames: number, tell: TellTransferring) {
    this.#maxFrames = maxFrames;
    this.#tell = tell;
  }

  /** [control, between blocks] Every failure is told. What moves the song does not wait for a graph to be built. */
  carryOut(order: LiveOrder): void {
    switch (order.kind) {
      case "open":
        this.#building = this.#open(order.job);
        break;
      case "swap":
        this.#building = this.#building.then(() => this.#live?.swap(order.id, order.program));
        break;
      case "levels":
        this.#live?.takeBack(order.buffer);
        break;
      default:
        this.#live?.obey(order);
    }
  }

  /** [audio] Writes the next block to every channel; silence before and after the song. `currentFrame` is the context's. */
  render(channels: readonly Float32Array[], currentFrame: number): void {
    if (this.#live) this.#live.render(channels, currentFrame);
    else for (const channel of channels) channel.fill(0);
  }

  async #open(job: LiveJob): Promise<void> {
    try {
      this.#live = await LiveEngine.create(job, this.#maxFrames, this.#tell);
    } catch (error) {
      this.#tell({ kind: "failed", error: toPlainError(error) }, []);
    }
  }
}
