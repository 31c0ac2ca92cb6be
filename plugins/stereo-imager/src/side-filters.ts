/**
 * The two filters of the side signal.
 *
 * Crossover. A low-pass whose complement, 1 minus it, is as good a high-pass: a constant-voltage crossover (R. H. Small,
 * JAES 19(1), 1971). With p = 1/(1 + s) a pole at the crossover,
 *
 *   low = 3 p² - 2 p³,   high = 1 - low = (1 - p)² (1 + 2 p)
 *
 * both 12 dB an octave and mirror images of each other. Bands made of such low-passes and their differences sum to the
 * input itself, not to an all-pass of it, so the side keeps its phase to the mid. The price is a rise before the slope,
 * 2.3 dB at most, where one band is kept and its neighbour taken away altogether.
 *
 * High-pass. Linkwitz-Riley of fourth order: two state variable filters of second order, Butterworth, in a row.
 *
 * Both are integrated by the trapezoidal rule (V. Zavalishin, The Art of VA Filter Design, 2012), so that corners may
 * move while a sound goes through.
 */

/** The integrator's gain for a corner, prewarped. */
export function integratorGain(cornerHz: number, sampleRateHz: number): number {
  return Math.tan((Math.PI * Math.min(cornerHz, 0.49 * sampleRateHz)) / sampleRateHz);
}

export class CrossoverLowpass {
  readonly #poles = [0, 0, 0];

  reset(): void {
    this.#poles.fill(0);
  }

  /** `share` is g / (1 + g), with g the integrator's gain. */
  next(x: number, share: number): number {
    const once = this.#pole(0, x, share);
    const twice = this.#pole(1, once, share);
    const thrice = this.#pole(2, twice, share);
    return 3 * twice - 2 * thrice;
  }

  #pole(index: number, x: number, share: number): number {
    const v = share * (x - this.#poles[index]);
    const y = v + this.#poles[index];
    this.#poles[index] = y + v;
    return y;
  }
}

export class LinkwitzRileyHighpass {
  readonly #first = new ButterworthHighpass();
  readonly #second = new ButterworthHighpass();

  reset(): void {
    this.#first.reset();
    this.#second.reset();
  }

  /** `g` is the integrator's gain. */
  next(x: number, g: number): number {
    return this.#second.next(this.#first.next(x, g), g);
  }
}

class ButterworthHighpass {
  #s1 = 0;
  #s2 = 0;

  reset(): void {
    this.#s1 = 0;
    this.#s2 = 0;
  }

  next(x: number, g: number): number {
    const high = (x - (g + Math.SQRT2) * this.#s1 - this.#s2) / (1 + g * (g + Math.SQRT2));
    const band = g * high + this.#s1;
    const low = g * band + this.#s2;
    this.#s1 = g * high + band;
    this.#s2 = g * band + low;
    return high;
  }
}
