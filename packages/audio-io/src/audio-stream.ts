// Audio read forward in pieces, so that memory does not grow with the length of a recording.
//
//   openAudioFile ─▶ AudioSource ─ open() ─▶ AudioStream ─ read() ─▶ … ─▶ 0 ─▶ outcome

import { type AudioData, type AudioFileInfo, allocateChannels } from "./audio-data.ts";

/** One way through a recording. Reads must not overlap: each is awaited before the next. */
export type AudioStream = {
  /**
   * Fills the first `frames` frames of `into`, one array for each channel, and gives how many there were: fewer than
   * `frames` only where the recording ends, 0 from then on. NaN and infinities come as silence.
   * @throws InputError where what follows cannot be read.
   */
  read(into: readonly Float32Array[], frames: number): Promise<number>;
  /** What the file turned out to be, with all that was wrong with it: there once a read has come to its end. */
  readonly outcome: AudioFileInfo | undefined;
  /** Lets go of the file; safe to call at any time. */
  close(): Promise<void>;
};

/** A recording that can be read from its start any number of times. */
export type AudioSource = {
  /** What the headers say of the file itself. `outcome` of a stream is what it turned out to be. */
  readonly info: Omit<AudioFileInfo, "frames">;
  readonly channels: number;
  /** Of what a stream gives. */
  readonly sampleRateHz: number;
  /** Exact, of what a stream gives; undefined where only reading to the end tells. */
  readonly frames: number | undefined;
  /** What the headers promise where `frames` is not known: good for showing progress, and for nothing else. */
  readonly likelyFrames: number | undefined;
  open(): AudioStream;
};

const pieceFrames = 65536;

/** Reads a stream to its end, onto shared memory. The stream is left for the caller to close. */
export async function readWhole(
  source: AudioSource,
  stream: AudioStream,
): Promise<{ audio: AudioData; info: AudioFileInfo }> {
  const { sampleRateHz } = source;
  const channels = await (source.frames === undefined
    ? readToEnd(source.channels, stream)
    : readFrames(source.channels, stream, source.frames));
  // Only a read that gives too little shows that this is the end.
  await stream.read(
    channels.map(() => new Float32Array(1)),
    1,
  );
  return { audio: { sampleRateHz, channels, frames: channels[0].length }, info: stream.outcome! };
}

async function readFrames(width: number, stream: AudioStream, frames: number): Promise<Float32Array[]> {
  const channels = allocateChannels(width, frames);
  await stream.read(channels, frames);
  return channels;
}

async function readToEnd(width: number, stream: AudioStream): Promise<Float32Array[]> {
  const pieces: Float32Array[][] = [];
  let frames = 0;
  for (;;) {
    const piece = Array.from({ length: width }, () => new Float32Array(pieceFrames));
    const count = await stream.read(piece, pieceFrames);
    pieces.push(piece.map((samples) => samples.subarray(0, count)));
    frames += count;
    if (count < pieceFrames) break;
  }
  const channels = allocateChannels(width, frames);
  let at = 0;
  for (const piece of pieces) {
    for (const [c, samples] of piece.entries()) channels[c].set(samples, at);
    at += piece[0].length;
  }
  return channels;
}
