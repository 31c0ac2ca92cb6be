/**
 * The interpreter: runs a plan, one call a block. [audio thread]
 *
 * A plan is a list of steps of eight 32-bit words: opcode, channels, to, from, record, three more as the opcode
 * says. Addresses are of a buffer's first channel; the second lies `stride` bytes behind. The control side
 * (src/lowering.ts, src/engine.ts) writes plan and records through `allocate` before the first run.
 *
 * A plugin has its memory elsewhere, so it is reached through two imports; everything else happens here.
 */
import { DelayLine, resetDelay, runDelay } from "./delay";
import { Gain, resetGain, runGain } from "./gain";
import { Lane, laneNextStep, laneStepValue } from "./lane";
import { Meter, resetMeter, runMeter } from "./meter";
import { add, allSound, allZero, clear, copy, downmix } from "./mix";
import { Pan, resetPan, runPan } from "./pan";

/**
 * Copies the frames from `offset` on into plugin `plugin`, runs it, and copies its outputs back. `silent` is true if all
 * its inputs are zero in all of them.
 */
@external("host", "runPlugin")
declare function runPlugin(plugin: i32, offset: i32, frames: i32, silent: bool): void;

/** An output of plugin `plugin` is beyond +60 dBFS or no number: the host may replace the block. */
@external("host", "unsound")
declare function unsound(plugin: i32, frames: i32): void;

const CLEAR: i32 = 0;
const COPY: i32 = 1;
const ADD: i32 = 2;
const DOWNMIX: i32 = 3;
const GAIN: i32 = 4;
const PAN: i32 = 5;
const DELAY: i32 = 6;
const METER: i32 = 7;
const PLUGIN: i32 = 8;

@unmanaged
class Step {
  opcode: i32;
  channels: i32;
  to: u32;
  from: u32;
  record: u32;
  extra0: u32;
  extra1: u32;
  extra2: u32;
}

let plan: usize = 0;
let steps: i32 = 0;
let stride: usize = 0;
let scratch: usize = 0;
let rampFrames: i32 = 1;
/** Frames since the song's first one. */
let position: f64 = 0;

/** Zeroed, 64-byte aligned memory for plan, records and buffers. [control] */
export function allocate(bytes: i32): usize {
  const at = (heap.alloc(<usize>bytes + 64) + 63) & ~63;
  memory.fill(at, 0, <usize>bytes);
  return at;
}

/** [control] `scratchAt` is a buffer that no step uses. */
export function load_plan(at: usize, count: i32, strideBytes: i32, scratchAt: usize, ramp: i32): void {
  plan = at;
  steps = count;
  stride = <usize>strideBytes;
  scratch = scratchAt;
  rampFrames = ramp;
}

/** Where the song stands before the next block. Histories stay; see reset. [audio] */
export function seek(frame: f64): void {
  position = frame;
}

/** Forgets all signal history of the engine's own nodes and jumps to the song's first frame. [audio] */
export function reset(): void {
  position = 0;
  for (let i = 0; i < steps; i++) {
    const step = changetype<Step>(plan + (<usize>i << 5));
    const record = <usize>step.record;
    if (step.opcode == GAIN) resetGain(changetype<Gain>(record));
    else if (step.opcode == PAN) resetPan(changetype<Pan>(record));
    else if (step.opcode == DELAY) resetDelay(changetype<DelayLine>(record));
    else if (step.opcode == METER) resetMeter(changetype<Meter>(record));
  }
}

/** Renders the next block of 1..maxFrames frames. */
export function run(frames: i32): void {
  for (let i = 0; i < steps; i++) {
    const step = changetype<Step>(plan + (<usize>i << 5));
    const channels = step.channels;
    const to = <usize>step.to;
    const from = <usize>step.from;
    const record = <usize>step.record;
    switch (step.opcode) {
      case GAIN:
        runGain(changetype<Gain>(record), channels, to, from, stride, scratch, position, frames, rampFrames);
        break;
      case ADD:
        for (let c = 0; c < channels; c++) add(to + <usize>c * stride, from + <usize>c * stride, frames);
        break;
      case PLUGIN:
        runPluginStep(step, frames);
        break;
      case PAN:
        runPan(changetype<Pan>(record), channels, to, from, stride, scratch, position, frames, rampFrames);
        break;
      case COPY:
        for (let c = 0; c < channels; c++) copy(to + <usize>c * stride, from + <usize>c * stride, frames);
        break;
      case DELAY:
        runDelay(changetype<DelayLine>(record), channels, to, from, stride, frames);
        break;
      case METER:
        runMeter(changetype<Meter>(record), channels, from, stride, frames);
        break;
      case DOWNMIX:
        downmix(to, from, from + stride, frames);
        break;
      case CLEAR:
        for (let c = 0; c < channels; c++) clear(to + <usize>c * stride, frames);
        break;
      default:
        unreachable();
    }
  }
  position += <f64>frames;
}

/**
 * channels: number of output channels in all; to: table of their addresses, behind which are the number of input channels
 * and their addresses; from: index of the plugin; record: its parameters (f64); extra0, extra1: address and number of its
 * lanes.
 * Parameters are constant during one call of a plugin, so the block is cut where a lane steps.
 */
function runPluginStep(step: Step, frames: i32): void {
  const plugin = <i32>step.from;
  const lanes = <usize>step.extra0;
  const laneCount = <i32>step.extra1;
  const inputs = <usize>step.to + (<usize>step.channels << 2);
  if (laneCount == 0) runPlugin(plugin, 0, frames, isSilent(inputs, 0, frames));
  else {
    let done = 0;
    while (done < frames) {
      const now = position + <f64>done;
      let until: f64 = position + <f64>frames;
      for (let k = 0; k < laneCount; k++) {
        const lane = changetype<Lane>(lanes + <usize>k * offsetof<Lane>());
        store<f64>(<usize>step.record + (<usize>lane.param << 3), laneStepValue(lane, now));
        until = min(until, laneNextStep(lane, now));
      }
      const run = <i32>(until - now);
      runPlugin(plugin, done, run, isSilent(inputs, done, run));
      done += run;
    }
  }
  for (let c = 0; c < step.channels; c++) {
    if (!allSound(<usize>load<u32>(<usize>step.to + (<usize>c << 2)), frames)) {
      unsound(plugin, frames);
      return;
    }
  }
}

/** `table`: the number of channels, and their addresses. */
function isSilent(table: usize, offset: i32, frames: i32): bool {
  const end = table + ((1 + <usize>load<u32>(table)) << 2);
  for (table += 4; table < end; table += 4) {
    if (!allZero(<usize>load<u32>(table) + (<usize>offset << 2), frames)) return false;
  }
  return true;
}
