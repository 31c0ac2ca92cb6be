/**
 * The instances of the Faust program that one processor runs: one, or one per channel where the program is mono and the
 * layout stereo. Their code is imported from "faust" and becomes part of the module when the two are linked.
 */
import { channels, input, output, param, Processor, setMeter, takeActive } from "@gainstage/plugin-api/assembly/processor";
import { meterAt, paramAt, program } from "./program";
import { copyFlushed, isSilent } from "./subnormal";

/** Set-up of a new instance: tables, constants, controls at their initial values, no history. */
@external("faust", "init") declare function init(dsp: usize, sampleRateHz: i32): void;
/** The same without the tables that nothing writes to. */
@external("faust", "instanceInit") declare function instanceInit(dsp: usize, sampleRateHz: i32): void;
/** `inputs` and `outputs` are tables of channel addresses. */
@external("faust", "compute") declare function compute(dsp: usize, frames: i32, inputs: usize, outputs: usize): void;

const MAIN_PORT = 0;
/** Tables of addresses have room for so many channels of an instance. */
const MAX_CHANNELS: u32 = 4;

@unmanaged
export class Instances {
  count: u32;
  sampleRateHz: i32;
  maxFrames: i32;
  /** Address of the first; the others follow at `stride`. */
  first: u32;
  stride: u32;
  /** Tables for one compute(). */
  inputTable: u32;
  outputTable: u32;
  /** Samples × maxFrames for each channel that compute() is given: of inputs, and with -double of outputs after them. */
  scratch: u32;
  /** maxFrames of zeros, and as many to write to that nobody reads. */
  zeros: u32;
  sink: u32;
  /** f64 per parameter: what the instances have. */
  values: u32;
}

/** [control] Takes memory for all of it. Returns false for channels that the program cannot run. */
export function takeInstances(p: Processor, s: Instances, sampleRateHz: f64, maxFrames: i32): bool {
  const g = program();
  const hostChannels = channels(p, MAIN_PORT);
  if (hostChannels % g.mainChannels != 0) return false;
  const sampleBytes: usize = g.double ? 8 : 4;
  s.count = hostChannels / g.mainChannels;
  s.sampleRateHz = <i32>nearest<f64>(sampleRateHz);
  s.maxFrames = maxFrames;
  s.stride = (g.dspBytes + 15) & ~15;
  s.first = <u32>takeActive(p, <usize>s.stride * s.count);
  s.inputTable = <u32>takeActive(p, MAX_CHANNELS << 2);
  s.outputTable = <u32>takeActive(p, MAX_CHANNELS << 2);
  s.zeros = <u32>takeActive(p, <usize>maxFrames * sampleBytes);
  s.sink = <u32>takeActive(p, <usize>maxFrames * sampleBytes);
  s.scratch = <u32>takeActive(p, <usize>maxFrames * (2 * g.mainChannels + g.sidechainChannels) * sampleBytes);
  s.values = <u32>takeActive(p, <usize>g.paramCount << 3);
  for (let k: u32 = 0; k < s.count; k++) {
    // init() fills tables before it notes the rate: those that are made from it would be those of the rate before.
    instanceInit(dspAt(s, k), s.sampleRateHz);
    init(dspAt(s, k), s.sampleRateHz);
  }
  return true;
}

// @ts-ignore: decorator
@inline function dspAt(s: Instances, k: u32): usize {
  return <usize>s.first + <usize>k * s.stride;
}

/** Forgets the history, of writable tables too, and takes the parameters as they are. */
export function clearInstances(p: Processor, s: Instances): void {
  for (let k: u32 = 0; k < s.count; k++) instanceInit(dspAt(s, k), s.sampleRateHz);
  for (let i: u32 = 0; i < program().paramCount; i++) setParam(s, i, param(p, i));
}

/** Hands over what the host changed; true if there was anything. */
export function takeParams(p: Processor, s: Instances): bool {
  let changed = false;
  for (let i: u32 = 0; i < program().paramCount; i++) {
    const value = param(p, i);
    if (value == load<f64>(<usize>s.values + (<usize>i << 3))) continue;
    setParam(s, i, value);
    changed = true;
  }
  return changed;
}

function setParam(s: Instances, index: u32, value: f64): void {
  store<f64>(<usize>s.values + (<usize>index << 3), value);
  const info = paramAt(index);
  const choice = <u32>max<i32>(0, <i32>nearest<f64>(value));
  const own = info.choiceCount ? load<f64>(<usize>info.choices + (<usize>min(choice, info.choiceCount - 1) << 3)) : value;
  for (let k: u32 = 0; k < s.count; k++) {
    const at = dspAt(s, k) + info.offset;
    if (program().double) store<f64>(at, own);
    else store<f32>(at, <f32>own);
  }
}

