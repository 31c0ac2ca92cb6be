/** Which buffers are in use while a plan is laid out: a buffer goes back when its last reader has run. */
import { MinHeap } from "./min-heap.ts";

export class BufferPool {
  readonly #free = new MinHeap();
  readonly #readers: number[] = [];

  /** How many buffers the plan needs. */
  get count(): number {
    return this.#readers.length;
  }

  /** The lowest free buffer, with `readers` reads to come. */
  acquire(readers: number): number {
    const buffer = this.#free.pop() ?? this.#readers.push(0) - 1;
    this.#readers[buffer] = readers;
    return buffer;
  }

  /** More reads to come, for a node that passes its input on as it is. */
  keep(buffer: number, readers: number): void {
    this.#readers[buffer] += readers;
  }

  /** One read is over. */
  release(buffer: number): void {
    if (--this.#readers[buffer] === 0) this.#free.push(buffer);
  }

  /** True if nobody else will read the buffer, so that its next reader may write over it. */
  isLastRead(buffer: number): boolean {
    return this.#readers[buffer] === 1;
  }
}
