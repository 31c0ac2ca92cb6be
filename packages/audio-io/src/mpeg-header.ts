// MPEG audio frames: layers I to III (ISO/IEC 11172-3, 13818-3) and AAC in ADTS (ISO/IEC 13818-7, 6.2).
//
// Neither has a container: the only way to know whether the last frame is whole is to hop from header to header.

import { fourCharacters, viewOf } from "./iff-chunks.ts";
import type { StreamFacts } from "./stream-facts.ts";

type FrameHeader = {
  readonly lengthBytes: number;
  readonly frames: number;
  readonly channels: number;
  /** The bits that stay the same throughout a stream. */
  readonly kind: number;
  /** From the start of the frame to a Xing or Info tag, when the frame holds one. */
  readonly tagOffset: number;
};

type HeaderParser = (bytes: Uint8Array, at: number) => FrameHeader | undefined;

// kbit/s by index 1 to 14: [MPEG-1 layer I, II, III], [MPEG-2 layer I, II and III]
const bitRates1 = [
  [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
] as const;
const bitRates2 = [
  [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
const rates1Hz = [44100, 48000, 32000] as const;

const parseMp3: HeaderParser = (bytes, at) => {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe0) !== 0xe0) return undefined;
  const version = (bytes[at + 1] >> 3) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  const layer = 4 - ((bytes[at + 1] >> 1) & 3);
  const bitRateIndex = bytes[at + 2] >> 4;
  const rateIndex = (bytes[at + 2] >> 2) & 3;
  // Free-format streams (index 0) do not say how long a frame is.
  if (version === 1 || layer === 4 || bitRateIndex === 0 || bitRateIndex === 15 || rateIndex === 3)
    return undefined;
  const isMpeg1 = version === 3;
  const kbps = (isMpeg1 ? bitRates1 : bitRates2)[layer - 1][bitRateIndex - 1];
  const sampleRateHz = rates1Hz[rateIndex] / (isMpeg1 ? 1 : version === 2 ? 2 : 4);
  const padding = (bytes[at + 2] >> 1) & 1;
  const frames = layer === 1 ? 384 : layer === 3 && !isMpeg1 ? 576 : 1152;
  const slotBytes = layer === 1 ? 4 : 1;
  const channels = bytes[at + 3] >> 6 === 3 ? 1 : 2;
  const sideInfoBytes = isMpeg1 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  return {
    lengthBytes: (Math.floor(((frames / 8) * kbps * 1000) / sampleRateHz / slotBytes) + padding) * slotBytes,
    frames,
    channels,
    kind: (version << 4) | (layer << 2) | rateIndex,
    tagOffset: 4 + sideInfoBytes,
  };
};

const parseAdts: HeaderParser = (bytes, at) => {
  if (at + 7 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xf6) !== 0xf0) return undefined;
  const rateIndex = (bytes[at + 2] >> 2) & 15;
  const lengthBytes = ((bytes[at + 3] & 3) << 11) | (bytes[at + 4] << 3) | (bytes[at + 5] >> 5);
  if (rateIndex > 12 || lengthBytes < 7) return undefined;
  const configuration = ((bytes[at + 2] & 1) << 2) | (bytes[at + 3] >> 6);
  return {
    lengthBytes,
    frames: 1024 * ((bytes[at + 6] & 3) + 1),
    channels: configuration === 7 ? 8 : configuration,
    kind: rateIndex,
    tagOffset: 0,
  };
};

/**
 * A header counts when another of its kind follows its frame, or the end does. Only at the very start may the frame
 * also be cut short: elsewhere, four bytes of anything would pass for one.
 */
function isFrame(bytes: Uint8Array, at: number, parse: HeaderParser): boolean {
  const header = parse(bytes, at);
  if (header === undefined) return false;
  const next = at + header.lengthBytes;
  if (next >= bytes.length) return at === 0 || next === bytes.length;
  return parse(bytes, next)?.kind === header.kind;
}

function findFrame(bytes: Uint8Array, from: number, to: number, parse: HeaderParser): number | undefined {
  const end = Math.min(to, bytes.length - 4);
  for (let at = from; at <= end; at++) {
    if (bytes[at] === 0xff && isFrame(bytes, at, parse)) return at;
  }
  return undefined;
}