/** Frames from..to of the host's channels. */
export function runInstances(p: Processor, s: Instances, from: i32, to: i32): void {
  for (let k: u32 = 0; k < s.count; k++) {
    if (program().double) runWide(p, s, k, from, to);
    else runNarrow(p, s, k, from, to);
  }
}

/** The host's channel behind input j of instance k: sidechains are the same for all. */
// @ts-ignore: decorator
@inline function hostInput(p: Processor, k: u32, j: u32): usize {
  const main = program().mainChannels;
  return input(p, j < main ? k * main + j : channels(p, MAIN_PORT) + j - main);
}

function runNarrow(p: Processor, s: Instances, k: u32, from: i32, to: i32): void {
  const g = program();
  const at = <usize>from << 2;
  const ins = g.mainChannels + g.sidechainChannels;
  for (let j: u32 = 0; j < ins; j++) {
    const own = <usize>s.scratch + (<usize>j * s.maxFrames << 2);
    copyFlushed(own, hostInput(p, k, j) + at, to - from);
    store<u32>(<usize>s.inputTable + (<usize>j << 2), <u32>own);
  }
  for (let j: u32 = 0; j < g.mainChannels; j++)
    store<u32>(<usize>s.outputTable + (<usize>j << 2), <u32>(output(p, k * g.mainChannels + j) + at));
  compute(dspAt(s, k), to - from, s.inputTable, s.outputTable);
  for (let j: u32 = 0; j < g.mainChannels; j++) {
    const own = <usize>load<u32>(<usize>s.outputTable + (<usize>j << 2));
    copyFlushed(own, own, to - from);
  }
}

function runWide(p: Processor, s: Instances, k: u32, from: i32, to: i32): void {
  const g = program();
  const frames = to - from;
  const ins = g.mainChannels + g.sidechainChannels;
  for (let j: u32 = 0; j < ins + g.mainChannels; j++) {
    const own = <usize>s.scratch + (<usize>j * s.maxFrames << 3);
    if (j < ins) {
      store<u32>(<usize>s.inputTable + (<usize>j << 2), <u32>own);
      const host = hostInput(p, k, j) + (<usize>from << 2);
      for (let i = 0; i < frames; i++) {
        const x = load<f32>(host + (<usize>i << 2));
        store<f64>(own + (<usize>i << 3), isSilent(x) ? 0 : x);
      }
    } else store<u32>(<usize>s.outputTable + (<usize>(j - ins) << 2), <u32>own);
  }
  compute(dspAt(s, k), frames, s.inputTable, s.outputTable);
  for (let j: u32 = 0; j < g.mainChannels; j++) {
    const own = <usize>load<u32>(<usize>s.outputTable + (<usize>j << 2));
    const host = output(p, k * g.mainChannels + j) + (<usize>from << 2);
    for (let i = 0; i < frames; i++) {
      const y = <f32>load<f64>(own + (<usize>i << 3));
      store<f32>(host + (<usize>i << 2), isSilent(y) ? 0 : y);
    }
  }
}

/** Lets `frames` of silence pass, unheard. */
export function passSilence(s: Instances, frames: i32): void {
  const g = program();
  for (let j: u32 = 0; j < MAX_CHANNELS; j++) {
    store<u32>(<usize>s.inputTable + (<usize>j << 2), s.zeros);
    store<u32>(<usize>s.outputTable + (<usize>j << 2), s.sink);
  }
  for (let left = frames; left > 0; left -= s.maxFrames) {
    for (let k: u32 = 0; k < s.count; k++) compute(dspAt(s, k), min(left, s.maxFrames), s.inputTable, s.outputTable);
  }
}

/** Writes every meter; a reading that is out of range, or no number, is the nearest end of its range. */
export function writeMeters(p: Processor, s: Instances): void {
  const g = program();
  for (let i: u32 = 0; i < g.meterCount; i++) {
    const info = meterAt(i);
    let reading = readMeter(s, 0, info.offset);
    for (let k: u32 = 1; k < s.count; k++) {
      const other = readMeter(s, k, info.offset);
      if (info.lowest ? other < reading : other > reading) reading = other;
    }
    setMeter(p, i, reading > info.min ? min<f32>(reading, info.max) : info.min);
  }
}

// @ts-ignore: decorator
@inline function readMeter(s: Instances, k: u32, offset: u32): f32 {
  const at = dspAt(s, k) + offset;
  return program().double ? <f32>load<f64>(at) : load<f32>(at);
}
