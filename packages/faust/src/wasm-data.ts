/** Replaces the data of a wasm binary (WebAssembly Core 2.0, chapter 5.5). */

interface WasmSection {
  readonly id: number;
  readonly content: Uint8Array;
}

const HEADER = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const DATA = 11;
const I32_CONST = 0x41;
const END = 0x0b;

/** `wasm` with `bytes` at `address` in place of all the data that it has. */
export function withData(wasm: Uint8Array, address: number, bytes: Uint8Array): Uint8Array {
  const one = [...unsigned(1), ...unsigned(0), I32_CONST, ...signed(address), END, ...unsigned(bytes.length)];
  const content = Uint8Array.from([...one, ...bytes]);
  const sections = sectionsOf(wasm).map((section) => (section.id === DATA ? { id: DATA, content } : section));
  return Uint8Array.from([
    ...HEADER,
    ...sections.flatMap((s) => [s.id, ...unsigned(s.content.length), ...s.content]),
  ]);
}

function sectionsOf(wasm: Uint8Array): WasmSection[] {
  const sections: WasmSection[] = [];
  for (let at = HEADER.length; at < wasm.length; ) {
    const id = wasm[at++];
    let bytes = 0;
    let shift = 0;
    do {
      bytes |= (wasm[at] & 0x7f) << shift;
      shift += 7;
    } while (wasm[at++] >= 0x80);
    sections.push({ id, content: wasm.subarray(at, at + bytes) });
    at += bytes;
  }
  return sections;
}

/** LEB128 of a number of at most 32 bits. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left];
    bytes.push((left & 0x7f) | 0x80);
  }
}

/** The same with a sign, of a number from 0 on. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x40) return [...bytes, left];
    bytes.push((left & 0x7f) | 0x80);
  }
}
