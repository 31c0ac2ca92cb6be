// Compressed files through audio-decode, with its traps undone:
//
// - FLAC, TTA and WavPack come out in scales of their own: rescaled by the bit depth in the header, exact to the bit.
// - Stereo whose two sides are equal comes out as mono: the header's channel count decides.
// - A file that ends early is not reported: the decoded length is held against the header's.
// - A file that holds nothing gives zero channels instead of an error, and damage is printed on the console.

import decode from "audio-decode";
import {
  type AudioFile,
  type AudioFormat,
  missingFramesWarning,
  shareChannels,
  silenceNonFinite,
} from "./audio-data.ts";
import type { ByteSource } from "./byte-source.ts";
import { listenTo } from "./decoder-noise.ts";
import { type DecoderName, type DecoderPlan, planDecoding } from "./decoder-plan.ts";
import { type DecoderScale, undoScale } from "./decoder-scale.ts";
import { InputError } from "./file-errors.ts";
import type { Container } from "./file-format.ts";

type Decoded = { channelData: Float32Array[]; sampleRate: number };
type ChunkDecoder = (bytes?: Uint8Array) => Promise<Decoded>;

// The declared type lists fewer decoders than there are.
const decoders = decode as unknown as Readonly<Record<DecoderName, () => Promise<ChunkDecoder>>>;

const decoderScales: Partial<Record<AudioFormat, DecoderScale>> = {
  flac: "symmetric",
  tta: "split",
  wavpack: "split",
};

function append(first: Decoded, second: Decoded): Decoded {
  if (second.channelData.length === 0) return first;
  if (first.channelData.length === 0) return second;
  const channels = Math.max(first.channelData.length, second.channelData.length);
  const sideOf = (part: Decoded, channel: number) => part.channelData[channel % part.channelData.length];
  const channelData = Array.from({ length: channels }, (_, channel) => {
    const head = sideOf(first, channel);
    const tail = sideOf(second, channel);
    const joined = new Float32Array(head.length + tail.length);
    joined.set(head);
    joined.set(tail, head.length);
    return joined;
  });
  return { channelData, sampleRate: first.sampleRate };
}

async function runDecoder(
  path: string,
  plan: DecoderPlan,
  bytes: Uint8Array,
): Promise<{ result: Decoded; said: string[] }> {
  try {
    return await listenTo(async () => {
      const decodeChunk = await decoders[plan.decoder]();
      const body = await decodeChunk(bytes);
      return append(body, await decodeChunk());
    });
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const reason = plan.facts.cut ?? `its ${plan.facts.format} data cannot be decoded (${text})`;
    throw new InputError(path, reason, { cause });
  }
}

/** What the decoder printed, as one line. */
function damageWarning(said: readonly string[]): string {
  const detail = said[0].match(/Error: (\S+)/)?.[1] ?? said[0].trim().split("\n")[0];
  const more = said.length > 1 ? ` and ${said.length - 1} more` : "";
  return `the decoder reported damage: ${detail}${more}`;
}

async function decodePlan(path: string, plan: DecoderPlan, bytes: Uint8Array): Promise<AudioFile> {
  const { facts } = plan;
  const { result, said } = await runDecoder(path, plan, bytes);
  const { channelData, sampleRate } = result;
  const frames = channelData[0]?.length ?? 0;
  if (frames === 0) throw new InputError(path, facts.cut ?? "it holds no audio that can be decoded");
  if (!(sampleRate > 0)) throw new InputError(path, "its sample rate is not known");

  const warnings: string[] = [];
  const scale = decoderScales[facts.format];
  if (facts.bitDepth !== undefined && scale !== undefined) undoScale(channelData, facts.bitDepth, scale);
  let channels = shareChannels(channelData);
  if (channels.length === 1 && facts.channels === 2) {
    channels = [...channels, ...shareChannels([channels[0].slice()])];
  } else if (channels.length === 1 && plan.decoder === "wma") {
    // The decoder collapses WMA too, and its header is not read here.
    warnings.push("read as mono: a WMA file with equal left and right cannot be told from a mono one");
  }

  const isShort = facts.frames !== undefined && facts.frames - frames > (facts.frameTolerance ?? 0);
  if (isShort) {
    // Some decoders stop at the first damage, which looks just like a cut.
    const how = facts.cut === undefined ? "cut short or damaged" : "cut short";
    warnings.push(missingFramesWarning(facts.frames, frames, how));
  } else if (facts.cut !== undefined) warnings.push(facts.cut);
  const nonFinite = silenceNonFinite(channels);
  if (nonFinite !== undefined) warnings.push(nonFinite);
  if (said.length > 0) warnings.push(damageWarning(said));

  return {
    audio: { sampleRateHz: sampleRate, channels, frames },
    info: {
      format: facts.format,
      ...(facts.bitDepth === undefined ? {} : { bitDepth: facts.bitDepth }),
      sampleFormat: facts.bitDepth === undefined ? "float" : "int",
      channels: channels.length,
      sampleRateHz: sampleRate,
      frames,
      truncated: isShort || facts.cut !== undefined,
      warnings,
    },
  };
}

/** Compressed files are held in memory whole; this is far above what anyone encodes. */
const mostBytes = 2 ** 31 - 1;

async function readWhole(source: ByteSource): Promise<Uint8Array> {
  if (source.sizeBytes > mostBytes) {
    throw new InputError(source.path, "it is larger than 2 GiB, too much for a compressed file");
  }
  return source.read(0, source.sizeBytes);
}

/**
 * @param audioStart first byte behind any ID3 tag.
 * @throws InputError when nothing can be decoded.
 */
export async function readCompressed(
  source: ByteSource,
  container: Container,
  audioStart: number,
): Promise<AudioFile> {
  const bytes = (await readWhole(source)).subarray(audioStart);
  const plan = planDecoding(source.path, bytes, container);
  return decodePlan(source.path, plan, bytes.subarray(plan.start));
}

/** The WAV codecs beside PCM and float (A-law, mu-law, ADPCM). */
export async function readForeignWav(source: ByteSource, channels: number): Promise<AudioFile> {
  const plan: DecoderPlan = { decoder: "wav", facts: { format: "wav", channels }, start: 0 };
  return decodePlan(source.path, plan, await readWhole(source));
}
