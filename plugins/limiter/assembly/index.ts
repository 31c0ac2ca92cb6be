/**
 * Limiter: no peak of the wave, between the samples too, leaves it above the ceiling.
 *
 *   x ─▶ input gain ─┬─▶ delay ──────────────────────────────────────────────────────────────▶ × ─▶ y
 *                    └▶ inter-sample peak ─▶ 1 - ceiling / peak ─▶ link ─▶ gain envelope ──────▲
 *
 * True peak after ITU-R BS.1770-5 Annex 2 (inter-sample-peak.ts), ballistics in gain-envelope.ts. The scalar twin in
 * src/ is this algorithm frame by frame.
 *
 * A block goes through in passes: gain into the span that holds the last frames of each channel, peaks and needs in
 * f32x4, the envelope frame by frame in f64x2, output in f32x4. The middle two are left out where the samples alone
 * show that no frame needs less gain and the envelope rests, which gives the same bits.
 */
import { dbToGain, gainToDb } from "@gainstage/dsp/assembly/decibel";
import { aim, fillRamp, Ramp, settle } from "@gainstage/dsp/assembly/ramp";
import { silenceAfter } from "@gainstage/dsp/assembly/silence";
import {
  API_VERSION,
  attachState,
  channels,
  dropProcessor,
  input,
  newProcessor,
  output,
  param,
  Processor,
  setMeter,
  takeActive,
} from "@gainstage/plugin-api/assembly/processor";
import {
  aimEnvelope,
  atRest,
  Envelope,
  followNeeds,
  lowestGain,
  newEnvelope,
  recoveryFrames,
  resetEnvelope,
} from "./gain-envelope";
import { fillTables, interSamplePeaks, quietest, REACH_FRAMES, TABLE_BYTES } from "./inter-sample-peak";

const INPUT_GAIN_DB = 0;
const CEILING_DBTP = 1;
const RELEASE_MS = 2;
const SUSTAIN_PERCENT = 3;
const LINK_PERCENT = 4;
const TRUE_PEAK = 5;
const LOOKAHEAD_MS = 6;
const PARAMS = 7;

const MAIN = 0;

const RAMP_MS: f64 = 20;
/** What is louder than +200 dBFS, or not a number, is no audio and passes as silence. */
const LOUDEST: f32 = 1e10;
const METER_FLOOR_DB: f64 = -60;

@unmanaged
class State {
  sampleRateHz: f64;
  inputGain: u32;
  envelope: u32;
  tables: u32;
  quiet: f32;
  /** For each channel `history` frames of the past, then the block, then room for a vector and its neighbour. */
  span0: u32;
  span1: u32;
  history: i32;
  silentFrames: i32;
  /** True until the first block after reset(), whose input gain is taken as it stands. */
  starting: bool;
  /** Scratch, a block long: input gain while it moves; needs, which become gains. */
  ramped: u32;
  gain0: u32;
  gain1: u32;
}

export function api(): i32 {
  return API_VERSION;
}

export function create(): usize {
  return changetype<usize>(newProcessor(PARAMS, 1, 1, 1));
}

export function destroy(p: Processor): void {
  dropProcessor(p);
}

export function activate(p: Processor, sampleRateHz: f64, maxFrames: i32, seed: i32): i32 {
  const s = changetype<State>(attachState(p, offsetof<State>(), maxFrames));
  const lookahead = <i32>Math.round(param(p, LOOKAHEAD_MS) * 0.001 * sampleRateHz);
  const block = (<usize>maxFrames << 2) + 16;
  s.sampleRateHz = sampleRateHz;
  p.latencyFrames = lookahead + REACH_FRAMES;
  p.tailFrames = 0;
  s.history = max(<i32>p.latencyFrames, 2 * REACH_FRAMES);
  s.span0 = <u32>takeActive(p, (<usize>s.history << 2) + block + 16);
  s.span1 = <u32>takeActive(p, (<usize>s.history << 2) + block + 16);
  s.inputGain = <u32>takeActive(p, offsetof<Ramp>());
  s.envelope = <u32>changetype<usize>(newEnvelope(p, lookahead, sampleRateHz));
  s.tables = <u32>takeActive(p, TABLE_BYTES);
  fillTables(<usize>s.tables);
  s.quiet = quietest(<usize>s.tables);
  s.ramped = <u32>takeActive(p, block);
  s.gain0 = <u32>takeActive(p, block);
  s.gain1 = <u32>takeActive(p, block);
  reset(p);
  return 1;
}

