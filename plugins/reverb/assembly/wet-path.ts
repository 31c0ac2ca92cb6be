/** The wet path, one segment at a time: from the input collected to reflections and reverberation. See index.ts. */
import { Processor } from "@gainstage/plugin-api/assembly/processor";
import {
  advanceControls,
  aimControls,
  Controls,
  DRY,
  EARLY,
  INJECTION,
  LATE,
  SIDE,
  value,
  valueAfter,
  Wanted,
  WET,
} from "./controls";
import { advance, head, headPeak, lineAt, mirror, SEGMENT, SEGMENT_BYTES, segmentPeak, tap } from "./delay-line";
import { diffuse } from "./diffuser";
import { readGroup, Rotations, writeLines } from "./network";
import { Reflections, sumReflections } from "./reflections";
import { mixScattered, scatter } from "./scattering";
import { DIFFUSERS, diffusion, LINES, onset } from "./spaces";
import {
  ALL_LINES,
  ALL_PASS,
  DIFFUSED,
  lineBytes,
  NETWORK,
  noteWanted,
  PRE_DELAY,
  QUIET,
  rest,
  SCATTERING,
  STAGE_BYTES,
  State,
  turn,
  wantedPreDelay,
} from "./state";

/** Takes in the segment collected and works out the wet signal of the one to come; or comes to rest. */
export function nextSegment(p: Processor, s: State): void {
  const incoming = max(segmentPeak(<usize>s.staged), segmentPeak(<usize>s.staged + STAGE_BYTES));
  if (incoming < QUIET && s.quietFrames > s.longestLine) {
    rest(p, s);
    return;
  }
  const c = changetype<Controls>(<usize>s.controls);
  advanceControls(c);
  if (noteWanted(p, s)) aimControls(c, changetype<Wanted>(<usize>s.wanted), lineBytes(s, NETWORK), s.sampleRateHz);
  turn(s);
  rampSegment(<usize>s.dry, value(c, DRY), valueAfter(c, DRY));
  takeIn(p, s);
  reflect(s);
  reverberate(s, c);
  mixWet(s, c);
  moveOn(s, incoming);
  s.frames += SEGMENT;
}

/** 64 values on the way from one to the other. */
function rampSegment(to: usize, from: f32, next: f32): void {
  const step = (next - from) * (1 / <f32>SEGMENT);
  let at = f32x4.add(f32x4.splat(from), f32x4.mul(f32x4.splat(step), f32x4(0, 1, 2, 3)));
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
    v128.store(to + i, at);
    at = f32x4.add(at, f32x4.splat(4 * step));
  }
}

/** The segment collected goes into the pre-delay; what comes out, with a fade when it changes, is diffused. */
function takeIn(p: Processor, s: State): void {
  const wanted = wantedPreDelay(p, s);
  const length = changetype<Controls>(<usize>s.controls).length;
  if (s.fadeLeft == 0 && wanted != s.preDelay) {
    s.nextPreDelay = wanted;
    s.fadeLeft = length;
  }
  const gain = <f32>diffusion(s.space);
  for (let c = 0; c < 2; c++) {
    const line = lineAt(<usize>s.lines, PRE_DELAY + c);
    memory.copy(head(line), <usize>s.staged + <usize>c * STAGE_BYTES, SEGMENT_BYTES);
    mirror(line);
    const diffused = lineAt(<usize>s.lines, DIFFUSED + c);
    const to = head(diffused);
    memory.copy(to, tap(line, s.preDelay), SEGMENT_BYTES);
    if (s.fadeLeft > 0) {
      const from = <f32>1 - <f32>s.fadeLeft / <f32>length;
      crossfade(to, tap(line, s.nextPreDelay), from, <f32>1 / <f32>length);
    }
    for (let k = 0; k < DIFFUSERS; k++) diffuse(lineAt(<usize>s.lines, ALL_PASS + c * DIFFUSERS + k), gain, to);
    mirror(diffused);
  }
  if (s.fadeLeft > 0) {
    s.fadeLeft--;
    if (s.fadeLeft == 0) s.preDelay = s.nextPreDelay;
  }
}

