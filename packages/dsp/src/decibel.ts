/** Decibels and octaves of amplitude: the twin of assembly/decibel.ts, exact where that is four at a time. */

/** 20 log10(2): decibels of an octave of amplitude. */
export const DB_PER_OCTAVE = 6.020599913279624;

/** A linear gain; -Infinity dB is 0. */
export function dbToGain(db: number): number {
  return 10 ** (db / 20);
}

/** Decibels; -Infinity for 0. */
export function gainToDb(gain: number): number {
  return 20 * Math.log10(gain);
}
