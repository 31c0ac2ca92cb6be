/**
 * Digital sections for an analogue band, without the cramping of the bilinear transform near Nyquist.
 *
 *   analogue band ─▶ matched z-transform ─▶ what is still missing in |H|² ─▶ one correcting section
 *
 * The matched z-transform puts every pole and zero at e^(sT): a notch keeps its zero exactly on its frequency, a
 * high-pass its zeros exactly at 0 Hz. What the magnitude then lacks is a smooth function of frequency, and a ratio of
 * two quadratics in ψ = 4 sin²(ω/2) follows it to some thousandths of a decibel. That ratio is the |H|² of a
 * second-order section, since |b0 + b1 z⁻¹ + b2 z⁻²|² = (b0+b1+b2)² - (b1 (b0+b2) + 4 b0 b2) ψ + b0 b2 ψ²
 * (Vicanek, "Matched Second Order Digital Filters", 2016, whose φ is ψ/4).
 *
 * The correction costs a section, so it comes only where it is needed: if the matched z-transform alone, or for bells
 * and shelves one section fitted to the band itself, is within TOLERANCE, that is taken.
 */
import {
  type AnalogueSection,
  analogueSections,
  analogueSquaredMagnitude,
  type BandShape,
  HIGH_SHELF,
  isFlat,
  NOTCH,
} from "./analogue.ts";
import { fitRational, NO_FIT, quadratic, type RationalFit } from "./rational-fit.ts";

