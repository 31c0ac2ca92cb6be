// WAV: RIFF, RIFX (big-endian), RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088), WAVE_FORMAT_EXTENSIBLE.
//
//   RIFF size WAVE | [ds64] ... fmt ... data
//
// Nothing in the header is believed: sizes are clipped to the file, contradictions end in an InputError.

import type { ByteSource } from "./byte-source.ts";
import { InputError } from "./file-errors.ts";
import { type Chunk, fourCharacters, isChunksToTheEnd, viewOf, walkChunks } from "./iff-chunks.ts";
import { checkLayout, type PcmLayout } from "./pcm-file.ts";
import { isReadablePcm, type PcmEncoding } from "./pcm-samples.ts";

const formatPcm = 1;
const formatFloat = 3;
const formatExtensible = 0xfffe;
/** Tags that the general decoder reads: Microsoft ADPCM, A-law, mu-law, IMA ADPCM. */
const foreignTags: Readonly<Record<number, string>> = {
  2: "Microsoft ADPCM",
  6: "A-law",
  7: "mu-law",
  17: "IMA ADPCM",
};

const isMagic = (magic: string): boolean => ["RIFF", "RIFX", "RF64", "BW64"].includes(magic);

export const isWav = (head: Uint8Array): boolean =>
  isMagic(fourCharacters(head, 0)) && fourCharacters(head, 8) === "WAVE";

export type WavLayout =
  | { readonly codec: "pcm"; readonly layout: PcmLayout }
  | {
      readonly codec: "foreign";
      readonly name: string;
      readonly channels: number;
      readonly sampleRateHz: number;
    };

type FormatChunk = {
  readonly tag: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly blockAlign: number;
  readonly bitsPerSample: number;
  readonly validBits: number;
};

async function readFormat(source: ByteSource, chunk: Chunk, littleEndian: boolean): Promise<FormatChunk> {
  const bytes = await source.read(chunk.position, Math.min(chunk.sizeBytes, 40));
  if (bytes.length < 16) {
    const cut = chunk.position + chunk.sizeBytes > source.sizeBytes;
    throw new InputError(source.path, cut ? "it ends inside its header" : "its fmt chunk is too short");
  }
  const view = viewOf(bytes);
  let tag = view.getUint16(0, littleEndian);
  const bitsPerSample = view.getUint16(14, littleEndian);
  let validBits = bitsPerSample;
  if (tag === formatExtensible && bytes.length === 40) {
    // SubFormat is a GUID whose first two bytes are the old format tag.
    tag = view.getUint16(24, littleEndian);
    validBits = view.getUint16(18, littleEndian) || bitsPerSample;
  }
  return {
    tag,
    channels: view.getUint16(2, littleEndian),
    sampleRateHz: view.getUint32(4, littleEndian),
    blockAlign: view.getUint16(12, littleEndian),
    bitsPerSample,
    validBits,
  };
}

function encodingOf(path: string, format: FormatChunk, littleEndian: boolean): PcmEncoding {
  const { channels, bitsPerSample, blockAlign } = format;
  const bytesPerSample = Math.ceil(bitsPerSample / 8);
  // A larger blockAlign means samples left-justified in larger containers; blockAlign 0 is a lazy writer.
  const container = blockAlign === 0 ? bytesPerSample : blockAlign / channels;
  const kind = format.tag === formatFloat ? "float" : container === 1 ? "unsigned" : "int";
  const encoding: PcmEncoding = { kind, bytesPerSample: container, littleEndian };
  const fits = Number.isInteger(container) && container >= bytesPerSample && bitsPerSample > 0;
  if (!fits || !isReadablePcm(encoding) || (kind === "float" && container !== bytesPerSample)) {
    const shape = `${channels} channels of ${bitsPerSample}-bit ${kind === "float" ? "float" : "integer"} samples`;
    throw new InputError(path, `its header is not usable: ${shape} in frames of ${blockAlign} bytes`);
  }
  return encoding;
}

