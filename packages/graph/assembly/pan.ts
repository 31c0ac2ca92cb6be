/**
 * Pan: one channel to two by a pan law, or the balance of two channels. [audio thread]
 *
 * With theta = (pan + 1) pi/4, the gains at the left (the right is its mirror image) are
 *   -3 dB    cos theta                      constant power
 *   -4.5 dB  sqrt(cos theta (1 - pan)/2)    the geometric mean of its neighbours
 *   -6 dB    (1 - pan)/2                    constant sum
 *   balance  min(1, 1 - pan)                0 dB in the middle; the only law for two channels
 */
import { Lane, laneFirst, laneRests, laneValue } from "./lane";
import { scale, scaleEach } from "./mix";
import { allHushed, hush } from "./silence";
import { frameHeard, heardUntil, jumpsOnTheWay } from "./song";

const LAW_3DB: i32 = 0;
const LAW_45DB: i32 = 1;
const LAW_6DB: i32 = 2;
const LAW_BALANCE: i32 = 3;

@unmanaged
export class Pan {
  /** -1 left to 1 right, written by the host at any time between two blocks. */
  pan: f64;
  /** The position that a ramp comes from and the one it goes to. */
  start: f64;
  goal: f64;
  law: i32;
  rampLeft: i32;
  lane: u32;
  reserved: u32;
}

export function resetPan(pan: Pan): void {
  pan.goal = pan.pan;
  pan.start = pan.pan;
  pan.rampLeft = 0;
}

function leftGain(law: i32, pan: f64): f64 {
  const p = max<f64>(-1, min<f64>(1, pan));
  if (law == LAW_BALANCE) return min<f64>(1, 1 - p);
  const linear = (1 - p) * 0.5;
  if (law == LAW_6DB || linear == 0) return linear;
  const power = Math.cos((p + 1) * (Math.PI / 4));
  return law == LAW_3DB ? power : Math.sqrt(power * linear);
}

/** `scratch` holds two gains a frame, left ones first, `stride` bytes apart. */
export function runPan(
  pan: Pan,
  channels: i32,
  to: usize,
  from: usize,
  stride: usize,
  scratch: usize,
  frames: i32,
  rampFrames: i32,
): void {
  const law = channels == 2 ? LAW_BALANCE : pan.law;
  const fromRight = channels == 2 ? from + stride : from;
  const lane = changetype<Lane>(<usize>pan.lane);
  if (pan.lane == 0 && pan.pan != pan.goal) {
    pan.start = rampPlace(pan, rampFrames);
    pan.goal = pan.pan;
    pan.rampLeft = rampFrames;
  }
  if (allHushed(from, channels, stride)) {
    pan.rampLeft = max(0, pan.rampLeft - frames);
    hush(to);
    hush(to + stride);
    return;
  }
  let moving = pan.rampLeft > 0;
  let place = pan.goal;
  if (pan.lane != 0) {
    moving = !laneRests(lane, frames);
    if (!moving) place = laneFirst(lane);
  }
  if (!moving) {
    const left = <f32>leftGain(law, place);
    scale(to + stride, fromRight, <f32>leftGain(law, -place), frames);
    scale(to, from, left, frames);
    return;
  }
  if (pan.lane != 0) followLane(lane, law, scratch, stride, frames);
  else fillRamp(pan, law, scratch, stride, frames, rampFrames);
  scaleEach(to + stride, fromRight, scratch + stride, frames);
  scaleEach(to, from, scratch, frames);
}

// @ts-ignore: decorator
@inline function rampPlace(pan: Pan, rampFrames: i32): f64 {
  return pan.goal + ((pan.start - pan.goal) * <f64>pan.rampLeft) / <f64>rampFrames;
}

function followLane(lane: Lane, law: i32, scratch: usize, stride: usize, frames: i32): void {
  const late = lane.lateFrames;
  for (let i = 0; i < frames; ) {
    const onTheWay = jumpsOnTheWay(late, i);
    const end = heardUntil(onTheWay, late, frames);
    const before = frameHeard(onTheWay, late, i) - <f64>i;
    for (; i < end; i++) storeGains(law, laneValue(lane, before + <f64>i), scratch, stride, i);
  }
}

function fillRamp(pan: Pan, law: i32, scratch: usize, stride: usize, frames: i32, rampFrames: i32): void {
  for (let i = 0; i < frames; i++) {
    if (pan.rampLeft > 0) pan.rampLeft--;
    storeGains(law, rampPlace(pan, rampFrames), scratch, stride, i);
  }
}

// @ts-ignore: decorator
@inline function storeGains(law: i32, place: f64, scratch: usize, stride: usize, i: i32): void {
  store<f32>(scratch + (<usize>i << 2), <f32>leftGain(law, place));
  store<f32>(scratch + stride + (<usize>i << 2), <f32>leftGain(law, -place));
}
