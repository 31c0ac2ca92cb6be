/**
 * A second-order section for two lanes, in transposed direct form II, whose coefficients can move:
 *
 *   y = b0 x + s1,   s1 = b1 x - a1 y + s2,   s2 = b2 x - a2 y
 *
 * Straight lines between coefficients would do their whole work in one frame where a pole lies close to 0 Hz. What moves
 * instead are the sides of the stability triangle, p = 1 + a1 + a2, q = 1 - a1 + a2 and r = 1 - a2, which a filter with
 * a centre f0 and a quality Q has in the ratios tan²(π f0/fs) : 1 : tan(π f0/fs) / Q. They are positive for every stable
 * section and only their ratios count, so each goes on its own by a constant factor a frame: frequency and Q move
 * evenly on a logarithmic scale, and stay stable all the way. The numerator has the same three sides times the gains at
 * 0 Hz, at Nyquist and at the centre, and these move in straight lines. Where all three are 1 the section is y = x.
 *
 * What waits in the state is heard later, by when the coefficients have moved on. It is made with those of the next
 * frame, c', and what is two frames old is brought up to them as if x and y stood still:
 *
 *   s1 = b1' x - a1' y + s2 + (b2' - b2) x - (a2' - a2) y,   s2 = b2' x - a2' y
 *
 * So a low tone goes through at its gain even while everything above it moves. With the state as it was made, it would
 * step aside when a ramp begins and back when it ends, by 1 % for a high shelf that comes in at 24 dB: a click.
 */
import type { Section } from "./band-design.ts";

/** For p, q, r, or for the gains at 0 Hz, Nyquist and the centre. */
type Sides = readonly [number, number, number];

const ONES: Sides = [1, 1, 1];
const ZEROS: Sides = [0, 0, 0];
const IDENTITY: Section = { b0: 1, b1: 0, b2: 0, a1: 0, a2: 0 };

export class MovingSection {
  /** Where it goes or stands. */
  #goal: Section = IDENTITY;
  #poles: Sides = ONES;
  #gains: Sides = ONES;
  #poleFactors: Sides = ONES;
  #gainSteps: Sides = ZEROS;
  #moves = false;
  #s1 = 0;
  #s2 = 0;

  /** Starts at y = x with the poles of `section`: with an empty state nothing is heard of that. */
  comeIn({ a1, a2 }: Section): void {
    this.#goal = { b0: 1, b1: a1, b2: a2, a1, a2 };
    this.#moves = false;
  }

  leadTo(goal: Section, frames: number): void {
    this.#leave();
    this.#goal = goal;
    this.#head(polesOf(goal), gainsOf(goal), frames);
  }

  /** To y = x, with the poles it has. */
  leadGainsToOne(frames: number): void {
    this.#leave();
    this.#head(this.#poles, ONES, frames);
  }

  /** From y = x to poles at the origin: what the state still holds fades. */
  leadPolesToOrigin(frames: number): void {
    this.#gains = ONES;
    this.#goal = IDENTITY;
    this.#head(ONES, ONES, frames);
  }

  /** At the goal, exactly. */
  arrive(): void {
    this.#moves = false;
  }

  silence(): void {
    this.#s1 = 0;
    this.#s2 = 0;
  }

  next(x: number): number {
    const now = this.#moves ? sectionOf(this.#poles, this.#gains) : this.#goal;
    const y = now.b0 * x + this.#s1;
    const { b1, b2, a1, a2 } = this.#moves ? this.#step() : this.#goal;
    this.#s1 = b1 * x - a1 * y + this.#s2 + (b2 - now.b2) * x - (a2 - now.a2) * y;
    this.#s2 = b2 * x - a2 * y;
    return y;
  }

  /** A new way begins where it is now. */
  #leave(): void {
    if (this.#moves) return;
    this.#poles = polesOf(this.#goal);
    this.#gains = gainsOf(this.#goal);
  }

  #head(poles: Sides, gains: Sides, frames: number): void {
    this.#poleFactors = combine(poles, this.#poles, (goal, now) => (goal / now) ** (1 / frames));
    this.#gainSteps = combine(gains, this.#gains, (goal, now) => (goal - now) / frames);
    this.#moves = true;
  }

  #step(): Section {
    this.#poles = combine(this.#poles, this.#poleFactors, (side, factor) => side * factor);
    this.#gains = combine(this.#gains, this.#gainSteps, (gain, step) => gain + step);
    return sectionOf(this.#poles, this.#gains);
  }
}

function sectionOf(poles: Sides, gains: Sides): Section {
  const [p, q, r] = poles;
  const [zp, zq, zr] = combine(gains, poles, (gain, side) => gain * side);
  const norm = 1 / (0.5 * (p + q) + r);
  return {
    b0: (0.5 * (zp + zq) + zr) * norm,
    b1: (zp - zq) * norm,
    b2: (0.5 * (zp + zq) - zr) * norm,
    a1: (p - q) * norm,
    a2: (0.5 * (p + q) - r) * norm,
  };
}

function polesOf({ a1, a2 }: Section): Sides {
  return [1 + a1 + a2, 1 - a1 + a2, 1 - a2];
}

function gainsOf(section: Section): Sides {
  const { b0, b1, b2 } = section;
  return combine([b0 + b1 + b2, b0 - b1 + b2, b0 - b2], polesOf(section), (zero, pole) => zero / pole);
}

function combine(a: Sides, b: Sides, how: (x: number, y: number) => number): Sides {
  return [how(a[0], b[0]), how(a[1], b[1]), how(a[2], b[2])];
}
