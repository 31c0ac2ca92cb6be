/**
 * The analogue filters that the equalizer follows, in s normalised to the band's frequency.
 *
 * Bell and shelves are those of R. Bristow-Johnson's "Cookbook formulae for audio EQ biquad filter coefficients", before
 * its bilinear transform; high-pass and low-pass are Butterworth's.
 */

export const OFF = 0;
export const BELL = 1;
export const LOW_SHELF = 2;
export const HIGH_SHELF = 3;
export const LOW_PASS = 4;
export const HIGH_PASS = 5;
export const NOTCH = 6;
export const BAND_PASS = 7;

/** (b2 s² + b1 s + b0) / (a2 s² + a1 s + a0) */
export interface AnalogueSection {
  readonly b2: number;
  readonly b1: number;
  readonly b0: number;
  readonly a2: number;
  readonly a1: number;
  readonly a0: number;
}

/** What a band does, apart from where: `slope` is 0 to 7 for 6 to 48 dB an octave. */
export interface BandShape {
  readonly type: number;
  readonly gainDb: number;
  readonly q: number;
  readonly slope: number;
}

/** A band that changes nothing: no sections. */
export function isFlat({ type, gainDb }: BandShape): boolean {
  return type === OFF || (type <= HIGH_SHELF && gainDb === 0);
}

/** The cascade whose product is the band: one section, or for a high-pass or low-pass of order n, n/2 rounded up. */
export function analogueSections(shape: BandShape): AnalogueSection[] {
  if (isFlat(shape)) return [];
  const { type, q } = shape;
  const a = 10 ** (shape.gainDb / 40);
  const root = Math.sqrt(a) / q;
  if (type === BELL) return [{ b2: 1, b1: a / q, b0: 1, a2: 1, a1: 1 / (a * q), a0: 1 }];
  if (type === LOW_SHELF) return [{ b2: a, b1: a * root, b0: a * a, a2: a, a1: root, a0: 1 }];
  if (type === HIGH_SHELF) return [{ b2: a * a, b1: a * root, b0: a, a2: 1, a1: root, a0: a }];
  if (type === NOTCH) return [{ b2: 1, b1: 0, b0: 1, a2: 1, a1: 1 / q, a0: 1 }];
  if (type === BAND_PASS) return [{ b2: 0, b1: 1 / q, b0: 0, a2: 1, a1: 1 / q, a0: 1 }];
  return butterworth(shape);
}

/** Poles at equal angles; `q` over 1/√2 scales the pair that resonates most, so 1/√2 is Butterworth at every slope. */
function butterworth({ type, q, slope }: BandShape): AnalogueSection[] {
  const order = slope + 1;
  const passes = (power: number) => Number(type === LOW_PASS ? power === 0 : power === 2);
  const sections: AnalogueSection[] = [];
  for (let k = 0; 2 * k + 1 < order; k++) {
    const resonance = k === 0 ? q * Math.SQRT2 : 1;
    const a1 = (2 * Math.sin(((2 * k + 1) * Math.PI) / (2 * order))) / resonance;
    sections.push({ b2: passes(2), b1: 0, b0: passes(0), a2: 1, a1, a0: 1 });
  }
  if (order % 2 === 1) sections.push({ b2: 0, b1: passes(2), b0: passes(0), a2: 0, a1: 1, a0: 1 });
  return sections;
}

/** |H|² at `frequencyHz` of a band that stands at `centreHz`. */
export function analogueSquaredMagnitude(
  sections: readonly AnalogueSection[],
  centreHz: number,
  frequencyHz: number,
): number {
  const w2 = (frequencyHz / centreHz) ** 2;
  let product = 1;
  for (const { b2, b1, b0, a2, a1, a0 } of sections) {
    product *= ((b0 - b2 * w2) ** 2 + b1 * b1 * w2) / ((a0 - a2 * w2) ** 2 + a1 * a1 * w2);
  }
  return product;
}
