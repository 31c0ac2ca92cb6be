/**
 * Compressor: feed-forward, detecting in the log domain.
 *
 *   x ─┬─▶ lookahead ──────────────────────────────────────────────────────────────▶ × ─▶ mix ─▶ y
 *      └▶ (or sidechain) ─▶ high-pass ─▶ |x| or RMS ─▶ link ─▶ gain computer ─▶ ballistics ─▲
 *
 * Giannoulis, Massberg & Reiss, "Digital Dynamic Range Compressor Design: A Tutorial and Analysis",
 * JAES 60(6), 2012: static curve eq. 4, smooth branching detector eq. 16. The scalar twin in src/compressor.ts is
 * this algorithm as the paper writes it.
 *
 * A block goes through in four passes over scratch memory: levels and static curve in f32x4, ballistics one frame
 * after the other in f64, gains in f32x4, output in f32x4.
 */
import { COEFFICIENT_BYTES, loadPair, section, STATE_BYTES, storeHighpass } from "@gainstage/dsp/assembly/biquad";
import { DB_PER_OCTAVE, exp2x4, log2x4 } from "@gainstage/dsp/assembly/decibel";
import { aim, fillRamp, Ramp, rampValue, settle } from "@gainstage/dsp/assembly/ramp";
import { silenceAfter } from "@gainstage/dsp/assembly/silence";
import {
  API_VERSION,
  attachState,
  channels,
  connected,
  dropProcessor,
  input,
  newProcessor,
  output,
  param,
  Processor,
  setMeter,
  takeActive,
} from "@gainstage/plugin-api/assembly/processor";

const THRESHOLD_DB = 0;
const RATIO = 1;
const KNEE_DB = 2;
const ATTACK_MS = 3;
const RELEASE_MS = 4;
const MAKEUP_DB = 5;
const DETECTOR = 6;
const LINK_PERCENT = 7;
const HIGHPASS_HZ = 8;
const MIX_PERCENT = 9;
const LOOKAHEAD_MS = 10;
const PARAMS = 11;

const MAIN = 0;
const SIDECHAIN = 1;

/** Below this the detector reads silence, so that log(0) never reaches the ballistics: -180 dB. */
const FLOOR: f32 = 1e-9;
/** Reductions below this are inaudible, and left to decay they would turn subnormal. */
const SETTLED_DB: f64 = 1e-6;
/** The lowest corner: the filter is off there. */
const HIGHPASS_OFF_HZ: f64 = 10;
/** What is louder, or not a number, is not let into the filter, where it would stay for ever. */
const LOUDEST: f64 = 1e10;
const RMS_MS: f64 = 10;
const RAMP_MS: f64 = 20;

@unmanaged
class State {
  sampleRateHz: f64;
  /** Smoothed reduction in dB of left and right. */
  reduction0: f64;
  reduction1: f64;
  /** Mean squares of the RMS detector. */
  square0: f64;
  square1: f64;
  knownAttackMs: f64;
  knownReleaseMs: f64;
  knownHighpassHz: f64;
  attackPole: f64;
  releasePole: f64;
  rmsPole: f64;
  makeup: u32;
  mix: u32;
  /** 1 if the mix is not fully wet somewhere in this block. */
  mixing: i32;
  highpass: u32;
  highpassState: u32;
  /** Lookahead rings, one a channel. */
  ring0: u32;
  ring1: u32;
  lookahead: i32;
  head: i32;
  silentFrames: i32;
  /** Scratch, a block long: detector of both channels, gain of both, ramps, dry signal. */
  detector0: u32;
  detector1: u32;
  gain0: u32;
  gain1: u32;
  mixes: u32;
  delayed0: u32;
  delayed1: u32;
}

export function api(): i32 {
  return API_VERSION;
}

export function create(): usize {
  return changetype<usize>(newProcessor(PARAMS, 2, 1, 1));
}

