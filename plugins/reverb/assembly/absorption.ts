/**
 * Absorption: what each line must lose on one way through, so that the whole decays in the time asked for.
 *
 * Jot & Chaigne, "Digital delay networks for designing artificial reverberators", AES 90th Convention, 1991: a line of
 * d frames has the gain |H(f)| = 10^(-3 d / (fs T60(f))). Here T60 is `mid` between the crossovers, and multiplied
 * below the low and above the high one, by a first-order shelf each:
 *
 *   x ─▶ low shelf ─▶ high shelf · mid gain ─▶ y        each: y = b x + s,   s' = c x + a s
 *
 * A shelf is drawn around the square root of its gain (Jot, "Proportional parametric equalizers", AES 139th
 * Convention, 2015), so that its decibels scale with its gain and lines of any length decay alike:
 *
 *   low: (s + w √g) / (s + w / √g)        high: g (s + w / √g) / (s + w √g)        by the bilinear transform
 */
import { LINES } from "./spaces";

/** Rows of 16 f32, one for each line: low b, c, a, then high b, c, a. */
export const ROWS: i32 = 6;
const ROW_BYTES: usize = <usize>LINES << 2;

/** Fills the six rows of one line. */
export function storeAbsorption(
  rows: usize,
  line: i32,
  delay: i32,
  sampleRateHz: f64,
  midS: f64,
  lowRatio: f64,
  lowHz: f64,
  highRatio: f64,
  highHz: f64,
): void {
  const mid = lineGain(delay, midS, sampleRateHz);
  const low = shelfRoot(lineGain(delay, midS * lowRatio, sampleRateHz) / mid);
  const high = shelfRoot(lineGain(delay, midS * highRatio, sampleRateHz) / mid);
  const at = rows + (<usize>line << 2);
  const kLow = prewarped(lowHz, sampleRateHz);
  const kHigh = prewarped(highHz, sampleRateHz);
  storeFirstOrder(at, kLow * low, kLow / low, 1);
  storeFirstOrder(at + 3 * ROW_BYTES, kHigh / high, kHigh * high, mid * high * high);
}

/** The gain of `delay` frames on the way to -60 dB in `decayS`. */
export function lineGain(delay: i32, decayS: f64, sampleRateHz: f64): f64 {
  return Math.pow(10, (-3 * <f64>delay) / (sampleRateHz * decayS));
}

/** √g, held within ±60 dB: beyond it nothing is left to hear, and the pole would round to 1. */
function shelfRoot(gain: f64): f64 {
  return min(1e3, max(1e-3, Math.sqrt(gain)));
}

function prewarped(cornerHz: f64, sampleRateHz: f64): f64 {
  return Math.tan((Math.PI * min(cornerHz, 0.45 * sampleRateHz)) / sampleRateHz);
}

/** gain (1 + zero + (zero - 1) z^-1) / (1 + pole + (pole - 1) z^-1) as b, c = b1 - b a1 and a = -a1. */
function storeFirstOrder(at: usize, zero: f64, pole: f64, gain: f64): void {
  const a1 = (pole - 1) / (1 + pole);
  const b0 = (gain * (1 + zero)) / (1 + pole);
  const b1 = (gain * (zero - 1)) / (1 + pole);
  store<f32>(at, <f32>b0);
  store<f32>(at + ROW_BYTES, <f32>(b1 - b0 * a1));
  store<f32>(at + 2 * ROW_BYTES, <f32>-a1);
}