export function reset(p: Processor): void {
  const s = changetype<State>(<usize>p.state);
  const span = (<usize>(s.history + <i32>p.maxFrames) << 2) + 32;
  memory.fill(<usize>s.span0, 0, span);
  memory.fill(<usize>s.span1, 0, span);
  s.silentFrames = 0x3fffffff;
  s.starting = true;
  resetEnvelope(changetype<Envelope>(<usize>s.envelope));
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  const e = changetype<Envelope>(<usize>s.envelope);
  const stereo = channels(p, MAIN) == 2;
  const ceiling = <f32>dbToGain(param(p, CEILING_DBTP));
  aimEnvelope(e, param(p, RELEASE_MS), param(p, SUSTAIN_PERCENT) * 0.01);

  const left = <usize>s.span0;
  const right = stereo ? <usize>s.span1 : left;
  const past = <usize>s.history << 2;
  const quiet = s.quiet * ceiling;
  const quietNow = takeIn(s, p, frames, stereo) < quiet;

  let lowest: f64 = 1;
  if (quietNow && atRest(e) && loudestIn(left, past) < quiet && loudestIn(right, past) < quiet) {
    putOut(s, p, frames, stereo, false);
  } else {
    const truePeak = param(p, TRUE_PEAK) != 0;
    needs(s, left, <usize>s.gain0, frames, ceiling, truePeak);
    if (stereo) {
      needs(s, right, <usize>s.gain1, frames, ceiling, truePeak);
      linkNeeds(s, frames, <f32>(param(p, LINK_PERCENT) * 0.01));
    }
    followNeeds(e, <usize>s.gain0, stereo ? <usize>s.gain1 : <usize>s.gain0, frames);
    lowest = lowestGain(e);
    putOut(s, p, frames, stereo, true);
  }
  memory.copy(left, left + (<usize>frames << 2), past);
  if (stereo) memory.copy(right, right + (<usize>frames << 2), past);

  setMeter(p, 0, <f32>max<f64>(METER_FLOOR_DB, gainToDb(lowest)));
  return remaining(s, p, e, frames, stereo);
}

/** What sounds is gone after the latency; the gains may come to rest later. */
function remaining(s: State, p: Processor, e: Envelope, frames: i32, stereo: bool): i32 {
  const latency = <i32>p.latencyFrames;
  const ramp = changetype<Ramp>(<usize>s.inputGain).left;
  s.silentFrames = silenceAfter(s.silentFrames, input(p, 0), input(p, stereo ? 1 : 0), frames);
  if (s.silentFrames >= 2 * REACH_FRAMES && atRest(e)) return max(ramp, latency - s.silentFrames);
  return max(max(1, ramp), latency + 2 * REACH_FRAMES + recoveryFrames(e) - s.silentFrames);
}

/** The block, with its gain, to the end of the spans; the largest magnitude in it. */
function takeIn(s: State, p: Processor, frames: i32, stereo: bool): f32 {
  const gain = changetype<Ramp>(<usize>s.inputGain);
  const ramped = <usize>s.ramped;
  const goal = dbToGain(param(p, INPUT_GAIN_DB));
  if (s.starting) settle(gain, goal, <i32>Math.round(RAMP_MS * 0.001 * s.sampleRateHz));
  else aim(gain, goal);
  s.starting = false;
  if (gain.left > 0) fillRamp(gain, ramped, frames);
  else fillWith(ramped, <f32>gain.goal, frames);
  const fresh = <usize>s.history << 2;
  const left = scale(input(p, 0), ramped, <usize>s.span0 + fresh, frames);
  return stereo ? max<f32>(left, scale(input(p, 1), ramped, <usize>s.span1 + fresh, frames)) : left;
}

