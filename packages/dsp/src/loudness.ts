// Loudness meter: ITU-R BS.1770-5, EBU Tech 3341 (momentary, short-term, integrated) and EBU Tech 3342 (range).
//
//   channel ──► K-weighting ──► x² ──► × weight ──┐
//   channel ──► K-weighting ──► x² ──► × weight ──┴─► energy of each 10 ms hop ──► 0.4 s and 3 s sliding windows
//
// The windows slide in hops of 10 ms, so that the maxima do not depend on where the sound starts in the file: a meter
// that looks every 100 ms reads up to 0.45 LU low on EBU Tech 3341 case 13. The gating blocks of the integrated loudness
// are the momentary windows that end every 100 ms (75 % overlap, as the standard has it), and the loudness range takes
// the short-term windows at the same times (10 Hz, the least that Tech 3342 allows).
// A window sum is added up from its 100 ms parts each time and never updated by subtraction, so no error builds up.

import type { DspKernels } from "./kernels.ts";
import { integratedLufs, loudnessRangeLu, powerToLufs } from "./loudness-gate.ts";

const HOPS_PER_SECOND = 100;
const HOPS_PER_PART = 10;
const MOMENTARY_PARTS = 4;
const SHORT_TERM_PARTS = 30;
const RING_HOPS = SHORT_TERM_PARTS * HOPS_PER_PART;
const BLOCK_FRAMES = 4096;
const COEFFICIENT_BYTES = 56;
const STATE_DOUBLES = 8;

/** Weights by position in WAVE order, for 1 to 6 channels: surrounds count 1.41 (+1.5 dB), the LFE not at all. */
const CHANNEL_WEIGHTS: readonly (readonly number[])[] = [
  [1],
  [1, 1],
  [1, 1, 1],
  [1, 1, 1.41, 1.41],
  [1, 1, 1, 1.41, 1.41],
  [1, 1, 1, 0, 1.41, 1.41],
];

export interface LoudnessOptions {
  /** One BS.1770 weight per channel; needed for more than six channels. */
  readonly channelWeights?: readonly number[];
}

export class LoudnessMeter {
  readonly sampleRateHz: number;
  readonly #kernels: DspKernels;
  readonly #weights: readonly number[];
  readonly #filterState: Float64Array<ArrayBuffer>;
  readonly #coefficients: Float64Array<ArrayBuffer>;
  /** The energy of the last hops and of the last 100 ms before the end of each, by hop number modulo the length. */
  readonly #hopEnergy = new Float64Array(HOPS_PER_PART);
  readonly #partEnergy = new Float64Array(RING_HOPS);
  readonly #momentaryPowers: number[] = [];
  readonly #shortTermPowers: number[] = [];
  #maxMomentaryPower = 0;
  #maxShortTermPower = 0;
  #hop = 0;
  #frame = 0;

