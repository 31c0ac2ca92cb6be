// True-peak meter, ITU-R BS.1770-5 Annex 2: the highest point of the wave between the samples.
//
// The kernel finds it by a search that ends on a grid 16 times as fine as the samples, with interpolators of 96 taps
// (assembly/true-peak.ts says how and why nothing is lost). The standard asks for 4 times with 12 taps, which may read
// 0.69 dB low.

import type { DspKernels } from "./kernels.ts";
import { kaiserSinc } from "./windowed-sinc.ts";

const HISTORY_FRAMES = 48;
const AHEAD_FRAMES = 48;
const BLOCK_FRAMES = 4096;
const GROUP_FRAMES = 8;
const TABLE_FLOATS = 3 * 32 + 16 * 96;
const LINE_FLOATS = 34;

export interface PeakReading {
  /** Linear; 1 is full scale. */
  readonly samplePeak: number;
  /** Linear, never below `samplePeak`. */
  readonly truePeak: number;
  /** Null for silence. */
  readonly samplePeakDbfs: number | null;
  /** Null for silence. */
  readonly truePeakDbtp: number | null;
}

export class TruePeakMeter {
  readonly #kernels: DspKernels;
  readonly #tables: Float32Array<ArrayBuffer>;
  readonly #channels: ChannelPeak[];

  constructor(kernels: DspKernels, channelCount: number) {
    this.#kernels = kernels;
    this.#tables = kernels.onBench(() => {
      const address = kernels.allocate(TABLE_FLOATS * 4);
      kernels.run.truePeakTables(address);
      return kernels.floats(address, TABLE_FLOATS).slice();
    });
    this.#channels = Array.from({ length: channelCount }, () => ({
      samplePeak: 0,
      truePeak: 0,
      // A recording starts from silence.
      pending: new Float32Array(HISTORY_FRAMES),
    }));
  }

  /** Takes the next chunk, one array per channel, of any length. */
  process(channels: readonly Float32Array[]): void {
    if (channels.length !== this.#channels.length) {
      throw new RangeError(
        `This meter is for ${this.#channels.length} channels and was given ${channels.length}.`,
      );
    }
    this.#channels.forEach((channel, c) => {
      this.#search(channel, channels[c]);
    });
  }

  /** One reading per channel, as if silence followed: the wave may rise after the last sample. */
  get channels(): PeakReading[] {
    return this.#channels.map((channel) => {
      const ended = { ...channel };
      this.#search(ended, new Float32Array(HISTORY_FRAMES + AHEAD_FRAMES));
      return reading(ended.samplePeak, ended.truePeak);
    });
  }

  /** The highest of all channels. */
  get overall(): PeakReading {
    const channels = this.channels;
    return reading(
      Math.max(0, ...channels.map((channel) => channel.samplePeak)),
      Math.max(0, ...channels.map((channel) => channel.truePeak)),
    );
  }

  #search(channel: ChannelPeak, audio: Float32Array): void {
    const kernels = this.#kernels;
    kernels.onBench(() => {
      const tables = kernels.allocate(TABLE_FLOATS * 4);
      const line = kernels.allocate(LINE_FLOATS * 4);
      const capacity = HISTORY_FRAMES + AHEAD_FRAMES + GROUP_FRAMES + BLOCK_FRAMES;
      const x = kernels.allocate(capacity * 4);
      kernels.floats(tables, TABLE_FLOATS).set(this.#tables);
      const buffer = kernels.floats(x, capacity);
      buffer.set(channel.pending);
      let filled = channel.pending.length;
      for (let start = 0; start < audio.length; start += BLOCK_FRAMES) {
        const chunk = audio.subarray(start, start + BLOCK_FRAMES);
        buffer.set(chunk, filled);
        filled += chunk.length;
        const ready = Math.max(0, filled - HISTORY_FRAMES - AHEAD_FRAMES);
        const frames = ready - (ready % GROUP_FRAMES);
        const samples = kernels.run.samplePeak(x + HISTORY_FRAMES * 4, frames);
        channel.samplePeak = Math.max(channel.samplePeak, samples);
        const peak = kernels.run.truePeak(x, frames, tables, line, channel.truePeak);
        channel.truePeak = Math.max(peak, channel.samplePeak);
        buffer.copyWithin(0, frames, filled);
        filled -= frames;
      }
      channel.pending = buffer.slice(0, filled);
    });
  }
}

interface ChannelPeak {
  samplePeak: number;
  truePeak: number;
  /** The frames that the filters still reach, and those that they cannot be centred on yet. */
  pending: Float32Array<ArrayBuffer>;
}

function reading(samplePeak: number, truePeak: number): PeakReading {
  return { samplePeak, truePeak, samplePeakDbfs: toDb(samplePeak), truePeakDbtp: toDb(truePeak) };
}

function toDb(magnitude: number): number | null {
  return magnitude > 0 && Number.isFinite(magnitude) ? 20 * Math.log10(magnitude) : null;
}

/**
 * The twin: the largest magnitude of a whole recording on a grid of 16 points per frame, each point computed from the
 * definition of a Kaiser-windowed sinc. Slow.
 */
export function truePeakByDefinition(x: Float32Array): number {
  const half = 48;
  const beta = 7;
  let peak = 0;
  for (let point = -half * 16; point < (x.length + half) * 16; point++) {
    const at = point / 16;
    let sum = 0;
    const first = Math.max(0, Math.floor(at) - half + 1);
    const last = Math.min(x.length - 1, Math.floor(at) + half);
    for (let n = first; n <= last; n++) sum += x[n] * kaiserSinc(n - at, half, beta);
    peak = Math.max(peak, Math.abs(sum));
  }
  return peak;
}