export function destroy(p: Processor): void {
  dropProcessor(p);
}

export function activate(p: Processor, sampleRateHz: f64, maxFrames: i32, seed: i32): i32 {
  const s = changetype<State>(attachState(p, offsetof<State>(), maxFrames));
  s.sampleRateHz = sampleRateHz;
  s.lookahead = <i32>Math.round(param(p, LOOKAHEAD_MS) * 0.001 * sampleRateHz);
  s.rmsPole = pole(RMS_MS, sampleRateHz);
  s.makeup = <u32>takeActive(p, offsetof<Ramp>());
  s.mix = <u32>takeActive(p, offsetof<Ramp>());
  s.highpass = <u32>takeActive(p, COEFFICIENT_BYTES);
  s.highpassState = <u32>takeActive(p, STATE_BYTES);
  s.ring0 = <u32>takeActive(p, <usize>max(1, s.lookahead) << 2);
  s.ring1 = <u32>takeActive(p, <usize>max(1, s.lookahead) << 2);
  const block = (<usize>maxFrames << 2) + 16;
  s.detector0 = <u32>takeActive(p, block);
  s.detector1 = <u32>takeActive(p, block);
  s.gain0 = <u32>takeActive(p, block);
  s.gain1 = <u32>takeActive(p, block);
  s.mixes = <u32>takeActive(p, block);
  s.delayed0 = <u32>takeActive(p, block);
  s.delayed1 = <u32>takeActive(p, block);
  p.latencyFrames = s.lookahead;
  p.tailFrames = 0;
  reset(p);
  return 1;
}

export function reset(p: Processor): void {
  const s = changetype<State>(<usize>p.state);
  s.reduction0 = 0;
  s.reduction1 = 0;
  s.square0 = 0;
  s.square1 = 0;
  memory.fill(<usize>s.highpassState, 0, STATE_BYTES);
  memory.fill(<usize>s.ring0, 0, <usize>s.lookahead << 2);
  memory.fill(<usize>s.ring1, 0, <usize>s.lookahead << 2);
  s.head = 0;
  s.silentFrames = 0x3fffffff;
  const ramp = <i32>Math.round(RAMP_MS * 0.001 * s.sampleRateHz);
  settle(changetype<Ramp>(<usize>s.makeup), param(p, MAKEUP_DB), ramp);
  settle(changetype<Ramp>(<usize>s.mix), param(p, MIX_PERCENT) * 0.01, ramp);
  s.knownAttackMs = 0;
  s.knownReleaseMs = 0;
  s.knownHighpassHz = 0;
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  const right = channels(p, MAIN) == 2 ? 1 : 0;
  const left0 = input(p, 0);
  const right0 = input(p, right);
  followParams(p, s);

  const fromSidechain = connected(p, SIDECHAIN);
  const first = channels(p, MAIN);
  const second = channels(p, SIDECHAIN) == 2 ? first + 1 : first;
  detect(s, fromSidechain ? input(p, first) : left0, fromSidechain ? input(p, second) : right0, frames, p);
  if (param(p, LINK_PERCENT) == 100) ballisticsLinked(s, frames);
  else ballistics(s, frames);
  gains(s, frames);
  delayInto(s, left0, right0, frames);

  const linked = param(p, LINK_PERCENT) == 100;
  apply(s, <usize>s.delayed0, <usize>s.gain0, output(p, 0), frames);
  if (right) apply(s, <usize>s.delayed1, linked ? <usize>s.gain0 : <usize>s.gain1, output(p, 1), frames);

  const reduction = max(s.reduction0, s.reduction1);
  setMeter(p, 0, <f32>-reduction);
  s.silentFrames = silenceAfter(s.silentFrames, left0, right0, frames);
  const sounding = max(0, s.lookahead - s.silentFrames);
  const moving = reduction > 0 ? <i32>min<f64>(1e9, Math.ceil(Math.log(reduction / SETTLED_DB) / -Math.log(s.releasePole))) + 1 : 0;
  return max(sounding, moving);
}

