/**
 * A tilt equalizer: a low shelf of 1/A and a high shelf of A that share one first-order split, A = 10^(tiltDb/20).
 *
 *            ┌─▶ one-pole low-pass at A·pivot ─▶ low ─────▶ × 1/A ─┐
 *   x ───────┤                                                     + ─▶ y
 *            └──────────── x − low ────────────▶ high ────▶ × A ───┘
 *
 *   H(s) = A·s/(s + A) + (1/A)·A/(s + A) = (A·s + 1) / (s + A)    s in units of the pivot
 *
 * So |H| is 1/A far below the pivot, 1 at it and A far above. The low-pass is the trapezoidal one-pole of Zavalishin,
 * "The Art of VA Filter Design", 3.10: the bilinear transform, with the pivot where it should be.
 */

/** @import { Block, Plugin, Processor, ProcessSetup } from "@gainstage/plugin-api" */

const TILT_DB = 0;
const PIVOT_HZ = 1;
const LOWEST_SPLIT_HZ = 200 / 10 ** (12 / 20);
const SMOOTHING_MS = 10;
/** Time constants until a full-scale signal has come below -120 dB, with what the shelf adds. */
const TAIL_TIME_CONSTANTS = 20;
/** A state below this is put to zero: it could not be heard, and subnormal numbers are slow. */
const FLOOR = 1e-15;
/** A smoothed value this close to its goal, as a share of it, is there: without an end it would be on its way for ever. */
const ARRIVED = 1e-6;

/** Places in the array of what is smoothed. */
const GAIN = 0;
const WARPED_PIVOT = 1;

/** @implements {Processor} */
class Tilt {
  latencyFrames = 0;
  /** @type {number} */
  tailFrames;
  /** @type {number} */
  #sampleRateHz;
  /** @type {number} */
  #smoothing;
  /** Of the low-pass, one a channel. */
  #state = new Float64Array(2);
  #smoothed = new Float64Array(2);
  #starting = true;

  /** @param {ProcessSetup} setup */
  constructor({ sampleRateHz }) {
    this.#sampleRateHz = sampleRateHz;
    this.#smoothing = 1 - Math.exp(-1000 / (SMOOTHING_MS * sampleRateHz));
    this.tailFrames = Math.ceil((TAIL_TIME_CONSTANTS * sampleRateHz) / (2 * Math.PI * LOWEST_SPLIT_HZ));
  }

  reset() {
    this.#state.fill(0);
    this.#starting = true;
  }

  /**
   * @param {Block} block
   * @returns {number}
   */
  process({ frames, inputs, outputs, params }) {
    const pivotHz = Math.min(params[PIVOT_HZ], 0.45 * this.#sampleRateHz);
    const goalGain = 10 ** (params[TILT_DB] / 20);
    const goalPivot = Math.tan((Math.PI * pivotHz) / this.#sampleRateHz);
    const smoothed = this.#smoothed;
    if (this.#starting) {
      smoothed[GAIN] = goalGain;
      smoothed[WARPED_PIVOT] = goalPivot;
      this.#starting = false;
    }
    const smoothing = this.#smoothing;
    const state = this.#state;
    const channels = outputs[0].length;
    for (let i = 0; i < frames; i++) {
      smoothed[GAIN] += smoothing * (goalGain - smoothed[GAIN]);
      smoothed[WARPED_PIVOT] += smoothing * (goalPivot - smoothed[WARPED_PIVOT]);
      if (Math.abs(goalGain - smoothed[GAIN]) < ARRIVED * goalGain) smoothed[GAIN] = goalGain;
      if (Math.abs(goalPivot - smoothed[WARPED_PIVOT]) < ARRIVED * goalPivot)
        smoothed[WARPED_PIVOT] = goalPivot;
      const gain = smoothed[GAIN];
      const g = gain * smoothed[WARPED_PIVOT];
      for (let c = 0; c < channels; c++) {
        const x = inputs[0][c][i];
        const step = ((x - state[c]) * g) / (1 + g);
        const low = state[c] + step;
        state[c] = Math.abs(low + step) < FLOOR ? 0 : low + step;
        outputs[0][c][i] = gain * (x - low) + low / gain;
      }
    }
    const arrived = smoothed[GAIN] === goalGain && smoothed[WARPED_PIVOT] === goalPivot;
    return arrived && state[0] === 0 && state[1] === 0 ? 0 : this.tailFrames;
  }
}

/** @type {Plugin} */
export default {
  activate: (setup) => new Tilt(setup),
};
