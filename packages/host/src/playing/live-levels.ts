/**
 * What the thread that plays tells about twenty times a second: where the song is, dropouts, levels, meters. All of it
 * is one row of numbers, so that it crosses without an object being made.
 *
 *   frame, playing (0 or 1), dropouts, frames lost, peak of each channel, RMS of each channel, meters of each node watched
 */
import type { Dropouts } from "./live-dropouts.ts";

const HEAD = 4;

/** A node whose meters are told, and how many numbers they are. */
export interface WatchedMeters {
  readonly node: string;
  readonly count: number;
}

export interface LevelRow {
  /** Of the output heard. */
  readonly channels: number;
  readonly watched: readonly WatchedMeters[];
}

/** What one row says. */
export interface LevelReading {
  readonly frame: number;
  readonly isPlaying: boolean;
  readonly dropouts: number;
  readonly droppedFrames: number;
  /** Of each channel, linear, since the row before. */
  readonly peaks: readonly number[];
  readonly rms: readonly number[];
  readonly meters: readonly { readonly node: string; readonly values: Float32Array }[];
}

export function lengthOf({ channels, watched }: LevelRow): number {
  return watched.reduce((sum, { count }) => sum + count, HEAD + 2 * channels);
}

/** [control] */
export function readRow(row: LevelRow, values: Float64Array): LevelReading {
  let at = HEAD;
  const next = (count: number) => {
    at += count;
    return values.subarray(at - count, at);
  };
  const peaks = [...next(row.channels)];
  const rms = [...next(row.channels)];
  const meters = row.watched.map(({ node, count }) => ({ node, values: Float32Array.from(next(count)) }));
  const [frame, playing, dropouts, droppedFrames] = values;
  return { frame, isPlaying: playing === 1, dropouts, droppedFrames, peaks, rms, meters };
}

/** Levels since the last row. [audio] */
export class Levels {
  readonly #peaks: Float64Array;
  readonly #squares: Float64Array;
  #frames = 0;

  constructor(channels: number) {
    this.#peaks = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
  }

  /** Since the last row. */
  get frames(): number {
    return this.#frames;
  }

  add(channels: readonly Float32Array[], frames: number): void {
    const count = Math.min(channels.length, this.#peaks.length);
    for (let c = 0; c < count; c++) {
      let peak = this.#peaks[c];
      let squares = this.#squares[c];
      for (let i = 0; i < frames; i++) {
        const x = channels[c][i];
        peak = Math.max(peak, Math.abs(x));
        squares += x * x;
      }
      this.#peaks[c] = peak;
      this.#squares[c] = squares;
    }
    this.#frames += frames;
  }

  /** Fills a row up to the meters, and begins the next. Returns where those begin. */
  write(values: Float64Array, frame: number, isPlaying: boolean, dropouts: Dropouts): number {
    values[0] = frame;
    values[1] = isPlaying ? 1 : 0;
    values[2] = dropouts.count;
    values[3] = dropouts.frames;
    const count = this.#peaks.length;
    for (let c = 0; c < count; c++) {
      values[HEAD + c] = this.#peaks[c];
      values[HEAD + count + c] = this.#frames > 0 ? Math.sqrt(this.#squares[c] / this.#frames) : 0;
    }
    this.#peaks.fill(0);
    this.#squares.fill(0);
    this.#frames = 0;
    return HEAD + 2 * count;
  }
}
