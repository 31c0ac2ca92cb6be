/** What a processor keeps: its lines, controls and scratch, and the parameters they follow. See index.ts. */
import { param, Processor, takeActive } from "@gainstage/plugin-api/assembly/processor";
import { Controls, settleControls, TURN, value, valueAfter, Wanted } from "./controls";
import { clearLine, LINE_BYTES, lineAt, openLine, SEGMENT, SEGMENT_BYTES } from "./delay-line";
import { Rotations } from "./network";
import { longestTap, Reflections } from "./reflections";
import { diffuserFrames, DIFFUSERS, isPrime, lineFrames, LINES, scatterFrames } from "./spaces";

/** The parameters that are read one by one; those from the decay on are the fields of Wanted, in its order. */
export const SPACE = 0;
export const SIZE_PERCENT = 1;
export const PRE_DELAY_MS = 2;
export const DECAY_S = 3;
export const PARAMS = 12;

/** Lines in one table; the first two in pairs, left and right. */
export const PRE_DELAY = 0;
export const DIFFUSED = 2;
export const ALL_PASS = 4;
export const SCATTERING = ALL_PASS + 2 * DIFFUSERS;
export const NETWORK = SCATTERING + LINES;
export const ALL_LINES = NETWORK + LINES;

/** From one channel of a staged segment to the other: a vector begun on its last frame must not reach the next. */
export const STAGE_BYTES: usize = SEGMENT_BYTES + 16;

/** -180 dB: when nothing in any line is louder, and nothing comes in, the processor is at rest. */
export const QUIET: f32 = 1e-9;

const LONGEST_PRE_DELAY_MS: f64 = 250;
/** Rates of the two rotations, in Hz, in no simple ratio. */
const TURN_HZ_0: f64 = 0.31;
const TURN_HZ_1: f64 = 0.47;

@unmanaged
export class State {
  sampleRateHz: f64;
  framesPerMs: f64;
  /** Size of the space: 1 as it is. */
  scale: f64;
  /** Frames since the sound began, at the head of the next segment. */
  frames: f64;
  space: i32;
  lines: u32;
  controls: u32;
  wanted: u32;
  rotations: u32;
  reflections0: u32;
  reflections1: u32;
  /** Filters of the network: 4 groups of 2 × 4 f32. */
  filters: u32;
  /** Pre-delay in frames, the one it fades to, and the segments left to get there. */
  preDelay: i32;
  nextPreDelay: i32;
  fadeLeft: i32;
  /** Frames of the present segment already done. */
  phase: i32;
  /** Frames for which nothing louder than QUIET was written anywhere. */
  quietFrames: i32;
  longestLine: i32;
  /** All is as after reset(): the next sound begins anew. */
  resting: bool;
  silentFrames: i32;
  /** Segments, two channels each: input collected, wet output, reflections, late sum. */
  staged: u32;
  wet: u32;
  early: u32;
  late: u32;
  /** Gain of the dry signal, a segment. */
  dry: u32;
  /** Ramps, a segment each. */
  ramp: u32;
  /** 16 segments each: what goes into the network, and what goes round in it. */
  scattered: u32;
  mixed: u32;
}

/** [control] */
export function openLines(p: Processor, s: State): void {
  const lines = takeActive(p, <usize>ALL_LINES * LINE_BYTES);
  s.lines = <u32>lines;
  const preDelay = <i32>Math.round(LONGEST_PRE_DELAY_MS * s.framesPerMs) + SEGMENT;
  const longest = max(
    longestTap(changetype<Reflections>(<usize>s.reflections0), s.framesPerMs),
    longestTap(changetype<Reflections>(<usize>s.reflections1), s.framesPerMs),
  );
  for (let c = 0; c < 2; c++) {
    openLine(p, lineAt(lines, PRE_DELAY + c), preDelay);
    openLine(p, lineAt(lines, DIFFUSED + c), max(longest, longestScatter(s)));
  }
  const scaled = s.framesPerMs * s.scale;
  for (let i = 0; i < 2 * DIFFUSERS; i++) {
    openLine(p, lineAt(lines, ALL_PASS + i), freePrime(lines, ALL_PASS + i, diffuserFrames(s.space, i, scaled)));
  }
  for (let i = 0; i < LINES; i++) {
    openLine(p, lineAt(lines, SCATTERING + i), scatterFrames(s.space, 1, i, scaled));
    openLine(p, lineAt(lines, NETWORK + i), freePrime(lines, NETWORK + i, lineFrames(s.space, i, scaled)));
  }
  s.longestLine = 0;
  for (let i = 0; i < ALL_LINES; i++) s.longestLine = max(s.longestLine, lineAt(lines, i).capacity);
}

