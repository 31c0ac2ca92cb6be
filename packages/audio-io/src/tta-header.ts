// True Audio's header: "TTA1", format u16, channels u16, bits u16, rate u32, frames u32 (tausoft.org, TTA1).

import { fourCharacters, viewOf } from "./iff-chunks.ts";
import type { StreamFacts } from "./stream-facts.ts";

export const isTta = (bytes: Uint8Array): boolean => fourCharacters(bytes, 0) === "TTA1";

export function readTtaFacts(bytes: Uint8Array): StreamFacts | undefined {
  if (bytes.length < 18) return undefined;
  const view = viewOf(bytes);
  return {
    format: "tta",
    channels: view.getUint16(6, true),
    bitDepth: view.getUint16(8, true),
    frames: view.getUint32(14, true),
  };
}
