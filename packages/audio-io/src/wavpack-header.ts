// WavPack's block header (wavpack.com, "WavPack 4 & 5 Binary File Format"):
//
//   "wvpk" size u32, version u16, high bytes u8 u8, total frames u32, block index u32, block frames u32, flags u32, crc

import { fourCharacters, viewOf } from "./iff-chunks.ts";
import type { StreamFacts } from "./stream-facts.ts";

export const isWavpack = (bytes: Uint8Array): boolean => fourCharacters(bytes, 0) === "wvpk";

/** Facts by the first block. Its channel count is that of one pair only, so it is not used. */
export function readWavpackFacts(bytes: Uint8Array): StreamFacts | undefined {
  if (bytes.length < 32) return undefined;
  const view = viewOf(bytes);
  const flags = view.getUint32(24, true);
  const totalFrames = view.getUint32(12, true);
  const isFloat = (flags & 0x80) !== 0;
  // Bytes per sample, less the bits at the bottom that are always zero.
  const bits = 8 * ((flags & 3) + 1) - ((flags >> 13) & 31);
  return {
    format: "wavpack",
    bitDepth: isFloat ? undefined : bits,
    frames: totalFrames === 0xffffffff ? undefined : bytes[11] * 2 ** 32 + totalFrames,
  };
}
