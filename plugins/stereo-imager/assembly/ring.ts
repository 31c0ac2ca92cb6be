/** How long the filters of the side signal ring: src/ring.ts, which explains it. */
const SILENT_NEPERS: f64 = 17.3;
const DECAY_RATE: f64 = 0.9;
const LOWPASS_POLES: i32 = 3;
const HIGHPASS_PAIRS: i32 = 2;

/** Frames in which the poles of a crossover fall to 1/e; `g` is the integrator's gain. */
export function lowpassTau(g: f64): f64 {
  return -1 / Math.log(Math.abs((1 - g) / (1 + g)));
}

/** The same of the high-pass. */
export function highpassTau(g: f64): f64 {
  return -2 / Math.log((1 + g * (g - Math.SQRT2)) / (1 + g * (g + Math.SQRT2)));
}

/** Frames until a low-pass and a high-pass in a row, by their time constants in frames, are silent; below 0 for none. */
export function ringFrames(lowpass: f64, highpass: f64): i32 {
  const slowest = max(lowpass, highpass);
  if (slowest < 0) return 0;
  let nepers = SILENT_NEPERS;
  let poles = 0;
  if (lowpass >= 0) {
    nepers += <f64>LOWPASS_POLES * spread(lowpass, slowest);
    poles += LOWPASS_POLES;
  }
  if (highpass >= 0) {
    nepers += <f64>HIGHPASS_PAIRS * spread(highpass, slowest);
    poles += 2 * HIGHPASS_PAIRS;
  }
  return <i32>Math.ceil((nepers / DECAY_RATE) * slowest) + poles;
}

function spread(tau: f64, slowest: f64): f64 {
  return slowest == 0 ? 0 : -Math.log(1 - (DECAY_RATE * tau) / slowest);
}
