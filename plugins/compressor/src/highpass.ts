/** The detector's high-pass, 12 dB an octave. Off it passes everything. */
import { Biquad, type BiquadCoefficients, highpass } from "@gainstage/dsp";

/** What is louder, or not a number, is not let in, where it would stay for long. */
export const LOUDEST = 1e10;

export class Highpass {
  readonly #section = new Biquad();
  #cutoffHz = 0;
  #coefficients: BiquadCoefficients | undefined;

  turnOff(): void {
    this.#cutoffHz = 0;
    this.#coefficients = undefined;
    this.#section.reset();
  }

  tune(cutoffHz: number, sampleRateHz: number): void {
    if (cutoffHz === this.#cutoffHz) return;
    this.#cutoffHz = cutoffHz;
    this.#coefficients = highpass(cutoffHz, sampleRateHz);
  }

  next(x: number): number {
    if (!this.#coefficients) return x;
    return this.#section.next(Math.abs(x) < LOUDEST ? x : 0, this.#coefficients);
  }
}
