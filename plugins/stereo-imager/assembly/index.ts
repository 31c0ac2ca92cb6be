/**
 * Stereo imager: width in up to four bands, mono bass, rotation, balance.
 *
 *   l, r ─┬─▶ side = (l - r)/2 ─▶ change of width in bands ─▶ change by the high-pass ─▶ d
 *         └─────────────────────────────────────────────────────▶ l + d, r - d ─▶ rotation, balance, gain ─▶ y
 *
 * The change is added on the left and taken away on the right, so the mono sum is not touched whatever the widths are,
 * and with nothing to change the input passes bit for bit. src/stereo-imager.ts has the equations.
 */
import { dbToGain } from "@gainstage/dsp/assembly/decibel";
import { aim, Ramp, settle } from "@gainstage/dsp/assembly/ramp";
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
  setMeter,
  takeActive,
} from "@gainstage/plugin-api/assembly/processor";
import { CorrelationMeter, readMeter, resetMeter } from "./correlation-meter";
import {
  Image,
  MATRIX,
  MONO,
  MONO_GAIN,
  moveFrames,
  movingFrames,
  rampAt,
  RAMPS,
  restFilters,
  settleValues,
  SHARE,
  steadyFrames,
  WEIGHT,
  WHOLE,
} from "./image";
import { highpassTau, lowpassTau, ringFrames } from "./ring";
import { HIGHPASS_BYTES, integratorGain, LOWPASS_BYTES } from "./side-filters";

const BANDS = 0;
const WIDTH_PERCENT = 1;
const CROSSOVER_HZ = 5;
const MONO_BELOW_HZ = 8;
const ROTATION_DEGREES = 9;
const BALANCE_PERCENT = 10;
const OUTPUT_GAIN_DB = 11;
const PARAMS = 12;

const RAMP_MS: f64 = 20;
/** The lowest crossover there is. */
const LOWEST_CROSSOVER_HZ: f64 = 40;
/** "Mono below" is off there. */
const MONO_OFF_HZ: f64 = 20;
/** The high-pass is set this much higher, so that the side is 18 dB down where mono is to begin, and more below. */
const MONO_CORNER: f64 = 1.6;

@unmanaged
class State {
  sampleRateHz: f64;
  image: u32;
  meter: u32;
  /** f64 a parameter: what the ramps are on their way to. */
  known: u32;
  rampFrames: i32;
  /** Frames of silence after which the filters of the present settings are silent too. */
  ring: i32;
  /** Frames since the last sound or the end of the last ramp. */
  quiet: i32;
  /** True until the first block after reset(), whose parameters are taken as they stand. */
  starting: bool;
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
  s.sampleRateHz = sampleRateHz;
  s.meter = <u32>takeActive(p, offsetof<CorrelationMeter>());
  s.known = <u32>takeActive(p, PARAMS << 3);
  s.image = <u32>takeActive(p, offsetof<Image>());
  const image = changetype<Image>(<usize>s.image);
  image.ramps = <u32>takeActive(p, <usize>RAMPS * offsetof<Ramp>());
  image.values = <u32>takeActive(p, <usize>RAMPS << 3);
  image.lowpasses = <u32>takeActive(p, LOWPASS_BYTES);
  image.highpass = <u32>takeActive(p, HIGHPASS_BYTES);
  s.rampFrames = <i32>Math.round(RAMP_MS * 0.001 * sampleRateHz);
  p.latencyFrames = 0;
  const lowestLowpass = lowpassTau(integratorGain(LOWEST_CROSSOVER_HZ, sampleRateHz));
  const lowestHighpass = highpassTau(integratorGain(MONO_CORNER * MONO_OFF_HZ, sampleRateHz));
  p.tailFrames = ringFrames(lowestLowpass, lowestHighpass);
  reset(p);
  return 1;
}

