/** What each line loses on one way through (Jot & Chaigne 1991). The twin of assembly/absorption.ts. */

export interface Decay {
  /** Time to -60 dB between the crossovers, in s, and its multiples below and above them. */
  readonly midS: number;
  readonly lowRatio: number;
  readonly lowHz: number;
  readonly highRatio: number;
  readonly highHz: number;
}

/** A first-order section: y = b x + s, s' = c x + a s. */
export interface Section {
  readonly b: number;
  readonly c: number;
  readonly a: number;
}

/** The gain of `delay` frames on the way to -60 dB in `decayS`: 10^(-3 d / (fs T60)). */
export function lineGain(delay: number, decayS: number, sampleRateHz: number): number {
  return 10 ** ((-3 * delay) / (sampleRateHz * decayS));
}

/** The low shelf and the high shelf of a line, the mid gain in the latter. */
export function absorption(delay: number, decay: Decay, sampleRateHz: number): [low: Section, high: Section] {
  const gain = (ratio: number) => lineGain(delay, decay.midS * ratio, sampleRateHz);
  const mid = gain(1);
  const low = shelfRoot(gain(decay.lowRatio) / mid);
  const high = shelfRoot(gain(decay.highRatio) / mid);
  const kLow = prewarped(decay.lowHz, sampleRateHz);
  const kHigh = prewarped(decay.highHz, sampleRateHz);
  return [firstOrder(kLow * low, kLow / low, 1), firstOrder(kHigh / high, kHigh * high, mid * high * high)];
}

/** √g, held within ±60 dB. */
function shelfRoot(gain: number): number {
  return Math.min(1e3, Math.max(1e-3, Math.sqrt(gain)));
}

function prewarped(cornerHz: number, sampleRateHz: number): number {
  return Math.tan((Math.PI * Math.min(cornerHz, 0.45 * sampleRateHz)) / sampleRateHz);
}

/** gain (s + zero) / (s + pole) by the bilinear transform. */
function firstOrder(zero: number, pole: number, gain: number): Section {
  const a1 = (pole - 1) / (1 + pole);
  const b0 = (gain * (1 + zero)) / (1 + pole);
  const b1 = (gain * (zero - 1)) / (1 + pole);
  return { b: b0, c: b1 - b0 * a1, a: -a1 };
}
