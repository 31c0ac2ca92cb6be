// Ogg pages (RFC 3533): which codec, how many channels, how many frames, and whether the end is there.
//
//   "OggS" version flags granule(i64) serial(u32) sequence crc segments table[segments] body

import { readStreamInfo } from "./flac-header.ts";
import { fourCharacters, viewOf } from "./iff-chunks.ts";
import type { StreamFacts } from "./stream-facts.ts";

export const isOgg = (bytes: Uint8Array): boolean => fourCharacters(bytes, 0) === "OggS";

type Page = {
  readonly serial: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Frames up to the end of this page; -1 when no packet ends on it. */
  readonly granule: number;
  readonly body: Uint8Array;
};

/** Whole pages in order. Returns true when the bytes end inside a page. */
function* walkPages(bytes: Uint8Array): Generator<Page, boolean> {
  const view = viewOf(bytes);
  let at = 0;
  while (at < bytes.length) {
    if (fourCharacters(bytes, at) !== "OggS") {
      // Damage or a foreign tail: on to the next page, if there is one.
      at++;
      while (at < bytes.length && (bytes[at] !== 0x4f || fourCharacters(bytes, at) !== "OggS")) at++;
      continue;
    }
    if (at + 27 > bytes.length) return true;
    const bodyStart = at + 27 + bytes[at + 26];
    if (bodyStart > bytes.length) return true;
    const bodySize = bytes.subarray(at + 27, bodyStart).reduce((size, lacing) => size + lacing, 0);
    if (bodyStart + bodySize > bytes.length) return true;
    yield {
      serial: view.getUint32(at + 14, true),
      isFirst: (bytes[at + 5] & 2) !== 0,
      isLast: (bytes[at + 5] & 4) !== 0,
      granule: Number(view.getBigInt64(at + 6, true)),
      body: bytes.subarray(bodyStart, bodyStart + bodySize),
    };
    at = bodyStart + bodySize;
  }
  return false;
}

type Identification = StreamFacts & {
  /** Granules before the first frame that is heard. */
  readonly preSkip: number;
  readonly granuleRateHz: number;
};

function identify(body: Uint8Array): Identification | undefined {
  const view = viewOf(body);
  const startsWith = (text: string) => text === String.fromCharCode(...body.subarray(0, text.length));
  if (startsWith("\x01vorbis") && body.length >= 16) {
    return { format: "vorbis", channels: body[11], preSkip: 0, granuleRateHz: view.getUint32(12, true) };
  }
  if (startsWith("OpusHead") && body.length >= 12) {
    return { format: "opus", channels: body[9], preSkip: view.getUint16(10, true), granuleRateHz: 48000 };
  }
  if (startsWith("\x7fFLAC")) {
    const facts = readStreamInfo(body.subarray(13));
    return facts && { ...facts, preSkip: 0, granuleRateHz: 48000 };
  }
  return undefined;
}

/** A stream whose first page already counts more than this was cut out of a broadcast: its start is not 0. */
const longestFirstPageSeconds = 60;

/**
 * Facts of the first audio stream, chained streams of the same codec added up.
 * Undefined when no Vorbis, Opus or FLAC stream begins in the bytes.
 */
export function readOggFacts(bytes: Uint8Array): StreamFacts | undefined {
  let found: Identification | undefined;
  let serial = -1;
  let frames: number | undefined = 0;
  let lastGranule = 0;
  let sawEnd = false;
  const closeLink = () => {
    if (found !== undefined && frames !== undefined) frames += Math.max(0, lastGranule - found.preSkip);
    lastGranule = 0;
  };

  const pages = walkPages(bytes);
  let step = pages.next();
  for (; !step.done; step = pages.next()) {
    const page = step.value;
    const identified = page.isFirst ? identify(page.body) : undefined;
    if (identified !== undefined && (found === undefined || (sawEnd && identified.format === found.format))) {
      closeLink();
      found = identified;
      serial = page.serial;
      sawEnd = false;
    }
    if (found === undefined || page.serial !== serial) continue;
    if (page.granule > 0) {
      const isStart = lastGranule === 0;
      if (isStart && page.granule > longestFirstPageSeconds * found.granuleRateHz) frames = undefined;
      lastGranule = page.granule;
    }
    if (page.isLast) sawEnd = true;
  }
  closeLink();
  if (found === undefined) return undefined;
  const isCut = step.value === true || !sawEnd;
  const { format, channels, bitDepth } = found;
  return {
    format,
    channels,
    bitDepth,
    // FLAC's own total also counts what a cut has taken away.
    frames: found.frames ?? frames,
    cut: isCut
      ? "the file is cut short: its end-of-stream page is missing, so an unknown length is too"
      : undefined,
  };
}