export function reset(p: Processor): void {
  const s = changetype<State>(<usize>p.state);
  const image = changetype<Image>(<usize>s.image);
  s.starting = true;
  restFilters(image);
  resetMeter(changetype<CorrelationMeter>(<usize>s.meter));
  s.quiet = 0x3fffffff;
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  const image = changetype<Image>(<usize>s.image);
  const left = input(p, 0);
  const right = input(p, 1);
  const toLeft = output(p, 0);
  const toRight = output(p, 1);
  if (s.starting) start(p, s, image);
  else if (memory.compare(<usize>p.params, <usize>s.known, PARAMS << 3) != 0) followParams(p, s, image);

  let done = min(frames, movingFrames(image));
  if (done > 0) {
    moveFrames(image, left, right, toLeft, toRight, done);
    s.quiet = 0;
  }
  if (done < frames) settleValues(image);
  while (done < frames) {
    let run = frames - done;
    if (s.ring) run = min(run, s.quiet < s.ring ? s.ring - s.quiet : s.ring);
    const at = <usize>done << 2;
    steadyFrames(image, left + at, right + at, toLeft + at, toRight + at, run);
    followSilence(s, image, left + at, right + at, run);
    done += run;
  }

  const meter = changetype<CorrelationMeter>(<usize>s.meter);
  setMeter(p, 0, <f32>readMeter(meter, toLeft, toRight, frames, s.sampleRateHz));
  const moving = movingFrames(image);
  return moving ? moving + s.ring : max(0, s.ring - s.quiet);
}

/** Ends a ring at the frame where it is over, however the stream is cut into blocks. */
function followSilence(s: State, image: Image, left: usize, right: usize, frames: i32): void {
  const ringing = s.quiet < s.ring;
  s.quiet = silenceAfter(s.quiet, left, right, frames);
  if (ringing && s.quiet >= s.ring) restFilters(image);
}

function start(p: Processor, s: State, image: Image): void {
  followParams(p, s, image);
  for (let i = 0; i < RAMPS; i++) settle(rampAt(image, i), rampAt(image, i).goal, s.rampFrames);
  s.starting = false;
}

/** Aims every ramp at what the parameters say. */
function followParams(p: Processor, s: State, image: Image): void {
  memory.copy(<usize>s.known, <usize>p.params, PARAMS << 3);
  aim(rampAt(image, WHOLE), width(p, 3) - 1);
  // A crossover below the one before it would turn the band between them upside down.
  let crossoverHz: f64 = 0;
  let slowestLowpass: f64 = -1;
  for (let c = 0; c < 3; c++) {
    const weight = width(p, c) - width(p, c + 1);
    aim(rampAt(image, WEIGHT + c), weight);
    crossoverHz = max<f64>(crossoverHz, param(p, CROSSOVER_HZ + c));
    const g = integratorGain(crossoverHz, s.sampleRateHz);
    aim(rampAt(image, SHARE + c), g / (1 + g));
    if (weight != 0) slowestLowpass = max<f64>(slowestLowpass, lowpassTau(g));
  }
  const monoBelowHz = param(p, MONO_BELOW_HZ);
  const mono = monoBelowHz > MONO_OFF_HZ;
  const monoGain = integratorGain(MONO_CORNER * monoBelowHz, s.sampleRateHz);
  aim(rampAt(image, MONO), mono ? 1 : 0);
  aim(rampAt(image, MONO_GAIN), monoGain);
  s.ring = ringFrames(slowestLowpass, mono ? highpassTau(monoGain) : -1);

  const angle = (param(p, ROTATION_DEGREES) * Math.PI) / 180;
  const gain = dbToGain(param(p, OUTPUT_GAIN_DB));
  const balance = param(p, BALANCE_PERCENT) / 100;
  const leftGain = gain * min<f64>(1, 1 - balance);
  const rightGain = gain * min<f64>(1, 1 + balance);
  aim(rampAt(image, MATRIX), leftGain * Math.cos(angle));
  aim(rampAt(image, MATRIX + 1), -leftGain * Math.sin(angle));
  aim(rampAt(image, MATRIX + 2), rightGain * Math.sin(angle));
  aim(rampAt(image, MATRIX + 3), rightGain * Math.cos(angle));
}

/** Of a band from 0, as a factor; those above the highest in use go with it. */
function width(p: Processor, band: i32): f64 {
  return param(p, WIDTH_PERCENT + min(band, <i32>param(p, BANDS))) / 100;
}
