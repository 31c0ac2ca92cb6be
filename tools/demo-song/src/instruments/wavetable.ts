/**
 * Oscillators without aliasing: one period, summed from exactly those harmonics that lie below the band limit.
 *
 *   table[i] = Σ amplitude(k) · sin(2π k i / N),  k = 1 … ⌊limit / f0⌋
 *
 * A timbre is a function of harmonic number and frequency, so a formant or a body resonance costs nothing when playing.
 */
const SIZE = 4096;
const SINE = Float64Array.from({ length: SIZE }, (_, i) => Math.sin((2 * Math.PI * i) / SIZE));

/** Amplitude of harmonic `k`, which lies at `hz`. */
export type Timbre = (k: number, hz: number) => number;

export const saw: Timbre = (k) => 1 / k;
export const square: Timbre = (k) => (k % 2 === 1 ? 1 / k : 0);
/** A pulse of the given width (0 to 1): the spectrum of a sawtooth minus a later one. */
export const pulse =
  (width: number): Timbre =>
  (k) =>
    (2 * Math.sin(Math.PI * k * width)) / k;

/**
 * One period plus a guard sample. `headroom` leaves room for vibrato and detuning under the band limit, which is 20 kHz or 0.45
 * of the rate, whichever is lower.
 */
export function bandlimited(hz: number, rateHz: number, timbre: Timbre, headroom = 1.06): Float64Array {
  const limitHz = Math.min(20_000, 0.45 * rateHz);
  const count = Math.min(SIZE / 8, Math.max(1, Math.floor(limitHz / (hz * headroom))));
  const table = new Float64Array(SIZE + 1);
  for (let k = 1; k <= count; k++) {
    const amplitude = timbre(k, k * hz);
    if (Math.abs(amplitude) < 1e-6) continue;
    for (let i = 0; i < SIZE; i++) table[i]! += amplitude * SINE[(k * i) & (SIZE - 1)]!;
  }
  table[SIZE] = table[0]!;
  return table;
}

/** Caches tables by pitch for one timbre. */
export function tables(rateHz: number, timbre: Timbre): (hz: number) => Float64Array {
  const cache = new Map<number, Float64Array>();
  return (hz) => {
    let table = cache.get(hz);
    if (!table) {
      table = bandlimited(hz, rateHz, timbre);
      cache.set(hz, table);
    }
    return table;
  };
}

/** Reads a table at a phase in [0, 1) with linear interpolation. */
export function readTable(table: Float64Array, phase: number): number {
  const position = phase * SIZE;
  const index = Math.floor(position);
  const a = table[index]!;
  return a + (position - index) * (table[index + 1]! - a);
}
