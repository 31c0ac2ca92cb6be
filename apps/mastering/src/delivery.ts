/** Writes a master for delivery: 16 or 24 bits with dither, or floating point, with its loudness in the bext chunk. */
import {
  type BroadcastMetadata,
  ScratchAudio,
  type WavSampleFormat,
  WavWriter,
  type WritableSamples,
  writeWavFile,
} from "@gainstage/audio-io";
import { type AudioMeasurement, type DitherKind, type DspKernels, quantize } from "@gainstage/dsp";

export interface Delivery {
  readonly format: WavSampleFormat;
  readonly dither: DitherKind;
  readonly force: boolean;
  /** Written to the bext chunk. */
  readonly measurement?: AudioMeasurement;
  readonly description?: string;
}

export interface Delivered {
  readonly path: string;
  /** Samples beyond full scale, which an integer format cannot hold. */
  readonly clippedSamples: number;
}

/** Sound that is not in memory as a whole. */
export interface PieceSound {
  readonly channels: number;
  /** How long it will be; without it, the file keeps room for the header of a longer one. */
  readonly frames?: number;
  readonly mostFrames?: number;
  /** Passes all of it on, one array for each channel at a time. What it throws ends the delivery. */
  writeTo(write: (channels: readonly Float32Array[]) => Promise<void>): Promise<void>;
}

const SEED = 1;

/**
 * Whole sound, or sound in pieces, which makes the same samples. Throws an OutputError, or what `writeTo` does; then
 * nothing is left at `path`.
 */
