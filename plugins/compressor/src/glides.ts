/**
 * The parameters on their way to new values, 20 ms each, counted in frames. With a fast attack the gain follows the
 * detector within a few frames, so everything that shapes the detector's answer has to move slowly.
 */
import { Ramp } from "@gainstage/dsp";

const RAMP_MS = 20;

/** What the compressor works with in one frame. */
export interface Values {
  readonly thresholdDb: number;
  /** 1 - 1/ratio: straight in this, the gain of a steady level in dB moves straight. */
  readonly slope: number;
  readonly kneeDb: number;
  readonly link: number;
  /** How much of the level, in dB, is that of the mean square. */
  readonly rms: number;
  readonly mix: number;
  readonly makeupDb: number;
  /** Natural logarithms of the shares of its way that the envelope goes in a frame, and of the corner in Hz. */
  readonly logAttack: number;
  readonly logRelease: number;
  readonly logHighpassHz: number;
}

type Key = keyof Values;

export class Glides {
  readonly #ramps: Readonly<Record<Key, Ramp>>;
  readonly #sampleRateHz: number;
  /** Until the first block after reset(), whose parameters are taken as they stand. */
  #starting = true;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
    const ramp = () => new Ramp(0, Math.round(RAMP_MS * 0.001 * sampleRateHz));
    this.#ramps = {
      thresholdDb: ramp(),
      slope: ramp(),
      kneeDb: ramp(),
      link: ramp(),
      rms: ramp(),
      mix: ramp(),
      makeupDb: ramp(),
      logAttack: ramp(),
      logRelease: ramp(),
      logHighpassHz: ramp(),
    };
  }

  reset(): void {
    this.#starting = true;
  }

  /** Sets out for the parameters, in the manifest's order. Call at the head of each block. */
  follow(params: Float64Array): void {
    const [thresholdDb, ratio, kneeDb, attackMs, releaseMs, makeupDb] = params;
    const [detector, linkPercent, highpassHz, mixPercent] = params.subarray(6);
    const goals: Values = {
      thresholdDb,
      slope: 1 - 1 / ratio,
      kneeDb,
      link: linkPercent / 100,
      rms: detector === 0 ? 0 : 1,
      mix: mixPercent / 100,
      makeupDb,
      logAttack: logShare(attackMs, this.#sampleRateHz),
      logRelease: logShare(releaseMs, this.#sampleRateHz),
      logHighpassHz: Math.log(highpassHz),
    };
    for (const [key, ramp] of this.#all()) {
      if (this.#starting) ramp.settle(goals[key]);
      else ramp.aim(goals[key]);
    }
    this.#starting = false;
  }

  /** One frame on; the values then. */
  next(): Values {
    return Object.fromEntries(this.#all().map(([key, ramp]) => [key, ramp.next()])) as unknown as Values;
  }

  #all(): [Key, Ramp][] {
    return Object.entries(this.#ramps) as [Key, Ramp][];
  }
}

/** ln(1 - e^(-1/T)), with T in frames: eq. 7 of the paper, as the share of its way that the filter goes in a frame. */
function logShare(timeMs: number, sampleRateHz: number): number {
  return Math.log(1 - Math.exp(-1 / (timeMs * 0.001 * sampleRateHz)));
}
