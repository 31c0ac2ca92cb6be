/**
 * Reverb: image-source reflections, then a feedback delay network.
 *
 *   x ─┬───────────────────────────────────────────────────────────────▶ dry ──────────────────┐
 *      └▶ pre-delay ─▶ 4 all-passes ─┬▶ reflections ──────────────────▶ early ─┐                ▼
 *                                    └▶ scattering ─▶ 16-line network ▶ late ─▶ + ─▶ width ─▶ + ─▶ y
 *
 * All-passes: Schroeder, "Natural sounding artificial reverberation", JAES 10(3), 1962: w = x + g w[-m],
 * y = w[-m] - g w. What the network follows is said in network.ts and absorption.ts. The scalar twin in
 * src/reverb.ts is the same, a frame at a time.
 *
 * The wet signal is worked out 64 frames ahead, from the input up to its own segment: no reflection and no line is
 * shorter than that. process() itself only collects the input and adds dry and wet.
 *
 * When nothing in any line can be heard, all is made as after reset(). Segments and modulation then start with the next
 * sound, however long the silence was, and whether the host let the reverb sleep through it or not.
 */
import { silenceAfter } from "@gainstage/dsp/assembly/silence";
import {
  API_VERSION,
  attachState,
  dropProcessor,
  input,
  newProcessor,
  output,
  param,
  Processor,
  takeActive,
} from "@gainstage/plugin-api/assembly/processor";
import { CONTROL_BYTES, Controls, DRY, value, Wanted } from "./controls";
import { SEGMENT, SEGMENT_BYTES } from "./delay-line";
import { Rotations } from "./network";
import { newReflections } from "./reflections";
import { LINES } from "./spaces";
import { openLines, PARAMS, QUIET, rest, settle, SIZE_PERCENT, SPACE, STAGE_BYTES, State } from "./state";
import { nextSegment } from "./wet-path";

const RAMP_MS: f64 = 20;
/** -400 dB: below this an input is zero. Numbers that are subnormal, or turn it by a gain, take many times as long. */
const NOTHING: f32 = 1e-20;
/** What is louder, or not a number, is not let into the lines, where it would stay. */
const LOUDEST: f32 = 1e10;
/** -120 dB takes twice the decay, of 20 s, times the low ratio, of 2; a tenth and two seconds for all the rest. */
const TAIL_S: f64 = 2 * 20 * 2 * 1.1 + 2;

export function api(): i32 {
  return API_VERSION;
}

export function create(): usize {
  return changetype<usize>(newProcessor(PARAMS, 1, 1, 0));
}

export function destroy(p: Processor): void {
  dropProcessor(p);
}

export function activate(p: Processor, sampleRateHz: f64, maxFrames: i32, seed: i32): i32 {
  const s = changetype<State>(attachState(p, offsetof<State>(), maxFrames));
  s.sampleRateHz = sampleRateHz;
  s.framesPerMs = sampleRateHz * 0.001;
  s.space = <i32>Math.round(param(p, SPACE));
  s.scale = param(p, SIZE_PERCENT) * 0.01;
  s.reflections0 = <u32>changetype<usize>(newReflections(p, s.space, s.scale, 0));
  s.reflections1 = <u32>changetype<usize>(newReflections(p, s.space, s.scale, 1));
  openLines(p, s);
  const c = changetype<Controls>(takeActive(p, offsetof<Controls>()));
  s.controls = <u32>changetype<usize>(c);
  c.now = <u32>takeActive(p, CONTROL_BYTES);
  c.step = <u32>takeActive(p, CONTROL_BYTES);
  c.goal = <u32>takeActive(p, CONTROL_BYTES);
  c.length = <i32>Math.ceil((RAMP_MS * s.framesPerMs) / SEGMENT);
  s.wanted = <u32>takeActive(p, offsetof<Wanted>());
  s.rotations = <u32>takeActive(p, offsetof<Rotations>());
  s.filters = <u32>takeActive(p, <usize>LINES << 3);
  s.staged = <u32>takeActive(p, 2 * STAGE_BYTES);
  s.wet = <u32>takeActive(p, 2 * STAGE_BYTES);
  s.early = <u32>takeActive(p, 2 * SEGMENT_BYTES);
  s.late = <u32>takeActive(p, 2 * SEGMENT_BYTES);
  s.dry = <u32>takeActive(p, STAGE_BYTES);
  s.ramp = <u32>takeActive(p, 3 * SEGMENT_BYTES);
  s.scattered = <u32>takeActive(p, <usize>LINES * SEGMENT_BYTES);
  s.mixed = <u32>takeActive(p, <usize>LINES * SEGMENT_BYTES);
  p.latencyFrames = 0;
  p.tailFrames = <u32>Math.ceil(TAIL_S * sampleRateHz);
  reset(p);
  return 1;
}

