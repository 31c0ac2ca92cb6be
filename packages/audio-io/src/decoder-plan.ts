// For each container: which decoder, from which byte on, and what the headers promise about the outcome.

import { InputError } from "./file-errors.ts";
import type { Container } from "./file-format.ts";
import { findStreamInfo, isFlac, readStreamInfo } from "./flac-header.ts";
import { readMp4Facts } from "./mp4-header.ts";
import { findMp3, readAdtsFacts, readMp3Facts } from "./mpeg-header.ts";
import { readOggFacts } from "./ogg-header.ts";
import type { StreamFacts } from "./stream-facts.ts";
import { readTtaFacts } from "./tta-header.ts";
import { readWavpackFacts } from "./wavpack-header.ts";

/** audio-decode's names of its decoders. "webm" and not "mkv": the same code, without the collapse to mono. */
export type DecoderName =
  | "wav"
  | "flac"
  | "mp3"
  | "oga"
  | "opus"
  | "aac"
  | "m4a"
  | "caf"
  | "webm"
  | "wma"
  | "wv"
  | "tta"
  | "ac3";

export type DecoderPlan = {
  readonly decoder: DecoderName;
  readonly facts: StreamFacts;
  /** First byte that the decoder gets. */
  readonly start: number;
};

type PartialPlan = { decoder: DecoderName; facts: StreamFacts | undefined; start?: number };

const oggDecoders: Readonly<Record<string, DecoderName>> = { vorbis: "oga", opus: "opus", flac: "flac" };

function planOf(bytes: Uint8Array, container: Container): PartialPlan {
  switch (container) {
    case "flac":
      return { decoder: "flac", facts: isFlac(bytes) ? readStreamInfo(bytes.subarray(4)) : undefined };
    case "ogg": {
      const facts = readOggFacts(bytes);
      return { decoder: oggDecoders[facts?.format ?? "flac"], facts };
    }
    case "mp3": {
      const start = findMp3(bytes) ?? 0;
      return { decoder: "mp3", facts: readMp3Facts(bytes.subarray(start)), start };
    }
    case "adts":
      return { decoder: "aac", facts: readAdtsFacts(bytes) };
    case "mp4":
      return { decoder: "m4a", facts: readMp4Facts(bytes) };
    case "matroska":
      return { decoder: "webm", facts: findStreamInfo(bytes) ?? { format: "webm" } };
    case "wavpack":
      return { decoder: "wv", facts: readWavpackFacts(bytes) };
    case "tta":
      return { decoder: "tta", facts: readTtaFacts(bytes) };
    case "caf":
      return { decoder: "caf", facts: { format: "caf" } };
    case "asf":
      return { decoder: "wma", facts: { format: "wma" } };
    case "ac3":
      return { decoder: "ac3", facts: { format: "ac3" } };
  }
}

/** Whether the first bytes hold all that is planned by. The others are walked to their end, or keep an index there. */
export const isPlannedByHead = (container: Container): boolean =>
  !["ogg", "mp3", "adts", "mp4"].includes(container);

/** The FLAC decoder makes nothing but NaN of 12 and 20 bits; WavPack's scales them by the wrong width. */
const readableDepths: readonly number[] = [8, 16, 24, 32];

/**
 * `bytes` start at the container's first byte, any ID3 tag left out.
 * @throws InputError when the header is not whole, or announces what the decoder gets wrong.
 */
export function planDecoding(path: string, bytes: Uint8Array, container: Container): DecoderPlan {
  const { decoder, facts, start = 0 } = planOf(bytes, container);
  if (facts === undefined) {
    const other = container === "ogg" ? "holds no Vorbis, Opus or FLAC stream" : "its header is damaged";
    throw new InputError(path, `it ends inside its header, or ${other}`);
  }
  const { format, bitDepth } = facts;
  if (bitDepth !== undefined && !readableDepths.includes(bitDepth)) {
    const advice = "convert it to 16 or 24 bits";
    throw new InputError(path, `its ${bitDepth}-bit ${format} samples are not supported; ${advice}`);
  }
  return { decoder, facts, start };
}