/** Position of the first MP3 frame within the first 64 KiB, or undefined. */
export const findMp3 = (bytes: Uint8Array): number | undefined => findFrame(bytes, 0, 65536, parseMp3);

export const isAdts = (bytes: Uint8Array): boolean => isFrame(bytes, 0, parseAdts);

type Walk = { readonly wholeFrames: number; readonly decodedFrames: number; readonly isCut: boolean };

const isTail = (bytes: Uint8Array, at: number): boolean =>
  ["TAG", "APET", "LYRI"].some((tag) => fourCharacters(bytes, at).startsWith(tag));

function walkFrames(bytes: Uint8Array, from: number, parse: HeaderParser): Walk {
  let at = from;
  let wholeFrames = 0;
  let decodedFrames = 0;
  while (at < bytes.length) {
    const header = parse(bytes, at);
    if (header === undefined) {
      if (isTail(bytes, at)) break;
      if (bytes[at] === 0xff && at + 7 > bytes.length) return { wholeFrames, decodedFrames, isCut: true };
      const next = findFrame(bytes, at + 1, bytes.length, parse);
      if (next === undefined) break;
      at = next;
      continue;
    }
    if (at + header.lengthBytes > bytes.length) return { wholeFrames, decodedFrames, isCut: true };
    at += header.lengthBytes;
    wholeFrames++;
    decodedFrames += header.frames;
  }
  return { wholeFrames, decodedFrames, isCut: false };
}

const cutFrame = "the file is cut short: its last frame is not whole, so an unknown length is missing";

/** LAME's tag (also written by ffmpeg): the encoder's delay and the padding at the end, 12 bits each. */
function readGapless(bytes: Uint8Array, tagAt: number, tagFlags: number): number | undefined {
  const has = (flag: number) => (tagFlags & flag) !== 0;
  const lameAt = tagAt + 8 + (has(1) ? 4 : 0) + (has(2) ? 4 : 0) + (has(4) ? 100 : 0) + (has(8) ? 4 : 0);
  if (!["LAME", "Lavc", "Lavf"].includes(fourCharacters(bytes, lameAt)) || lameAt + 24 > bytes.length) {
    return undefined;
  }
  const packed = (bytes[lameAt + 21] << 16) | (bytes[lameAt + 22] << 8) | bytes[lameAt + 23];
  return (packed >> 12) + (packed & 0xfff);
}

/** `bytes` start at the first frame. */
export function readMp3Facts(bytes: Uint8Array): StreamFacts | undefined {
  const first = parseMp3(bytes, 0);
  if (first === undefined) return undefined;
  const tag = fourCharacters(bytes, first.tagOffset);
  const hasTag = (tag === "Xing" || tag === "Info") && bytes.length >= first.tagOffset + 12;
  const walk = walkFrames(bytes, hasTag ? first.lengthBytes : 0, parseMp3);
  const base = { format: "mp3", channels: first.channels, frameTolerance: 2 * first.frames } as const;
  const tagFlags = hasTag ? viewOf(bytes).getUint32(first.tagOffset + 4, false) : 0;
  if ((tagFlags & 1) === 0) {
    return { ...base, frames: walk.decodedFrames, cut: walk.isCut ? cutFrame : undefined };
  }
  const promised = viewOf(bytes).getUint32(first.tagOffset + 8, false);
  const trimmed = readGapless(bytes, first.tagOffset, tagFlags) ?? 0;
  const missing = promised - walk.wholeFrames;
  return {
    ...base,
    frames: Math.max(0, promised * first.frames - trimmed),
    // Some encoders count the frame of the tag itself.
    cut:
      missing > 1
        ? `the file is cut short: ${missing} of ${promised} MPEG frames are missing`
        : walk.isCut
          ? cutFrame
          : undefined,
  };
}

/** `bytes` start at the first frame. A channel configuration of 0 is defined inside the stream: not read here. */
export function readAdtsFacts(bytes: Uint8Array): StreamFacts | undefined {
  const first = parseAdts(bytes, 0);
  if (first === undefined) return undefined;
  const walk = walkFrames(bytes, 0, parseAdts);
  return { format: "aac", channels: first.channels || undefined, cut: walk.isCut ? cutFrame : undefined };
}
