/**
 * A soft saturator that leaves full scale where it is.
 *
 *   x ─┬─▶ x · √((1 + d²) / (1 + d²x²)) ─▶ w ─▶ × mix ─────▶ + ─▶ y
 *      └──────────────────────────────────────▶ × 1 - mix ──┘
 *
 * d is the drive: 0 passes the input bit for bit; a quiet signal gains √(1 + d²), and ±1 stays ±1. The curve is the
 * algebraic sigmoid u / √(1 + u²) with u = d·x, scaled by its own value at x = 1. It takes nothing but + - × ÷ √, which
 * IEEE 754 rounds alike everywhere: the same samples come out on every machine.
 */
import { aim, nextValue, Ramp, settle } from "@gainstage/dsp/assembly/ramp";
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

const DRIVE = 0;
const MIX_PERCENT = 1;
const PARAMS = 2;
/** Ports are counted through inputs, then outputs. */
const OUTPUT_PORT = 1;

const RAMP_MS: f64 = 20;

@unmanaged
class State {
  /** Addresses of ramps, which count frames: how the host cuts the stream into blocks does not change one bit. */
  drive: u32;
  mix: u32;
  rampFrames: i32;
  /** True until the first process(): parameters are then taken at once. */
  starting: bool;
}

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
  if (channels(p, 0) != channels(p, OUTPUT_PORT)) return 0;
  const s = changetype<State>(attachState(p, offsetof<State>(), maxFrames));
  s.drive = <u32>takeActive(p, offsetof<Ramp>());
  s.mix = <u32>takeActive(p, offsetof<Ramp>());
  s.rampFrames = <i32>(RAMP_MS * 0.001 * sampleRateHz + 0.5);
  p.latencyFrames = 0;
  p.tailFrames = 0;
  reset(p);
  return 1;
}

export function reset(p: Processor): void {
  changetype<State>(<usize>p.state).starting = true;
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  const drive = changetype<Ramp>(<usize>s.drive);
  const mix = changetype<Ramp>(<usize>s.mix);
  if (s.starting) {
    settle(drive, param(p, DRIVE), s.rampFrames);
    settle(mix, param(p, MIX_PERCENT) / 100, s.rampFrames);
    s.starting = false;
  }
  aim(drive, param(p, DRIVE));
  aim(mix, param(p, MIX_PERCENT) / 100);
  const count = channels(p, OUTPUT_PORT);
  for (let i = 0; i < frames; i++) {
    const at = <usize>i << 2;
    const d = nextValue(drive);
    const wet = nextValue(mix);
    const dd = d * d;
    for (let c = 0; c < count; c++) {
      const x = <f64>load<f32>(input(p, c) + at);
      const w = x * Math.sqrt((1 + dd) / (1 + dd * (x * x)));
      store<f32>(output(p, c) + at, <f32>(x + wet * (w - x)));
    }
  }
  // Silence in is silence out at once; but a ramp on its way wants to arrive.
  return max(drive.left, mix.left);
}
