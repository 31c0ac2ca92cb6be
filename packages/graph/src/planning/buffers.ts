/**
 * Which buffers are in use while a plan is laid out: a buffer goes back when its last reader has run. Buffers of different
 * widths are never exchanged; mono and stereo share a width.
 */
import { MinHeap } from "./min-heap.ts";

const NARROWEST = 2;

export class BufferPool {
  /** By width. */
  readonly #free = new Map<number, MinHeap>();
  readonly #readers: number[] = [];
  readonly #widths: number[] = [];

  /** Channels that each buffer of the plan has room for. */
  get widths(): readonly number[] {
    return this.#widths;
  }

  /** The lowest free buffer for so many channels, with `readers` reads to come. */
  acquire(channels: number, readers: number): number {
    const width = Math.max(NARROWEST, channels);
    let buffer = this.#free.get(width)?.pop();
    if (buffer === undefined) {
      buffer = this.#widths.push(width) - 1;
      this.#readers.push(0);
    }
    this.#readers[buffer] = readers;
    return buffer;
  }

  /** More reads to come, for a node that passes its input on as it is. */
  keep(buffer: number, readers: number): void {
    this.#readers[buffer] += readers;
  }

  /** One read is over. */
  release(buffer: number): void {
    if (--this.#readers[buffer] > 0) return;
    const width = this.#widths[buffer];
    let free = this.#free.get(width);
    if (!free) {
      free = new MinHeap();
      this.#free.set(width, free);
    }
    free.push(buffer);
  }

  /** True if nobody else will read the buffer, so that its next reader may write over it. */
  isLastRead(buffer: number): boolean {
    return this.#readers[buffer] === 1;
  }
}
