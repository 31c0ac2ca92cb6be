/** A seeded random source, so that every rendering of the song has the same human failings and the same noise. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** White noise, uniform in [-1, 1). */
  bipolar(): number;
  /** Normally distributed, mean 0, deviation 1. */
  gaussian(): number;
}

/** Mulberry32 by Tommy Ettinger (public domain): 32 bits of state, period 2^32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    bipolar: () => 2 * uniform() - 1,
    // Box and Muller, "A note on the generation of random normal deviates", 1958.
    gaussian: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