  /** Throws `RangeError` for a rate or a number of channels that the standard has no answer for. */
  constructor(
    kernels: DspKernels,
    sampleRateHz: number,
    channelCount: number,
    { channelWeights = CHANNEL_WEIGHTS[channelCount - 1] }: LoudnessOptions = {},
  ) {
    // Below 4 kHz the shelf's corner would pass Nyquist and the filter would no longer be K-weighting.
    if (!(sampleRateHz >= 4000 && Number.isFinite(sampleRateHz))) {
      throw new RangeError(`Loudness needs a sample rate of at least 4000 Hz, not ${sampleRateHz}.`);
    }
    if (channelWeights?.length !== channelCount) {
      throw new RangeError(
        `BS.1770 weights are known for 1 to 6 channels, not ${channelCount}: pass one weight per channel in channelWeights.`,
      );
    }
    this.#kernels = kernels;
    this.sampleRateHz = sampleRateHz;
    this.#weights = channelWeights;
    this.#filterState = new Float64Array(STATE_DOUBLES * Math.ceil(channelCount / 2));
    this.#coefficients = kernels.onBench(() => {
      const address = kernels.allocate(COEFFICIENT_BYTES);
      kernels.run.kWeightingDesign(sampleRateHz, address);
      return kernels.doubles(address, COEFFICIENT_BYTES / 8).slice();
    });
  }

  /** Takes the next chunk, one array per channel, all of the same length, which may be anything. */
  process(channels: readonly Float32Array[]): void {
    if (channels.length !== this.#weights.length) {
      throw new RangeError(
        `This meter is for ${this.#weights.length} channels and was given ${channels.length}.`,
      );
    }
    this.#kernels.onBench(() => this.#measure(channels));
  }

  #measure(channels: readonly Float32Array[]): void {
    const kernels = this.#kernels;
    const frames = channels[0].length;
    const coefficients = kernels.allocate(COEFFICIENT_BYTES);
    const state = kernels.allocate(this.#filterState.byteLength);
    const energy = kernels.allocate(16);
    const audio = channels.map(() => kernels.allocate(BLOCK_FRAMES * 4));
    kernels.doubles(coefficients, this.#coefficients.length).set(this.#coefficients);
    kernels.doubles(state, this.#filterState.length).set(this.#filterState);
    const energies = kernels.doubles(energy, 2);
    const blocks = audio.map((address) => kernels.floats(address, BLOCK_FRAMES));

    for (let start = 0; start < frames; start += BLOCK_FRAMES) {
      const end = Math.min(start + BLOCK_FRAMES, frames);
      channels.forEach((channel, c) => {
        blocks[c].set(channel.subarray(start, end));
      });
      for (let at = start; at < end; ) {
        const hopEnd = Math.round(((this.#hop + 1) * this.sampleRateHz) / HOPS_PER_SECOND);
        const count = Math.min(end - at, hopEnd - this.#frame);
        const offset = (at - start) * 4;
        for (let c = 0; c < channels.length; c += 2) {
          // The last of an odd number of channels fills both lanes; the second is not looked at.
          const right = c + 1 < channels.length ? c + 1 : c;
          const pairState = state + c * STATE_DOUBLES * 4;
          kernels.run.kWeightedEnergy(
            audio[c] + offset,
            audio[right] + offset,
            count,
            coefficients,
            pairState,
            energy,
          );
          let weighted = this.#weights[c] * energies[0];
          if (right > c) weighted += this.#weights[right] * energies[1];
          this.#hopEnergy[this.#hop % HOPS_PER_PART] += weighted;
        }
        at += count;
        this.#frame += count;
        if (this.#frame === hopEnd) this.#finishHop();
      }
    }
    this.#filterState.set(kernels.doubles(state, this.#filterState.length));
  }

  #finishHop(): void {
    let part = 0;
    for (const energy of this.#hopEnergy) part += energy;
    this.#partEnergy[this.#hop % RING_HOPS] = part;
    this.#hop++;
    this.#hopEnergy[this.#hop % HOPS_PER_PART] = 0;

    const onTheTenth = this.#hop % HOPS_PER_PART === 0;
    if (this.#hop >= MOMENTARY_PARTS * HOPS_PER_PART) {
      const power = this.#windowPower(MOMENTARY_PARTS);
      this.#maxMomentaryPower = Math.max(this.#maxMomentaryPower, power);
      if (onTheTenth) this.#momentaryPowers.push(power);
    }
    if (this.#hop >= SHORT_TERM_PARTS * HOPS_PER_PART) {
      const power = this.#windowPower(SHORT_TERM_PARTS);
      this.#maxShortTermPower = Math.max(this.#maxShortTermPower, power);
      if (onTheTenth) this.#shortTermPowers.push(power);
    }
  }

  /** The mean power of the last `parts` times 100 ms. */
  #windowPower(parts: number): number {
    let energy = 0;
    for (let back = 0; back < parts; back++) {
      energy += this.#partEnergy[(this.#hop - 1 - back * HOPS_PER_PART + RING_HOPS) % RING_HOPS];
    }
    return (energy * HOPS_PER_SECOND) / (parts * HOPS_PER_PART * this.sampleRateHz);
  }

  /** Null until 400 ms have passed, and when no block is louder than -70 LUFS. */
  get integratedLufs(): number | null {
    return integratedLufs(this.#momentaryPowers);
  }

  /** Null until 3 s have passed, and when nothing passes the gates. */
  get loudnessRangeLu(): number | null {
    return loudnessRangeLu(this.#shortTermPowers);
  }

  /** Null until 400 ms have passed, and for silence. */
  get maxMomentaryLufs(): number | null {
    return powerToLufs(this.#maxMomentaryPower);
  }

  /** Null until 3 s have passed, and for silence. */
  get maxShortTermLufs(): number | null {
    return powerToLufs(this.#maxShortTermPower);
  }

  /** Momentary loudness every 100 ms; entry 0 is at 0.4 s, when the first window is full. */
  get momentaryLufs(): (number | null)[] {
    return this.#momentaryPowers.map(powerToLufs);
  }

  /** Short-term loudness every 100 ms; entry 0 is at 3 s, when the first window is full. */
  get shortTermLufs(): (number | null)[] {
    return this.#shortTermPowers.map(powerToLufs);
  }

  /** The powers of the 400 ms gating blocks so far, for `integratedLufs` over several programmes. */
  get gatingBlockPowers(): readonly number[] {
    return this.#momentaryPowers;
  }
}

/** The integrated loudness of an album: the gates work on the blocks of all its tracks together. */
export function albumIntegratedLufs(tracks: readonly LoudnessMeter[]): number | null {
  return integratedLufs(tracks.flatMap((track) => track.gatingBlockPowers));
}