function pole(timeMs: f64, sampleRateHz: f64): f64 {
  return Math.exp(-1 / (timeMs * 0.001 * sampleRateHz));
}

function followParams(p: Processor, s: State): void {
  aim(changetype<Ramp>(<usize>s.makeup), param(p, MAKEUP_DB));
  aim(changetype<Ramp>(<usize>s.mix), param(p, MIX_PERCENT) * 0.01);
  const attackMs = param(p, ATTACK_MS);
  if (attackMs != s.knownAttackMs) {
    s.knownAttackMs = attackMs;
    s.attackPole = pole(attackMs, s.sampleRateHz);
  }
  const releaseMs = param(p, RELEASE_MS);
  if (releaseMs != s.knownReleaseMs) {
    s.knownReleaseMs = releaseMs;
    s.releasePole = pole(releaseMs, s.sampleRateHz);
  }
  const highpassHz = param(p, HIGHPASS_HZ);
  if (highpassHz != s.knownHighpassHz) {
    s.knownHighpassHz = highpassHz;
    storeHighpass(<usize>s.highpass, highpassHz, s.sampleRateHz);
  }
}

/** Levels and the static curve: leaves the reduction wanted, in dB, for each frame in detector0 and detector1. */
function detect(s: State, left: usize, right: usize, frames: i32, p: Processor): void {
  let from0 = left;
  let from1 = right;
  if (param(p, HIGHPASS_HZ) > HIGHPASS_OFF_HZ) {
    highpass(s, left, right, frames);
    from0 = <usize>s.detector0;
    from1 = <usize>s.detector1;
  }
  if (param(p, DETECTOR) != 0) {
    meanSquares(s, from0, from1, frames);
    from0 = <usize>s.detector0;
    from1 = <usize>s.detector1;
  }
  const linkPercent = param(p, LINK_PERCENT);
  const linked = linkPercent == 100;
  const link = f32x4.splat(<f32>(linkPercent * 0.01));
  const kneeDb = max<f64>(param(p, KNEE_DB), 1e-6);
  const threshold = f32x4.splat(<f32>param(p, THRESHOLD_DB));
  const knee = f32x4.splat(<f32>kneeDb);
  const halfKnee = f32x4.splat(<f32>(kneeDb * 0.5));
  const bend = f32x4.splat(<f32>(0.5 / kneeDb));
  const slope = f32x4.splat(<f32>(1 - 1 / param(p, RATIO)));
  const floor = f32x4.splat(FLOOR);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    // pmax(a, b) is a < b ? b : a, so in this order what is not a number becomes the floor.
    const level0 = f32x4.pmax(floor, f32x4.abs(v128.load(from0 + i)));
    const level1 = f32x4.pmax(floor, f32x4.abs(v128.load(from1 + i)));
    const louder = f32x4.pmax(level0, level1);
    if (linked) {
      v128.store(<usize>s.detector0 + i, wanted(log2x4(louder), threshold, slope, knee, halfKnee, bend));
    } else {
      const common = log2x4(louder);
      const own0 = log2x4(level0);
      const own1 = log2x4(level1);
      const mixed0 = f32x4.add(own0, f32x4.mul(link, f32x4.sub(common, own0)));
      const mixed1 = f32x4.add(own1, f32x4.mul(link, f32x4.sub(common, own1)));
      v128.store(<usize>s.detector0 + i, wanted(mixed0, threshold, slope, knee, halfKnee, bend));
      v128.store(<usize>s.detector1 + i, wanted(mixed1, threshold, slope, knee, halfKnee, bend));
    }
  }
}

