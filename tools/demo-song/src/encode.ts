/**
 * Audio files from samples: WAV and FLAC (16 and 24 bit), Ogg Vorbis and MP3. Channels are -1 to 1; a sample outside is an error,
 * since a stem is never meant to clip. Integers are rounded without dither, so that silence stays silence and costs nothing.
 */
import createFlac from "libflacjs";
import { createMp3Encoder, createOggEncoder } from "wasm-media-encoders";
import { withInfoTag } from "./mp3-info-tag.ts";
import type { Format } from "./stems.ts";

/** @throws RangeError if a sample lies outside -1 to 1. */
export async function encode(
  channels: readonly Float64Array[],
  rateHz: 44_100 | 48_000,
  format: Format,
): Promise<Uint8Array<ArrayBuffer>> {
  for (const [c, channel] of channels.entries()) {
    const frame = channel.findIndex((x) => !(Math.abs(x) <= 1));
    if (frame >= 0) {
      throw new RangeError(
        `Channel ${c} is ${channel[frame]} at frame ${frame}: lower its level under full scale.`,
      );
    }
  }
  switch (format.codec) {
    case "wav":
      return encodeWav(channels, rateHz, format.bits);
    case "flac":
      return encodeFlac(channels, rateHz, format.bits);
    case "ogg":
      return encodeOgg(channels, rateHz, format.quality);
    case "mp3":
      return encodeMp3(channels, rateHz, format.quality);
  }
}

function interleave(channels: readonly Float64Array[], bits: 16 | 24): Int32Array<ArrayBuffer> {
  const scale = 2 ** (bits - 1) - 1;
  const samples = new Int32Array(channels.length * channels[0]!.length);
  for (const [c, channel] of channels.entries()) {
    for (let i = 0; i < channel.length; i++)
      samples[i * channels.length + c] = Math.round(scale * channel[i]!);
  }
  return samples;
}

/** RIFF WAVE with a plain PCM format chunk: IBM and Microsoft, Multimedia Programming Interface 1.0, 1991. */
function encodeWav(
  channels: readonly Float64Array[],
  rateHz: number,
  bits: 16 | 24,
): Uint8Array<ArrayBuffer> {
  const samples = interleave(channels, bits);
  const bytesPerSample = bits / 8;
  const dataBytes = samples.length * bytesPerSample;
  const padded = dataBytes + (dataBytes % 2);
  const view = new DataView(new ArrayBuffer(44 + padded));
  const ascii = (at: number, text: string) => {
    for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  };
  ascii(0, "RIFF");
  view.setUint32(4, 36 + padded, true);
  ascii(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, channels.length, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * channels.length * bytesPerSample, true);
  view.setUint16(32, channels.length * bytesPerSample, true);
  view.setUint16(34, bits, true);
  ascii(36, "data");
  view.setUint32(40, dataBytes, true);
  for (const [i, sample] of samples.entries()) {
    for (let byte = 0; byte < bytesPerSample; byte++) {
      view.setUint8(44 + i * bytesPerSample + byte, (sample >> (8 * byte)) & 0xff);
    }
  }
  return new Uint8Array(view.buffer);
}

const FLAC_COMPRESSION = 8;
const STREAMINFO_OFFSET = 8; // after the marker and the block's header

/** FLAC by libFLAC; the STREAMINFO is completed afterwards, as the encoder cannot seek back in a stream of bytes. */
async function encodeFlac(
  channels: readonly Float64Array[],
  rateHz: number,
  bits: 16 | 24,
): Promise<Uint8Array<ArrayBuffer>> {
  const flac = createFlac("release");
  if (!flac.isReady()) await new Promise((resolve) => flac.on("ready", resolve));
  const frames = channels[0]!.length;
  const encoder = flac.create_libflac_encoder(
    rateHz,
    channels.length,
    bits,
    FLAC_COMPRESSION,
    frames,
    false,
    4096,
  );
  if (encoder === 0)
    throw new Error(`libFLAC refuses ${channels.length} channels of ${bits} bit at ${rateHz} Hz.`);
  const parts: Uint8Array[] = [];
  let info: { md5sum: string; min_framesize: number; max_framesize: number } | undefined;
  const status = flac.init_encoder_stream(
    encoder,
    (bytes: Uint8Array) => void parts.push(bytes.slice()),
    (metadata) => {
      if (metadata) info = metadata;
    },
  );
  if (status !== 0) throw new Error(`libFLAC does not start: status ${status}.`);
  const ok = flac.FLAC__stream_encoder_process_interleaved(encoder, interleave(channels, bits), frames);
  flac.FLAC__stream_encoder_finish(encoder);
  flac.FLAC__stream_encoder_delete(encoder);
  if (!ok || !info) throw new Error("libFLAC broke off while encoding.");

  const bytes = join(parts);
  // RFC 9639 §8.2: frame sizes at bytes 4 and 7 of STREAMINFO, the length in its 36 bits before the MD5 at byte 18.
  const view = new DataView(bytes.buffer, STREAMINFO_OFFSET);
  for (const [at, size] of [
    [4, info.min_framesize],
    [7, info.max_framesize],
  ] as const) {
    view.setUint8(at, size >> 16);
    view.setUint16(at + 1, size & 0xffff);
  }
  view.setUint32(14, frames);
  for (let i = 0; i < 16; i++)
    view.setUint8(18 + i, Number.parseInt(info.md5sum.slice(2 * i, 2 * i + 2), 16));
  return bytes;
}

async function encodeOgg(
  channels: readonly Float64Array[],
  sampleRate: number,
  vbrQuality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await createOggEncoder();
  encoder.configure({ channels: channels.length as 1 | 2, sampleRate, vbrQuality, oggSerialNo: 1 });
  return join([
    ...chunksOf(channels, sampleRate).map((c) => encoder.encode(c).slice()),
    encoder.finalize().slice(),
  ]);
}

async function encodeMp3(
  channels: readonly Float64Array[],
  sampleRate: 44_100 | 48_000,
  vbrQuality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await createMp3Encoder();
  const channelCount = channels.length as 1 | 2;
  encoder.configure({ channels: channelCount, sampleRate, vbrQuality, outputSampleRate: sampleRate });
  const chunks = chunksOf(channels, sampleRate).map((chunk) => encoder.encode(chunk).slice());
  return withInfoTag(join([...chunks, encoder.finalize().slice()]), channels[0]!.length);
}

/** The sound in chunks of a second, as the encoders' buffers like it. */
function chunksOf(channels: readonly Float64Array[], frames: number): Float32Array[][] {
  const count = Math.ceil(channels[0]!.length / frames);
  return Array.from({ length: count }, (_, i) =>
    channels.map((channel) => Float32Array.from(channel.subarray(i * frames, (i + 1) * frames))),
  );
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
