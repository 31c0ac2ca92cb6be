// The common second half of reading WAV and AIFF: where the samples are and what they look like, to a stream of them.

import { type AudioFileInfo, type AudioFormat, missingFramesWarning } from "./audio-data.ts";
import type { AudioSource, AudioStream } from "./audio-stream.ts";
import { PausableFile } from "./byte-source.ts";
import { InputError } from "./file-errors.ts";
import { NonFiniteSamples } from "./non-finite.ts";
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
 * The samples behind a header. Each stream has the file open from its first read on.
 * @throws InputError when there is not a single whole frame.
 */
export function openPcm(path: string, layout: PcmLayout): AudioSource {
  const blockAlign = layout.encoding.bytesPerSample * layout.channels;
  const presentFrames = Math.floor(layout.availableBytes / blockAlign);
  const frames = Math.min(layout.promisedFrames ?? presentFrames, presentFrames);
  if (frames === 0) throw new InputError(path, "it holds no audio (0 frames after its header)");
  const truncated = layout.promisedFrames !== undefined && presentFrames < layout.promisedFrames;
  const warnings = [...layout.warnings];
  if (truncated) warnings.push(missingFramesWarning(layout.promisedFrames, frames));
  const info = {
    format: layout.format,
    bitDepth: layout.bitDepth,
    sampleFormat: layout.encoding.kind === "float" ? "float" : "int",
    channels: layout.channels,
    sampleRateHz: layout.sampleRateHz,
    truncated,
    warnings,
  } as const;
  return {
    info,
    channels: layout.channels,
    sampleRateHz: layout.sampleRateHz,
    frames,
    likelyFrames: frames,
    open: () => new PcmStream(path, layout, { ...info, frames }),
  };
}

class PcmStream implements AudioStream {
  readonly #path: string;
  readonly #file: PausableFile;
  readonly #layout: PcmLayout;
  readonly #info: AudioFileInfo;
  readonly #nonFinite = new NonFiniteSamples();
  #at = 0;

  constructor(path: string, layout: PcmLayout, info: AudioFileInfo) {
    this.#path = path;
    this.#file = new PausableFile(path);
    this.#layout = layout;
    this.#info = info;
  }

  async read(into: readonly Float32Array[], frames: number): Promise<number> {
    const { encoding, channels, dataPosition } = this.#layout;
    const blockAlign = encoding.bytesPerSample * channels;
    const framesPerBlock = Math.max(1, Math.floor(2 ** 20 / blockAlign));
    const wanted = Math.min(frames, this.#info.frames - this.#at);
    for (let frame = 0; frame < wanted; frame += framesPerBlock) {
      const blockFrames = Math.min(framesPerBlock, wanted - frame);
      const position = dataPosition + (this.#at + frame) * blockAlign;
      const bytes = await this.#file.read(position, blockFrames * blockAlign);
      if (bytes.length < blockFrames * blockAlign)
        throw new InputError(this.#path, "the file became shorter while it was read");
      decodePcm(bytes, encoding, into, frame);
    }
    if (encoding.kind === "float") this.#nonFinite.silence(into, wanted, this.#at);
    this.#at += wanted;
    return wanted;
  }

  get outcome(): AudioFileInfo | undefined {
    if (this.#at < this.#info.frames) return undefined;
    const { warning } = this.#nonFinite;
    return warning === undefined
      ? this.#info
      : { ...this.#info, warnings: [...this.#info.warnings, warning] };
  }

  close(): Promise<void> {
    return this.#file.pause();
  }
}
