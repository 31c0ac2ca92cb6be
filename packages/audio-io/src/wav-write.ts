// WAV files written in pieces: 16 and 24 bits, 32 and 64 bits float, RF64 above 4 GiB.

import type { BroadcastMetadata } from "./bext-chunk.ts";
import { OutputError } from "./file-errors.ts";
import { encodePcm, isIntegerFormat, type WavSampleFormat, type WritableSamples } from "./pcm-samples.ts";
import { ReplacingFile } from "./replacing-file.ts";
import { dataBytes, type WavShape, wavHeader } from "./wav-header.ts";

export type WavWriteOptions = {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly format: WavSampleFormat;
  readonly bext?: BroadcastMetadata;
  /** Replaces an existing file. */
  readonly force?: boolean;
  /**
   * Exact length, when it is known beforehand. The header then has no room kept for RF64 unless it needs it: a plain
   * stereo 16-bit file starts with the classic 44 bytes.
   */
  readonly frames?: number;
  /** Where only a bound is known: no room is kept if so many frames do not need RF64. */
  readonly mostFrames?: number;
};

const framesPerBlock = 65536;

function checkShape(path: string, { sampleRateHz, channels }: WavWriteOptions): void {
  const rateFits = Number.isInteger(sampleRateHz) && sampleRateHz > 0 && sampleRateHz <= 0xffffffff;
  if (!rateFits) throw new OutputError(path, `a sample rate of ${sampleRateHz} Hz cannot be stored`);
  if (!Number.isInteger(channels) || channels < 1 || channels > 8191) {
    throw new OutputError(path, `${channels} channels cannot be stored`);
  }
}

/** Room for RF64 is kept as long as more frames may come than a plain header can count. */
function keepsRoom({ frames, mostFrames, ...shape }: WavWriteOptions): boolean {
  if (frames !== undefined) return false;
  if (mostFrames === undefined) return true;
  return wavHeader(shape, mostFrames, false).length > wavHeader(shape, 0, false).length;
}

/**
 * Writes to a temporary name in the same directory; the file appears, complete, on `finish`.
 *
 * After any error the temporary file is gone and the writer is closed.
 */
export class WavWriter {
  readonly #file: ReplacingFile;
  readonly #shape: WavShape;
  readonly #promisedFrames: number | undefined;
  readonly #mostFrames: number | undefined;
  readonly #keepsRoom: boolean;
  #frames = 0;
  #position: number;

  private constructor(file: ReplacingFile, options: WavWriteOptions) {
    this.#file = file;
    this.#shape = options;
    this.#promisedFrames = options.frames;
    this.#mostFrames = options.frames ?? options.mostFrames;
    this.#keepsRoom = keepsRoom(options);
    this.#position = this.#header(options.frames ?? 0).length;
  }

  /** @throws OutputError when the path cannot be written, or exists and `force` is not set. */
  static async create(path: string, options: WavWriteOptions): Promise<WavWriter> {
    checkShape(path, options);
    return new WavWriter(await ReplacingFile.create(path, options.force ?? false), options);
  }

  /** Frames written so far. */
  get frames(): number {
    return this.#frames;
  }

  /**
   * Appends one array per channel, all of one length: Int32Array, already quantised, for "16" and "24"; floats for
   * "32f" and "64f".
   * @throws OutputError on a failed write, and on samples that the format cannot hold.
   */
  async write(channels: readonly WritableSamples[]): Promise<void> {
    const { path } = this.#file;
    const isInteger = isIntegerFormat(this.#shape.format);
    const frames = channels[0]?.length ?? 0;
    if (channels.length !== this.#shape.channels || channels.some((samples) => samples.length !== frames)) {
      const lengths = channels.map((samples) => samples.length).join(", ");
      await this.#refuse(
        `${this.#shape.channels} channels of one length were announced, lengths ${lengths} came`,
      );
    }
    if (channels.some((samples) => samples instanceof Int32Array !== isInteger)) {
      await this.#refuse(
        `the format ${this.#shape.format} takes ${isInteger ? "Int32Array" : "float"} samples`,
      );
    }
    if (this.#mostFrames !== undefined && this.#frames + frames > this.#mostFrames) {
      await this.#refuse(`more than the ${this.#mostFrames} frames announced came`);
    }
    for (let frame = 0; frame < frames; frame += framesPerBlock) {
      const blockFrames = Math.min(framesPerBlock, frames - frame);
      let bytes: Uint8Array;
      try {
        bytes = encodePcm(channels, this.#shape.format, frame, blockFrames, this.#frames - frame);
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        await this.#file.abort();
        throw new OutputError(path, cause.message, { cause });
      }
      await this.#file.write(bytes, this.#position);
      this.#position += bytes.length;
      this.#frames += blockFrames;
    }
  }

  /** Completes the header, flushes to the disk, and renames. */
  async finish(): Promise<void> {
    if (this.#promisedFrames !== undefined && this.#frames !== this.#promisedFrames) {
      await this.#refuse(`${this.#promisedFrames} frames were announced, ${this.#frames} came`);
    }
    if (dataBytes(this.#shape, this.#frames) % 2 === 1)
      await this.#file.write(new Uint8Array(1), this.#position);
    await this.#file.write(this.#header(this.#frames), 0);
    await this.#file.finish();
  }

  /** Removes what was written; safe to call at any time. */
  async abort(): Promise<void> {
    await this.#file.abort();
  }

  #header(frames: number): Uint8Array {
    return wavHeader(this.#shape, frames, this.#keepsRoom);
  }

  async #refuse(reason: string): Promise<never> {
    await this.#file.abort();
    throw new OutputError(this.#file.path, reason);
  }
}

/** Writes a whole file at once; see WavWriter. */
export async function writeWavFile(
  path: string,
  channels: readonly WritableSamples[],
  options: Omit<WavWriteOptions, "channels" | "frames">,
): Promise<void> {
  const frames = channels[0]?.length ?? 0;
  const writer = await WavWriter.create(path, { ...options, channels: channels.length, frames });
  await writer.write(channels);
  await writer.finish();
}
