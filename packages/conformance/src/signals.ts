/** Test signals as functions: nothing is stored, and the same seed gives the same samples. */

/** A uniform generator on [0, 1): xorshift32 (Marsaglia, "Xorshift RNGs", 2003). `seed` is any number but 0. */
export function random(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

/** White noise, uniform in ±amplitude. */
export function noise(frames: number, seed: number, amplitude = 0.5): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: frames }, () => amplitude * (2 * next() - 1));
}

export function sine(
  frames: number,
  frequencyHz: number,
  sampleRateHz: number,
  amplitude = 0.5,
): Float32Array {
  const step = (2 * Math.PI * frequencyHz) / sampleRateHz;
  return Float32Array.from({ length: frames }, (_, i) => amplitude * Math.sin(step * i));
}

export function impulse(frames: number, amplitude = 1): Float32Array {
  const signal = new Float32Array(frames);
  signal[0] = amplitude;
  return signal;
}
