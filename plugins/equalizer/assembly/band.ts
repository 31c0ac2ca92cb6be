/**
 * One band while it runs: up to five sections that stand between left and right, and five between mid and side. What a
 * band does not need is y = x and costs nothing.
 *
 * Whatever changes - gain, frequency, type, slope, channels - all its sections move to their new coefficients, in
 * three phases:
 *
 *   1. one ramp: to the new coefficients, or, for a section that is to go, to y = x
 *   2. one ramp: the poles of sections that go move to the origin
 *   3. two frames of exactly y = x for those, in which they hand out what is left of their state
 *
 * A section that comes starts at y = x with the poles it will have.
 */
import { DESIGN_BYTES, designBand, MAX_SECTIONS } from "./band-design";
import { STATE } from "./cascade";
import {
  leadGainsToOne,
  leadPolesToOrigin,
  leadToCoefficients,
  SECTION_BYTES,
  standAtCoefficients,
  standAtPoles,
} from "./moving-section";

/** Phase 3. */
const SETTLING: i32 = 2;

export const TYPE = 0;
export const FREQUENCY_HZ = 1;
export const GAIN_DB = 2;
export const Q = 3;
export const SLOPE = 4;
export const CHANNELS = 5;
/** Parameters of a band. */
export const BAND_PARAMS = 6;

const STEREO: i32 = 0;
const LEFT: i32 = 1;
const RIGHT: i32 = 2;
const MID: i32 = 3;
const SIDE: i32 = 4;

/** Sections between left and right, then as many between mid and side. */
export const BAND_SECTIONS: i32 = 2 * MAX_SECTIONS;

/** What follows a section's own memory: whether it runs, moves, is to stay, and its time constants. */
const RUNS: usize = SECTION_BYTES;
const MOVES: usize = SECTION_BYTES + 4;
const WANTED: usize = SECTION_BYTES + 8;
const GOAL_TAU: usize = SECTION_BYTES + 16;
const WORST_TAU: usize = SECTION_BYTES + 24;
export const SLOT_BYTES: usize = SECTION_BYTES + 32;

/** Frames of the ramp still to go, and then the slots. */
export const BAND_BYTES: usize = 16 + <usize>BAND_SECTIONS * SLOT_BYTES;

const DESIGN = memory.data(8 * 5 * 5, 16);

// @ts-ignore: decorator
@inline
export function framesLeft(band: usize): i32 {
  return load<i32>(band);
}

// @ts-ignore: decorator
@inline
export function slot(band: usize, index: i32): usize {
  return band + 16 + <usize>index * SLOT_BYTES;
}

// @ts-ignore: decorator
@inline
export function runs(section: usize): bool {
  return load<i32>(section, RUNS) != 0;
}

// @ts-ignore: decorator
@inline
export function moves(section: usize): bool {
  return load<i32>(section, MOVES) != 0;
}

/** In frames; while the section moves, that of the slower of its ends. */
// @ts-ignore: decorator
@inline
export function timeConstant(section: usize): f64 {
  return load<f64>(section, WORST_TAU);
}

/** Heads for what `params` (six f64) say. In mono, left and mid are all there is, and right and side nothing. */
export function retarget(band: usize, params: usize, sampleRateHz: f64, mono: bool, rampFrames: i32): void {
  let channels = <i32>load<f64>(params, CHANNELS << 3);
  let count = 0;
  if (mono) channels = channels == RIGHT || channels == SIDE ? -1 : STEREO;
  if (channels >= 0) {
    count = designBand(
      DESIGN, <i32>load<f64>(params, TYPE << 3), load<f64>(params, GAIN_DB << 3), load<f64>(params, Q << 3),
      <i32>load<f64>(params, SLOPE << 3), load<f64>(params, FREQUENCY_HZ << 3), sampleRateHz,
    );
  }
  const onFirst = channels != RIGHT && channels != SIDE;
  const onSecond = channels != LEFT && channels != MID;
  const firstSlot = channels >= MID ? MAX_SECTIONS : 0;
  let moving = false;
  for (let k = 0; k < BAND_SECTIONS; k++) {
    const section = slot(band, k);
    const wanted = k >= firstSlot && k < firstSlot + count;
    if (!wanted && !runs(section)) continue;
    moving = true;
    if (runs(section) && !moves(section)) standAtCoefficients(section);
    let tau: f64 = 0;
    if (wanted) {
      const design = DESIGN + <usize>(k - firstSlot) * DESIGN_BYTES;
      setLane(section, design, onFirst);
      setLane(section + 8, design, onSecond);
      if (!runs(section)) standAtPoles(section);
      leadToCoefficients(section, rampFrames);
      tau = tauFrames(load<f64>(design, 24), load<f64>(design, 32));
    } else leadGainsToOne(section, rampFrames);
    store<i32>(section, 1, RUNS);
    store<i32>(section, 1, MOVES);
    store<i32>(section, wanted ? 1 : 0, WANTED);
    store<f64>(section, tau, GOAL_TAU);
    store<f64>(section, Math.max(tau, timeConstant(section)), WORST_TAU);
  }
  if (moving) store<i32>(band, 2 * rampFrames + SETTLING);
}

