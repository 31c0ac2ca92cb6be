/**
 * Digital sections for an analogue band: src/band-design.ts, which explains it, over plain memory. A digital section is
 * five f64: b0, b1, b2, a1, a2.
 */
import {
  ANALOGUE_BYTES,
  analogueSections,
  analogueSquaredMagnitude,
  HIGH_SHELF,
  isFlat,
  MAX_ANALOGUE,
  NOTCH,
} from "./analogue";
import { fitRational, MAX_NODES, noFit, quadratic, RationalFit } from "./rational-fit";

export const DESIGN_BYTES: usize = 40;
/** Sections of the steepest band, and its correction. */
export const MAX_SECTIONS: i32 = MAX_ANALOGUE + 1;

/** 0.04 dB and 0.25 dB, as relative errors of |H|². */
const TOLERANCE: f64 = 0.00925288607668534;
const BEARABLE: f64 = 0.05925372517728889;
const HIGHEST: f64 = 0.4535;
const AUDIBLE_HZ: f64 = 20000;
const LOWEST_HZ: f64 = 20;
const HIGHEST_CENTRE: f64 = 0.49;
const LOW_NODES: i32 = 10;
const HIGH_NODES: i32 = 18;
const CENTRAL_NODES: StaticArray<f64> = [-4, -2, -1, -0.5, 0.5, 1, 2, 4];
const CLOSEST_TO_ZERO: f64 = 0.005;

const ANALOGUE = memory.data(6 * 8 * 4, 16);
const NODES_HZ = memory.data(8 * MAX_NODES, 16);
const PSI = memory.data(8 * MAX_NODES, 16);
const NODES = memory.data(8 * MAX_NODES, 16);
const TARGET = memory.data(8 * MAX_NODES, 16);
const MISSING = memory.data(8 * MAX_NODES, 16);
const WHOLE = changetype<RationalFit>(memory.data(offsetof<RationalFit>(), 16));
const CORRECTION = changetype<RationalFit>(memory.data(offsetof<RationalFit>(), 16));
const SIMPLER = changetype<RationalFit>(memory.data(offsetof<RationalFit>(), 16));

/** The error of the last attempt. */
let reached: f64 = 0;

/** Writes the sections of a band to `to`, which has room for MAX_SECTIONS, and returns how many they are. */
export function designBand(
  to: usize, type: i32, gainDb: f64, q: f64, slope: i32, frequencyHz: f64, sampleRateHz: f64,
): i32 {
  if (isFlat(type, gainDb)) return 0;
  const centreHz = Math.min(frequencyHz, HIGHEST_CENTRE * sampleRateHz);
  let count = attempt(to, type, gainDb, q, slope, centreHz, sampleRateHz);
  while (reached > BEARABLE && q > 0.5) {
    q *= 0.8;
    count = attempt(to, type, gainDb, q, slope, centreHz, sampleRateHz);
  }
  return count;
}

function attempt(
  to: usize, type: i32, gainDb: f64, q: f64, slope: i32, centreHz: f64, sampleRateHz: f64,
): i32 {
  const order = analogueSections(ANALOGUE, type, gainDb, q, slope);
  const w = (2 * Math.PI * centreHz) / sampleRateHz;
  for (let i = 0; i < order; i++) {
    matchedZ(to + <usize>i * DESIGN_BYTES, ANALOGUE + <usize>i * ANALOGUE_BYTES, w);
  }

  const count = frequencyNodes(type, q, centreHz, sampleRateHz);
  let least: f64 = Infinity;
  let most: f64 = 0;
  for (let k: usize = 0, end = <usize>count << 3; k < end; k += 8) {
    const f = load<f64>(NODES_HZ + k);
    const sine = Math.sin((Math.PI * f) / sampleRateHz);
    const psi = 4 * (sine * sine);
    const wanted = analogueSquaredMagnitude(ANALOGUE, order, centreHz, f);
    const missing = wanted / squaredMagnitude(to, order, psi);
    store<f64>(PSI + k, psi);
    store<f64>(TARGET + k, wanted);
    store<f64>(MISSING + k, missing);
    least = Math.min(least, missing);
    most = Math.max(most, missing);
  }
  const level = Math.sqrt(least * most);
  reached = most / level - 1;
  if (reached <= TOLERANCE) {
    scale(to, Math.sqrt(level));
    return order;
  }

  const sine = Math.sin((Math.PI * centreHz) / sampleRateHz);
  const unit = 4 * (sine * sine);
  noFit(WHOLE);
  if (type <= HIGH_SHELF) {
    const a2 = load<f64>(ANALOGUE, 24);
    const a1 = load<f64>(ANALOGUE, 32);
    const a0 = load<f64>(ANALOGUE, 40);
    for (let k: usize = 0, end = <usize>count << 3; k < end; k += 8) store<f64>(NODES + k, load<f64>(PSI + k) / unit);
    const d1 = (a1 * a1 - 2 * a0 * a2) / (a0 * a0);
    fitRational(WHOLE, NODES, TARGET, count, d1, (a2 * a2) / (a0 * a0), 2, 4 / unit);
    if (WHOLE.error <= TOLERANCE) return wholeBand(to, unit);
  }

  for (let k: usize = 0, end = <usize>count << 3; k < end; k += 8) {
    store<f64>(NODES + k, load<f64>(PSI + k) / 4);
    store<f64>(MISSING + k, load<f64>(MISSING + k) / level);
  }
  let correction = CORRECTION;
  fitRational(CORRECTION, NODES, MISSING, count, 0, 0, 2, 1);
  if (CORRECTION.error > TOLERANCE) {
    fitRational(SIMPLER, NODES, MISSING, count, 0, 0, 1, 1);
    if (SIMPLER.error < CORRECTION.error) correction = SIMPLER;
  }
  if (WHOLE.error < correction.error) return wholeBand(to, unit);
  reached = correction.error;
  scale(to, Math.sqrt(level));
  minimumPhase(to + <usize>order * DESIGN_BYTES, correction, 4);
  return order + 1;
}