function crossfade(to: usize, other: usize, from: f32, way: f32): void {
  const step = way * (1 / <f32>SEGMENT);
  let share = f32x4.add(f32x4.splat(from), f32x4.mul(f32x4.splat(step), f32x4(0, 1, 2, 3)));
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
    const old = v128.load(to + i);
    v128.store(to + i, f32x4.add(old, f32x4.mul(share, f32x4.sub(v128.load(other + i), old))));
    share = f32x4.add(share, f32x4.splat(4 * step));
  }
}

function reflect(s: State): void {
  const left = lineAt(<usize>s.lines, DIFFUSED);
  const right = lineAt(<usize>s.lines, DIFFUSED + 1);
  sumReflections(changetype<Reflections>(<usize>s.reflections0), s.framesPerMs, left, right, <usize>s.early);
  const to = <usize>s.early + SEGMENT_BYTES;
  sumReflections(changetype<Reflections>(<usize>s.reflections1), s.framesPerMs, left, right, to);
}

function reverberate(s: State, c: Controls): void {
  const left = <usize>s.late;
  const right = left + SEGMENT_BYTES;
  memory.fill(left, 0, 2 * SEGMENT_BYTES);
  const from = lineAt(<usize>s.lines, DIFFUSED);
  const other = lineAt(<usize>s.lines, DIFFUSED + 1);
  const scattering = lineBytes(s, SCATTERING);
  scatter(s.space, s.framesPerMs * s.scale, from, other, scattering, <usize>s.mixed, <usize>s.scattered);
  rampSegment(<usize>s.ramp, value(c, INJECTION), valueAfter(c, INJECTION));
  mixScattered(<usize>s.scattered, <usize>s.ramp, <f32>onset(s.space), left, right);

  const moving = c.left > 0;
  const network = lineBytes(s, NETWORK);
  const rotations = changetype<Rotations>(<usize>s.rotations);
  for (let group = 0; group < LINES / 4; group++) {
    const states = <usize>s.filters + (<usize>group << 5);
    const mixed = <usize>s.mixed + <usize>group * 4 * SEGMENT_BYTES;
    readGroup(network, group, <usize>c.now, <usize>c.step, moving, states, rotations, left, right, mixed);
  }
  writeLines(network, <usize>s.mixed, <usize>s.scattered);
}

/** Early and late, narrowed or widened, at the level of the mix. */
function mixWet(s: State, c: Controls): void {
  const ramps = <usize>s.ramp;
  rampSegment(ramps, value(c, EARLY) * value(c, WET), valueAfter(c, EARLY) * valueAfter(c, WET));
  rampSegment(ramps + 256, value(c, LATE) * value(c, WET), valueAfter(c, LATE) * valueAfter(c, WET));
  rampSegment(ramps + 512, value(c, SIDE), valueAfter(c, SIDE));
  const half = f32x4.splat(0.5);
  const right = SEGMENT_BYTES;
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
    const early = v128.load(ramps + i);
    const late = v128.load(ramps + i, 256);
    const l = wetOf(early, late, <usize>s.early + i, <usize>s.late + i);
    const r = wetOf(early, late, <usize>s.early + right + i, <usize>s.late + right + i);
    const middle = f32x4.mul(half, f32x4.add(l, r));
    const side = f32x4.mul(f32x4.mul(half, f32x4.sub(l, r)), v128.load(ramps + i, 512));
    v128.store(<usize>s.wet + i, f32x4.add(middle, side));
    v128.store(<usize>s.wet + STAGE_BYTES + i, f32x4.sub(middle, side));
  }
}

// @ts-ignore: decorator
@inline function wetOf(earlyGain: v128, lateGain: v128, early: usize, late: usize): v128 {
  return f32x4.add(f32x4.mul(earlyGain, v128.load(early)), f32x4.mul(lateGain, v128.load(late)));
}

/** Moves all lines on, and counts for how long nothing louder than QUIET has gone into any. */
function moveOn(s: State, incoming: f32): void {
  let peak = incoming;
  // Only silence at the input can be the beginning of rest; the network, last of the lines, is the last to fall silent.
  for (let i = ALL_LINES - 1; i >= 0 && peak < QUIET; i--) peak = max(peak, headPeak(lineAt(<usize>s.lines, i)));
  s.quietFrames = peak < QUIET ? s.quietFrames + SEGMENT : 0;
  for (let i = 0; i < ALL_LINES; i++) advance(lineAt(<usize>s.lines, i));
}
