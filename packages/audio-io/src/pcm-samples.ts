// Interleaved PCM bytes to planar floats and back.
//
// Integers are two's complement of n bits, and every one is divided by 2^(n-1): -1.0 is the most negative code and
// +1.0 is never reached. One scale for both signs is what keeps a file that passes through unchanged identical to
// the bit, and adds neither DC nor a second harmonic. WAV's 8-bit samples are offset binary: 128 is zero.

export type PcmEncoding = {
  readonly kind: "int" | "unsigned" | "float";
  /** Container size. Samples with fewer significant bits sit at the top of it, zeros below. */
  readonly bytesPerSample: number;
  readonly littleEndian: boolean;
};

/** Reads every `step` bytes from `at` on into `samples[from]` up to `samples[to - 1]`. */
type ReadLoop = (
  view: DataView,
  littleEndian: boolean,
  at: number,
  step: number,
  samples: Float32Array,
  from: number,
  to: number,
) => void;

// One loop per format, written out: a loop that calls a reader given to it runs three times slower.
const readLoops: Readonly<Record<string, ReadLoop>> = {
  unsigned1(view, _littleEndian, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step)
      samples[frame] = (view.getUint8(p) - 128) / 128;
  },
  int1(view, _littleEndian, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step) samples[frame] = view.getInt8(p) / 128;
  },
  int2(view, littleEndian, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step) {
      samples[frame] = view.getInt16(p, littleEndian) * 2 ** -15;
    }
  },
  int3(view, littleEndian, at, step, samples, from, to) {
    const top = littleEndian ? 2 : 0;
    const rest = littleEndian ? 0 : 1;
    for (let frame = from, p = at; frame < to; frame++, p += step) {
      samples[frame] = (view.getInt8(p + top) * 65536 + view.getUint16(p + rest, littleEndian)) * 2 ** -23;
    }
  },
  int4(view, littleEndian, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step) {
      samples[frame] = view.getInt32(p, littleEndian) * 2 ** -31;
    }
  },
  float4(view, littleEndian, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step) {
      samples[frame] = view.getFloat32(p, littleEndian);
    }
  },
  float8(view, littleEndian, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step) {
      samples[frame] = view.getFloat64(p, littleEndian);
    }
  },
};

export const isReadablePcm = ({ kind, bytesPerSample }: PcmEncoding): boolean =>
  Object.hasOwn(readLoops, `${kind}${bytesPerSample}`);

/** De-interleaves the whole frames in `bytes` into `channels`, from `startFrame` on. */
export function decodePcm(
  bytes: Uint8Array,
  encoding: PcmEncoding,
  channels: readonly Float32Array[],
  startFrame: number,
): void {
  const { kind, bytesPerSample, littleEndian } = encoding;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const readLoop = readLoops[`${kind}${bytesPerSample}`];
  const blockAlign = bytesPerSample * channels.length;
  const endFrame = startFrame + Math.floor(bytes.byteLength / blockAlign);
  channels.forEach((samples, channel) => {
    readLoop(view, littleEndian, channel * bytesPerSample, blockAlign, samples, startFrame, endFrame);
  });
}

export type WavSampleFormat = "16" | "24" | "32f" | "64f";

export type WritableSamples = Int32Array | Float32Array | Float64Array;

export const bytesPerSampleOf: Readonly<Record<WavSampleFormat, number>> = {
  "16": 2,
  "24": 3,
  "32f": 4,
  "64f": 8,
};

export const isIntegerFormat = (format: WavSampleFormat): boolean => format === "16" || format === "24";

/** The largest sample of each format; NaN and the infinities are within none. */
const largest: Readonly<Record<WavSampleFormat, number>> = {
  "16": 2 ** 15 - 1,
  "24": 2 ** 23 - 1,
  "32f": (2 - 2 ** -23) * 2 ** 127,
  "64f": Number.MAX_VALUE,
};

type StoreLoop = (
  view: DataView,
  at: number,
  step: number,
  samples: WritableSamples,
  from: number,
  to: number,
) => void;

const storeLoops: Readonly<Record<WavSampleFormat, StoreLoop>> = {
  "16"(view, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step) view.setInt16(p, samples[frame], true);
  },
  "24"(view, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step) {
      view.setInt16(p, samples[frame], true);
      view.setInt8(p + 2, samples[frame] >> 16);
    }
  },
  "32f"(view, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step) view.setFloat32(p, samples[frame], true);
  },
  "64f"(view, at, step, samples, from, to) {
    for (let frame = from, p = at; frame < to; frame++, p += step) view.setFloat64(p, samples[frame], true);
  },
};

/**
 * Interleaves `frames` frames from `startFrame` on as little-endian bytes.
 *
 * "16" and "24" take integers that the caller has quantised and dithered; the float formats take floats.
 * @param framesBefore added to the frame that an error names: where these arrays start in the file.
 * @throws RangeError naming the first sample that the format cannot hold (out of range, or not finite).
 */
export function encodePcm(
  channels: readonly WritableSamples[],
  format: WavSampleFormat,
  startFrame: number,
  frames: number,
  framesBefore = 0,
): Uint8Array {
  const bytesPerSample = bytesPerSampleOf[format];
  const blockAlign = bytesPerSample * channels.length;
  const bytes = new Uint8Array(frames * blockAlign);
  const view = new DataView(bytes.buffer);
  const highest = largest[format];
  const lowest = isIntegerFormat(format) ? -highest - 1 : -highest;
  const endFrame = startFrame + frames;
  channels.forEach((samples, channel) => {
    for (let frame = startFrame; frame < endFrame; frame++) {
      if (samples[frame] >= lowest && samples[frame] <= highest) continue;
      const where = `frame ${framesBefore + frame} of channel ${channel}`;
      throw new RangeError(`${where} is ${samples[frame]}, which the format ${format} cannot hold`);
    }
    storeLoops[format](view, channel * bytesPerSample, blockAlign, samples, startFrame, endFrame);
  });
  return bytes;
}
