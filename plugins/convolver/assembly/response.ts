/** The response that is convolved with: of a space or of the user's own, at the host's rate, with unit energy. */
import { giveBack } from "@gainstage/plugin-api/assembly/arena";
import { param, Processor } from "@gainstage/plugin-api/assembly/processor";
import { addLate } from "./late";
import { takeRoomy } from "./memory";
import { ownFrames, writeOwn } from "./own-response";
import { DECAY_PERCENT, OWN, SPACE } from "./params";
import { addReflections } from "./reflections";
import { earlyDb, longestDecayS } from "./spaces";

/** A space ends where its slowest octave has fallen by this much. */
const LENGTH_DB: f64 = 80;
/** What is left of the energy after the end of the user's own: -100 dB. */
const INAUDIBLE: f64 = 1e-10;
/** A decay that is shorter is none: an impulse, a cabinet. */
const SHORTEST_DECAY_S: f64 = 0.01;

@unmanaged
export class Response {
  /** f32 frames of each channel; the second where there is one. */
  left: u32;
  right: u32;
  frames: i32;
  channels: i32;
  /** Chain of all that was taken for it. */
  regions: u32;
}

/** Until dropResponse(). One channel is the mean of both. [control] */
export function makeResponse(r: Response, p: Processor, sampleRateHz: f64, channels: i32): void {
  const owner = changetype<usize>(r) + offsetof<Response>("regions");
  const space = <i32>Math.round(param(p, SPACE));
  const stretch = param(p, DECAY_PERCENT) * 0.01;
  r.channels = channels;
  r.frames =
    space == OWN
      ? ownFrames(p, sampleRateHz)
      : <i32>Math.ceil((LENGTH_DB / 60) * longestDecayS(space) * stretch * sampleRateHz);
  r.left = <u32>takeRoomy(owner, <usize>r.frames << 2);
  r.right = <u32>takeRoomy(owner, <usize>r.frames << 2);
  if (r.frames == 0) return;
  if (space == OWN) {
    writeOwn(p, owner, sampleRateHz, <usize>r.left, <usize>r.right, r.frames);
    if (stretch != 1) scaleDecay(r, stretch, sampleRateHz);
    cutEnd(r);
  } else {
    writeSpace(r, owner, space, stretch, sampleRateHz);
  }
  const energy = energyOf(<usize>r.left, r.frames) + energyOf(<usize>r.right, r.frames);
  const gain = energy > 0 ? Math.sqrt(2 / energy) : 0;
  scale(<usize>r.left, r.frames, gain);
  scale(<usize>r.right, r.frames, gain);
  if (channels == 1) {
    for (let i: usize = 0, end = <usize>r.frames << 2; i < end; i += 4) {
      store<f32>(<usize>r.left + i, <f32>0.5 * (load<f32>(<usize>r.left + i) + load<f32>(<usize>r.right + i)));
    }
  }
}

/** [control] */
export function dropResponse(r: Response): void {
  giveBack(changetype<usize>(r) + offsetof<Response>("regions"));
}

/** Noise, and reflections at their level against it. */
function writeSpace(r: Response, owner: usize, space: i32, stretch: f64, sampleRateHz: f64): void {
  const early = takeRoomy(owner, <usize>r.frames << 3);
  const pitch = <usize>r.frames << 2;
  let earlyEnergy: f64 = 0;
  let lateEnergy: f64 = 0;
  for (let c = 0; c < 2; c++) {
    const late = c == 0 ? <usize>r.left : <usize>r.right;
    addLate(owner, space, c, stretch, sampleRateHz, late, r.frames);
    addReflections(space, c, sampleRateHz, early + pitch * c, r.frames);
    lateEnergy += energyOf(late, r.frames);
    earlyEnergy += energyOf(early + pitch * c, r.frames);
  }
  if (earlyEnergy == 0) return;
  const gain = <f32>Math.sqrt((Math.pow(10, earlyDb(space) / 10) * lateEnergy) / earlyEnergy);
  for (let i: usize = 0; i < pitch; i += 4) {
    const left = <usize>r.left + i;
    const right = <usize>r.right + i;
    store<f32>(left, load<f32>(left) + gain * load<f32>(early + i));
    store<f32>(right, load<f32>(right) + gain * load<f32>(early + pitch + i));
  }
}

function energyOf(x: usize, frames: i32): f64 {
  let sum: f64 = 0;
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const v = <f64>load<f32>(x + i);
    sum += v * v;
  }
  return sum;
}

function scale(x: usize, frames: i32, gain: f64): void {
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) store<f32>(x + i, <f32>(<f64>load<f32>(x + i) * gain));
}

/** Frames until no more than `share` of the energy of both channels is left (Schroeder, JASA 37(3), 1965). */
function framesUntil(r: Response, energy: f64, share: f64): i32 {
  let left = energy;
  for (let i = 0; i < r.frames; i++) {
    if (left <= share * energy) return i;
    const a = <f64>load<f32>(<usize>r.left + (<usize>i << 2));
    const b = <f64>load<f32>(<usize>r.right + (<usize>i << 2));
    left -= a * a + b * b;
  }
  return r.frames;
}

/** Decays `stretch` times as long as the response does by itself, which is measured from -5 to -25 dB. */
function scaleDecay(r: Response, stretch: f64, sampleRateHz: f64): void {
  const energy = energyOf(<usize>r.left, r.frames) + energyOf(<usize>r.right, r.frames);
  const frames = 3 * (framesUntil(r, energy, Math.pow(10, -2.5)) - framesUntil(r, energy, Math.pow(10, -0.5)));
  if (<f64>frames < SHORTEST_DECAY_S * sampleRateHz) return;
  const ratio = Math.pow(10, (-3 * (1 / stretch - 1)) / frames);
  let gain: f64 = 1;
  for (let i: usize = 0, end = <usize>r.frames << 2; i < end; i += 4) {
    store<f32>(<usize>r.left + i, <f32>(<f64>load<f32>(<usize>r.left + i) * gain));
    store<f32>(<usize>r.right + i, <f32>(<f64>load<f32>(<usize>r.right + i) * gain));
    gain *= ratio;
  }
}

/** Leaves out what comes after the last that can be heard. */
function cutEnd(r: Response): void {
  const energy = energyOf(<usize>r.left, r.frames) + energyOf(<usize>r.right, r.frames);
  r.frames = energy == 0 ? 0 : framesUntil(r, energy, INAUDIBLE);
}