/** ds64: riffSize u64, dataSize u64, sampleCount u64, then a table of other long chunks. */
async function readLongDataSize(source: ByteSource, chunk: Chunk, littleEndian: boolean): Promise<number> {
  const bytes = await source.read(chunk.position, 16);
  if (bytes.length < 16) throw new InputError(source.path, "it ends inside its header");
  return Number(viewOf(bytes).getBigUint64(8, littleEndian));
}

/** Sizes that mean "not known": zero, all ones (ffmpeg, and ds64 itself), 0x7ffff000 (SoX into a pipe). */
const isUnknownSize = (sizeBytes: number): boolean =>
  sizeBytes === 0 || sizeBytes === 0xffffffff || sizeBytes === 0x7ffff000 || sizeBytes >= 2 ** 63;

/**
 * The header alone.
 * @throws InputError on anything that cannot be played.
 */
export async function readWavLayout(source: ByteSource): Promise<WavLayout> {
  const magic = fourCharacters(await source.read(0, 4), 0);
  const littleEndian = magic !== "RIFX";
  const isLong = magic === "RF64" || magic === "BW64";
  let format: FormatChunk | undefined;
  let data: Chunk | undefined;
  let longDataSize: number | undefined;
  const actualSize = (chunk: Chunk): number =>
    isLong && chunk.id === "data" && chunk.sizeBytes === 0xffffffff
      ? (longDataSize ?? chunk.sizeBytes)
      : chunk.sizeBytes;

  for await (const chunk of walkChunks(source, 12, littleEndian, actualSize)) {
    if (chunk.id === "ds64" && isLong) longDataSize = await readLongDataSize(source, chunk, littleEndian);
    if (chunk.id === "fmt " && format === undefined) format = await readFormat(source, chunk, littleEndian);
    if (chunk.id === "data" && data === undefined) data = { ...chunk, sizeBytes: actualSize(chunk) };
    if (format !== undefined && data !== undefined) break;
  }
  if (format === undefined) throw new InputError(source.path, "it ends inside its header (no fmt chunk)");
  if (data === undefined) throw new InputError(source.path, "it ends before its audio (no data chunk)");

  const { path, sizeBytes } = source;
  checkLayout(path, format.channels, format.sampleRateHz);
  const foreignName = foreignTags[format.tag];
  if (foreignName !== undefined) {
    return {
      codec: "foreign",
      name: foreignName,
      channels: format.channels,
      sampleRateHz: format.sampleRateHz,
    };
  }
  if (format.tag !== formatPcm && format.tag !== formatFloat) {
    const tag = `0x${format.tag.toString(16).padStart(4, "0")}`;
    throw new InputError(path, `its WAV codec ${tag} is not supported; convert it to PCM`);
  }

  const encoding = encodingOf(path, format, littleEndian);
  const blockAlign = encoding.bytesPerSample * format.channels;
  const restBytes = sizeBytes - data.position;
  let isUnknown = isUnknownSize(data.sizeBytes) && data.sizeBytes !== restBytes;
  if (data.sizeBytes === 0 && (await isChunksToTheEnd(source, data.position, littleEndian)))
    isUnknown = false;
  const availableBytes = isUnknown ? restBytes : Math.min(restBytes, data.sizeBytes);

  const warnings: string[] = [];
  if (format.blockAlign === 0)
    warnings.push("its header gives no block size; it was worked out from the bit depth");
  const spareBytes = availableBytes % blockAlign;
  if (spareBytes !== 0) warnings.push(`${spareBytes} bytes after the last whole frame were left out`);

  const promisedFrames = isUnknown ? undefined : Math.floor(data.sizeBytes / blockAlign);
  const layout: PcmLayout = {
    format: "wav",
    encoding,
    bitDepth: Math.min(format.validBits, encoding.bytesPerSample * 8),
    channels: format.channels,
    sampleRateHz: format.sampleRateHz,
    dataPosition: data.position,
    promisedFrames,
    availableBytes,
    warnings,
  };
  return { codec: "pcm", layout };
}
