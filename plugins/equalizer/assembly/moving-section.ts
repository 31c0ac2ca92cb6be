/**
 * A section on its way to other coefficients, without zipper or click: src/moving-section.ts, which explains it, for two
 * lanes at a time. A section's memory goes on after what cascade.ts knows with p, q, r and the gains at 0 Hz, Nyquist
 * and the centre, and then with their steps: factors of p, q, r, summands of the gains.
 */
import { CASCADE_BYTES, STATE } from "./cascade";
import { flushed } from "./subnormal";

const POLES: usize = CASCADE_BYTES;
const GAINS: usize = POLES + 48;
const POLE_STEPS: usize = GAINS + 48;
const GAIN_STEPS: usize = POLE_STEPS + 48;
export const SECTION_BYTES: usize = GAIN_STEPS + 48;

/** Over `pairs` in place. */
export function movingSection(section: usize, pairs: usize, frames: i32): void {
  const half = f64x2.splat(0.5);
  const one = f64x2.splat(1);
  let p = v128.load(section, POLES);
  let q = v128.load(section, POLES + 16);
  let r = v128.load(section, POLES + 32);
  let atZero = v128.load(section, GAINS);
  let atNyquist = v128.load(section, GAINS + 16);
  let atCentre = v128.load(section, GAINS + 32);
  let s1 = v128.load(section, STATE);
  let s2 = v128.load(section, STATE + 16);

  let even = f64x2.mul(half, f64x2.add(p, q));
  let zeroEven = f64x2.mul(half, f64x2.add(f64x2.mul(atZero, p), f64x2.mul(atNyquist, q)));
  let norm = f64x2.div(one, f64x2.add(even, r));
  let b0 = f64x2.mul(f64x2.add(zeroEven, f64x2.mul(atCentre, r)), norm);
  let b2 = f64x2.mul(f64x2.sub(zeroEven, f64x2.mul(atCentre, r)), norm);
  let a2 = f64x2.mul(f64x2.sub(even, r), norm);
  for (const end = pairs + (<usize>frames << 4); pairs < end; pairs += 16) {
    const x = v128.load(pairs);
    const y = f64x2.add(f64x2.mul(b0, x), s1);
    // Where the coefficients are in the next frame, in which the state is heard.
    p = f64x2.mul(p, v128.load(section, POLE_STEPS));
    q = f64x2.mul(q, v128.load(section, POLE_STEPS + 16));
    r = f64x2.mul(r, v128.load(section, POLE_STEPS + 32));
    atZero = f64x2.add(atZero, v128.load(section, GAIN_STEPS));
    atNyquist = f64x2.add(atNyquist, v128.load(section, GAIN_STEPS + 16));
    atCentre = f64x2.add(atCentre, v128.load(section, GAIN_STEPS + 32));
    const zp = f64x2.mul(atZero, p);
    const zq = f64x2.mul(atNyquist, q);
    const zr = f64x2.mul(atCentre, r);
    even = f64x2.mul(half, f64x2.add(p, q));
    zeroEven = f64x2.mul(half, f64x2.add(zp, zq));
    norm = f64x2.div(one, f64x2.add(even, r));
    const nextB2 = f64x2.mul(f64x2.sub(zeroEven, zr), norm);
    const nextA2 = f64x2.mul(f64x2.sub(even, r), norm);
    const b1 = f64x2.mul(f64x2.sub(zp, zq), norm);
    const a1 = f64x2.mul(f64x2.sub(p, q), norm);
    const older = f64x2.add(
      s2,
      f64x2.sub(f64x2.mul(f64x2.sub(nextB2, b2), x), f64x2.mul(f64x2.sub(nextA2, a2), y)),
    );
    s1 = f64x2.sub(f64x2.add(f64x2.mul(b1, x), older), f64x2.mul(a1, y));
    s2 = f64x2.sub(f64x2.mul(nextB2, x), f64x2.mul(nextA2, y));
    b0 = f64x2.mul(f64x2.add(zeroEven, zr), norm);
    b2 = nextB2;
    a2 = nextA2;
    v128.store(pairs, y);
  }
  v128.store(section, p, POLES);
  v128.store(section, q, POLES + 16);
  v128.store(section, r, POLES + 32);
  v128.store(section, atZero, GAINS);
  v128.store(section, atNyquist, GAINS + 16);
  v128.store(section, atCentre, GAINS + 32);
  v128.store(section, flushed(s1), STATE);
  v128.store(section, flushed(s2), STATE + 16);
}

