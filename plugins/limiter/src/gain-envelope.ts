/**
 * From the reduction that each frame needs to a gain that is smooth and never too high.
 *
 *   need ─▶ maximum of the last M ─▶ release ─┬────────────▶ larger ─▶ box of B1 ─▶ box of B2 ─▶ 1 - reduction
 *            hold                   fast      └▶ average × sustain ─▲
 *
 * Reductions are linear: 1 - gain. Hold: the running maximum, after M. van Herk, Pattern Recognition Letters 13(7),
 * 1992. As long as half a period of the lowest bass it makes the gain of a steady tone constant, so that the release
 * cannot distort it. Release: an exponential (Giannoulis, Massberg & Reiss, JAES 60(6), 2012), down to the fraction
 * `sustain` of the average reduction, which moves ten times as slowly: a short over recovers fast, a loud passage
 * without pumping. Smoothing: two boxes, a triangle of B1 + B2 - 1 frames. Everything that it averages was held at
 * what the peak needs, so the gain is low enough exactly when the peak arrives, and goes there without a corner.
 *
 * Reductions are rounded up to whole quanta of 2^-26 before they are summed: sums of whole numbers below 2^53 are
 * exact in f64, so running sums never drift and the gain comes back to exactly 1.
 */

/** The longest half period over which the gain stands still: 50 Hz. */
export const HOLD_MS = 10;
/** Frames around a peak over which the gain stays flat, so that its own movement does not raise the wave between them. */
export const GUARD_FRAMES = 2;
/** The average moves this many times as slowly as the release. */
export const SUSTAIN_RATIO = 10;
/** Reductions below this, -120 dB, are let go of. */
export const SETTLED = 1e-6;
/** The average falls to zero below this. */
export const AVERAGE_SETTLED = 1e-9;
const QUANTUM = 2 ** -26;

export interface EnvelopeFrames {
  /** M */
  readonly hold: number;
  /** B1 and B2 */
  readonly boxes: readonly [number, number];
}

/** The windows for a lookahead, so that the gain of a frame is reached GUARD_FRAMES before and kept as long after it. */
export function envelopeFrames(lookaheadFrames: number, sampleRateHz: number): EnvelopeFrames {
  const triangle = lookaheadFrames + 1 - GUARD_FRAMES;
  const first = Math.floor((triangle + 1) / 2);
  const shortest = triangle + 1 + 2 * GUARD_FRAMES;
  return {
    hold: Math.max(shortest, Math.round(HOLD_MS * 0.001 * sampleRateHz)),
    boxes: [first, triangle + 1 - first],
  };
}

export class GainEnvelope {
  readonly #needs: Float64Array;
  readonly #boxes: readonly Box[];
  #at = 0;
  #fast = 0;
  #average = 0;

  constructor(frames: EnvelopeFrames) {
    this.#needs = new Float64Array(frames.hold);
    this.#boxes = frames.boxes.map((length) => new Box(length));
  }

  /** Nothing left to recover from: with no further need the gain stays 1. */
  get atRest(): boolean {
    return this.#fast === 0 && this.#average === 0 && this.#boxes.every((box) => box.sum === 0);
  }

  /** Takes the next frame's need, 0 to 1; gives the gain. `sustain` is a fraction; the poles are per frame. */
  next(need: number, releasePole: number, averagePole: number, sustain: number): number {
    this.#needs[this.#at] = need;
    this.#at = (this.#at + 1) % this.#needs.length;
    const held = this.#needs.reduce((a, b) => Math.max(a, b));

    const released = this.#fast > SETTLED ? this.#fast * releasePole : 0;
    this.#fast = Math.max(held, released);
    const left = this.#average > AVERAGE_SETTLED ? this.#average * averagePole : 0;
    this.#average = this.#fast * (1 - averagePole) + left;
    const sustained = this.#average * sustain;
    const reduction = Math.max(this.#fast, sustained > SETTLED ? sustained : 0);

    let quanta = Math.ceil(reduction / QUANTUM);
    let quantaPerUnit = 1 / QUANTUM;
    for (const box of this.#boxes) {
      quanta = box.next(quanta);
      quantaPerUnit *= box.length;
    }
    return 1 - quanta / quantaPerUnit;
  }
}

/** The sum of the last `length` whole numbers. */
class Box {
  readonly length: number;
  readonly #ring: Float64Array;
  #at = 0;
  #sum = 0;

  constructor(length: number) {
    this.length = length;
    this.#ring = new Float64Array(length);
  }

  get sum(): number {
    return this.#sum;
  }

  next(value: number): number {
    this.#sum += value - this.#ring[this.#at];
    this.#ring[this.#at] = value;
    this.#at = (this.#at + 1) % this.length;
    return this.#sum;
  }
}
