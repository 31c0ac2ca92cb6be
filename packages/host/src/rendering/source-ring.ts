/**
 * A streamed source on its way to the thread that plays it: a ring of pieces on shared memory, filled by the thread that
 * asks for the render and emptied by the one that makes it, so that memory does not grow with the song.
 *
 *   asking thread ── write ──▶ │ piece │ piece │ … │ ── read ──▶ render thread, or the thread of a part
 *
 * Each source is played by one thread only. `clock` counts pieces, not frames: 32 bits of these are seventeen years.
 */
import { copyShared } from "./shared-channel.ts";

export interface SourceRing {
  /** [channel], PIECES pieces long. */
  readonly channels: readonly Float32Array[];
  readonly pieceFrames: number;
  readonly clock: Int32Array;
  /** Where the source ends; told before ENDED is set. */
  readonly endFrame: Float64Array;
}

const WRITTEN = 0;
const RELEASED = 1;
const ENDED = 2;
/** Set to 1 when nobody reads any more. */
const STOPPED = 3;

const PIECES = 12;
const PIECE_SECONDS = 0.25;

export function sourceRing(channels: number, sampleRateHz: number): SourceRing {
  const pieceFrames = Math.ceil(PIECE_SECONDS * sampleRateHz);
  return {
    channels: Array.from(
      { length: channels },
      () => new Float32Array(new SharedArrayBuffer(PIECES * pieceFrames * 4)),
    ),
    pieceFrames,
    clock: new Int32Array(new SharedArrayBuffer(16)),
    endFrame: new Float64Array(new SharedArrayBuffer(8)),
  };
}

/** The filling side. It never blocks. */
export class SourceRingWriter {
  readonly #ring: SourceRing;

  constructor(ring: SourceRing) {
    this.#ring = ring;
  }

  /** The place of the next piece, one array for each channel; undefined once the ring is stopped. */
  async nextPiece(): Promise<readonly Float32Array[] | undefined> {
    const { channels, clock, pieceFrames } = this.#ring;
    const written = Atomics.load(clock, WRITTEN);
    for (;;) {
      if (Atomics.load(clock, STOPPED) === 1) return undefined;
      const released = Atomics.load(clock, RELEASED);
      if (written - released < PIECES) break;
      const wait = Atomics.waitAsync(clock, RELEASED, released);
      if (wait.async) await wait.value;
    }
    const start = (written % PIECES) * pieceFrames;
    return channels.map((channel) => channel.subarray(start, start + pieceFrames));
  }

  /** The piece holds `frames` frames; one that is not full is the last. */
  written(frames: number): void {
    const { clock, endFrame, pieceFrames } = this.#ring;
    const before = Atomics.load(clock, WRITTEN);
    if (frames < pieceFrames) {
      endFrame[0] = before * pieceFrames + frames;
      Atomics.store(clock, ENDED, 1);
    }
    Atomics.store(clock, WRITTEN, before + 1);
    Atomics.notify(clock, WRITTEN);
  }

  stop(): void {
    Atomics.store(this.#ring.clock, STOPPED, 1);
    Atomics.notify(this.#ring.clock, RELEASED);
  }
}

/** The emptying side, on a thread that may block. */
export class SourceRingReader {
  readonly #ring: SourceRing;

  constructor(ring: SourceRing) {
    this.#ring = ring;
  }

  /** Frame after which there is silence; Infinity as long as the end has not been read. */
  get endFrame(): number {
    return Atomics.load(this.#ring.clock, ENDED) === 1 ? this.#ring.endFrame[0] : Number.POSITIVE_INFINITY;
  }

  /** The source is at least as long. */
  get leastFrames(): number {
    const { clock, endFrame, pieceFrames } = this.#ring;
    return Atomics.load(clock, ENDED) === 1 ? endFrame[0] : Atomics.load(clock, WRITTEN) * pieceFrames;
  }

  /** Blocks until the source is there up to `frame`, or to its end. */
  waitFor(frame: number): void {
    const { clock, pieceFrames } = this.#ring;
    for (;;) {
      const written = Atomics.load(clock, WRITTEN);
      if (written * pieceFrames >= frame || Atomics.load(clock, ENDED) === 1) return;
      Atomics.wait(clock, WRITTEN, written);
    }
  }

  /** Writes frames from `at` on, which rises from call to call, to `channels`; silence beyond `endFrame`. Blocks until they are there. */
  read(channels: readonly Float32Array[], at: number, frames: number, endFrame: number): void {
    const { channels: from, pieceFrames } = this.#ring;
    this.waitFor(Math.min(at + frames, endFrame));
    const has = Math.max(0, Math.min(frames, this.leastFrames - at, endFrame - at));
    const ringFrames = PIECES * pieceFrames;
    const start = at % ringFrames;
    const first = Math.min(has, ringFrames - start);
    for (const [c, channel] of channels.entries()) {
      const source = from[Math.min(c, from.length - 1)];
      copyShared(channel, 0, source, start, first);
      if (first < has) copyShared(channel, first, source, 0, has - first);
      if (has < frames) channel.fill(0, has, frames);
    }
    this.release(at + frames);
  }

  /** What is before `frame` may be written over. */
  release(frame: number): void {
    const { clock, pieceFrames } = this.#ring;
    // Of a source that has ended nothing more will be written.
    const pieces = Math.min(Math.floor(frame / pieceFrames), Atomics.load(clock, WRITTEN));
    if (pieces <= Atomics.load(clock, RELEASED)) return;
    Atomics.store(clock, RELEASED, pieces);
    Atomics.notify(clock, RELEASED);
  }
}
