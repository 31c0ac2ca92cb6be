// The common second half of reading WAV and AIFF: where the samples are and what they look like, to AudioFile.

import {
  type AudioFile,
  type AudioFormat,
  allocateChannels,
  missingFramesWarning,
  silenceNonFinite,
} from "./audio-data.ts";
import type { ByteSource } from "./byte-source.ts";
import { InputError } from "./file-errors.ts";
import { decodePcm, type PcmEncoding } from "./pcm-samples.ts";

export type PcmLayout = {
  readonly format: AudioFormat;
  readonly encoding: PcmEncoding;
  readonly bitDepth: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  /** First byte of the first sample. */
  readonly dataPosition: number;
  /** Frames the header promises; undefined when a streaming encoder could not know. */
  readonly promisedFrames: number | undefined;
  /** Bytes from `dataPosition` that can hold samples: never more than the file has. */
  readonly availableBytes: number;
  readonly warnings: readonly string[];
};

const mostChannels = 256;
const lowestRateHz = 1000;
const highestRateHz = 1_536_000;

/** @throws InputError on channel counts and sample rates that no audio file has. */
export function checkLayout(path: string, channels: number, sampleRateHz: number): void {
  if (channels < 1) throw new InputError(path, "its header says 0 channels");
  if (channels > mostChannels) {
    throw new InputError(path, `its header says ${channels} channels; at most ${mostChannels} are read`);
  }
  if (!(sampleRateHz >= lowestRateHz && sampleRateHz <= highestRateHz)) {
    const range = `${lowestRateHz} to ${highestRateHz} Hz are read`;
    throw new InputError(path, `its header says a sample rate of ${sampleRateHz} Hz; ${range}`);
  }
}

/**
 * Reads the samples in blocks straight into shared memory, so the peak is the result plus one block.
 * @throws InputError when there is not a single whole frame.
 */
export async function readPcm(source: ByteSource, layout: PcmLayout): Promise<AudioFile> {
  const blockAlign = layout.encoding.bytesPerSample * layout.channels;
  const presentFrames = Math.floor(layout.availableBytes / blockAlign);
  const frames = Math.min(layout.promisedFrames ?? presentFrames, presentFrames);
  if (frames === 0) throw new InputError(source.path, "it holds no audio (0 frames after its header)");

  const channels = allocateChannels(layout.channels, frames);
  const framesPerBlock = Math.max(1, Math.floor(2 ** 20 / blockAlign));
  for (let frame = 0; frame < frames; frame += framesPerBlock) {
    const blockFrames = Math.min(framesPerBlock, frames - frame);
    const bytes = await source.read(layout.dataPosition + frame * blockAlign, blockFrames * blockAlign);
    decodePcm(bytes, layout.encoding, channels, frame);
  }

  const warnings = [...layout.warnings];
  const truncated = layout.promisedFrames !== undefined && presentFrames < layout.promisedFrames;
  if (truncated) warnings.push(missingFramesWarning(layout.promisedFrames, frames));
  const isFloat = layout.encoding.kind === "float";
  const nonFinite = isFloat ? silenceNonFinite(channels) : undefined;
  if (nonFinite !== undefined) warnings.push(nonFinite);

  return {
    audio: { sampleRateHz: layout.sampleRateHz, channels, frames },
    info: {
      format: layout.format,
      bitDepth: layout.bitDepth,
      sampleFormat: isFloat ? "float" : "int",
      channels: layout.channels,
      sampleRateHz: layout.sampleRateHz,
      frames,
      truncated,
      warnings,
    },
  };
}
