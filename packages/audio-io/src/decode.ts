// One way in for every audio file.

import { isAiff, readAiff } from "./aiff-read.ts";
import { type AudioData, type AudioFile, shareChannels } from "./audio-data.ts";
import { type ByteSource, openFile } from "./byte-source.ts";
import { readCompressed, readForeignWav } from "./compressed-read.ts";
import { InputError, inputErrorFrom } from "./file-errors.ts";
import { describeUnknown, sniffContainer } from "./file-format.ts";
import { readPcm } from "./pcm-file.ts";
import { id3Length } from "./stream-facts.ts";
import { isWav, readWavLayout } from "./wav-read.ts";

/** `channels` at `fromHz` to new arrays at `toHz`; all of one length. */
export type Resample = (channels: readonly Float32Array[], fromHz: number, toHz: number) => Float32Array[];

export type ReadAudioOptions = {
  /** Brings the audio to this rate when the file has another. `info` keeps describing the file. */
  readonly resampleTo?: { readonly sampleRateHz: number; readonly resample: Resample };
};

const sniffedBytes = 65536 + 4096;

async function readSource(source: ByteSource): Promise<AudioFile> {
  const head = await source.read(0, 12);
  if (isWav(head)) {
    const wav = await readWavLayout(source);
    return wav.codec === "pcm" ? readPcm(source, wav.layout) : readForeignWav(source, wav.channels);
  }
  if (isAiff(head)) return readAiff(source);

  const audioStart = id3Length(head);
  const audioHead = await source.read(audioStart, sniffedBytes);
  if (audioStart > 0 && audioHead.length === 0)
    throw new InputError(source.path, "it ends inside its ID3 tag");
  const container = sniffContainer(audioHead);
  if (container === undefined) throw new InputError(source.path, describeUnknown(audioHead));
  return readCompressed(source, container, audioStart);
}

function resampled(audio: AudioData, options: ReadAudioOptions): AudioData {
  const target = options.resampleTo;
  if (target === undefined || target.sampleRateHz === audio.sampleRateHz) return audio;
  const channels = shareChannels(target.resample(audio.channels, audio.sampleRateHz, target.sampleRateHz));
  return { sampleRateHz: target.sampleRateHz, channels, frames: channels[0].length };
}

/**
 * Reads a whole audio file: WAV (also RIFX, RF64, BW64), AIFF, FLAC, MP3, Ogg Vorbis/Opus/FLAC, AAC, M4A, CAF, WebM,
 * WMA, WavPack, TTA, AC-3, told apart by content.
 *
 * Integers of n bits become x / 2^(n-1), exactly, in every format with integers. NaN and infinities become silence.
 * A file that ends early is read as far as it goes, with `info.truncated` and a warning that says what is missing.
 * @throws InputError naming the path and the reason when there is no audio to be had.
 */
export async function readAudioFile(path: string, options: ReadAudioOptions = {}): Promise<AudioFile> {
  const source = await openFile(path);
  try {
    const { audio, info } = await readSource(source);
    return { audio: resampled(audio, options), info };
  } catch (cause) {
    // A failed system call in the middle of reading; anything that is not one is a fault of this code.
    if (cause instanceof Error && "syscall" in cause) throw inputErrorFrom(path, cause);
    throw cause;
  } finally {
    await source.close();
  }
}
