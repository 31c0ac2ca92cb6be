/**
 * The analogue filters that the equalizer follows, in s normalised to the band's frequency: src/analogue.ts, which says
 * where they come from, over plain memory. A section is six f64: b2, b1, b0, a2, a1, a0.
 */

export const OFF: i32 = 0;
export const BELL: i32 = 1;
export const LOW_SHELF: i32 = 2;
export const HIGH_SHELF: i32 = 3;
export const LOW_PASS: i32 = 4;
export const HIGH_PASS: i32 = 5;
export const NOTCH: i32 = 6;
export const BAND_PASS: i32 = 7;

export const ANALOGUE_BYTES: usize = 48;
/** Sections of the steepest band. */
export const MAX_ANALOGUE: i32 = 4;

export function isFlat(type: i32, gainDb: f64): bool {
  return type == OFF || (type <= HIGH_SHELF && gainDb == 0);
}

/** Writes the sections of a band that is not flat to `to` and returns how many they are. */
export function analogueSections(to: usize, type: i32, gainDb: f64, q: f64, slope: i32): i32 {
  const a = Math.pow(10, gainDb / 40);
  const root = Math.sqrt(a) / q;
  if (type == BELL) put(to, 1, a / q, 1, 1, 1 / (a * q), 1);
  else if (type == LOW_SHELF) put(to, a, a * root, a * a, a, root, 1);
  else if (type == HIGH_SHELF) put(to, a * a, a * root, a, 1, root, a);
  else if (type == NOTCH) put(to, 1, 0, 1, 1, 1 / q, 1);
  else if (type == BAND_PASS) put(to, 0, 1 / q, 0, 1, 1 / q, 1);
  else return butterworth(to, type, q, slope);
  return 1;
}

function butterworth(to: usize, type: i32, q: f64, slope: i32): i32 {
  const order = slope + 1;
  const low: f64 = type == LOW_PASS ? 1 : 0;
  const high = 1 - low;
  const pairs = order / 2;
  for (let k = 0; k < pairs; k++, to += ANALOGUE_BYTES) {
    const resonance = k == 0 ? q * Math.SQRT2 : 1;
    const a1 = (2 * Math.sin((<f64>(2 * k + 1) * Math.PI) / <f64>(2 * order))) / resonance;
    put(to, high, 0, low, 1, a1, 1);
  }
  if (order % 2 == 1) put(to, 0, high, low, 0, 1, 1);
  return (order + 1) / 2;
}

function put(to: usize, b2: f64, b1: f64, b0: f64, a2: f64, a1: f64, a0: f64): void {
  store<f64>(to, b2);
  store<f64>(to, b1, 8);
  store<f64>(to, b0, 16);
  store<f64>(to, a2, 24);
  store<f64>(to, a1, 32);
  store<f64>(to, a0, 40);
}

/** |H|² of `count` sections at `frequencyHz`. */
export function analogueSquaredMagnitude(sections: usize, count: i32, centreHz: f64, frequencyHz: f64): f64 {
  const w = frequencyHz / centreHz;
  const w2 = w * w;
  let product: f64 = 1;
  for (let i = 0; i < count; i++, sections += ANALOGUE_BYTES) {
    product *= squared(sections, w2) / squared(sections + 24, w2);
  }
  return product;
}

// @ts-ignore: decorator
@inline
function squared(p: usize, w2: f64): f64 {
  const even = load<f64>(p, 16) - load<f64>(p) * w2;
  return even * even + load<f64>(p, 8) * load<f64>(p, 8) * w2;
}
