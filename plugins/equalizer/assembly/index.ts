/**
 * Equalizer: eight bands, each in the path of left and right or in that of mid and side.
 *
 *   L, R ─▶ sections of stereo, left and right bands ─▶ M, S ─▶ sections of mid and side bands ─▶ L, R ─▶ gain ─▶
 *
 * band-design.ts makes sections of a band's parameters, band.ts moves them when those change, cascade.ts runs them. A
 * path without sections is left out, and with nothing at all to do the input is copied.
 *
 * A block is cut into stretches in which the set of sections stays the same. Where they are cut is a matter of frames
 * since a change or since the last sound, never of blocks.
 */
import { dbToGain } from "@gainstage/dsp/assembly/decibel";
import { aim, Ramp, settle as settleRamp } from "@gainstage/dsp/assembly/ramp";
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
import { advance, BAND_BYTES, BAND_PARAMS, BAND_SECTIONS, retarget, settle } from "./band";
import { MAX_SECTIONS } from "./band-design";
import { ROW_BYTES, silenceRows } from "./cascade";
import { clip, couldBeLoud } from "./loudness-bound";
import { bandAt, BANDS, State } from "./state";
import { takeStock } from "./stock";
import { STRETCH, stretch } from "./stretch";

const OUTPUT_GAIN_DB: i32 = BANDS * BAND_PARAMS;
const PARAMS: i32 = OUTPUT_GAIN_DB + 1;
const MAIN = 0;
const RAMP_MS: f64 = 20;
/** Slowest pole: a bell at 10 Hz of q 40 and 24 dB, where 1/q of the pole is 1/(40 · 10^(24/40)). */
const SLOWEST_S: f64 = 5.07;
/** With the constants of stock.ts: (SILENT_NEPERS + 40 sections of 3.5 + 8 slow ones of ln 4) / DECAY_RATE */
const LONGEST_RING_TAUS: f64 = 239;

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
  s.rampFrames = <i32>Math.round(RAMP_MS * 0.001 * sampleRateHz);
  s.mono = channels(p, MAIN) == 1 ? 1 : 0;
  s.known = <u32>takeActive(p, <usize>PARAMS << 3);
  s.bands = <u32>takeActive(p, <usize>BANDS * BAND_BYTES);
  s.gain = <u32>takeActive(p, offsetof<Ramp>());
  s.leftRight = <u32>takeActive(p, <usize>(BANDS * BAND_SECTIONS) << 2);
  s.midSide = <u32>takeActive(p, <usize>(BANDS * BAND_SECTIONS) << 2);
  s.leftRightRows = <u32>takeActive(p, <usize>(BANDS * MAX_SECTIONS) * ROW_BYTES);
  s.midSideRows = <u32>takeActive(p, <usize>(BANDS * MAX_SECTIONS) * ROW_BYTES);
  s.leftRightGain = <u32>takeActive(p, 16);
  s.midSideGain = <u32>takeActive(p, 16);
  s.pairs = <u32>takeActive(p, <usize>STRETCH << 4);
  s.unheard = <u32>takeActive(p, (<usize>maxFrames << 2) + 16);
  p.latencyFrames = 0;
  p.tailFrames = <u32>Math.ceil(LONGEST_RING_TAUS * SLOWEST_S * sampleRateHz);
  reset(p);
  return 1;
}

export function reset(p: Processor): void {
  const s = changetype<State>(<usize>p.state);
  settleParams(p, s);
  s.starting = true;
  s.quiet = 0x3fffffff;
}

