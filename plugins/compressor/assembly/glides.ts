/**
 * The parameters on their way to new values, 20 ms each, counted in frames. With a fast attack the gain follows the
 * detector within a few frames, so everything that shapes the detector's answer has to move slowly.
 */
import { aim, fillRamp, nextValue, Ramp, rampValue, settle } from "@gainstage/dsp/assembly/ramp";
import { param, Processor } from "@gainstage/plugin-api/assembly/processor";
import {
  ATTACK_MS, DETECTOR, HIGHPASS_HZ, KNEE_DB, LINK_PERCENT, MAKEUP_DB, MIX_PERCENT, NARROWEST_KNEE_DB, PARAMS, RAMP_MS, RATIO,
  RELEASE_MS, State, THRESHOLD_DB,
} from "./state";

/** Which ramp. The first five, those of the curve, have a block of scratch each. */
export const THRESHOLD = 0;
/** 1 - 1/ratio: straight in this, the gain of a steady level in dB moves straight. */
export const SLOPE = 1;
export const KNEE = 2;
/** Shares: 0 to 1. */
export const LINK = 3;
export const RMS = 4;
export const MIX = 5;
export const MAKEUP = 6;
/** Natural logarithms: of the share of its way that the envelope goes in a frame, and of the corner in Hz. */
export const ATTACK = 7;
export const RELEASE = 8;
export const HIGHPASS = 9;
export const GLIDES = 10;

// @ts-ignore: decorator
@inline export function glide(s: State, which: i32): Ramp {
  return changetype<Ramp>(<usize>s.glides + <usize>which * offsetof<Ramp>());
}

function goalOf(p: Processor, s: State, which: i32): f64 {
  switch (which) {
    case THRESHOLD: return param(p, THRESHOLD_DB);
    case SLOPE: return 1 - 1 / param(p, RATIO);
    case KNEE: return max<f64>(param(p, KNEE_DB), NARROWEST_KNEE_DB);
    case LINK: return param(p, LINK_PERCENT) * 0.01;
    case RMS: return param(p, DETECTOR) != 0 ? 1 : 0;
    case MIX: return param(p, MIX_PERCENT) * 0.01;
    case MAKEUP: return param(p, MAKEUP_DB);
    case ATTACK: return logShare(param(p, ATTACK_MS), s.sampleRateHz);
    case RELEASE: return logShare(param(p, RELEASE_MS), s.sampleRateHz);
    default: return Math.log(param(p, HIGHPASS_HZ));
  }
}

/** ln(1 - e^(-1/T)), with T in frames: eq. 7 of the paper, as the share of its way that the filter goes in a frame. */
function logShare(timeMs: f64, sampleRateHz: f64): f64 {
  return Math.log(1 - Math.exp(-1 / (timeMs * 0.001 * sampleRateHz)));
}

export function paramsMoved(p: Processor, s: State): bool {
  return memory.compare(<usize>p.params, <usize>s.known, <usize>PARAMS << 3) != 0;
}

/** The first block after reset() takes the parameters as they are; later ones glide. */
export function aimGlides(p: Processor, s: State): void {
  memory.copy(<usize>s.known, <usize>p.params, <usize>PARAMS << 3);
  const length = <i32>Math.round(RAMP_MS * 0.001 * s.sampleRateHz);
  for (let which = 0; which < GLIDES; which++) {
    if (s.starting) settle(glide(s, which), goalOf(p, s, which), length);
    else aim(glide(s, which), goalOf(p, s, which));
  }
  s.starting = false;
}

/** Frames until all stand. */
export function glidingFrames(s: State): i32 {
  let frames = 0;
  for (let which = 0; which < GLIDES; which++) frames = max(frames, glide(s, which).left);
  return frames;
}

/** Whether the static curve, the link or the kind of detector moves in the coming block. */
export function curveMoves(s: State): bool {
  for (let which = THRESHOLD; which <= RMS; which++) if (glide(s, which).left > 0) return true;
  return false;
}

/** One ramp's values in the coming block, to `to`; afterwards it stands where the block ends. */
export function fillGlide(s: State, which: i32, to: usize, frames: i32): usize {
  fillRamp(glide(s, which), to, frames);
  return to;
}

/** How far into its knee or beyond it a level can come at any time from now on, in dB. */
export function furthestOver(s: State, levelDb: f64): f64 {
  return levelDb - lowest(s, THRESHOLD) + highest(s, KNEE) / 2;
}

/** The lowest and the highest value of a ramp from now on. */
export function lowest(s: State, which: i32): f64 {
  return min<f64>(rampValue(glide(s, which)), glide(s, which).goal);
}

export function highest(s: State, which: i32): f64 {
  return max<f64>(rampValue(glide(s, which)), glide(s, which).goal);
}

/** One frame on; e to the power of where the ramp is then. */
export function nextExp(s: State, which: i32): f64 {
  return Math.exp(nextValue(glide(s, which)));
}
