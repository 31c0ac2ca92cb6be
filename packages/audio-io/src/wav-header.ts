// Everything of a WAV file before its samples.
//
//   RIFF | [JUNK 28] | [bext] | fmt  | [fact] | data        up to 4 GiB
//   RF64 |  ds64 28  | [bext] | fmt  | [fact] | data        above (EBU Tech 3306)
//
// JUNK is room for ds64: both headers are equally long, so a writer that does not know its length beforehand can
// choose at the end.

import { type BroadcastMetadata, bextChunk } from "./bext-chunk.ts";
import { viewOf } from "./iff-chunks.ts";
import { bytesPerSampleOf, isIntegerFormat, type WavSampleFormat } from "./pcm-samples.ts";

export type WavShape = {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly format: WavSampleFormat;
  readonly bext?: BroadcastMetadata | undefined;
};

/** Speaker positions by channel count (KSAUDIO_SPEAKER_*): mono, stereo, 3.0, quad, 5.0, 5.1, 6.1, 7.1 surround. */
const channelMasks = [0x4, 0x3, 0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f] as const;

/** KSDATAFORMAT_SUBTYPE after its first two bytes, which are the format tag. */
const subFormatTail = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71] as const;

const ds64Bytes = 28;
const unknown32 = 0xffffffff;

function chunk(id: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + body.length);
  bytes.set([...id].map((character) => character.charCodeAt(0)));
  viewOf(bytes).setUint32(4, body.length, true);
  bytes.set(body, 8);
  return bytes;
}

/**
 * WAVEFORMATEX. Microsoft asks for EXTENSIBLE above 2 channels and for integers above 16 bits; every tag other than
 * plain PCM carries the size of its extension, if only 0.
 */
function formatChunk({ sampleRateHz, channels, format }: WavShape): Uint8Array {
  const bytesPerSample = bytesPerSampleOf[format];
  const isFloat = !isIntegerFormat(format);
  const tag = isFloat ? 3 : 1;
  const isExtensible = channels > 2 || (!isFloat && bytesPerSample > 2);
  const body = new Uint8Array(isExtensible ? 40 : isFloat ? 18 : 16);
  const view = viewOf(body);
  view.setUint16(0, isExtensible ? 0xfffe : tag, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, sampleRateHz, true);
  view.setUint32(8, Math.min(unknown32, sampleRateHz * channels * bytesPerSample), true);
  view.setUint16(12, channels * bytesPerSample, true);
  view.setUint16(14, 8 * bytesPerSample, true);
  if (isExtensible) {
    view.setUint16(16, 22, true);
    view.setUint16(18, 8 * bytesPerSample, true);
    view.setUint32(20, channelMasks[channels - 1] ?? 0, true);
    view.setUint16(24, tag, true);
    body.set(subFormatTail, 26);
  }
  return chunk("fmt ", body);
}

function longSizes(riffSize: number, dataSize: number, frames: number): Uint8Array {
  const body = new Uint8Array(ds64Bytes);
  const view = viewOf(body);
  view.setBigUint64(0, BigInt(riffSize), true);
  view.setBigUint64(8, BigInt(dataSize), true);
  view.setBigUint64(16, BigInt(frames), true);
  return body;
}

/** Bytes of `frames` frames, without the pad byte that follows an odd number. */
export const dataBytes = (shape: WavShape, frames: number): number =>
  frames * shape.channels * bytesPerSampleOf[shape.format];

/**
 * The header for `frames` frames; the samples follow, and one zero byte when `dataBytes` is odd.
 *
 * Sizes that do not fit 32 bits make it RF64.
 * @param reserveLongSizes keeps room for RF64, so that the length of the header does not depend on `frames`.
 */
export function wavHeader(shape: WavShape, frames: number, reserveLongSizes: boolean): Uint8Array {
  const dataSize = dataBytes(shape, frames);
  const isFloat = !isIntegerFormat(shape.format);
  const middle = [
    ...(shape.bext === undefined ? [] : [chunk("bext", bextChunk(shape.bext))]),
    formatChunk(shape),
    ...(isFloat ? [chunk("fact", new Uint8Array(4))] : []),
  ];
  const middleBytes = middle.reduce((sum, part) => sum + part.length, 0);
  const riffSizeWith = (roomBytes: number) => 4 + roomBytes + middleBytes + 8 + dataSize + (dataSize % 2);
  const isLong = riffSizeWith(reserveLongSizes ? 8 + ds64Bytes : 0) >= unknown32;
  const room = isLong || reserveLongSizes ? 8 + ds64Bytes : 0;
  const riffSize = riffSizeWith(room);

  const header = new Uint8Array(12 + room + middleBytes + 8);
  const view = viewOf(header);
  const put = (at: number, bytes: Uint8Array): number => {
    header.set(bytes, at);
    return at + bytes.length;
  };
  put(0, new TextEncoder().encode(`${isLong ? "RF64" : "RIFF"}....WAVE`));
  view.setUint32(4, isLong ? unknown32 : riffSize, true);
  let at = 12;
  if (isLong) at = put(at, chunk("ds64", longSizes(riffSize, dataSize, frames)));
  else if (reserveLongSizes) at = put(at, chunk("JUNK", new Uint8Array(ds64Bytes)));
  for (const part of middle) at = put(at, part);
  if (isFloat) view.setUint32(at - 4, Math.min(frames, unknown32), true);
  at = put(at, new TextEncoder().encode("data"));
  view.setUint32(at, isLong ? unknown32 : dataSize, true);
  return header;
}