export function reset(p: Processor): void {
  const s = changetype<State>(<usize>p.state);
  s.silentFrames = 0x3fffffff;
  rest(p, s);
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  const left = input(p, 0);
  const right = input(p, 1);
  if (s.resting) settle(p, s);
  let done = 0;
  while (done < frames) {
    const at = <usize>done << 2;
    if (s.resting) {
      done += passDry(s, left + at, right + at, output(p, 0) + at, output(p, 1) + at, frames - done);
      continue;
    }
    if (s.phase == 0) {
      nextSegment(p, s);
      if (s.resting) continue;
    }
    const run = min(frames - done, SEGMENT - s.phase);
    collectAndMix(s, 0, left + at, output(p, 0) + at, run);
    collectAndMix(s, STAGE_BYTES, right + at, output(p, 1) + at, run);
    done += run;
    s.phase = (s.phase + run) & (SEGMENT - 1);
  }
  s.silentFrames = silenceAfter(s.silentFrames, left, right, frames);
  if (s.resting) return 0;
  return max(1, <i32>p.tailFrames - s.silentFrames);
}

/** At rest: the dry signal up to the first frame that can be heard. Returns the frames written. */
function passDry(s: State, left: usize, right: usize, toLeft: usize, toRight: usize, frames: i32): i32 {
  const dry = value(changetype<Controls>(<usize>s.controls), DRY);
  for (let i = 0; i < frames; i++) {
    const at = <usize>i << 2;
    const x0 = load<f32>(left + at);
    const x1 = load<f32>(right + at);
    if (isHeard(x0) || isHeard(x1)) {
      s.resting = false;
      return i;
    }
    store<f32>(toLeft + at, dry * (abs<f32>(x0) < NOTHING ? 0 : x0));
    store<f32>(toRight + at, dry * (abs<f32>(x1) < NOTHING ? 0 : x1));
  }
  return frames;
}

// @ts-ignore: decorator
@inline function isHeard(x: f32): bool {
  const magnitude = abs<f32>(x);
  return magnitude >= QUIET && magnitude < LOUDEST;
}

/** y = dry x + wet, and x is kept for the next segment. What is written beyond `run` is written again. */
function collectAndMix(s: State, channel: usize, from: usize, to: usize, run: i32): void {
  const phase = <usize>s.phase << 2;
  const staged = <usize>s.staged + channel + phase;
  const wet = <usize>s.wet + channel + phase;
  const dry = <usize>s.dry + phase;
  const loudest = f32x4.splat(LOUDEST);
  const nothing = f32x4.splat(NOTHING);
  for (let i: usize = 0, end = <usize>run << 2; i < end; i += 16) {
    const given = v128.load(from + i);
    const magnitude = f32x4.abs(given);
    const x = v128.andnot(given, f32x4.lt(magnitude, nothing));
    v128.store(staged + i, v128.and(x, f32x4.lt(magnitude, loudest)));
    v128.store(to + i, f32x4.add(f32x4.mul(v128.load(dry + i), x), v128.load(wet + i)));
  }
}