/** One that does not move while others do, with its b0. */
export function standingSection(section: usize, pairs: usize, frames: i32): void {
  const b0 = v128.load(section), b1 = v128.load(section, 16), b2 = v128.load(section, 32);
  const a1 = v128.load(section, 48), a2 = v128.load(section, 64);
  let s1 = v128.load(section, STATE);
  let s2 = v128.load(section, STATE + 16);
  for (const end = pairs + (<usize>frames << 4); pairs < end; pairs += 16) {
    const x = v128.load(pairs);
    const y = f64x2.add(f64x2.mul(b0, x), s1);
    s1 = f64x2.add(f64x2.mul(a1, y), f64x2.add(f64x2.mul(b1, x), s2));
    s2 = f64x2.add(f64x2.mul(a2, y), f64x2.mul(b2, x));
    v128.store(pairs, y);
  }
  v128.store(section, flushed(s1), STATE);
  v128.store(section, flushed(s2), STATE + 16);
}

/** Stands where its coefficients are. */
export function standAtCoefficients(section: usize): void {
  for (let lane: usize = 0; lane < 16; lane += 8) {
    const at = section + lane;
    place(at, load<f64>(at), load<f64>(at, 16), load<f64>(at, 32), -load<f64>(at, 48), -load<f64>(at, 64));
  }
}

/** Stands at y = x, with the poles of its coefficients: its state may be zero, so nothing is heard of it. */
export function standAtPoles(section: usize): void {
  for (let lane: usize = 0; lane < 16; lane += 8) {
    const a1 = -load<f64>(section + lane, 48);
    const a2 = -load<f64>(section + lane, 64);
    place(section + lane, 1, a1, a2, a1, a2);
  }
}

function place(at: usize, b0: f64, b1: f64, b2: f64, a1: f64, a2: f64): void {
  const p = 1 + a1 + a2;
  const q = 1 - a1 + a2;
  const r = 1 - a2;
  store<f64>(at, p, POLES);
  store<f64>(at, q, POLES + 16);
  store<f64>(at, r, POLES + 32);
  store<f64>(at, (b0 + b1 + b2) / p, GAINS);
  store<f64>(at, (b0 - b1 + b2) / q, GAINS + 16);
  store<f64>(at, (b0 - b2) / r, GAINS + 32);
}

/** From where it stands to its coefficients in `frames`. */
export function leadToCoefficients(section: usize, frames: i32): void {
  for (let lane: usize = 0; lane < 16; lane += 8) {
    const at = section + lane;
    const a1 = -load<f64>(at, 48);
    const a2 = -load<f64>(at, 64);
    const b0 = load<f64>(at);
    const b1 = load<f64>(at, 16);
    const b2 = load<f64>(at, 32);
    const p = 1 + a1 + a2;
    const q = 1 - a1 + a2;
    const r = 1 - a2;
    stepPole(at, p, frames);
    stepPole(at + 16, q, frames);
    stepPole(at + 32, r, frames);
    stepGain(at, (b0 + b1 + b2) / p, frames);
    stepGain(at + 16, (b0 - b1 + b2) / q, frames);
    stepGain(at + 32, (b0 - b2) / r, frames);
  }
}

/** From where it stands to y = x in `frames`, its poles staying. */
export function leadGainsToOne(section: usize, frames: i32): void {
  for (let i: usize = 0; i < 48; i += 8) {
    store<f64>(section + i, 1, POLE_STEPS);
    stepGain(section + i, 1, frames);
  }
}

/** At y = x, the poles to the origin in `frames`: what the state still holds fades. */
export function leadPolesToOrigin(section: usize, frames: i32): void {
  for (let i: usize = 0; i < 48; i += 8) {
    store<f64>(section + i, 1, GAINS);
    store<f64>(section + i, 0, GAIN_STEPS);
    stepPole(section + i, 1, frames);
  }
}

function stepPole(at: usize, goal: f64, frames: i32): void {
  store<f64>(at, Math.pow(goal / load<f64>(at, POLES), 1 / <f64>frames), POLE_STEPS);
}

function stepGain(at: usize, goal: f64, frames: i32): void {
  store<f64>(at, (goal - load<f64>(at, GAINS)) / <f64>frames, GAIN_STEPS);
}
