// One way in for every audio file.

import { isAiff, readAiffLayout } from "./aiff-read.ts";
import { type AudioData, type AudioFile, shareChannels } from "./audio-data.ts";
import { type AudioSource, readWhole } from "./audio-stream.ts";
import { type ByteSource, openFile, reading } from "./byte-source.ts";
import { openCompressed, openForeignWav } from "./compressed-read.ts";
import { InputError } from "./file-errors.ts";
import { describeUnknown, sniffContainer } from "./file-format.ts";
import { openPcm } from "./pcm-file.ts";
import { resampledSource } from "./resampled-stream.ts";
import { id3Length } from "./stream-facts.ts";
import { isWav, readWavLayout } from "./wav-read.ts";

/** `channels` at `fromHz` to new arrays at `toHz`; all of one length. */
export type Resample = (channels: readonly Float32Array[], fromHz: number, toHz: number) => Float32Array[];

export type ReadAudioOptions = {
  /** Brings the audio to this rate when the file has another. `info` keeps describing the file. */
  readonly resampleTo?: { readonly sampleRateHz: number; readonly resample: Resample };
};

export type OpenAudioOptions = {
  readonly resampleTo?: {
    readonly sampleRateHz: number;
    readonly resample: Resample;
    /**
     * How many input frames before and after its own moment a sample depends on, where `resample` gives the same samples for
     * any part of a recording that begins at a moment that both rates have a frame at. Undefined: the audio must be
     * resampled whole, and is.
     */
    readonly reachFrames?: (fromHz: number, toHz: number) => number | undefined;
  };
};

const sniffedBytes = 65536 + 4096;

async function openSource(source: ByteSource): Promise<AudioSource> {
  const head = await source.read(0, 12);
  if (isWav(head)) {
    const wav = await readWavLayout(source);
    return wav.codec === "pcm" ? openPcm(source.path, wav.layout) : openForeignWav(source, wav.channels);
  }
  if (isAiff(head)) return openPcm(source.path, await readAiffLayout(source));

  const audioStart = id3Length(head);
  const audioHead = await source.read(audioStart, sniffedBytes);
  if (audioStart > 0 && audioHead.length === 0)
    throw new InputError(source.path, "it ends inside its ID3 tag");
  const container = sniffContainer(audioHead);
  if (container === undefined) throw new InputError(source.path, describeUnknown(audioHead));
  return openCompressed(source, container, audioStart);
}

/**
 * Opens an audio file: WAV (also RIFX, RF64, BW64), AIFF, FLAC, MP3, Ogg Vorbis/Opus/FLAC, AAC, M4A, CAF, WebM, WMA,
 * WavPack, TTA, AC-3, told apart by content.
 *
 * Integers of n bits become x / 2^(n-1), exactly, in every format with integers. NaN and infinities become silence.
 * A file that ends early is read as far as it goes; `info` says so as far as the headers show it, and the `outcome` of a
 * stream, once it is read to the end, in full. What is read in pieces has the samples that readAudioFile() gives.
 *
 * Memory: a piece of the file and of its audio for each stream. Held whole while they are read are WMA, AAC and M4A
 * whose header has no channel count, M4A with its index at the end, and audio to be resampled without `reachFrames`.
 * @throws InputError naming the path and the reason when there is no audio to be had.
 */
export async function openAudioFile(path: string, options: OpenAudioOptions = {}): Promise<AudioSource> {
  const file = await openFile(path);
  try {
    const source = await reading(path, openSource(file));
    const target = options.resampleTo;
    if (target === undefined || target.sampleRateHz === source.sampleRateHz) return source;
    return resampledSource(source, target);
  } finally {
    await file.close();
  }
}

function resampled(audio: AudioData, options: ReadAudioOptions): AudioData {
  const target = options.resampleTo;
  if (target === undefined || target.sampleRateHz === audio.sampleRateHz) return audio;
  const channels = shareChannels(target.resample(audio.channels, audio.sampleRateHz, target.sampleRateHz));
  return { sampleRateHz: target.sampleRateHz, channels, frames: channels[0].length };
}

/**
 * Reads a whole audio file, as openAudioFile() does in pieces. A file that ends early is read as far as it goes, with
 * `info.truncated` and a warning that says what is missing.
 * @throws InputError naming the path and the reason when there is no audio to be had.
 */
export async function readAudioFile(path: string, options: ReadAudioOptions = {}): Promise<AudioFile> {
  const source = await openAudioFile(path);
  const stream = source.open();
  try {
    const { audio, info } = await readWhole(source, stream);
    return { audio: resampled(audio, options), info };
  } finally {
    await stream.close();
  }
}
