/**
 * Makes a Faust program a Gainstage processor (docs/wasm-abi.md of @gainstage/plugin-api).
 *
 *   input ─┬──────────────▶ compute() ──▶ output        while the input sounds, and restFrames longer
 *          └▶ silent? ─▶ at rest: zeros, no compute()
 *
 * Faust's code says neither how long it rings nor when it is at rest. Both were measured when the plugin was built: after
 * restFrames of silence nothing of the input is left that anyone could hear, now or by what it does to later sound. Then
 * the program stands still, with its state as it is, until the next frame that is not silent, or a new parameter. All of it
 * is decided frame by frame, so that how the host cuts the stream changes nothing.
 *
 * Smoothers of Faust's library (si.smoo) start at 0. So that no sound begins with a fade, SETTLE_SECONDS of silence pass
 * before the first frame, and after a parameter changed at rest.
 */
import {
  API_VERSION,
  attachState,
  channels,
  dropProcessor,
  input,
  NEVER_SILENT,
  newProcessor,
  output,
  Processor,
} from "@gainstage/plugin-api/assembly/processor";
import { clearInstances, Instances, passSilence, runInstances, takeInstances, takeParams, writeMeters } from "./instances";
import { ENDLESS, program } from "./program";
import { isSilent } from "./subnormal";

export * from "./libm";

const SETTLE_SECONDS: f64 = 0.25;
/** Times are measured at this rate. What a program counts in frames is no longer below it. */
const MEASURED_RATE_HZ: f64 = 48000;

/** Faust's ma.SR goes no further; filters of its library with fixed frequencies burst below some kHz. */
const HIGHEST_RATE_HZ: f64 = 192000;
const LOWEST_RATE_HZ: f64 = 8000;

@unmanaged
class State extends Instances {
  inputChannels: u32;
  outputChannels: u32;
  /** Frames of silence after which the program stands still; the largest i32 for never. */
  restFrames: i32;
  /** How many frames in a row were silent, at most restFrames. */
  quietFrames: i32;
  settleFrames: i32;
  /** Frames that smoothers still take at rest. */
  settling: i32;
}

// @ts-ignore: decorator
@inline function stateOf(p: Processor): State {
  return changetype<State>(<usize>p.state);
}

export function api(): i32 {
  return API_VERSION;
}

export function create(): usize {
  const g = program();
  return changetype<usize>(newProcessor(g.paramCount, g.sidechainChannels ? 2 : 1, 1, g.meterCount));
}

export function destroy(p: Processor): void {
  dropProcessor(p);
}

export function activate(p: Processor, sampleRateHz: f64, maxFrames: i32, seed: i32): i32 {
  const g = program();
  const s = changetype<State>(attachState(p, offsetof<State>(), maxFrames));
  s.outputChannels = channels(p, p.inputPorts);
  if (channels(p, 0) != <i32>s.outputChannels) return 0;
  if (!(sampleRateHz >= LOWEST_RATE_HZ && sampleRateHz <= HIGHEST_RATE_HZ)) return 0;
  if (!takeInstances(p, s, sampleRateHz, maxFrames)) return 0;
  s.inputChannels = s.outputChannels + g.sidechainChannels;
  s.settleFrames = g.paramCount ? <i32>(SETTLE_SECONDS * sampleRateHz) : 0;
  s.restFrames = g.restFrames == ENDLESS ? i32.MAX_VALUE : <i32>atRate(g.restFrames, sampleRateHz);
  p.tailFrames = g.tailFrames == ENDLESS ? ENDLESS : atRate(g.tailFrames, sampleRateHz);
  p.latencyFrames = g.latencyFrames + <u32>(g.latencySeconds * sampleRateHz + 0.5);
  reset(p);
  return 1;
}

function atRate(frames: u32, sampleRateHz: f64): u32 {
  return <u32>ceil<f64>(<f64>frames * max<f64>(1, sampleRateHz / MEASURED_RATE_HZ));
}

export function reset(p: Processor): void {
  const s = stateOf(p);
  clearInstances(p, s);
  passSilence(s, s.settleFrames);
  s.settling = 0;
  s.quietFrames = s.restFrames;
}

export function process(p: Processor, frames: i32): i32 {
  const s = stateOf(p);
  if (takeParams(p, s)) s.settling = s.settleFrames;
  for (let from = 0; from < frames; ) {
    const to = s.quietFrames < s.restFrames ? awakeUntil(p, s, from, frames) : restUntil(p, s, from, frames);
    from = to;
  }
  writeMeters(p, s);
  if (s.quietFrames < s.restFrames && s.restFrames == i32.MAX_VALUE) return NEVER_SILENT;
  return max(s.restFrames - s.quietFrames, s.settling);
}

/** Runs the program up to the frame with which it comes to rest. */
function awakeUntil(p: Processor, s: State, from: i32, frames: i32): i32 {
  let to = from;
  if (s.restFrames - s.quietFrames >= frames - from) {
    // It cannot come to rest before the end, so only the last sounding frame matters.
    to = frames;
    let sounding = to;
    while (sounding > from && silentAt(p, s, sounding - 1)) sounding--;
    s.quietFrames = to - sounding + (sounding == from ? s.quietFrames : 0);
  } else {
    for (; to < frames && s.quietFrames < s.restFrames; to++) s.quietFrames = silentAt(p, s, to) ? s.quietFrames + 1 : 0;
  }
  runInstances(p, s, from, to);
  s.settling = max(0, s.settling - (to - from));
  return to;
}

/** Zeros up to the next frame that sounds, which wakes the program. */
function restUntil(p: Processor, s: State, from: i32, frames: i32): i32 {
  let to = from;
  while (to < frames && silentAt(p, s, to)) to++;
  const settled = min(s.settling, to - from);
  passSilence(s, settled);
  s.settling -= settled;
  for (let c: u32 = 0; c < s.outputChannels; c++) memory.fill(output(p, c) + (<usize>from << 2), 0, <usize>(to - from) << 2);
  if (to < frames) s.quietFrames = 0;
  return to;
}

// @ts-ignore: decorator
@inline function silentAt(p: Processor, s: State, frame: i32): bool {
  for (let c: u32 = 0; c < s.inputChannels; c++) if (!isSilent(load<f32>(input(p, c) + (<usize>frame << 2)))) return false;
  return true;
}