/** y = b0 x + s1, s1 = b1 x - a1 y + s2, s2 = b2 x - a2 y */
export interface Section {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

type Triple = readonly [number, number, number];

/** 0.04 dB, as a relative error of |H|². */
const TOLERANCE = 10 ** (0.04 / 10) - 1;
/** 0.25 dB */
const BEARABLE = 10 ** (0.25 / 10) - 1;
const FLAT: Triple = [1, 0, 0];
/** 20 kHz at 44.1 kHz: up to here the magnitude is held. */
const HIGHEST = 0.4535;
const AUDIBLE_HZ = 20_000;
const LOWEST_HZ = 20;
/** A band above this part of the sample rate is moved down to it. */
const HIGHEST_CENTRE = 0.49;
/** Nodes at equal ratios up to an eighth of the range, and at equal distances from there. */
const LOW_NODES = 10;
const HIGH_NODES = 18;
/** Where further nodes stand around the centre, in half bandwidths. */
const CENTRAL_NODES = [-4, -2, -1, -0.5, 0.5, 1, 2, 4];
/**
 * And how close to the centre of a notch any node may stand, as a difference of f / centre and centre / f: on the zero what
 * is missing would be 0/0, which is NaN, and beside it mostly what was rounded off.
 */
const CLOSEST_TO_ZERO = 0.005;

/** The sections of one band: one or, with a correction, two; for a high-pass or low-pass up to five; none if flat. */
export function designBand(shape: BandShape, frequencyHz: number, sampleRateHz: number): Section[] {
  if (isFlat(shape)) return [];
  const centreHz = Math.min(frequencyHz, HIGHEST_CENTRE * sampleRateHz);
  let design = attempt(shape, centreHz, sampleRateHz);
  // Only steep shelves above 19 kHz at 44.1 kHz come here: with less q they can be had.
  for (let q = shape.q; design.error > BEARABLE && q > 0.5; ) {
    q *= 0.8;
    design = attempt({ ...shape, q }, centreHz, sampleRateHz);
  }
  return design.sections;
}

interface Design {
  readonly sections: Section[];
  readonly error: number;
}

function attempt(shape: BandShape, centreHz: number, sampleRateHz: number): Design {
  const analogue = analogueSections(shape);
  const matched = analogue.map((section) => matchedZ(section, (2 * Math.PI * centreHz) / sampleRateHz));

  const nodesHz = frequencyNodes(shape, centreHz, sampleRateHz);
  const psi = nodesHz.map((f) => 4 * Math.sin((Math.PI * f) / sampleRateHz) ** 2);
  const target = nodesHz.map((f) => analogueSquaredMagnitude(analogue, centreHz, f));
  const missing = target.map((wanted, k) => wanted / squaredMagnitude(matched, psi[k]));
  const most = Math.max(...missing);
  const level = Math.sqrt(Math.min(...missing) * most);
  const [first, ...others] = matched;
  const levelled = [scaled(first, Math.sqrt(level)), ...others];
  if (most / level - 1 <= TOLERANCE) return { sections: levelled, error: most / level - 1 };

  const unit = 4 * Math.sin((Math.PI * centreHz) / sampleRateHz) ** 2;
  let whole = NO_FIT;
  if (shape.type <= HIGH_SHELF) {
    const { a2, a1, a0 } = analogue[0];
    const guess: Triple = [1, (a1 * a1 - 2 * a0 * a2) / (a0 * a0), (a2 * a2) / (a0 * a0)];
    const nodes = psi.map((x) => x / unit);
    whole = fitRational(nodes, target, guess, 2, 4 / unit);
    if (whole.error <= TOLERANCE) return { sections: [minimumPhase(whole, unit)], error: whole.error };
  }

  const nodes = psi.map((x) => x / 4);
  const wanted = missing.map((x) => x / level);
  let correction = fitRational(nodes, wanted, FLAT, 2, 1);
  if (correction.error > TOLERANCE) {
    const simpler = fitRational(nodes, wanted, FLAT, 1, 1);
    if (simpler.error < correction.error) correction = simpler;
  }
  if (whole.error < correction.error) return { sections: [minimumPhase(whole, unit)], error: whole.error };
  return { sections: [...levelled, minimumPhase(correction, 4)], error: correction.error };
}

/** Over the range held, closer together towards its top, where the correction bends most, and around the centre. */
export function frequencyNodes({ type, q }: BandShape, centreHz: number, sampleRateHz: number): Float64Array {
  const cap = HIGHEST * sampleRateHz;
  const top = Math.min(cap, Math.max(AUDIBLE_HZ, 2 * centreHz));
  const nodes: number[] = [];
  const low = top / 8;
  for (let k = 0; k < LOW_NODES; k++) nodes.push(LOWEST_HZ * (low / LOWEST_HZ) ** (k / LOW_NODES));
  for (let k = 0; k < HIGH_NODES; k++) nodes.push(low + ((top - low) * k) / (HIGH_NODES - 1));
  for (const offset of CENTRAL_NODES) {
    const t = offset / (2 * Math.max(q, Math.SQRT1_2));
    const f = centreHz * (t + Math.sqrt(t * t + 1));
    if (f >= LOWEST_HZ && f <= Math.max(top, centreHz)) nodes.push(f);
  }
  if (type !== NOTCH) return Float64Array.from(nodes);
  const clear = (f: number) => Math.abs(f / centreHz - centreHz / f) >= CLOSEST_TO_ZERO;
  return Float64Array.from(nodes.filter(clear));
}

/**
 * Poles and zeros at e^(s w), where w is the angle of the centre in a frame; the gain is left open. Only a section without
 * zeros gets its own, 1 at 0 Hz: if one section of a steep low-pass made up for all the others, their gains would meet
 * halfway at thousands while they move.
 */
function matchedZ({ b2, b1, b0, a2, a1, a0 }: AnalogueSection, w: number): Section {
  const [n0, n1, n2] = roots(b2, b1, b0, w);
  const [, d1, d2] = roots(a2, a1, a0, w);
  const gain = b2 === 0 && b1 === 0 ? 1 + d1 + d2 : 1;
  return { b0: n0 * gain, b1: n1, b2: n2, a1: d1, a2: d2 };
}

/** p2 s² + p1 s + p0 as 1 + c1 z⁻¹ + c2 z⁻² with the roots moved to e^(s w), or left out if they lie beyond Nyquist. */
function roots(p2: number, p1: number, p0: number, w: number): Triple {
  if (p2 === 0) return p1 === 0 ? [1, 0, 0] : [1, -Math.exp((-p0 / p1) * w), 0];
  const damping = p1 / (2 * p2);
  const radius = Math.exp(-damping * w);
  const turn = p0 / p2 - damping * damping;
  if (turn > 0 && Math.sqrt(turn) * w > Math.PI) return [1, 0, 0];
  const turned = turn >= 0 ? Math.cos(Math.sqrt(turn) * w) : Math.cosh(Math.sqrt(-turn) * w);
  return [1, -2 * radius * turned, radius * radius];
}

/** The section whose |H|² is the ratio in u = ψ / unit, with all poles and zeros within the unit circle. */
function minimumPhase({ numerator, denominator }: RationalFit, unit: number): Section {
  const [b0, b1, b2] = spectralFactor(numerator, unit);
  const [a0, a1, a2] = spectralFactor(denominator, unit);
  return { b0: b0 / a0, b1: b1 / a0, b2: b2 / a0, a1: a1 / a0, a2: a2 / a0 };
}

/**
 * b0, b1, b2 from their squared magnitude: its values at 0 Hz and Nyquist are the squares of sum and alternating sum,
 * its square coefficient is b0 b2. Written so that nothing cancels for a band at a few hertz.
 */
function spectralFactor(c: Triple, unit: number): Triple {
  const atZero = Math.sqrt(c[0]);
  const atNyquist = Math.sqrt(quadratic(c, 4 / unit));
  const product = c[2] / (unit * unit);
  const sum = (atZero + atNyquist) / 2;
  const difference = Math.sqrt(Math.max(0, (c[0] + (2 * c[1]) / unit + atZero * atNyquist) / 2));
  const b0 = (sum + difference) / 2;
  return [b0, (atZero - atNyquist) / 2, product / b0];
}

function squaredMagnitude(sections: readonly Section[], psi: number): number {
  let product = 1;
  for (const { b0, b1, b2, a1, a2 } of sections)
    product *= squaredPolynomial(b0, b1, b2, psi) / squaredPolynomial(1, a1, a2, psi);
  return product;
}

/** |c0 + c1 z⁻¹ + c2 z⁻²|² on the unit circle. */
function squaredPolynomial(c0: number, c1: number, c2: number, psi: number): number {
  const sum = c0 + c1 + c2;
  return sum * sum - psi * (c1 * (c0 + c2) + 4 * c0 * c2 - psi * c0 * c2);
}

function scaled(section: Section, gain: number): Section {
  return { ...section, b0: section.b0 * gain, b1: section.b1 * gain, b2: section.b2 * gain };
}
