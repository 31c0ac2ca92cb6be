/**
 * Filters.
 *
 * The state-variable filter is Zavalishin's topology-preserving transform (The Art of VA Filter Design, §4.4), which stays in tune
 * and stable while its cutoff is swept.
 */
export class StateVariableFilter {
  low = 0;
  band = 0;
  high = 0;
  readonly #rateHz: number;
  #g = 0;
  #damping = 1;
  #scale = 1;
  #s1 = 0;
  #s2 = 0;

  constructor(rateHz: number, cutoffHz: number, q = Math.SQRT1_2) {
    this.#rateHz = rateHz;
    this.tune(cutoffHz, q);
  }

  /** Sets cutoff and resonance; the cutoff is held between 5 Hz and 0.45 of the rate. */
  tune(cutoffHz: number, q: number): void {
    const hz = Math.max(5, Math.min(0.45 * this.#rateHz, cutoffHz));
    this.#g = Math.tan((Math.PI * hz) / this.#rateHz);
    this.#damping = 1 / q;
    this.#scale = 1 / (1 + this.#g * (this.#g + this.#damping));
  }

  /** Takes one sample; the outputs stand in `low`, `band` (unity gain at the cutoff times q) and `high`. */
  process(x: number): void {
    this.high = (x - (this.#g + this.#damping) * this.#s1 - this.#s2) * this.#scale;
    this.band = this.#g * this.high + this.#s1;
    this.low = this.#g * this.band + this.#s2;
    this.#s1 = this.#g * this.high + this.band;
    this.#s2 = this.#g * this.band + this.low;
  }
}

/** Runs a sound through a second-order lowpass or highpass, or a bell of `gain` (1 = flat) in place. */
export function filterInPlace(
  sound: Float64Array,
  rateHz: number,
  kind: "low" | "high" | "band" | "bell",
  cutoffHz: number,
  q = Math.SQRT1_2,
  gain = 1,
): Float64Array {
  const filter = new StateVariableFilter(rateHz, cutoffHz, q);
  for (let i = 0; i < sound.length; i++) {
    const x = sound[i]!;
    filter.process(x);
    sound[i] =
      kind === "bell" ? x + ((gain - 1) / q) * filter.band : kind === "band" ? filter.band / q : filter[kind];
  }
  return sound;
}
