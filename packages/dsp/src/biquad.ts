/**
 * A second-order section in transposed direct form II: the twin of assembly/biquad.ts, one channel of it.
 *
 *   y = b0 x + s1,   s1 = b1 x - a1 y + s2,   s2 = b2 x - a2 y
 */

export interface BiquadCoefficients {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

export class Biquad {
  #s1 = 0;
  #s2 = 0;

  /** One frame; the coefficients may be others at every call. */
  next(x: number, { b0, b1, b2, a1, a2 }: BiquadCoefficients): number {
    const y = b0 * x + this.#s1;
    this.#s1 = b1 * x - a1 * y + this.#s2;
    this.#s2 = b2 * x - a2 * y;
    return y;
  }

  reset(): void {
    this.#s1 = 0;
    this.#s2 = 0;
  }
}

/** Butterworth high-pass, 12 dB an octave, by the bilinear transform with its corner prewarped. */
export function highpass(cutoffHz: number, sampleRateHz: number): BiquadCoefficients {
  const k = Math.tan((Math.PI * Math.min(cutoffHz, 0.49 * sampleRateHz)) / sampleRateHz);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  return {
    b0: norm,
    b1: -2 * norm,
    b2: norm,
    a1: 2 * (k * k - 1) * norm,
    a2: (1 - Math.SQRT2 * k + k * k) * norm,
  };
}