function longestScatter(s: State): i32 {
  let longest = 0;
  for (let i = 0; i < LINES; i++) longest = max(longest, scatterFrames(s.space, 0, i, s.framesPerMs * s.scale));
  return longest;
}

/** The next prime that no line before `index` has, and no shorter than a segment: echoes then rarely coincide. */
function freePrime(lines: usize, index: i32, frames: i32): i32 {
  let candidate = max(frames, SEGMENT);
  while (!isPrime(candidate) || isTaken(lines, index, candidate)) candidate++;
  return candidate;
}

function isTaken(lines: usize, index: i32, frames: i32): bool {
  for (let i = ALL_PASS; i < index; i++) if (lineAt(lines, i).delay == frames) return true;
  return false;
}

/** Forgets all that sounds, and leaves everything as after activate(). */
export function rest(p: Processor, s: State): void {
  for (let i = 0; i < ALL_LINES; i++) clearLine(lineAt(<usize>s.lines, i));
  memory.fill(<usize>s.filters, 0, <usize>LINES << 3);
  memory.fill(<usize>s.staged, 0, 2 * STAGE_BYTES);
  s.frames = 0;
  s.phase = 0;
  s.quietFrames = 0;
  s.resting = true;
  noteWanted(p, s);
  arriveAtWanted(p, s);
}

/** At rest, to what the parameters ask for at once, if that has changed. */
export function settle(p: Processor, s: State): void {
  if (noteWanted(p, s) || wantedPreDelay(p, s) != s.preDelay) arriveAtWanted(p, s);
}

function arriveAtWanted(p: Processor, s: State): void {
  const c = changetype<Controls>(<usize>s.controls);
  settleControls(c, changetype<Wanted>(<usize>s.wanted), lineBytes(s, NETWORK), s.sampleRateHz);
  s.preDelay = wantedPreDelay(p, s);
  s.nextPreDelay = s.preDelay;
  s.fadeLeft = 0;
}

/** In frames. */
export function wantedPreDelay(p: Processor, s: State): i32 {
  return <i32>Math.round(param(p, PRE_DELAY_MS) * s.framesPerMs);
}

// @ts-ignore: decorator
@inline export function lineBytes(s: State, first: i32): usize {
  return <usize>s.lines + <usize>first * LINE_BYTES;
}

/** Reads what the parameters ask for; true if any of it has changed. */
export function noteWanted(p: Processor, s: State): bool {
  const w = changetype<Wanted>(<usize>s.wanted);
  let changed = false;
  // The fields of Wanted stand in the order of the parameters.
  for (let k = 0; k < PARAMS - DECAY_S; k++) {
    const at = changetype<usize>(w) + (<usize>k << 3);
    const now = param(p, DECAY_S + k);
    if (load<f64>(at) != now) changed = true;
    store<f64>(at, now);
  }
  return changed;
}

/** Moves the rotations on to the head of the next segment. */
export function turn(s: State): void {
  const r = changetype<Rotations>(<usize>s.rotations);
  const c = changetype<Controls>(<usize>s.controls);
  r.sin0 = turnAt(s, TURN_HZ_0, s.frames, value(c, TURN));
  r.sin1 = turnAt(s, TURN_HZ_1, s.frames, value(c, TURN));
  r.nextSin0 = turnAt(s, TURN_HZ_0, s.frames + SEGMENT, valueAfter(c, TURN));
  r.nextSin1 = turnAt(s, TURN_HZ_1, s.frames + SEGMENT, valueAfter(c, TURN));
  r.cos0 = sqrt<f32>(1 - r.sin0 * r.sin0);
  r.cos1 = sqrt<f32>(1 - r.sin1 * r.sin1);
  r.nextCos0 = sqrt<f32>(1 - r.nextSin0 * r.nextSin0);
  r.nextCos1 = sqrt<f32>(1 - r.nextSin1 * r.nextSin1);
}

function turnAt(s: State, rateHz: f64, frame: f64, depth: f32): f32 {
  if (depth == 0) return 0;
  const cycles = (rateHz * frame) / s.sampleRateHz;
  return depth * <f32>Math.sin(2 * Math.PI * (cycles - Math.floor(cycles)));
}
