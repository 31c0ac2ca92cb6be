/**
 * What stands in the loop, two channels in the lanes of f64x2: first-order filters, so that every repeat is darker and
 * thinner by one gentle slope more, and a curve that keeps the loop bounded.
 *
 * The filters are trapezoidal integrators (V. Zavalishin, "The Art of VA Filter Design", 2012, §3): the analogue one-pole
 * by the bilinear transform with its corner prewarped, and steady while the corner moves. With G = g / (1 + g) and
 * g = tan(π f / fs):
 *
 *   v = G (x - s),   low = v + s,   s = low + v,   high = x - low
 */

/** -300 dB: below this a state is 0. It would decay into subnormal numbers for ever. */
const NOTHING: f64 = 1e-15;

/** A filter's state is one v128. Returns the low-passed frame. */
// @ts-ignore: decorator
@inline export function lowPass(state: usize, gain: v128, x: v128): v128 {
  const s = v128.load(state);
  const v = f64x2.mul(gain, f64x2.sub(x, s));
  const low = f64x2.add(v, s);
  v128.store(state, flush(f64x2.add(low, v), NOTHING));
  return low;
}

/** Zero where it is smaller than `least`. */
// @ts-ignore: decorator
@inline export function flush(x: v128, least: f64): v128 {
  return v128.and(x, f64x2.ge(f64x2.abs(x), f64x2.splat(least)));
}

// @ts-ignore: decorator
@inline export function swapped(x: v128): v128 {
  return v128.shuffle<f64>(x, x, 1, 0);
}

/**
 * The input itself up to full scale, then 2 - 1/|x|: no corner at full scale, and never beyond 2. Since it never makes
 * anything larger, a loop without it that is steady is steady with it; and one that is not cannot run away.
 */
// @ts-ignore: decorator
@inline export function bounded(x: v128): v128 {
  const one = f64x2.splat(1);
  const size = f64x2.abs(x);
  const bent = f64x2.sub(f64x2.splat(2), f64x2.div(one, f64x2.max(size, one)));
  const sign = v128.and(x, f64x2.splat(-0.0));
  return v128.or(f64x2.min(size, bent), sign);
}
