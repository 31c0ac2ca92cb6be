/** The workloads' parameters, the same for every engine: 48 kHz, stereo, float32. */

export const SAMPLE_RATE_HZ = 48_000;

export type BandType = "low-shelf" | "bell" | "high-shelf";

/** type, frequency, Q, gain */
export const EQ8: readonly (readonly [BandType, number, number, number])[] = [
  ["low-shelf", 80, 0.707, 2],
  ["bell", 150, 1, -2],
  ["bell", 300, 1, -1.5],
  ["bell", 600, 1.2, 1],
  ["bell", 1200, 1.2, -1],
  ["bell", 2500, 1, 1.5],
  ["bell", 6000, 1, 2],
  ["high-shelf", 12_000, 0.707, 2.5],
];

export const COMPRESSOR = {
  thresholdDb: -24,
  ratio: 3,
  kneeDb: 6,
  attackMs: 10,
  releaseMs: 120,
  makeupDb: 4,
};
export const GAIN = 0.841;
export const PAN = 0.2;

/** W5: 100 chains of ten gains, summed. */
export const CHAINS = 100;
export const GAINS_PER_CHAIN = 10;
export const CHAIN_GAIN = 0.999;
export const BLOCK_FRAMES = 128;

/** Something like music: tones and filtered noise that swell and fade. */
export function programme(frames: number): [Float32Array, Float32Array] {
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  let state = 12_345;
  let [a, b] = [0, 0];
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
  for (let i = 0; i < frames; i++) {
    const swell = 0.15 + 0.85 * Math.abs(Math.sin((i * 2 * Math.PI) / 30_000));
    a += 0.3 * (random() - a);
    b += 0.3 * (random() - b);
    left[i] = swell * (0.5 * Math.sin(i * 0.03) + 0.5 * a);
    right[i] = swell * (0.5 * Math.sin(i * 0.041) + 0.5 * b);
  }
  return [left, right];
}