/** Every band at its parameters, with nothing in its sections. */
function settleParams(p: Processor, s: State): void {
  memory.copy(<usize>s.known, <usize>p.params, <usize>PARAMS << 3);
  memory.fill(<usize>s.bands, 0, <usize>BANDS * BAND_BYTES);
  s.normalised = 0;
  for (let b = 0; b < BANDS; b++) {
    aimBand(p, s, b);
    settle(bandAt(s, b));
  }
  settleRamp(changetype<Ramp>(<usize>s.gain), dbToGain(param(p, OUTPUT_GAIN_DB)), s.rampFrames);
  takeStock(s);
  s.loud = couldBeLoud(<usize>p.params, param(p, OUTPUT_GAIN_DB));
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  if (!s.starting) followParams(p, s);
  else if (memory.compare(<usize>p.params, <usize>s.known, <usize>PARAMS << 3) != 0) settleParams(p, s);
  s.starting = false;
  const left = input(p, 0);
  const right = s.mono ? left : input(p, 1);
  const toLeft = output(p, 0);
  const toRight = s.mono ? <usize>s.unheard : output(p, 1);

  let done = 0;
  while (done < frames) {
    let run = min(frames - done, STRETCH);
    if (s.nextEnd) run = min(run, s.nextEnd);
    else if (s.ring) run = min(run, s.quiet < s.ring ? s.ring - s.quiet : s.ring);
    const at = <usize>done << 2;
    stretch(s, left + at, right + at, toLeft + at, toRight + at, run);
    followSilence(s, left + at, right + at, run);
    done += run;
  }
  if (s.loud) {
    clip(toLeft, frames);
    clip(toRight, frames);
  }
  const ringing = s.lastEnd ? s.lastEnd + s.ring : max(0, s.ring - s.quiet);
  return max(ringing, changetype<Ramp>(<usize>s.gain).left);
}

function aimBand(p: Processor, s: State, band: i32): void {
  const params = <usize>p.params + (<usize>(band * BAND_PARAMS) << 3);
  retarget(bandAt(s, band), params, s.sampleRateHz, s.mono != 0, s.rampFrames);
}

/** Most blocks change nothing, and find that out here in a few nanoseconds. */
function followParams(p: Processor, s: State): void {
  const known = <usize>s.known;
  const gainDb = param(p, OUTPUT_GAIN_DB);
  const turned = gainDb != load<f64>(known, OUTPUT_GAIN_DB << 3);
  if (turned) {
    store<f64>(known, gainDb, OUTPUT_GAIN_DB << 3);
    aim(changetype<Ramp>(<usize>s.gain), dbToGain(gainDb));
  }
  let changed = false;
  for (let b = 0; b < BANDS; b++) {
    const offset = <usize>(b * BAND_PARAMS) << 3;
    if (same(<usize>p.params + offset, known + offset)) continue;
    memory.copy(known + offset, <usize>p.params + offset, BAND_PARAMS << 3);
    aimBand(p, s, b);
    changed = true;
  }
  if (changed) takeStock(s);
  // Once it was, what moves away from there may be for a while.
  if (changed || turned) s.loud = s.loud || couldBeLoud(<usize>p.params, gainDb);
}

// @ts-ignore: decorator
@inline
function same(a: usize, b: usize): bool {
  const differs = v128.or(
    v128.or(v128.xor(v128.load(a), v128.load(b)), v128.xor(v128.load(a, 16), v128.load(b, 16))),
    v128.xor(v128.load(a, 32), v128.load(b, 32)),
  );
  return !v128.any_true(differs);
}

/** Ends ramps and rings at the frame where they are over. */
function followSilence(s: State, left: usize, right: usize, frames: i32): void {
  if (s.nextEnd) {
    s.quiet = 0;
    let ended = false;
    for (let b = 0; b < BANDS; b++) if (advance(bandAt(s, b), frames, s.rampFrames)) ended = true;
    if (ended) takeStock(s);
    else {
      s.nextEnd -= frames;
      s.lastEnd -= frames;
    }
    return;
  }
  const ringing = s.quiet < s.ring;
  s.quiet = silenceAfter(s.quiet, left, right, frames);
  if (ringing && s.quiet >= s.ring) {
    silenceRows(<usize>s.leftRightRows, s.leftRightCount);
    silenceRows(<usize>s.midSideRows, s.midSideCount);
  }
}
