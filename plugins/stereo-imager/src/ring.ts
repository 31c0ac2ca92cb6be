/**
 * How long the filters of the side signal ring, by Chernoff's bound of a cascade of poles with time constants τ in frames:
 *
 *   |h[n]| ≤ e^(-σn) Π 1 / (1 - σ τ)
 *
 * for any σ below 1 / τ of the slowest. A ring counts as over when that has fallen by 150 dB.
 */

/** ln(10^(150/20)). What really is left then is 30 dB less, since poles so alike stay well below the bound. */
const SILENT_NEPERS = 17.3;
/** σ as a part of the slowest decay. */
const DECAY_RATE = 0.9;
/** Of a crossover's low-pass, all alike. */
const LOWPASS_POLES = 3;
/** Of the high-pass: each falls as one pole does. */
const HIGHPASS_PAIRS = 2;

/** Frames in which the poles of a crossover, (1 - g) / (1 + g), fall to 1/e; `g` is the integrator's gain. */
export function lowpassTau(g: number): number {
  return -1 / Math.log(Math.abs((1 - g) / (1 + g)));
}

/** The same of the high-pass, whose pairs have this squared radius. */
export function highpassTau(g: number): number {
  return -2 / Math.log((1 + g * (g - Math.SQRT2)) / (1 + g * (g + Math.SQRT2)));
}

/** Frames until a low-pass and a high-pass in a row, by their time constants in frames, are silent; undefined for none. */
export function ringFrames(lowpass: number | undefined, highpass: number | undefined): number {
  const taus: number[] = [];
  if (lowpass !== undefined) for (let k = 0; k < LOWPASS_POLES; k++) taus.push(lowpass);
  if (highpass !== undefined) for (let k = 0; k < HIGHPASS_PAIRS; k++) taus.push(highpass);
  if (taus.length === 0) return 0;
  const slowest = Math.max(...taus);
  let nepers = SILENT_NEPERS;
  if (slowest > 0) for (const tau of taus) nepers -= Math.log(1 - (DECAY_RATE * tau) / slowest);
  // A frame a pole for those at the origin.
  const poles =
    (lowpass === undefined ? 0 : LOWPASS_POLES) + (highpass === undefined ? 0 : 2 * HIGHPASS_PAIRS);
  return Math.ceil((nepers / DECAY_RATE) * slowest) + poles;
}