/** Eq. 4 as a reduction, never negative: slope (q^2 / (2 knee) + w) with q the way into the knee, w beyond it. */
// @ts-ignore: decorator
@inline
function wanted(octaves: v128, threshold: v128, slope: v128, knee: v128, halfKnee: v128, bend: v128): v128 {
  const zero = f32x4.splat(0);
  const over = f32x4.sub(f32x4.mul(octaves, f32x4.splat(<f32>DB_PER_OCTAVE)), threshold);
  const q = f32x4.pmin(f32x4.pmax(f32x4.add(over, halfKnee), zero), knee);
  const w = f32x4.pmax(f32x4.sub(over, halfKnee), zero);
  return f32x4.mul(slope, f32x4.add(f32x4.mul(f32x4.mul(q, q), bend), w));
}

function highpass(s: State, left: usize, right: usize, frames: i32): void {
  const loudest = f64x2.splat(LOUDEST);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const x = loadPair(left + i, right + i);
    const sane = v128.and(x, f64x2.lt(f64x2.abs(x), loudest));
    const y = f32x4.demote_f64x2_zero(section(<usize>s.highpass, <usize>s.highpassState, sane));
    v128.store32_lane(<usize>s.detector0 + i, y, 0);
    v128.store32_lane(<usize>s.detector1 + i, y, 1);
  }
  flushSubnormal(<usize>s.highpassState);
}

/** A filter left ringing on silence ends in subnormal numbers, which some processors add a hundred times slower. */
function flushSubnormal(state: usize): void {
  for (let i: usize = 0; i < STATE_BYTES; i += 8) {
    if (Math.abs(load<f64>(state + i)) < 1e-200) store<f64>(state + i, 0);
  }
}

function meanSquares(s: State, left: usize, right: usize, frames: i32): void {
  const k = f64x2.splat(s.rmsPole);
  const tiny = f64x2.splat(1e-30);
  let mean = f64x2.replace_lane(f64x2.splat(s.square0), 1, s.square1);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const x = loadPair(left + i, right + i);
    const square = f64x2.mul(x, x);
    mean = f64x2.add(square, f64x2.mul(k, f64x2.sub(mean, square)));
    mean = v128.and(mean, f64x2.gt(mean, tiny));
    const level = f32x4.demote_f64x2_zero(f64x2.sqrt(mean));
    v128.store32_lane(<usize>s.detector0 + i, level, 0);
    v128.store32_lane(<usize>s.detector1 + i, level, 1);
  }
  s.square0 = f64x2.extract_lane(mean, 0);
  s.square1 = f64x2.extract_lane(mean, 1);
}

/** Eq. 16 for one envelope; its gain in octaves, without makeup, goes to gain0. */
function ballisticsLinked(s: State, frames: i32): void {
  const attack = s.attackPole;
  const release = s.releasePole;
  let reduction = s.reduction0;
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const target = <f64>load<f32>(<usize>s.detector0 + i);
    const distance = reduction - target;
    reduction = target + (distance < 0 ? attack : release) * distance;
    reduction = reduction < SETTLED_DB ? 0 : reduction;
    store<f32>(<usize>s.gain0 + i, <f32>(reduction * (-1 / DB_PER_OCTAVE)));
  }
  s.reduction0 = reduction;
  s.reduction1 = reduction;
}

function ballistics(s: State, frames: i32): void {
  const attack = f64x2.splat(s.attackPole);
  const release = f64x2.splat(s.releasePole);
  const settled = f64x2.splat(SETTLED_DB);
  const zero = f64x2.splat(0);
  const octaves = f64x2.splat(-1 / DB_PER_OCTAVE);
  let reduction = f64x2.replace_lane(f64x2.splat(s.reduction0), 1, s.reduction1);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const target = loadPair(<usize>s.detector0 + i, <usize>s.detector1 + i);
    const distance = f64x2.sub(reduction, target);
    const k = v128.bitselect(attack, release, f64x2.lt(distance, zero));
    reduction = f64x2.add(target, f64x2.mul(k, distance));
    reduction = v128.andnot(reduction, f64x2.lt(reduction, settled));
    const gain = f32x4.demote_f64x2_zero(f64x2.mul(reduction, octaves));
    v128.store32_lane(<usize>s.gain0 + i, gain, 0);
    v128.store32_lane(<usize>s.gain1 + i, gain, 1);
  }
  s.reduction0 = f64x2.extract_lane(reduction, 0);
  s.reduction1 = f64x2.extract_lane(reduction, 1);
}

