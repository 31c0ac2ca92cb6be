/**
 * The interpreter: runs a plan, one call a block. [audio thread]
 *
 * A plan is a list of steps of eight 32-bit words: opcode, channels, to, from, record, three more as the opcode
 * says. Addresses are of a buffer's first channel; the next ones lie `stride` bytes behind one another. The control side
 * (src/planning/plan-image.ts) lays out plan and records before the first run.
 */
import { Gain, resetGain, runGain } from "./gain";
import { Line, readLine, resetLine, writeLine } from "./line";
import { Meter, resetMeter, runMeter } from "./meter";
import { addChannel, copyChannel, downmix, firstChannel, mixChannel } from "./mix";
import { Pan, resetPan, runPan } from "./pan";
import { runPluginStep } from "./plugin";
import { hush, look, setChannelBytes, setPassesOver } from "./silence";
import { advance, heardAt, jump, restart, setTransport, SONG_BYTES, songAt } from "./song";
import { Step } from "./step";

const CLEAR: i32 = 0;
const COPY: i32 = 1;
const ADD: i32 = 2;
const FIRST: i32 = 3;
const DOWNMIX: i32 = 4;
const MIX: i32 = 5;
const GAIN: i32 = 6;
const PAN: i32 = 7;
const LINE_WRITE: i32 = 8;
const LINE_READ: i32 = 9;
const METER: i32 = 10;
const PLUGIN: i32 = 11;

let plan: usize = 0;
let steps: i32 = 0;
let stride: usize = 0;
let scratch: usize = 0;
let rampFrames: i32 = 1;
/** Addresses of the channels that the host writes. */
let inputs: usize = 0;
let inputCount: i32 = 0;

/** The first byte that the engine's own data does not use. [control] */
export function heap_base(): usize {
  return __heap_base;
}

/**
 * [control] `scratchAt` is a buffer that no step uses, `silenceAt` the first of `silent` channels that stay zero, and
 * `channelBytes` the length of a channel with what loops in whole vectors may touch behind it.
 */
export function load_plan(
  at: usize, count: i32, strideBytes: i32, channelBytes: i32, scratchAt: usize, ramp: i32, silenceAt: usize, silent: i32,
): void {
  plan = at;
  steps = count;
  stride = <usize>strideBytes;
  scratch = scratchAt;
  rampFrames = ramp;
  setChannelBytes(<usize>channelBytes);
  for (let c = 0; c < silent; c++) hush(silenceAt + <usize>c * stride);
}

/** [control] A table of the addresses of the channels that the host writes. */
export function load_inputs(at: usize, count: i32): void {
  inputs = at;
  inputCount = count;
}

/** [control] Whether silence is passed over: the samples are the same. */
export function pass_over(does: bool): void {
  setPassesOver(does);
}

/** What is remembered of the song's time: its address and its length. [control] */
export function song_at(): usize {
  return songAt;
}
export function song_bytes(): usize {
  return SONG_BYTES;
}

/** What the host reads when a plugin is to be run. [control] */
export function heard_at(): usize {
  return heardAt;
}

/** The song's frame that the next block is fed from. Histories stay, and with them what is on its way; see reset. [audio] */
export function seek(frame: f64): void {
  jump(frame);
}

/** Whether the song plays, and what is looped: frames of the song, both 0 for nothing. [control] */
export function set_transport(playing: bool, loopStart: f64, loopEnd: f64): void {
  setTransport(playing ? 1 : 0, loopStart, loopEnd);
}

/** Forgets all signal history of the engine's own nodes and jumps to the song's first frame. [audio] */
export function reset(): void {
  restart();
  for (let i = 0; i < steps; i++) {
    const step = changetype<Step>(plan + (<usize>i << 5));
    const record = <usize>step.record;
    if (step.opcode == GAIN) resetGain(changetype<Gain>(record));
    else if (step.opcode == PAN) resetPan(changetype<Pan>(record));
    else if (step.opcode == LINE_WRITE) resetLine(changetype<Line>(record));
    else if (step.opcode == METER) resetMeter(changetype<Meter>(record));
  }
}

/** Renders the next block of 1..maxFrames frames. */
export function run(frames: i32): void {
  for (let i = 0; i < inputCount; i++) look(<usize>load<u32>(inputs + (<usize>i << 2)), frames);
  for (let i = 0; i < steps; i++) {
    const step = changetype<Step>(plan + (<usize>i << 5));
    const channels = step.channels;
    const to = <usize>step.to;
    const from = <usize>step.from;
    const record = <usize>step.record;
    switch (step.opcode) {
      case GAIN:
        runGain(changetype<Gain>(record), channels, to, from, stride, scratch, frames, rampFrames);
        break;
      case ADD:
        for (let c = 0; c < channels; c++) addChannel(to + <usize>c * stride, from + <usize>c * stride, frames);
        break;
      case PLUGIN:
        runPluginStep(step, frames);
        break;
      case PAN:
        runPan(changetype<Pan>(record), channels, to, from, stride, scratch, frames, rampFrames);
        break;
      case COPY:
        for (let c = 0; c < channels; c++) copyChannel(to + <usize>c * stride, from + <usize>c * stride, frames);
        break;
      case FIRST:
        for (let c = 0; c < channels; c++) firstChannel(to + <usize>c * stride, from + <usize>c * stride, frames);
        break;
      case LINE_WRITE:
        writeLine(changetype<Line>(record), from, stride, frames);
        break;
      case LINE_READ:
        readLine(changetype<Line>(record), step.extra0, step.extra1 != 0, step.extra2, to, stride, frames);
        break;
      case METER:
        runMeter(changetype<Meter>(record), channels, from, stride, frames);
        break;
      case MIX:
        mixChannel(to, from, reinterpret<f32>(step.extra0), step.extra1 != 0, frames);
        break;
      case DOWNMIX:
        downmix(to, from, from + stride, frames);
        break;
      case CLEAR:
        for (let c = 0; c < channels; c++) hush(to + <usize>c * stride);
        break;
      default:
        unreachable();
    }
  }
  advance(frames);
}
