// EA IFF 85 chunks, the skeleton of both RIFF/WAVE (little-endian) and AIFF (big-endian):
//
//   id (4 characters)  size (u32, of the body)  body  pad byte (zero, when size is odd)
//
// A declared size is only ever a claim. Nothing here allocates by it.

import type { ByteSource } from "./byte-source.ts";
import { InputError } from "./file-errors.ts";

export type Chunk = {
  readonly id: string;
  /** As declared: may reach past the end of the file. */
  readonly sizeBytes: number;
  /** Of the body, from the start of the file. */
  readonly position: number;
};

/** More than any honest file has; a hostile one could hold millions of empty chunks and cost minutes. */
const mostChunks = 4096;

export const fourCharacters = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + 4));

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * The chunks from `position` on, in order. The caller may stop at any of them.
 * @param actualSize replaces a declared size (RF64 keeps its real sizes elsewhere).
 * @throws InputError after 4096 chunks.
 */
export async function* walkChunks(
  source: ByteSource,
  position: number,
  littleEndian: boolean,
  actualSize: (chunk: Chunk) => number = (chunk) => chunk.sizeBytes,
): AsyncGenerator<Chunk> {
  let at = position;
  for (let count = 0; at + 8 <= source.sizeBytes; count++) {
    if (count === mostChunks) throw new InputError(source.path, `it has more than ${mostChunks} chunks`);
    const header = await source.read(at, 8);
    const sizeBytes = viewOf(header).getUint32(4, littleEndian);
    const chunk = { id: fourCharacters(header, 0), sizeBytes, position: at + 8 };
    yield chunk;
    at = chunk.position + actualSize(chunk);
    if (at % 2 === 1 && at < source.sizeBytes) {
      // Some writers forget the pad byte. A real one is zero, and no chunk id starts with zero.
      const [pad] = await source.read(at, 1);
      if (pad === 0) at++;
    }
  }
}

/** Whether the bytes from `position` to the end of the file are whole chunks with printable names. */
export async function isChunksToTheEnd(
  source: ByteSource,
  position: number,
  littleEndian: boolean,
): Promise<boolean> {
  let end = position;
  for await (const chunk of walkChunks(source, position, littleEndian)) {
    if (!/^[ -~]{4}$/.test(chunk.id)) return false;
    end = chunk.position + chunk.sizeBytes;
  }
  return end === source.sizeBytes || end + 1 === source.sizeBytes;
}
