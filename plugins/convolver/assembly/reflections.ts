/**
 * Reflections as the image sources of a shoebox room: Allen & Berkley, "Image method for efficiently simulating small-room
 * acoustics", JASA 65(4), 1979. Two loudspeakers and two microphones, none of them placed symmetrically; each microphone
 * hears the loudspeaker of its side. Time 0 is when the direct sound arrives, which is the dry signal and not in here. Taps
 * of one sign have too much below 60 Hz, which goes, as the paper does it.
 */
import { extent, fadeFromMs, fadeToMs, reflectance } from "./spaces";

/** Across, along and above, in parts of the room. */
const SOURCES = memory.data<f64>([0.37, 0.17, 0.17, 0.61, 0.16, 0.17]);
const MICROPHONES = memory.data<f64>([0.455, 0.6, 0.2, 0.535, 0.615, 0.21]);

const SPEED_OF_SOUND: f64 = 343;
const LOWEST_HZ: f64 = 60;
/** The filter is let ring for so long. */
const RING_MS: f64 = 20;

/** Adds the reflections that reach a microphone within the cross-fade. [control] */
export function addReflections(space: i32, channel: i32, sampleRateHz: f64, to: usize, frames: i32): void {
  if (reflectance(space) == 0) return;
  const untilMs = fadeToMs(space);
  const fromMs = fadeFromMs(space);
  const direct = distance(space, channel, 0, 0, 0);
  const farthest = direct + (untilMs * SPEED_OF_SOUND) / 1000;
  const reachX = <i32>Math.ceil(farthest / extent(space, 0));
  const reachY = <i32>Math.ceil(farthest / extent(space, 1));
  const reachZ = <i32>Math.ceil(farthest / extent(space, 2));
  for (let nx = -reachX; nx <= reachX; nx++) {
    for (let ny = -reachY; ny <= reachY; ny++) {
      for (let nz = -reachZ; nz <= reachZ; nz++) {
        const order = abs(nx) + abs(ny) + abs(nz);
        if (order == 0) continue;
        const metres = distance(space, channel, nx, ny, nz);
        const ms = (max<f64>(0, metres - direct) / SPEED_OF_SOUND) * 1000;
        const frame = <i32>Math.round(ms * 0.001 * sampleRateHz);
        if (ms >= untilMs || frame >= frames) continue;
        const fade = ms <= fromMs ? 1 : Math.cos((Math.PI / 2) * ((ms - fromMs) / (untilMs - fromMs)));
        const at = to + (<usize>frame << 2);
        const gain = (Math.pow(reflectance(space), <f64>order) * direct * fade) / metres;
        store<f32>(at, load<f32>(at) + <f32>gain);
      }
    }
  }
  cutLows(sampleRateHz, to, min(frames, <i32>Math.ceil((untilMs + RING_MS) * 0.001 * sampleRateHz)));
}

/** From the image of the loudspeaker behind so many walls along each axis to its microphone, in metres. */
function distance(space: i32, channel: i32, nx: i32, ny: i32, nz: i32): f64 {
  const x = along(space, channel, 0, nx);
  const y = along(space, channel, 1, ny);
  const z = along(space, channel, 2, nz);
  return Math.sqrt(x * x + y * y + z * z);
}

function along(space: i32, channel: i32, axis: i32, order: i32): f64 {
  const length = extent(space, axis);
  const place = <usize>(3 * channel + axis) << 3;
  const source = load<f64>(SOURCES + place) * length;
  const image = (order & 1) == 0 ? <f64>order * length + source : <f64>(order + 1) * length - source;
  return image - load<f64>(MICROPHONES + place) * length;
}

/** A first-order high-pass. */
function cutLows(sampleRateHz: f64, x: usize, frames: i32): void {
  const pole = 1 - (2 * Math.PI * LOWEST_HZ) / sampleRateHz;
  let before: f64 = 0;
  let y: f64 = 0;
  for (let i = 0; i < frames; i++) {
    const at = x + (<usize>i << 2);
    const now = <f64>load<f32>(at);
    y = now - before + pole * y;
    before = now;
    store<f32>(at, <f32>y);
  }
}
