// AIFF (Apple, 1989) and AIFF-C (Apple, 1991) with uncompressed samples.
//
//   FORM size AIFF|AIFC | COMM (channels, frames, bits, 80-bit rate, [codec]) ... SSND (offset, block size, samples)

import type { ByteSource } from "./byte-source.ts";
import { InputError } from "./file-errors.ts";
import { type Chunk, fourCharacters, viewOf, walkChunks } from "./iff-chunks.ts";
import { checkLayout, type PcmLayout } from "./pcm-file.ts";
import { isReadablePcm, type PcmEncoding } from "./pcm-samples.ts";

export const isAiff = (head: Uint8Array): boolean =>
  fourCharacters(head, 0) === "FORM" && ["AIFF", "AIFC"].includes(fourCharacters(head, 8));

/** IEEE 754 80-bit extended, big-endian: sign and 15-bit exponent, then 64 bits with an explicit leading one. */
export function readExtended80(view: DataView, at: number): number {
  const signAndExponent = view.getUint16(at, false);
  const exponent = (signAndExponent & 0x7fff) - 16383;
  const significand = view.getUint32(at + 2, false) * 2 ** -31 + view.getUint32(at + 6, false) * 2 ** -63;
  return (signAndExponent & 0x8000 ? -1 : 1) * significand * 2 ** exponent;
}

type CommonChunk = {
  readonly channels: number;
  readonly frames: number;
  readonly bits: number;
  readonly sampleRateHz: number;
  readonly compression: string;
};

async function readCommon(source: ByteSource, chunk: Chunk, isCompressed: boolean): Promise<CommonChunk> {
  const wanted = isCompressed ? 22 : 18;
  const bytes = await source.read(chunk.position, Math.min(chunk.sizeBytes, wanted));
  if (bytes.length < wanted) {
    const cut = chunk.position + chunk.sizeBytes > source.sizeBytes;
    throw new InputError(source.path, cut ? "it ends inside its header" : "its COMM chunk is too short");
  }
  const view = viewOf(bytes);
  return {
    channels: view.getUint16(0, false),
    frames: view.getUint32(2, false),
    bits: view.getUint16(6, false),
    sampleRateHz: readExtended80(view, 8),
    compression: isCompressed ? fourCharacters(bytes, 18) : "NONE",
  };
}

function encodingOf(path: string, common: CommonChunk): PcmEncoding {
  const bytesPerSample = Math.ceil(common.bits / 8);
  const big = { littleEndian: false };
  const known: Record<string, PcmEncoding> = {
    NONE: { kind: "int", bytesPerSample, ...big },
    twos: { kind: "int", bytesPerSample, ...big },
    in24: { kind: "int", bytesPerSample: 3, ...big },
    in32: { kind: "int", bytesPerSample: 4, ...big },
    sowt: { kind: "int", bytesPerSample, littleEndian: true },
    "raw ": { kind: "unsigned", bytesPerSample, ...big },
    fl32: { kind: "float", bytesPerSample: 4, ...big },
    FL32: { kind: "float", bytesPerSample: 4, ...big },
    fl64: { kind: "float", bytesPerSample: 8, ...big },
    FL64: { kind: "float", bytesPerSample: 8, ...big },
  };
  const encoding = known[common.compression];
  if (encoding === undefined) {
    const codec = common.compression.replace(/[^ -~]/g, "?");
    throw new InputError(path, `its AIFF-C codec '${codec}' is not supported; convert it to PCM`);
  }
  if (!isReadablePcm(encoding)) {
    throw new InputError(path, `its header is not usable: ${common.bits}-bit samples`);
  }
  return encoding;
}

/**
 * The header alone.
 * @throws InputError on anything that cannot be played.
 */
export async function readAiffLayout(source: ByteSource): Promise<PcmLayout> {
  const { path, sizeBytes } = source;
  const isCompressed = fourCharacters(await source.read(8, 4), 0) === "AIFC";
  let common: CommonChunk | undefined;
  let sound: Chunk | undefined;
  for await (const chunk of walkChunks(source, 12, false)) {
    if (chunk.id === "COMM" && common === undefined) common = await readCommon(source, chunk, isCompressed);
    if (chunk.id === "SSND" && sound === undefined) sound = chunk;
    if (common !== undefined && sound !== undefined) break;
  }
  if (common === undefined) throw new InputError(path, "it ends inside its header (no COMM chunk)");
  checkLayout(path, common.channels, common.sampleRateHz);
  const encoding = encodingOf(path, common);
  if (sound === undefined) throw new InputError(path, "it ends before its audio (no SSND chunk)");
  const head = await source.read(sound.position, 8);
  if (head.length < 8) throw new InputError(path, "it ends inside its header");

  const dataPosition = sound.position + 8 + viewOf(head).getUint32(0, false);
  const restBytes = Math.max(0, sizeBytes - dataPosition);
  // ffmpeg into a pipe leaves 0 in both places, SoX about 2 GiB: then the end of the file is the end of the audio.
  const isUnknown =
    (common.frames === 0 && sound.sizeBytes === 0) ||
    (sound.sizeBytes >= 0x7f000000 && sound.position + sound.sizeBytes > sizeBytes);
  const chunkRestBytes = isUnknown ? restBytes : Math.max(0, sound.position + sound.sizeBytes - dataPosition);
  return {
    format: "aiff",
    encoding,
    bitDepth:
      encoding.kind === "float" ? encoding.bytesPerSample * 8 : common.bits || encoding.bytesPerSample * 8,
    channels: common.channels,
    sampleRateHz: common.sampleRateHz,
    dataPosition,
    promisedFrames: isUnknown ? undefined : common.frames,
    availableBytes: Math.min(restBytes, chunkRestBytes),
    warnings: [],
  };
}
