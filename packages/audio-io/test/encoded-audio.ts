// Compressed fixtures from independent encoders: libFLAC, LAME and libvorbis compiled to JavaScript.

import { createRequire } from "node:module";
import { createMp3Encoder, createOggEncoder, type WasmMediaEncoder } from "wasm-media-encoders";

type FlacLibrary = {
  isReady(): boolean;
  on(event: "ready", listener: () => void): void;
  create_libflac_encoder(
    rateHz: number,
    channels: number,
    bits: number,
    level: number,
    totalSamples: number,
    verify: boolean,
    blockSize: number,
  ): number;
  init_encoder_stream(encoder: number, onBytes: (bytes: Uint8Array) => void): number;
  init_encoder_ogg_stream(encoder: number, onBytes: (bytes: Uint8Array) => void): number;
  FLAC__stream_encoder_process_interleaved(encoder: number, samples: Int32Array, frames: number): boolean;
  FLAC__stream_encoder_finish(encoder: number): boolean;
  FLAC__stream_encoder_delete(encoder: number): void;
};

async function loadFlac(): Promise<FlacLibrary> {
  const factory = createRequire(import.meta.url)("libflacjs") as (variant: string) => FlacLibrary;
  const library = factory("release");
  if (!library.isReady()) await new Promise<void>((resolve) => library.on("ready", resolve));
  return library;
}

const join = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Integers in, a FLAC file out whose STREAMINFO knows the total length. */
export async function encodeFlac(
  channels: readonly Int32Array[],
  bits: number,
  rateHz: number,
  container: "native" | "ogg" = "native",
): Promise<Uint8Array> {
  const library = await loadFlac();
  const frames = channels[0].length;
  const interleaved = new Int32Array(frames * channels.length);
  channels.forEach((samples, channel) => {
    samples.forEach((sample, frame) => {
      interleaved[frame * channels.length + channel] = sample;
    });
  });
  const encoder = library.create_libflac_encoder(rateHz, channels.length, bits, 5, frames, false, 0);
  const parts: Uint8Array[] = [];
  const onBytes = (bytes: Uint8Array) => {
    parts.push(bytes.slice());
  };
  const status =
    container === "ogg"
      ? library.init_encoder_ogg_stream(encoder, onBytes)
      : library.init_encoder_stream(encoder, onBytes);
  if (encoder === 0 || status !== 0) throw new Error(`libFLAC refused: ${status}`);
  library.FLAC__stream_encoder_process_interleaved(encoder, interleaved, frames);
  library.FLAC__stream_encoder_finish(encoder);
  library.FLAC__stream_encoder_delete(encoder);
  return join(parts);
}

function runEncoder(
  encoder: WasmMediaEncoder<"audio/mpeg" | "audio/ogg">,
  channels: readonly Float32Array[],
) {
  const parts = [encoder.encode(channels as Float32Array[]).slice(), encoder.finalize().slice()];
  return join(parts);
}

/** Constant bit rate, without a Xing or LAME tag. */
export async function encodeMp3(
  channels: readonly Float32Array[],
  sampleRate: 44100 | 48000,
): Promise<Uint8Array> {
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate, channels: channels.length as 1 | 2, bitrate: 192 });
  return runEncoder(encoder, channels);
}

export async function encodeVorbis(
  channels: readonly Float32Array[],
  sampleRate: number,
): Promise<Uint8Array> {
  const encoder = await createOggEncoder();
  encoder.configure({ sampleRate, channels: channels.length as 1 | 2, vbrQuality: 6 });
  return runEncoder(encoder, channels);
}
