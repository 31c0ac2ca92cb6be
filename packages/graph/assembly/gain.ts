/**
 * Gain in decibels, automated per sample, or ramped over 20 ms when it is moved by hand. [audio thread]
 *
 *   lane(frame) ─▶ 10^(dB/20) ─▶ × polarity ─▶ × x
 */
import { Lane, laneFirst, laneRests, laneValue } from "./lane";
import { scale, scaleEach } from "./mix";
import { allHushed, hush } from "./silence";
import { frameHeard, heardUntil, jumpsOnTheWay } from "./song";

/** At and below this a fader is closed: exactly zero. */
const CLOSED_DB: f64 = -144;

@unmanaged
export class Gain {
  /** Written by the host at any time between two blocks. */
  gainDb: f64;
  /** 1 or -1 */
  polarity: f64;
  /** The gain that gainDb stood for when it was last looked at, and the one a ramp comes from. Linear, signed. */
  goal: f64;
  start: f64;
  knownDb: f64;
  rampLeft: i32;
  lane: u32;
}

export function dbToGain(db: f64): f64 {
  return db <= CLOSED_DB ? 0 : Math.pow(10, db / 20);
}

export function resetGain(gain: Gain): void {
  gain.knownDb = gain.gainDb;
  gain.goal = dbToGain(gain.gainDb) * gain.polarity;
  gain.start = gain.goal;
  gain.rampLeft = 0;
}

/** `scratch` holds one gain a frame. */
export function runGain(
  gain: Gain,
  channels: i32,
  to: usize,
  from: usize,
  stride: usize,
  scratch: usize,
  frames: i32,
  rampFrames: i32,
): void {
  const lane = changetype<Lane>(<usize>gain.lane);
  if (allHushed(from, channels, stride)) {
    if (gain.gainDb != gain.knownDb) retarget(gain, rampFrames);
    gain.rampLeft = max(0, gain.rampLeft - frames);
    for (let c = 0; c < channels; c++, to += stride) hush(to);
    return;
  }
  let constant: f64;
  if (gain.lane != 0) {
    if (!laneRests(lane, frames)) {
      followLane(gain, lane, scratch, frames);
      for (let c = 0; c < channels; c++, to += stride, from += stride) scaleEach(to, from, scratch, frames);
      return;
    }
    constant = dbToGain(laneFirst(lane)) * gain.polarity;
  } else {
    if (gain.gainDb != gain.knownDb) retarget(gain, rampFrames);
    if (gain.rampLeft > 0) {
      fillRamp(gain, scratch, frames, rampFrames);
      for (let c = 0; c < channels; c++, to += stride, from += stride) scaleEach(to, from, scratch, frames);
      return;
    }
    constant = gain.goal;
  }
  for (let c = 0; c < channels; c++, to += stride, from += stride) scale(to, from, <f32>constant, frames);
}

function followLane(gain: Gain, lane: Lane, scratch: usize, frames: i32): void {
  const late = lane.lateFrames;
  for (let i = 0; i < frames; ) {
    const onTheWay = jumpsOnTheWay(late, i);
    const end = heardUntil(onTheWay, late, frames);
    const before = frameHeard(onTheWay, late, i) - <f64>i;
    for (; i < end; i++) {
      const db = laneValue(lane, before + <f64>i);
      store<f32>(scratch + (<usize>i << 2), <f32>(dbToGain(db) * gain.polarity));
    }
  }
}

function retarget(gain: Gain, rampFrames: i32): void {
  gain.start = rampValue(gain, rampFrames);
  gain.goal = dbToGain(gain.gainDb) * gain.polarity;
  gain.knownDb = gain.gainDb;
  gain.rampLeft = rampFrames;
}

// @ts-ignore: decorator
@inline function rampValue(gain: Gain, rampFrames: i32): f64 {
  return gain.goal + ((gain.start - gain.goal) * <f64>gain.rampLeft) / <f64>rampFrames;
}

function fillRamp(gain: Gain, scratch: usize, frames: i32, rampFrames: i32): void {
  for (let i = 0; i < frames; i++) {
    if (gain.rampLeft > 0) gain.rampLeft--;
    store<f32>(scratch + (<usize>i << 2), <f32>rampValue(gain, rampFrames));
  }
}
