/**
 * Keeps subnormal numbers, with which some processors compute a hundred times slower, out of what an equalizer puts out
 * and out of what its sections remember.
 */
import { storePair } from "@gainstage/dsp/assembly/biquad";

/**
 * 1.5 · 2^-74. The sum of it and of anything smaller is a multiple of 2^-126, the smallest normal f32. What is an f32 and
 * larger has no digits that the sum could lose.
 */
const ROUNDS_TO_NORMAL: f64 = 7.940933880509066e-23;

/** -4000 dB: no gain of eight bands brings this back into the range of an f32, so when it goes is not to be heard. */
const FORGOTTEN: f64 = 1e-200;

/** What would be a subnormal f32 becomes the normal one or the zero that is nearest. */
// @ts-ignore: decorator
@inline
export function storeNormal(left: usize, right: usize, x: v128): void {
  const rounds = f64x2.splat(ROUNDS_TO_NORMAL);
  storePair(left, right, f64x2.sub(f64x2.add(x, rounds), rounds));
}

/** A section's state at the end of a stretch: in silence it would decay into subnormal f64. */
// @ts-ignore: decorator
@inline
export function flushed(state: v128): v128 {
  return v128.andnot(state, f64x2.lt(f64x2.abs(state), f64x2.splat(FORGOTTEN)));
}
