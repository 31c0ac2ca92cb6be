/**
 * Butterworth high-pass of 12 dB an octave for the detector, by the bilinear transform with its corner prewarped, in
 * transposed direct form II. Off it passes everything.
 */

/** What is louder, or not a number, is not let in, where it would stay for long. */
export const LOUDEST = 1e10;

export class Highpass {
  #cutoffHz = 0;
  #norm = 1;
  #a1 = 0;
  #a2 = 0;
  #s1 = 0;
  #s2 = 0;

  turnOff(): void {
    this.#cutoffHz = 0;
    this.#s1 = 0;
    this.#s2 = 0;
  }

  tune(cutoffHz: number, sampleRateHz: number): void {
    if (cutoffHz === this.#cutoffHz) return;
    this.#cutoffHz = cutoffHz;
    const k = Math.tan((Math.PI * Math.min(cutoffHz, 0.49 * sampleRateHz)) / sampleRateHz);
    this.#norm = 1 / (1 + Math.SQRT2 * k + k * k);
    this.#a1 = 2 * (k * k - 1) * this.#norm;
    this.#a2 = (1 - Math.SQRT2 * k + k * k) * this.#norm;
  }

  next(x: number): number {
    if (this.#cutoffHz === 0) return x;
    const sane = Math.abs(x) < LOUDEST ? x : 0;
    const y = this.#norm * sane + this.#s1;
    this.#s1 = this.#s2 - 2 * this.#norm * sane - this.#a1 * y;
    this.#s2 = this.#norm * sane - this.#a2 * y;
    return y;
  }
}
