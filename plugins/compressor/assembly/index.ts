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
 * A block goes through in passes over scratch memory: what the detector hears (detector.ts), levels and static curve in
 * f32x4 (curve.ts), ballistics one frame after the other in f64 (ballistics.ts), gains and output in f32x4 (output.ts).
 * Where nothing glides, all passes but the first are one (steady.ts).
 */
import { COEFFICIENT_BYTES, STATE_BYTES } from "@gainstage/dsp/assembly/biquad";
import { Ramp } from "@gainstage/dsp/assembly/ramp";
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
  roomFor,
  setMeter,
  takeActive,
} from "@gainstage/plugin-api/assembly/processor";
import { followEnvelopes } from "./ballistics";
import { ask } from "./curve";
import {
  filtering,
  forgetUnused,
  framesToRest,
  highpass,
  listeningToMean,
  meanSquares,
  tuneHighpass,
} from "./detector";
import { aimGlides, ATTACK, glide, GLIDES, glidingFrames, HIGHPASS, paramsMoved, RELEASE } from "./glides";
import { apply, delayInto, gains } from "./output";
import { LOOKAHEAD_MS, MAIN, METER_MIN_DB, PARAMS, RMS_MS, SIDECHAIN, State } from "./state";
import { isSteady, steadyBlock } from "./steady";
import { transferCurve } from "./transfer";

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
  s.rmsPole = Math.exp(-1 / (RMS_MS * 0.001 * sampleRateHz));
  s.known = <u32>takeActive(p, PARAMS << 3);
  s.glides = <u32>takeActive(p, GLIDES * offsetof<Ramp>());
  s.highpass = <u32>takeActive(p, COEFFICIENT_BYTES);
  s.highpassState = <u32>takeActive(p, STATE_BYTES);
  s.ring0 = <u32>takeActive(p, <usize>max(1, s.lookahead) << 2);
  s.ring1 = <u32>takeActive(p, <usize>max(1, s.lookahead) << 2);
  const block = (<usize>maxFrames << 2) + 16;
  s.thresholds = <u32>takeActive(p, block);
  s.slopes = <u32>takeActive(p, block);
  s.knees = <u32>takeActive(p, block);
  s.links = <u32>takeActive(p, block);
  s.rmsShares = <u32>takeActive(p, block);
  s.mixes = <u32>takeActive(p, block);
  s.square0s = <u32>takeActive(p, block);
  s.square1s = <u32>takeActive(p, block);
  s.detector0 = <u32>takeActive(p, block);
  s.detector1 = <u32>takeActive(p, block);
  s.target0 = <u32>takeActive(p, block);
  s.target1 = <u32>takeActive(p, block);
  s.gain0 = <u32>takeActive(p, block);
  s.gain1 = <u32>takeActive(p, block);
  s.delayed0 = <u32>takeActive(p, block);
  s.delayed1 = <u32>takeActive(p, block);
  p.latencyFrames = s.lookahead;
  p.tailFrames = 0;
  reset(p);
  return 1;
}

export function room(p: Processor, bytes: i32): usize {
  return roomFor(p, bytes);
}

export function curve(p: Processor, kind: i32, points: i32, address: usize): i32 {
  return transferCurve(p, kind, points, address);
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
  s.detectorSilentFrames = 0x3fffffff;
  s.starting = true;
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  const right = channels(p, MAIN) == 2 ? 1 : 0;
  const left0 = input(p, 0);
  const right0 = input(p, right);
  follow(p, s);

  const fromSidechain = connected(p, SIDECHAIN);
  const first = channels(p, MAIN);
  const second = channels(p, SIDECHAIN) == 2 ? first + 1 : first;
  const heard0 = fromSidechain ? input(p, first) : left0;
  const heard1 = fromSidechain ? input(p, second) : right0;
  const rms = listeningToMean(s);
  let level0 = heard0;
  let level1 = heard1;
  if (filtering(s)) {
    highpass(s, heard0, heard1, frames);
    level0 = <usize>s.detector0;
    level1 = <usize>s.detector1;
  }
  if (rms) meanSquares(s, level0, level1, frames);

  let from0 = left0;
  let from1 = right0;
  if (s.lookahead > 0) {
    delayInto(s, left0, right0, frames);
    from0 = <usize>s.delayed0;
    from1 = <usize>s.delayed1;
  }
  const to0 = output(p, 0);
  const to1 = output(p, right);
  if (isSteady(s)) steadyBlock(s, level0, level1, from0, from1, to0, to1, frames, rms);
  else {
    ask(s, level0, level1, frames, rms);
    followEnvelopes(s, frames);
    gains(s, frames);
    apply(s, <usize>s.gain0, from0, to0, frames);
    if (right == 1) apply(s, <usize>s.gain1, from1, to1, frames);
  }

  setMeter(p, 0, <f32>max(METER_MIN_DB, -max(s.reduction0, s.reduction1)));
  s.silentFrames = silenceAfter(s.silentFrames, left0, right0, frames);
  s.detectorSilentFrames = fromSidechain
    ? silenceAfter(s.detectorSilentFrames, heard0, heard1, frames)
    : s.silentFrames;
  return max(max(glidingFrames(s), s.lookahead - s.silentFrames), framesToRest(s));
}

/** Most blocks change nothing. What goes by glides that stand still is worked out where they start and where they end. */
function follow(p: Processor, s: State): void {
  const starting = s.starting;
  if (!starting && !paramsMoved(p, s)) return;
  forgetUnused(s);
  aimGlides(p, s);
  if (!starting) return;
  s.attackShare = Math.exp(glide(s, ATTACK).goal);
  s.releaseShare = Math.exp(glide(s, RELEASE).goal);
  tuneHighpass(s, Math.exp(glide(s, HIGHPASS).goal));
}
