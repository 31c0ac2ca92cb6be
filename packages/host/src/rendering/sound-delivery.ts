/**
 * Hands the sound of a render to its sink, in order and each frame once, also when the render is made again: up to the
 * call that failed, both are the same.
 */
import type { RenderSink } from "./render-request.ts";
import { nextSlot, type Outputs, type SoundRing, takenSlot } from "./sound-ring.ts";

export class SoundDelivery {
  readonly #sink: RenderSink;
  readonly #onBegin: (outputs: Outputs) => void;
  #onFailure: (error: unknown) => void = () => {};
  #failure: { readonly error: unknown } | undefined;
  #ring: SoundRing | undefined;
  #last: Promise<void> = Promise.resolve();
  /** Frames that came in this attempt, and that the sink has got in all of them. */
  #came = 0;
  #delivered = 0;
  #isDropping = false;

  /** `onBegin` is told the shape of the outputs, without sound, before any comes. */
  constructor(sink: RenderSink, onBegin: (outputs: Outputs) => void = () => {}) {
    this.#sink = sink;
    this.#onBegin = onBegin;
  }

  /** Before each attempt. `onFailure` is told what the sink throws; it gets nothing more after that. */
  startOver(onFailure: (error: unknown) => void): void {
    this.#onFailure = onFailure;
    this.#ring = undefined;
    this.#came = 0;
    this.#isDropping = false;
  }

  begin(ring: SoundRing): void {
    this.#ring = ring;
    this.#onBegin(nextSlot(ring, 0, 0));
  }

  /** The next slot of the ring holds so many frames. */
  deliver(frames: number): void {
    const ring = this.#ring!;
    const skip = this.#isDropping ? frames : Math.min(frames, Math.max(0, this.#delivered - this.#came));
    this.#came += frames;
    this.#delivered += frames - skip;
    this.#last = this.#last.then(() => this.#pass(ring, skip, frames));
  }

  async #pass(ring: SoundRing, from: number, to: number): Promise<void> {
    try {
      if (from < to && !this.#failure) await this.#sink(nextSlot(ring, from, to), to - from);
    } catch (error) {
      this.#failure = { error };
      this.#onFailure(error);
    }
    takenSlot(ring);
  }

  /** What comes in this attempt from here on is not the render's. */
  drop(): void {
    this.#isDropping = true;
  }

  /** Resolves when the sink is done with all that came. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** Throws what the sink threw. */
  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