/** Frames to the end of the phase it is in. */
export function phaseLeft(band: usize, rampFrames: i32): i32 {
  const left = framesLeft(band);
  if (left > rampFrames + SETTLING) return left - rampFrames - SETTLING;
  return left > SETTLING ? left - SETTLING : left;
}

/** `frames` on, not beyond the end of a phase. True if one has just ended. */
export function advance(band: usize, frames: i32, rampFrames: i32): bool {
  const left = framesLeft(band) - frames;
  if (left < 0) return false;
  store<i32>(band, left);
  if (left == 0) settle(band);
  else if (left == SETTLING) letGo(band);
  else if (left == rampFrames + SETTLING) arrive(band, rampFrames);
  else return false;
  return true;
}

/** Phase 1 is over. If nothing has to go, so is the ramp. */
function arrive(band: usize, rampFrames: i32): void {
  let going = false;
  for (let k = 0; k < BAND_SECTIONS; k++) {
    const section = slot(band, k);
    if (!runs(section)) continue;
    if (load<i32>(section, WANTED) != 0) {
      store<i32>(section, 0, MOVES);
      continue;
    }
    going = true;
    leadPolesToOrigin(section, rampFrames);
  }
  if (!going) settle(band);
}

/** Phase 2 is over. */
function letGo(band: usize): void {
  for (let k = 0; k < BAND_SECTIONS; k++) {
    const section = slot(band, k);
    if (load<i32>(section, WANTED) != 0) continue;
    store<i32>(section, 0, MOVES);
    memory.fill(section, 0, STATE);
    v128.store(section, f64x2.splat(1));
  }
}

/** At the goal, at once. */
export function settle(band: usize): void {
  store<i32>(band, 0);
  for (let k = 0; k < BAND_SECTIONS; k++) {
    const section = slot(band, k);
    store<i32>(section, 0, MOVES);
    if (load<i32>(section, WANTED) == 0) {
      store<i32>(section, 0, RUNS);
      silence(section);
    }
    store<f64>(section, load<f64>(section, GOAL_TAU), WORST_TAU);
  }
}

/** Forgets what a section has heard. */
function silence(section: usize): void {
  memory.fill(section + STATE, 0, 32);
}

/** The section itself in a lane where it is heard, else y = x with its poles. */
function setLane(to: usize, design: usize, heard: bool): void {
  const a1 = load<f64>(design, 24);
  const a2 = load<f64>(design, 32);
  store<f64>(to, heard ? load<f64>(design) : 1);
  store<f64>(to, heard ? load<f64>(design, 8) : a1, 16);
  store<f64>(to, heard ? load<f64>(design, 16) : a2, 32);
  store<f64>(to, -a1, 48);
  store<f64>(to, -a2, 64);
}

/** Frames in which the slower pole of 1 + a1 z⁻¹ + a2 z⁻² falls to 1/e. */
function tauFrames(a1: f64, a2: f64): f64 {
  const d = a1 * a1 - 4 * a2;
  const radius = d > 0 ? (Math.abs(a1) + Math.sqrt(d)) / 2 : Math.sqrt(Math.max(0, a2));
  return radius < 1e-9 ? 0 : -1 / Math.log(radius);
}
