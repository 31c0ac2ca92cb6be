// The broadcast extension chunk, version 2 (EBU Tech 3285, May 2011).
//
//   Description 256 | Originator 32 | OriginatorReference 32 | Date 10 | Time 8 | TimeReference u64 | Version u16
//   | UMID 64 | five loudness values i16 | reserved 180 | CodingHistory

import { viewOf } from "./iff-chunks.ts";

/** All text is ASCII; what is longer than its field is cut, other characters become "?". Absent fields are blank. */
export type BroadcastMetadata = {
  readonly description?: string;
  readonly originator?: string;
  readonly originatorReference?: string;
  /** yyyy-mm-dd. No clock is asked: the same input gives the same file. */
  readonly originationDate?: string;
  /** hh:mm:ss */
  readonly originationTime?: string;
  /** Frames between midnight and the first frame. */
  readonly timeReferenceFrames?: number;
  readonly integratedLufs?: number;
  readonly loudnessRangeLu?: number;
  readonly maxTruePeakDbtp?: number;
  readonly maxMomentaryLufs?: number;
  readonly maxShortTermLufs?: number;
  /** Lines such as "A=PCM,F=48000,W=24,M=stereo,T=Gainstage"; ended by CR LF here. */
  readonly codingHistory?: readonly string[];
};

const fixedBytes = 602;
const notMeasured = 0x7fff;

function putText(bytes: Uint8Array, at: number, room: number, text: string): void {
  for (let index = 0; index < Math.min(room, text.length); index++) {
    const code = text.charCodeAt(index);
    bytes[at + index] = code === 10 || code === 13 || (code >= 32 && code < 127) ? code : 0x3f;
  }
}

/** Hundredths, within the +-99.99 of Tech 3285; silence has no loudness and is marked as not measured. */
function hundredths(value: number | undefined): number {
  if (value === undefined || !(Math.abs(value) < 100)) return notMeasured;
  return Math.sign(value) * Math.round(Math.abs(value) * 100);
}

/** The body of the chunk, without its id and size; always of even length. */
export function bextChunk(metadata: BroadcastMetadata): Uint8Array {
  const history = (metadata.codingHistory ?? []).map((line) => `${line}\r\n`).join("");
  const bytes = new Uint8Array(fixedBytes + history.length + (history.length % 2));
  const view = viewOf(bytes);
  putText(bytes, 0, 256, metadata.description ?? "");
  putText(bytes, 256, 32, metadata.originator ?? "");
  putText(bytes, 288, 32, metadata.originatorReference ?? "");
  putText(bytes, 320, 10, metadata.originationDate ?? "");
  putText(bytes, 330, 8, metadata.originationTime ?? "");
  view.setBigUint64(338, BigInt(metadata.timeReferenceFrames ?? 0), true);
  view.setUint16(346, 2, true);
  [
    metadata.integratedLufs,
    metadata.loudnessRangeLu,
    metadata.maxTruePeakDbtp,
    metadata.maxMomentaryLufs,
    metadata.maxShortTermLufs,
  ].forEach((value, index) => {
    view.setInt16(412 + 2 * index, hundredths(value), true);
  });
  putText(bytes, fixedBytes, history.length, history);
  return bytes;
}