function wholeBand(to: usize, unit: f64): i32 {
  minimumPhase(to, WHOLE, unit);
  reached = WHOLE.error;
  return 1;
}

function frequencyNodes(type: i32, q: f64, centreHz: f64, sampleRateHz: f64): i32 {
  const cap = HIGHEST * sampleRateHz;
  const top = Math.min(cap, Math.max(AUDIBLE_HZ, 2 * centreHz));
  const low = top / 8;
  let at = NODES_HZ;
  for (let k = 0; k < LOW_NODES; k++, at += 8) {
    store<f64>(at, LOWEST_HZ * Math.pow(low / LOWEST_HZ, <f64>k / <f64>LOW_NODES));
  }
  for (let k = 0; k < HIGH_NODES; k++, at += 8) store<f64>(at, low + ((top - low) * <f64>k) / <f64>(HIGH_NODES - 1));
  for (let k = 0; k < CENTRAL_NODES.length; k++) {
    const t = unchecked(CENTRAL_NODES[k]) / (2 * Math.max(q, Math.SQRT1_2));
    const f = centreHz * (t + Math.sqrt(t * t + 1));
    if (f >= LOWEST_HZ && f <= Math.max(top, centreHz)) {
      store<f64>(at, f);
      at += 8;
    }
  }
  if (type == NOTCH) at = withoutZero(at, centreHz);
  return <i32>((at - NODES_HZ) >> 3);
}

/** Takes out of the nodes before `end` those too close to a notch's zero, and returns where they end then. */
function withoutZero(end: usize, centreHz: f64): usize {
  let to = NODES_HZ;
  for (let at = NODES_HZ; at < end; at += 8) {
    const f = load<f64>(at);
    if (Math.abs(f / centreHz - centreHz / f) < CLOSEST_TO_ZERO) continue;
    store<f64>(to, f);
    to += 8;
  }
  return to;
}

function matchedZ(to: usize, analogue: usize, w: f64): void {
  roots(to + 8, analogue, w);
  roots(to + 24, analogue + 24, w);
  const allPole = load<f64>(analogue) == 0 && load<f64>(analogue, 8) == 0;
  store<f64>(to, allPole ? 1 + load<f64>(to, 24) + load<f64>(to, 32) : 1);
}

/** c1 and c2 of 1 + c1 z⁻¹ + c2 z⁻², with the roots of p2 s² + p1 s + p0 moved to e^(s w), or left out beyond Nyquist. */
function roots(to: usize, polynomial: usize, w: f64): void {
  const p2 = load<f64>(polynomial);
  const p1 = load<f64>(polynomial, 8);
  const p0 = load<f64>(polynomial, 16);
  let c1: f64 = 0;
  let c2: f64 = 0;
  if (p2 == 0) {
    if (p1 != 0) c1 = -Math.exp((-p0 / p1) * w);
  } else {
    const damping = p1 / (2 * p2);
    const radius = Math.exp(-damping * w);
    const turn = p0 / p2 - damping * damping;
    if (!(turn > 0 && Math.sqrt(turn) * w > Math.PI)) {
      const turned = turn >= 0 ? Math.cos(Math.sqrt(turn) * w) : Math.cosh(Math.sqrt(-turn) * w);
      c1 = -2 * radius * turned;
      c2 = radius * radius;
    }
  }
  store<f64>(to, c1);
  store<f64>(to, c2, 8);
}

function minimumPhase(to: usize, fit: RationalFit, unit: f64): void {
  const denominator = NODES;
  spectralFactor(to, fit.n0, fit.n1, fit.n2, unit);
  spectralFactor(denominator, fit.d0, fit.d1, fit.d2, unit);
  const a0 = load<f64>(denominator);
  for (let i: usize = 0; i < 24; i += 8) store<f64>(to + i, load<f64>(to + i) / a0);
  store<f64>(to, load<f64>(denominator, 8) / a0, 24);
  store<f64>(to, load<f64>(denominator, 16) / a0, 32);
}

function spectralFactor(to: usize, c0: f64, c1: f64, c2: f64, unit: f64): void {
  const atZero = Math.sqrt(c0);
  const atNyquist = Math.sqrt(quadratic(c0, c1, c2, 4 / unit));
  const product = c2 / (unit * unit);
  const sum = (atZero + atNyquist) / 2;
  const difference = Math.sqrt(Math.max(0, (c0 + (2 * c1) / unit + atZero * atNyquist) / 2));
  const b0 = (sum + difference) / 2;
  store<f64>(to, b0);
  store<f64>(to, (atZero - atNyquist) / 2, 8);
  store<f64>(to, product / b0, 16);
}

function squaredMagnitude(sections: usize, count: i32, psi: f64): f64 {
  let product: f64 = 1;
  for (let i = 0; i < count; i++, sections += DESIGN_BYTES) {
    product *=
      squaredPolynomial(load<f64>(sections), load<f64>(sections, 8), load<f64>(sections, 16), psi) /
      squaredPolynomial(1, load<f64>(sections, 24), load<f64>(sections, 32), psi);
  }
  return product;
}

function squaredPolynomial(c0: f64, c1: f64, c2: f64, psi: f64): f64 {
  const sum = c0 + c1 + c2;
  return sum * sum - psi * (c1 * (c0 + c2) + 4 * c0 * c2 - psi * c0 * c2);
}

function scale(section: usize, gain: f64): void {
  for (let i: usize = 0; i < 24; i += 8) store<f64>(section + i, load<f64>(section + i) * gain);
}
