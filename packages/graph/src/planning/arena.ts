/** Bytes laid out for an address that they will have elsewhere: what is written here is copied there as it is. */

const ALIGNMENT = 64;

export class Arena {
  readonly #base: number;
  #bytes = new Uint8Array(4096);
  #used = 0;

  /** `base` is the address of the first byte, a multiple of 64. */
  constructor(base: number) {
    this.#base = base;
  }

  /** Address of so many zeros. */
  allocate(bytes: number): number {
    const at = this.#used;
    this.#used = aligned(at + bytes);
    if (this.#used > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#used, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return this.#base + at;
  }

  /** Views end with the next allocate(). */
  f64(at: number, count: number): Float64Array {
    return new Float64Array(this.#bytes.buffer, at - this.#base, count);
  }

  i32(at: number, count: number): Int32Array {
    return new Int32Array(this.#bytes.buffer, at - this.#base, count);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
