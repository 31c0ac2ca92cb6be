/** The detector's high-pass, 12 dB an octave. Off it passes everything. */
import { Biquad, highpass } from "@gainstage/dsp";

/** What is louder, or not a number, is not let in, where it would stay for long. */
export const LOUDEST = 1e10;
/** The lowest corner, 10 Hz: the filter is off there, and starts from nothing heard when it is turned on. */
const OFF = Math.log(10);

export class Highpass {
  readonly #section = new Biquad();

  next(x: number, logCornerHz: number, sampleRateHz: number): number {
    if (logCornerHz <= OFF) {
      this.#section.reset();
      return x;
    }
    return this.#section.next(Math.abs(x) < LOUDEST ? x : 0, highpass(Math.exp(logCornerHz), sampleRateHz));
  }
}
