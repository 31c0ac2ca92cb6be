/**
 * Keeps subnormal numbers, with which some processors compute a hundred times slower, out of what an equalizer puts out
 * and out of what its sections remember.
 */

/**
 * The address of 1.5 · 2^-74. The sum of it and of anything smaller is a multiple of 2^-126, the smallest normal f32.
 * What is an f32 and larger has no digits that the sum could lose.
 */
export const ROUNDS_TO_NORMAL = memory.data<f64>([7.940933880509066e-23]);

/** -4000 dB: no gain of eight bands brings this back into the range of an f32, so when it goes is not to be heard. */
const FORGOTTEN: f64 = 1e-200;

/** What would be a subnormal f32 becomes the normal one or the zero that is nearest. `rounds`: ROUNDS_TO_NORMAL. */
// @ts-ignore: decorator
@inline
export function normal(x: v128, rounds: v128): v128 {
  return f64x2.sub(f64x2.add(x, rounds), rounds);
}

/** A section's state at the end of a stretch: in silence it would decay into subnormal f64. */
// @ts-ignore: decorator
@inline
export function flushed(state: v128): v128 {
  return v128.andnot(state, f64x2.lt(f64x2.abs(state), f64x2.splat(FORGOTTEN)));
}
