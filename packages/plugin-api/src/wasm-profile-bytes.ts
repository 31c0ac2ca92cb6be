/** Reads a wasm binary forwards, and never beyond its end (WebAssembly Core 2.0, chapter 5). */

/** The bytes are no wasm module; `at` is the first byte that is wrong. */
export class MalformedWasm extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

export class WasmBytes {
  readonly #bytes: Uint8Array;
  #at: number;
  #end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  fail(message: string, at: number = this.#at): never {
    throw new MalformedWasm(at, message);
  }

  byte(): number {
    if (this.#at >= this.#end) this.fail("it ends too early");
    return this.#bytes[this.#at++];
  }

  skip(count: number): void {
    if (count > this.left) this.fail("it ends too early", this.#end);
    this.#at += count;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.byte();
    if (last > 0x0f) this.fail("a number has more than 32 bits", this.#at - 1);
    return (value | (last << 28)) >>> 0;
  }

  /** Passes over a signed LEB128 of at most `bits` bits. */
  skipSigned(bits: 32 | 64): void {
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte();
      if (byte < 0x80) return;
    }
    this.fail(`a number has more than ${bits} bits`, this.#at - 1);
  }

  /** As many bytes as the number in front of them says, to be read by themselves. */
  part(): WasmBytes {
    const length = this.u32();
    const start = this.#at;
    this.skip(length);
    return new WasmBytes(this.#bytes, start, start + length);
  }

  name(): string {
    const { at, left } = this.part();
    return new TextDecoder().decode(this.#bytes.subarray(at, at + left));
  }

  /** How many entries follow: no more than a plugin can need, nor than there are bytes for. */
  count(limit: number, what: string): number {
    const { at } = this;
    const count = this.u32();
    if (count > limit) this.fail(`it has ${count} ${what}, at most ${limit} are allowed`, at);
    if (count > this.left) this.fail("it ends too early");
    return count;
  }
}
