// The interpolation kernel of the true-peak meter and the resampler: a sinc under a Kaiser window.
//
// J. F. Kaiser and R. W. Schafer, "On the Use of the I0-Sinh Window for Spectrum Analysis", IEEE Trans. ASSP 28, 1980,
// for the window and for the two rules that size it.

/** The modified Bessel function I0, by its power series. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/**
 * The impulse response of a low-pass at `cutoff` cycles per frame (0.5: Nyquist), `t` frames from its centre, zero from
 * `halfWidth` frames on.
 */
export function kaiserSinc(t: number, halfWidth: number, beta: number, cutoff = 0.5): number {
  const inside = 1 - (t / halfWidth) ** 2;
  if (inside <= 0) return 0;
  const angle = 2 * Math.PI * cutoff * t;
  const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
  return (2 * cutoff * sinc * besselI0(beta * Math.sqrt(inside))) / besselI0(beta);
}

/** The window's shape for a stop band `attenuationDb` (above 50) down. */
export function kaiserBeta(attenuationDb: number): number {
  return 0.1102 * (attenuationDb - 8.7);
}

/** Frames from the first tap to the last for a transition band `width` cycles per frame wide. */
export function kaiserLength(attenuationDb: number, width: number): number {
  return (attenuationDb - 7.95) / (14.36 * width);
}
