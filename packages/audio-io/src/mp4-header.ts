// MP4 boxes (ISO/IEC 14496-12) as far as the channel count of the first sound track, and whether the end is there.
// Best effort: what is not found is left undefined.

import { readStreamInfo } from "./flac-header.ts";
import { fourCharacters, viewOf } from "./iff-chunks.ts";
import type { StreamFacts } from "./stream-facts.ts";

type Box = { readonly type: string; readonly start: number; readonly end: number; readonly isCut: boolean };

const parents = ["moov", "trak", "mdia", "minf", "stbl", "udta", "edts", "mvex", "moof", "traf"];

export const isMp4 = (bytes: Uint8Array): boolean => fourCharacters(bytes, 4) === "ftyp";

function* walkBoxes(bytes: Uint8Array, start: number, end: number): Generator<Box> {
  const view = viewOf(bytes);
  let at = start;
  while (at + 8 <= end) {
    let size = view.getUint32(at, false);
    let headerBytes = 8;
    if (size === 1 && at + 16 <= end) {
      size = Number(view.getBigUint64(at + 8, false));
      headerBytes = 16;
    } else if (size === 0) size = end - at;
    if (size < headerBytes) return;
    const boxEnd = Math.min(end, at + size);
    yield {
      type: fourCharacters(bytes, at + 4),
      start: at + headerBytes,
      end: boxEnd,
      isCut: at + size > end,
    };
    at += size;
  }
}

/** Bytes of one entry of the tables that the decoder allocates by their declared count. */
const entryBytes: Readonly<Record<string, number>> = {
  stco: 4,
  co64: 8,
  stsc: 12,
  stts: 8,
  elst: 12,
};

/** moov, trak, mdia, minf, stbl and a table make six; a hostile file could nest thousands. */
const deepestBox = 16;

/**
 * Whether every sample table fits its box. The decoder believes the counts, and one false one makes it fill the
 * memory, which no one can catch.
 */
function hasHonestTables(bytes: Uint8Array, start: number, end: number, depth = 0): boolean {
  if (depth > deepestBox) return false;
  const view = viewOf(bytes);
  // Samples of one size need no entries; a cut file may announce several times what is left of it.
  const mostImplicit = 8 * bytes.length;
  for (const box of walkBoxes(bytes, start, end)) {
    const body = box.end - box.start;
    const isParent = parents.includes(box.type);
    if (isParent && !hasHonestTables(bytes, box.start, box.end, depth + 1)) return false;
    if (box.type in entryBytes && body >= 8) {
      if (view.getUint32(box.start + 4, false) * entryBytes[box.type] > body - 8) return false;
    }
    if (box.type === "stsz" && body >= 12) {
      const count = view.getUint32(box.start + 8, false);
      const isImplicit = view.getUint32(box.start + 4, false) !== 0;
      if (count > (isImplicit ? mostImplicit : (body - 12) / 4)) return false;
    }
    if (box.type === "trun" && body >= 8 && view.getUint32(box.start + 4, false) > mostImplicit) return false;
  }
  return true;
}

function findSampleDescription(bytes: Uint8Array, start: number, end: number): number | undefined {
  for (const box of walkBoxes(bytes, start, end)) {
    if (parents.includes(box.type)) {
      const found = findSampleDescription(bytes, box.start, box.end);
      if (found !== undefined) return found;
    }
    // stsd: version and flags, entry count, then the first entry: size, codec name, fields.
    const codec = box.type === "stsd" ? fourCharacters(bytes, box.start + 12) : "";
    if (["mp4a", "alac", "fLaC", "Opus", "ac-3", "ec-3", ".mp3"].includes(codec)) return box.start + 8;
  }
  return undefined;
}

/** Bytes of fixed fields before the nested descriptors of ES_Descriptor and DecoderConfigDescriptor. */
const fixedBytes: Readonly<Record<number, number>> = { 3: 3, 4: 13 };
const decoderSpecificInfo = 5;

/** Position of the AudioSpecificConfig in an esds box (ISO/IEC 14496-1, 7.2.6): tag, length, body, nested. */
function findAudioConfig(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  while (at + 2 <= end) {
    const tag = bytes[at++];
    let length = 0;
    let byte = 0x80;
    while (byte & 0x80 && at < end) {
      byte = bytes[at++];
      length = length * 128 + (byte & 0x7f);
    }
    if (tag === decoderSpecificInfo) return at;
    at += fixedBytes[tag] ?? length;
  }
  return undefined;
}

/**
 * Channels by the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), since many writers put 2 in the sample entry of a
 * mono file. 0 when there is none, or when the count is defined deeper.
 */
function channelsOfAac(bytes: Uint8Array, entry: number, entryEnd: number): number {
  const esds = findInEntry(bytes, entry, entryEnd, "esds");
  const config = esds === undefined ? undefined : findAudioConfig(bytes, esds + 4, entryEnd);
  if (config === undefined || config + 2 > entryEnd) return 0;
  // object type u5 (31: escape), rate index u4 (15: escape), channel configuration u4
  const bits = viewOf(bytes).getUint16(config, false);
  if (bits >> 11 === 31 || ((bits >> 7) & 15) === 15) return 0;
  const configuration = (bits >> 3) & 15;
  return configuration === 7 ? 8 : configuration;
}

/** The box inside the sample entry, behind its 36 bytes of fields; the position of its version field. */
function findInEntry(bytes: Uint8Array, entry: number, entryEnd: number, type: string): number | undefined {
  for (let at = entry + 36; at + 8 <= entryEnd; at++) {
    if (fourCharacters(bytes, at) === type) return at + 4;
  }
  return undefined;
}

/** Undefined when a table announces more than its box holds. */
export function readMp4Facts(bytes: Uint8Array): StreamFacts | undefined {
  if (!hasHonestTables(bytes, 0, bytes.length)) return undefined;
  const boxes = [...walkBoxes(bytes, 0, bytes.length)];
  const hasIndex = boxes.some((box) => box.type === "moov" && !box.isCut);
  const entry = findSampleDescription(bytes, 0, bytes.length);
  const cut = boxes.some((box) => box.isCut)
    ? "the file is cut short: its last box is not whole, so an unknown length is missing"
    : undefined;
  if (entry === undefined || !hasIndex || entry + 36 > bytes.length) return { format: "m4a", cut };
  const view = viewOf(bytes);
  const entryEnd = Math.min(bytes.length, entry + view.getUint32(entry, false));
  const declared = view.getUint16(entry + 24, false);
  const dfLa = findInEntry(bytes, entry, entryEnd, "dfLa");
  const flac = dfLa === undefined ? undefined : readStreamInfo(bytes.subarray(dfLa + 4));
  if (flac !== undefined) return { ...flac, cut };
  const isAac = fourCharacters(bytes, entry + 4) === "mp4a";
  const channels = (isAac ? channelsOfAac(bytes, entry, entryEnd) : 0) || declared;
  return { format: "m4a", channels: channels || undefined, cut };
}
