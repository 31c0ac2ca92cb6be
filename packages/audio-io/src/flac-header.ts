// FLAC's STREAMINFO block (RFC 9639, section 8.2): the first of a native and of an Ogg FLAC stream, and what MP4
// and Matroska keep of the header.

import { fourCharacters, viewOf } from "./iff-chunks.ts";
import type { StreamFacts } from "./stream-facts.ts";

export const isFlac = (bytes: Uint8Array): boolean => fourCharacters(bytes, 0) === "fLaC";

/** Block header (type 0, length 34) and STREAMINFO. Undefined when the bytes are something else or end. */
export function readStreamInfo(bytes: Uint8Array): StreamFacts | undefined {
  if (bytes.length < 4 + 34 || (bytes[0] & 0x7f) !== 0 || bytes[3] !== 34) return undefined;
  // sampleRate u20, channels - 1 u3, bits - 1 u5, total samples u36
  const packed = viewOf(bytes).getBigUint64(4 + 10, false);
  const sampleRateHz = Number(packed >> 44n);
  const totalFrames = Number(packed & 0xf_ffff_ffffn);
  if (sampleRateHz === 0) return undefined;
  return {
    format: "flac",
    channels: Number((packed >> 41n) & 7n) + 1,
    bitDepth: Number((packed >> 36n) & 31n) + 1,
    // 0 means that the encoder could not know.
    frames: totalFrames === 0 ? undefined : totalFrames,
  };
}

/**
 * STREAMINFO of the first FLAC track of a Matroska file: its CodecPrivate is the native header, "fLaC" included
 * (RFC 9559, A_FLAC). Looked for by its bytes, since nothing else of EBML is needed here.
 */
export function findStreamInfo(bytes: Uint8Array): StreamFacts | undefined {
  const head = bytes.subarray(0, 65536);
  for (let at = head.indexOf(0x66); at >= 0; at = head.indexOf(0x66, at + 1)) {
    const facts = isFlac(head.subarray(at)) ? readStreamInfo(head.subarray(at + 4)) : undefined;
    if (facts !== undefined) return facts;
  }
  return undefined;
}