export async function deliver(
  kernels: DspKernels,
  path: string,
  sound: readonly Float32Array[] | PieceSound,
  sampleRateHz: number,
  delivery: Delivery,
): Promise<Delivered> {
  const { format, dither, force, measurement, description } = delivery;
  const bits = format === "16" ? 16 : format === "24" ? 24 : undefined;
  const shape = {
    sampleRateHz,
    format,
    force,
    ...(measurement && { bext: broadcastMetadata(measurement, description ?? "") }),
  };
  if (!("writeTo" in sound)) {
    const quantized = bits
      ? sound.map((channel, c) => quantize(channel, bits, { dither, channel: c, seed: SEED, kernels }))
      : [];
    const samples = bits ? quantized.map((q) => q.samples) : floatsOf(sound, format);
    await writeWavFile(path, samples, shape);
    return { path, clippedSamples: quantized.reduce((sum, q) => sum + q.clippedSamples, 0) };
  }
  const { channels, frames, mostFrames } = sound;
  const writer = await WavWriter.create(path, {
    ...shape,
    channels,
    ...(frames !== undefined && { frames }),
    ...(mostFrames !== undefined && { mostFrames }),
  });
  try {
    let clippedSamples = 0;
    if (bits) {
      const file = new QuantizedFile(kernels, writer, path, channels, bits, dither);
      clippedSamples = await file.write(sound);
    } else await sound.writeTo((piece) => writer.write(floatsOf(piece, format)));
    await writer.finish();
    return { path, clippedSamples };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function floatsOf(channels: readonly Float32Array[], format: WavSampleFormat): readonly WritableSamples[] {
  return format === "64f" ? channels.map((channel) => Float64Array.from(channel)) : channels;
}

/**
 * Sound in pieces to integers, as quantize() makes them of the whole. Which channels get dither is known once a sample
 * comes that is no whole number of steps; what is before it waits in a temporary file, and gets dither with it.
 */
class QuantizedFile {
  readonly #kernels: DspKernels;
  readonly #writer: WavWriter;
  readonly #path: string;
  readonly #bits: 16 | 24;
  readonly #dither: DitherKind;
  /** By channel. */
  readonly #needsDither: boolean[];
  #quantizers: readonly PieceQuantizer[] | undefined;
  #clippedSamples = 0;

  constructor(
    kernels: DspKernels,
    writer: WavWriter,
    path: string,
    channels: number,
    bits: 16 | 24,
    dither: DitherKind,
  ) {
    this.#kernels = kernels;
    this.#writer = writer;
    this.#path = path;
    this.#bits = bits;
    this.#dither = dither;
    this.#needsDither = Array.from({ length: channels }, () => false);
    if (dither === "none") this.#begin();
  }

  /** Returns how many samples were beyond full scale. */
  async write(sound: PieceSound): Promise<number> {
    let waiting: ScratchAudio | undefined;
    try {
      await sound.writeTo(async (piece) => {
        if (!this.#quantizers && !this.#showsAll(piece)) {
          waiting ??= await ScratchAudio.create(this.#path, sound.channels);
          await waiting.write(piece);
          return;
        }
        await this.#writeWaiting(waiting);
        await this.#pass(piece);
      });
      await this.#writeWaiting(waiting);
    } finally {
      await waiting?.discard();
    }
    return this.#clippedSamples;
  }

  /** Whether it is now known of every channel that it needs dither. */
  #showsAll(piece: readonly Float32Array[]): boolean {
    for (const [c, x] of piece.entries())
      this.#needsDither[c] ||= quantize(x, this.#bits, { kernels: this.#kernels }).dithered;
    return this.#needsDither.every((needs) => needs);
  }

  async #writeWaiting(waiting: ScratchAudio | undefined): Promise<void> {
    if (this.#quantizers) return;
    this.#begin();
    if (!waiting) return;
    for await (const piece of waiting.pieces()) await this.#pass(piece);
  }

  #begin(): void {
    this.#quantizers = this.#needsDither.map(
      (needs, c) => new PieceQuantizer(this.#kernels, c, this.#bits, needs ? this.#dither : "none"),
    );
  }

  async #pass(piece: readonly Float32Array[]): Promise<void> {
    const quantized = piece.map((x, c) => this.#quantizers![c].quantize(x));
    this.#clippedSamples += quantized.reduce((sum, q) => sum + q.clippedSamples, 0);
    await this.#writer.write(quantized.map((q) => q.samples));
  }
}

const BLOCK_FRAMES = 4096;
const GOLDEN = 0x9e3779b9;
/** The error feedback and the key of the noise are those of quantize(), to which this is equal bit for bit. */
const ERROR_FILTER = [2.033, -2.165, 1.959, -1.59, 0.6149] as const;

/** quantize() of one channel that comes in pieces: the frame number and the last five errors are carried over. */
class PieceQuantizer {
  readonly #kernels: DspKernels;
  readonly #steps: number;
  readonly #dither: DitherKind;
  readonly #key: number;
  readonly #errors = new Float64Array(ERROR_FILTER.length);
  #frame = 0;

  constructor(kernels: DspKernels, channel: number, bits: 16 | 24, dither: DitherKind) {
    this.#kernels = kernels;
    this.#steps = 2 ** (bits - 1);
    this.#dither = dither;
    this.#key = hash(hash(SEED) ^ Math.imul(channel + 1, GOLDEN));
  }

  quantize(x: Float32Array): { readonly samples: Int32Array; readonly clippedSamples: number } {
    return this.#kernels.onBench(() => this.#quantize(x));
  }

  #quantize(x: Float32Array): { readonly samples: Int32Array; readonly clippedSamples: number } {
    const kernels = this.#kernels;
    const taps = ERROR_FILTER.length;
    const [input, output] = [kernels.allocate(BLOCK_FRAMES * 8), kernels.allocate(BLOCK_FRAMES * 4)];
    const [filter, errors] = [kernels.allocate(taps * 8), kernels.allocate(taps * 8)];
    kernels.doubles(filter, taps).set(ERROR_FILTER);
    kernels.doubles(errors, taps).set(this.#errors);
    const inputView = kernels.doubles(input, BLOCK_FRAMES);
    const outputView = kernels.integers(output, BLOCK_FRAMES);
    const { quantizeFlat, quantizeShaped } = kernels.run;
    const [steps, key] = [this.#steps, this.#key];
    const samples = new Int32Array(x.length);
    let clippedSamples = 0;
    for (let n = 0; n < x.length; n += BLOCK_FRAMES) {
      const count = Math.min(BLOCK_FRAMES, x.length - n);
      const frame = this.#frame + n;
      inputView.set(x.subarray(n, n + count));
      if (this.#dither === "shaped") {
        clippedSamples += quantizeShaped(input, output, count, steps, key, frame, filter, errors);
      } else {
        // The kernel works in pairs; the frame that makes the last pair whole is silent.
        if (count % 2) inputView[count] = 0;
        const noiseLsb = this.#dither === "tpdf" ? 1 : 0;
        clippedSamples += quantizeFlat(input, output, count + (count % 2), steps, key, frame, noiseLsb);
      }
      samples.set(outputView.subarray(0, count), n);
    }
    this.#errors.set(kernels.doubles(errors, taps));
    this.#frame += x.length;
    return { samples, clippedSamples };
  }
}

/** As in quantize(): the 32-bit finaliser of SplitMix, with MurmurHash3's constants. */
function hash(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function broadcastMetadata(measured: AudioMeasurement, description: string): BroadcastMetadata {
  const { integratedLufs, loudnessRangeLu, truePeakDbtp, maxMomentaryLufs, maxShortTermLufs } = measured;
  return {
    description,
    originator: "Gainstage",
    ...(integratedLufs !== null && { integratedLufs }),
    ...(loudnessRangeLu !== null && { loudnessRangeLu }),
    ...(truePeakDbtp !== null && { maxTruePeakDbtp: truePeakDbtp }),
    ...(maxMomentaryLufs !== null && { maxMomentaryLufs }),
    ...(maxShortTermLufs !== null && { maxShortTermLufs }),
  };
}