/** Adds makeup and lays out the mix; a ramp is written frame by frame only while it moves. */
function gains(s: State, frames: i32): void {
  const makeup = changetype<Ramp>(<usize>s.makeup);
  if (makeup.left > 0) {
    for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
      if (makeup.left > 0) makeup.left--;
      const octaves = <f32>(rampValue(makeup) / DB_PER_OCTAVE);
      store<f32>(<usize>s.gain0 + i, load<f32>(<usize>s.gain0 + i) + octaves);
      store<f32>(<usize>s.gain1 + i, load<f32>(<usize>s.gain1 + i) + octaves);
    }
  } else {
    const octaves = f32x4.splat(<f32>(makeup.goal / DB_PER_OCTAVE));
    for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
      v128.store(<usize>s.gain0 + i, f32x4.add(v128.load(<usize>s.gain0 + i), octaves));
      v128.store(<usize>s.gain1 + i, f32x4.add(v128.load(<usize>s.gain1 + i), octaves));
    }
  }
  const mix = changetype<Ramp>(<usize>s.mix);
  s.mixing = mix.left > 0 || mix.goal != 1 ? 1 : 0;
  if (mix.left > 0) fillRamp(mix, <usize>s.mixes, frames);
  else if (s.mixing) {
    const wet = f32x4.splat(<f32>mix.goal);
    for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) v128.store(<usize>s.mixes + i, wet);
  }
}

/** The signal path, late by the lookahead, to delayed0 and delayed1. */
function delayInto(s: State, left: usize, right: usize, frames: i32): void {
  const length = s.lookahead;
  if (length == 0) {
    memory.copy(<usize>s.delayed0, left, <usize>frames << 2);
    memory.copy(<usize>s.delayed1, right, <usize>frames << 2);
    return;
  }
  let head = s.head;
  let done = 0;
  while (done < frames) {
    const run = min(frames - done, length - head);
    const bytes = <usize>run << 2;
    const at = <usize>done << 2;
    const ring = <usize>head << 2;
    memory.copy(<usize>s.delayed0 + at, <usize>s.ring0 + ring, bytes);
    memory.copy(<usize>s.delayed1 + at, <usize>s.ring1 + ring, bytes);
    memory.copy(<usize>s.ring0 + ring, left + at, bytes);
    memory.copy(<usize>s.ring1 + ring, right + at, bytes);
    head += run;
    if (head == length) head = 0;
    done += run;
  }
  s.head = head;
}

/** y = x (1 + mix (g - 1)), which for a mix of 1 is x g to the bit. */
function apply(s: State, from: usize, octaves: usize, to: usize, frames: i32): void {
  const end = to + (<usize>frames << 2);
  if (s.mixing == 0) {
    for (; to < end; to += 16, from += 16, octaves += 16) {
      v128.store(to, f32x4.mul(v128.load(from), exp2x4(v128.load(octaves))));
    }
    return;
  }
  const one = f32x4.splat(1);
  let mixes = <usize>s.mixes;
  for (; to < end; to += 16, from += 16, octaves += 16, mixes += 16) {
    const wet = v128.load(mixes);
    const gain = exp2x4(v128.load(octaves));
    const mixed = f32x4.add(one, f32x4.mul(wet, f32x4.sub(gain, one)));
    v128.store(to, f32x4.mul(v128.load(from), v128.bitselect(gain, mixed, f32x4.eq(wet, one))));
  }
}
