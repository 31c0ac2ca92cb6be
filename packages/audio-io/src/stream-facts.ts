// What a compressed file's own headers promise, read before any decoding, to judge the decoder by afterwards.

import type { AudioFormat } from "./audio-data.ts";

export type StreamFacts = {
  readonly format: AudioFormat;
  readonly channels?: number | undefined;
  /** Of lossless codecs. */
  readonly bitDepth?: number | undefined;
  /** Length the headers promise after decoding; undefined when they do not say. */
  readonly frames?: number | undefined;
  /** Fewer missing frames than this are the decoder's own start and end, not a cut. */
  readonly frameTolerance?: number | undefined;
  /** How the container itself shows that its end is missing. */
  readonly cut?: string | undefined;
};

/** Bytes of an ID3v2 tag at the start, 0 without one (id3.org, ID3v2.3 section 3.1). The tag may follow another. */
export function id3Length(bytes: Uint8Array): number {
  if (bytes.length < 10 || bytes[0] !== 0x49 || bytes[1] !== 0x44 || bytes[2] !== 0x33) return 0;
  const sevenBits = bytes.subarray(6, 10).map((byte) => byte & 0x7f);
  const footer = bytes[5] & 0x10 ? 10 : 0;
  return 10 + footer + sevenBits.reduce((size, bits) => size * 128 + bits, 0);
}
