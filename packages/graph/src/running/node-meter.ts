/** A meter node as the engine's memory holds it (assembly/meter.ts): read without taking memory, and cleared. */
import type { RecordImage } from "../planning/plan-image.ts";
import type { PlanMemory } from "./plan-memory.ts";

/** Of Meter: what is before its channels, and each channel of them. */
const HEAD_BYTES = 16;
const CHANNEL_BYTES = 16;
const PEAK_OFFSET = 8;

export class NodeMeter {
  readonly channels: number;
  readonly #node: string;
  /** Frames measured, and behind the head each channel's sum of squares. */
  readonly #sums: Float64Array;
  readonly #peaks: Float32Array;

  /** [control] Good for as long as the plan lies in the memory. */
  constructor(memory: PlanMemory, { key, at, bytes }: RecordImage) {
    this.#node = key;
    this.channels = (bytes - HEAD_BYTES) / CHANNEL_BYTES;
    this.#sums = memory.f64(at, bytes / 8);
    this.#peaks = memory.f32(at, bytes / 4);
  }

  /** Of each channel. Clears it. */
  read(): { readonly peak: readonly number[]; readonly meanSquare: readonly number[] } {
    const channels = Array.from({ length: this.channels }, (_, c) => c);
    const peak = channels.map((c) => this.#peak(c));
    const meanSquare = channels.map((c) => this.#meanSquare(c));
    this.#clear();
    return { peak, meanSquare };
  }

  /**
   * [audio] Writes the peak of each channel and then the RMS of each from `at` on, and returns how many numbers that is. Clears
   * it. Throws a RangeError where there is no room, and then clears nothing.
   */
  readInto(to: Float64Array, at: number): number {
    const count = 2 * this.channels;
    if (!(at >= 0 && at + count <= to.length))
      throw new RangeError(
        `the meter "${this.#node}" gives ${count} numbers: from ${at} on there is no room for them in ${to.length}`,
      );
    for (let c = 0; c < this.channels; c++) {
      to[at + c] = this.#peak(c);
      to[at + this.channels + c] = Math.sqrt(this.#meanSquare(c));
    }
    this.#clear();
    return count;
  }

  #peak(channel: number): number {
    return this.#peaks[(HEAD_BYTES + channel * CHANNEL_BYTES + PEAK_OFFSET) / 4];
  }

  /** 0 where nothing was measured. */
  #meanSquare(channel: number): number {
    const frames = this.#sums[0];
    return frames > 0 ? this.#sums[(HEAD_BYTES + channel * CHANNEL_BYTES) / 8] / frames : 0;
  }

  #clear(): void {
    this.#sums[0] = 0;
    this.#sums.fill(0, HEAD_BYTES / 8);
  }
}