function fillWith(to: usize, value: f32, frames: i32): void {
  const four = f32x4.splat(value);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) v128.store(to + i, four);
}

function scale(from: usize, gains: usize, to: usize, frames: i32): f32 {
  const tooLoud = f32x4.splat(LOUDEST);
  let loudest = f32x4.splat(0);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    const x = f32x4.mul(v128.load(from + i), v128.load(gains + i));
    const magnitude = f32x4.abs(x);
    const audio = f32x4.lt(magnitude, tooLoud);
    v128.store(to + i, v128.and(x, audio));
    loudest = f32x4.pmax(loudest, v128.and(magnitude, audio));
  }
  return largestLane(loudest);
}

/** The largest magnitude in `bytes` from `x`; may look at up to three frames more. */
function loudestIn(x: usize, bytes: usize): f32 {
  let loudest = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) loudest = f32x4.pmax(loudest, f32x4.abs(v128.load(x + i)));
  return largestLane(loudest);
}

// @ts-ignore: decorator
@inline function largestLane(v: v128): f32 {
  const folded = f32x4.pmax(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(folded, 0), f32x4.extract_lane(folded, 1));
}

/** 1 - ceiling / peak for each frame of the block, REACH_FRAMES late, or 0. */
function needs(s: State, span: usize, to: usize, frames: i32, ceiling: f32, truePeak: bool): void {
  const tables = <usize>s.tables;
  const top = f32x4.splat(ceiling);
  const one = f32x4.splat(1);
  let x = span + (<usize>(s.history - REACH_FRAMES) << 2);
  for (const end = to + (<usize>frames << 2); to < end; to += 16, x += 16) {
    const peak = truePeak ? interSamplePeaks(x, tables, ceiling) : f32x4.abs(v128.load(x));
    const need = f32x4.sub(one, f32x4.div(top, peak));
    v128.store(to, v128.and(need, f32x4.gt(peak, top)));
  }
}

/** Each channel's need on its way to the larger one. */
function linkNeeds(s: State, frames: i32, link: f32): void {
  const share = f32x4.splat(link);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) {
    const need0 = v128.load(<usize>s.gain0 + i);
    const need1 = v128.load(<usize>s.gain1 + i);
    const larger = f32x4.pmax(need0, need1);
    const linked0 = f32x4.add(need0, f32x4.mul(share, f32x4.sub(larger, need0)));
    const linked1 = f32x4.add(need1, f32x4.mul(share, f32x4.sub(larger, need1)));
    v128.store(<usize>s.gain0 + i, link == 1 ? larger : linked0);
    v128.store(<usize>s.gain1 + i, link == 1 ? larger : linked1);
  }
}

function putOut(s: State, p: Processor, frames: i32, stereo: bool, reduced: bool): void {
  const late = <usize>(s.history - <i32>p.latencyFrames) << 2;
  apply(<usize>s.span0 + late, reduced ? <usize>s.gain0 : 0, output(p, 0), frames);
  if (stereo) apply(<usize>s.span1 + late, reduced ? <usize>s.gain1 : 0, output(p, 1), frames);
}

/** `gains` at 0 for a gain of 1. */
function apply(from: usize, gains: usize, to: usize, frames: i32): void {
  const bytes = <usize>frames << 2;
  if (gains == 0) {
    memory.copy(to, from, bytes);
    return;
  }
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(to + i, f32x4.mul(v128.load(from + i), v128.load(gains + i)));
  }
}
