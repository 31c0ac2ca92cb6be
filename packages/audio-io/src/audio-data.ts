// Decoded audio as the rest of Gainstage sees it, and what the file it came from looked like.

/**
 * Planar audio in memory.
 *
 * `channels[c][n]` is frame `n` of channel `c`, nominally within -1 ... +1 but never clipped. All channels hold
 * `frames` samples. The arrays live on SharedArrayBuffers wherever the platform has them, so worker threads read
 * them without a copy.
 */
export type AudioData = {
  readonly sampleRateHz: number;
  readonly channels: readonly Float32Array[];
  readonly frames: number;
};

export type AudioFormat =
  | "wav"
  | "aiff"
  | "flac"
  | "mp3"
  | "vorbis"
  | "opus"
  | "aac"
  | "m4a"
  | "caf"
  | "webm"
  | "wma"
  | "wavpack"
  | "tta"
  | "ac3";

/** What the file itself holds: rate and length before any resampling. */
export type AudioFileInfo = {
  readonly format: AudioFormat;
  /** Significant bits of one stored sample; absent for codecs that have no such thing (MP3, Vorbis, ...). */
  readonly bitDepth?: number;
  readonly sampleFormat: "int" | "float";
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly frames: number;
  /** True when the file ends before the length its own headers promise; `warnings` says how much is missing. */
  readonly truncated: boolean;
  readonly warnings: readonly string[];
};

export type AudioFile = { readonly audio: AudioData; readonly info: AudioFileInfo };

/** Silent planar channels on shared memory (plain memory in a page without cross-origin isolation). */
export function allocateChannels(channelCount: number, frames: number): Float32Array[] {
  const Memory = typeof SharedArrayBuffer === "undefined" ? ArrayBuffer : SharedArrayBuffer;
  return Array.from(
    { length: channelCount },
    () => new Float32Array(new Memory(frames * Float32Array.BYTES_PER_ELEMENT)),
  );
}

/** The same samples on shared memory; arrays that are there already are kept, not copied. */
export function shareChannels(channels: readonly Float32Array[]): Float32Array[] {
  const isShared = (samples: Float32Array) =>
    typeof SharedArrayBuffer !== "undefined" && samples.buffer instanceof SharedArrayBuffer;
  return channels.map((samples) => {
    if (isShared(samples)) return samples;
    const [shared] = allocateChannels(1, samples.length);
    shared.set(samples);
    return shared;
  });
}

/** The warning for a file that holds less than it promises; `expected` and `present` in frames. */
export function missingFramesWarning(expected: number, present: number, how = "cut short"): string {
  const missing = expected - present;
  const percent = ((100 * missing) / expected).toFixed(1);
  return `the file is ${how}: ${missing} of ${expected} frames (${percent}%) are missing`;
}
