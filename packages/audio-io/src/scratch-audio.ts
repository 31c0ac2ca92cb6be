// Sound on its way through two passes: written piece by piece to a temporary file as 32-bit floats, whatever they hold,
// and read back as often as needed. It keeps the memory of a render apart from its length.

import { outputErrorFrom } from "./file-errors.ts";
import { TemporaryFile } from "./temporary-file.ts";

const pieceFrames = 65536;

export class ScratchAudio {
  readonly #path: string;
  readonly #file: TemporaryFile;
  readonly #channels: number;
  #frames = 0;

  private constructor(path: string, file: TemporaryFile, channels: number) {
    this.#path = path;
    this.#file = file;
    this.#channels = channels;
  }

  /**
   * In the folder of `path`, the file that the sound is for: that is where there must be room for it.
   * @throws OutputError naming `path`, as every method does.
   */
  static async create(path: string, channels: number): Promise<ScratchAudio> {
    try {
      return new ScratchAudio(path, await TemporaryFile.create(path), channels);
    } catch (cause) {
      throw outputErrorFrom(path, cause);
    }
  }

  get frames(): number {
    return this.#frames;
  }

  /** Appends one array for each channel, all of one length. */
  async write(channels: readonly Float32Array[]): Promise<void> {
    const frames = channels[0].length;
    const interleaved = new Float32Array(frames * this.#channels);
    for (const [c, samples] of channels.entries())
      for (let frame = 0, i = c; frame < frames; frame++, i += this.#channels)
        interleaved[i] = samples[frame];
    await this.#guard(this.#file.write(new Uint8Array(interleaved.buffer), this.#positionOf(this.#frames)));
    this.#frames += frames;
  }

  /** All of it from the start, in pieces; each is the caller's. */
  async *pieces(): AsyncGenerator<Float32Array[]> {
    for (let at = 0; at < this.#frames; at += pieceFrames) {
      const frames = Math.min(pieceFrames, this.#frames - at);
      const interleaved = new Float32Array(frames * this.#channels);
      await this.#guard(this.#file.read(new Uint8Array(interleaved.buffer), this.#positionOf(at)));
      yield Array.from({ length: this.#channels }, (_, c) => {
        const samples = new Float32Array(frames);
        for (let frame = 0, i = c; frame < frames; frame++, i += this.#channels)
          samples[frame] = interleaved[i];
        return samples;
      });
    }
  }

  /** Removes the file; safe to call at any time. */
  async discard(): Promise<void> {
    await this.#file.remove();
  }

  #positionOf(frame: number): number {
    return frame * this.#channels * Float32Array.BYTES_PER_ELEMENT;
  }

  async #guard(task: Promise<void>): Promise<void> {
    try {
      await task;
    } catch (cause) {
      throw outputErrorFrom(this.#path, cause);
    }
  }
}
