/**
 * Chorus: up to eight voices on one modulated delay line a channel.
 *
 *   x ─┬──────────────────────────────────────────────▶ dry ─┐
 *      └▶ + ─▶ delay line ─┬▶ voice 0 ─┬─▶ pan ─────────▶ + ─▶ + ─▶ y
 *         ▲                ├▶ voice 1 ─│─▶ pan ─────────▶
 *         └── feedback ◀───│───────────┘
 *                          └▶ …            voice v: delay (1 + v/16) + depth · lfo(t + offset of v)
 *
 * Dattorro, "Effect design, part 2: Delay-line modulation and chorus", JAES 45(10), 1997; the interpolation is in
 * interpolation.ts. The phase of the LFO is the rate times the frames since it was set, in f64, so it never drifts. A
 * voice is panned as a balance between the channels, so that a stereo input keeps its sides. The scalar twin is
 * src/chorus.ts.
 *
 * When the lines have been empty for as long as they are, the chorus is at rest, and as after reset(): the LFO starts with
 * the next sound, however long the silence was, and whether the host let the chorus sleep through it or not.
 *
 * A frame at a time, since each may depend on the one before; in vectors over the taps.
 */
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
  takeActive,
} from "@gainstage/plugin-api/assembly/processor";
import { Controls, design, DRY, openControls, setOut, settle, value } from "./controls";
import { prepareTable, TAPS } from "./interpolation";
import { listen, RUN, RUN_BYTES } from "./oscillator";
import { mono, passDry, State, stereo } from "./voices";

const VOICE_COUNT = 0;
const RATE_HZ = 1;
const DEPTH_MS = 2;
const DELAY_MS = 3;
const FEEDBACK_PERCENT = 4;
const SPREAD_PERCENT = 5;
const MIX_PERCENT = 6;
const LFO = 7;
const PARAMS = 8;

const MAIN = 0;

/** The longest delay of the last voice, deepest. */
const LONGEST_MS: f64 = 50 * (1 + 7.0 / 16) + 10;
/** 0.9^132 is -120 dB, and no echo takes longer than 60 ms: only the first voice feeds back. */
const TAIL_MS: f64 = 132 * 60 + LONGEST_MS;

export function api(): i32 {
  return API_VERSION;
}

export function create(): usize {
  prepareTable();
  return changetype<usize>(newProcessor(PARAMS, 1, 1, 0));
}

export function destroy(p: Processor): void {
  dropProcessor(p);
}

export function activate(p: Processor, sampleRateHz: f64, maxFrames: i32, seed: i32): i32 {
  const s = changetype<State>(attachState(p, offsetof<State>(), maxFrames));
  s.sampleRateHz = sampleRateHz;
  const longest = <i32>Math.ceil(LONGEST_MS * 0.001 * sampleRateHz) + 2 * TAPS;
  s.length = 1 << (32 - clz(longest - 1));
  s.line0 = <u32>takeActive(p, <usize>(s.length + TAPS) << 2);
  s.line1 = <u32>takeActive(p, <usize>(s.length + TAPS) << 2);
  s.readings = <u32>takeActive(p, RUN_BYTES);
  s.known = <u32>takeActive(p, <usize>PARAMS << 3);
  s.controls = <u32>changetype<usize>(openControls(p, sampleRateHz));
  p.latencyFrames = 0;
  p.tailFrames = <u32>Math.ceil(TAIL_MS * 0.001 * sampleRateHz);
  reset(p);
  return 1;
}

export function reset(p: Processor): void {
  const s = changetype<State>(<usize>p.state);
  memory.fill(<usize>s.line0, 0, <usize>(s.length + TAPS) << 2);
  memory.fill(<usize>s.line1, 0, <usize>(s.length + TAPS) << 2);
  s.rateHz = param(p, RATE_HZ);
  s.silentFrames = 0x3fffffff;
  noteParams(p, s);
  designControls(p, s);
  rest(s);
}

/** The lines being empty, leaves all as after reset(). */
function rest(s: State): void {
  s.resting = true;
  s.head = 0;
  s.emptyFrames = 0;
  s.phase = 0;
  s.frames = 0;
  settle(changetype<Controls>(<usize>s.controls));
}

/** True if any parameter but the rate has changed. */
function noteParams(p: Processor, s: State): bool {
  let changed = false;
  for (let k = 0; k < PARAMS; k++) {
    const at = <usize>s.known + (<usize>k << 3);
    if (k != RATE_HZ && load<f64>(at) != param(p, k)) changed = true;
    store<f64>(at, param(p, k));
  }
  return changed;
}

function designControls(p: Processor, s: State): void {
  const framesPerMs = 0.001 * s.sampleRateHz;
  design(
    changetype<Controls>(<usize>s.controls),
    <i32>Math.round(param(p, VOICE_COUNT)),
    param(p, DELAY_MS) * framesPerMs,
    param(p, DEPTH_MS) * framesPerMs,
    param(p, FEEDBACK_PERCENT) * 0.01,
    param(p, SPREAD_PERCENT) * 0.01,
    param(p, MIX_PERCENT) * 0.01,
    Math.round(param(p, LFO)),
  );
}

/** The LFO goes on from where it is at a new rate. */
function followRate(s: State, rateHz: f64): void {
  if (rateHz == s.rateHz) return;
  const cycles = s.phase + (s.rateHz * s.frames) / s.sampleRateHz;
  s.phase = cycles - Math.floor(cycles);
  s.frames = 0;
  s.rateHz = rateHz;
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  const c = changetype<Controls>(<usize>s.controls);
  followRate(s, param(p, RATE_HZ));
  if (noteParams(p, s)) {
    designControls(p, s);
    // While nothing sounds, nothing needs to glide.
    if (s.resting) settle(c);
    else setOut(c);
  }
  const right = channels(p, MAIN) == 2 ? 1 : 0;
  let done = 0;
  while (done < frames) {
    const at = <usize>done << 2;
    const from0 = input(p, 0) + at;
    const from1 = input(p, right) + at;
    const to0 = output(p, 0) + at;
    const to1 = output(p, right) + at;
    if (s.resting) {
      done += passDry(s, <f32>value(c, DRY), frames - done, from0, from1, to0, to1);
      continue;
    }
    // Rest comes at a frame of its own, whatever the block.
    const run = min(min(frames - done, RUN), s.length - s.emptyFrames);
    const count = listen(c, s.phase, s.rateHz, s.frames, s.sampleRateHz, right == 0, run, <usize>s.readings);
    if (right) stereo(s, run, count, from0, from1, to0, to1);
    else mono(s, run, count, from0, to0);
    s.frames += run;
    done += run;
    if (s.emptyFrames == s.length) rest(s);
  }
  s.silentFrames = silenceAfter(s.silentFrames, input(p, 0), input(p, right), frames);
  if (s.resting) return 0;
  return max(1, <i32>p.tailFrames + s.length - s.silentFrames);
}
