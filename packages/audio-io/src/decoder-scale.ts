// Finding again the integers that a decoder has scaled in its own way.

/**
 * By what a decoder divides n-bit integers: "symmetric" 2^(n-1) - 1 (FLAC); "split" that for positive ones and 2^(n-1)
 * for negative ones (TTA, WavPack).
 */
export type DecoderScale = "symmetric" | "split";

/**
 * Replaces each sample, in place, by x / 2^(n-1) with x the integer that was stored.
 *
 * The symmetric scale would read full scale as -1.0000305 at 16 bits; the split one adds a second harmonic. At most 24
 * bits survive a 32-bit float; with more, the scale is still right and the last bits are the float's.
 */
export function undoScale(
  channels: readonly Float32Array[],
  bitDepth: number,
  decoderScale: DecoderScale,
): void {
  const fullScale = 2 ** (bitDepth - 1);
  const positive = fullScale - 1;
  const negative = decoderScale === "symmetric" ? positive : fullScale;
  for (const samples of channels) {
    for (let frame = 0; frame < samples.length; frame++) {
      const sample = samples[frame];
      samples[frame] = Math.round(sample * (sample < 0 ? negative : positive)) / fullScale;
    }
  }
}
