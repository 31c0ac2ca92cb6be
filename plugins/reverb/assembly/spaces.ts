/**
 * What makes a hall a hall: the delays of the network and of the diffusers, and the first reflections.
 *
 * The reflections are the image sources of a shoebox room (Allen & Berkley, "Image method for efficiently simulating
 * small-room acoustics", JASA 65(4), 1979) with two loudspeakers and two microphones in it, none of them placed
 * symmetrically. The floor is taken to absorb: people sit on it.
 */

/**
 * network: shortest and longest ms | all-passes: longest ms, gain | scattering: longest ms | level of what it lets
 * through at once | room: width, length, height m, wall reflectance
 */
const COLUMNS: i32 = 10;
const SPACES = memory.data<f64>([
  29, 109, 9.7, 0.7, 29, 0.6, 22, 44, 17, 0.86, // concert hall
  19, 83, 6.7, 0.7, 19, 0.6, 11, 17, 8, 0.88, // chamber
  13, 97, 4.9, 0.68, 17, 0.7, 1, 1, 1, 0, // plate: a sheet of steel has no walls
  7, 43, 3.7, 0.68, 11, 0.6, 5.1, 7.3, 3.1, 0.72, // room
  11, 53, 5.3, 0.68, 13, 0.6, 14, 21, 8.5, 0.66, // studio live room
  41, 151, 12.7, 0.7, 43, 0.5, 24, 62, 26, 0.9, // church
]);

export const LINES: i32 = 16;
export const DIFFUSERS: i32 = 4;
export const TAPS: i32 = 12;

/** Lengths of the diffusers in parts of the longest, left then right. */
const DIFFUSER_PARTS = memory.data<f64>([0.23, 0.41, 0.67, 1, 0.27, 0.37, 0.71, 0.95]);

/** Loudspeakers and microphones: across, along and above, in parts of the room. */
const SOURCES = memory.data<f64>([0.37, 0.17, 0.17, 0.61, 0.16, 0.17]);
const MICROPHONES = memory.data<f64>([0.455, 0.6, 0.2, 0.535, 0.615, 0.21]);

const SPEED_OF_SOUND: f64 = 343;
/** Images on either side of the room along each axis. */
const REACH: i32 = 2;

// @ts-ignore: decorator
@inline function at(table: usize, index: i32): f64 {
  return load<f64>(table + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline function column(space: i32, index: i32): f64 {
  return at(SPACES, space * COLUMNS + index);
}

export function diffusion(space: i32): f64 {
  return column(space, 3);
}

/** Delay of a line in frames: evenly spaced by ratio, then moved to a prime by freePrime(). */
export function lineFrames(space: i32, line: i32, framesPerMs: f64): i32 {
  const shortest = column(space, 0);
  const ratio = column(space, 1) / shortest;
  return <i32>Math.round(shortest * Math.pow(ratio, <f64>line / (LINES - 1)) * framesPerMs);
}

/** How loud the scattered sound is before the network has taken it up. */
export function onset(space: i32): f64 {
  return column(space, 5);
}

/**
 * Delays of the two scattering stages: multiples of the golden section and of the plastic number without their whole
 * parts, which fill an interval evenly and never repeat.
 */
export function scatterFrames(space: i32, stage: i32, line: i32, framesPerMs: f64): i32 {
  const turns = <f64>(line + 1) * (stage == 0 ? 0.6180339887498949 : 0.7548776662466927);
  const longest = column(space, 4) * (stage == 0 ? 0.6180339887498949 : 1);
  return <i32>Math.round(longest * (turns - Math.floor(turns)) * framesPerMs);
}

export function diffuserFrames(space: i32, index: i32, framesPerMs: f64): i32 {
  return <i32>Math.round(column(space, 2) * at(DIFFUSER_PARTS, index) * framesPerMs);
}

export function isPrime(n: i32): bool {
  for (let d = 2; d * d <= n; d++) if (n % d == 0) return false;
  return true;
}

/** An image of a loudspeaker, as a reflection reaching a microphone. */
@unmanaged
export class Reflection {
  /** After the direct sound of the microphone's own side. */
  delayMs: f64;
  gain: f64;
  source: i32;
}

export const REFLECTION_BYTES: usize = offsetof<Reflection>();

// @ts-ignore: decorator
@inline export function reflectionAt(table: usize, index: i32): Reflection {
  return changetype<Reflection>(table + <usize>index * REFLECTION_BYTES);
}

/** The first TAPS reflections that reach a microphone, in order, with unit energy together. Returns how many. */
export function findReflections(space: i32, scale: f64, microphone: i32, to: usize): i32 {
  const reflectance = column(space, 9);
  if (reflectance == 0) return 0;
  const width = column(space, 6) * scale;
  const length = column(space, 7) * scale;
  const height = column(space, 8) * scale;
  const mx = at(MICROPHONES, microphone * 3) * width;
  const my = at(MICROPHONES, microphone * 3 + 1) * length;
  const mz = at(MICROPHONES, microphone * 3 + 2) * height;
  const direct = Math.hypot(
    Math.hypot(at(SOURCES, microphone * 3) * width - mx, at(SOURCES, microphone * 3 + 1) * length - my),
    at(SOURCES, microphone * 3 + 2) * height - mz,
  );
  let found = 0;
  for (let source = 0; source < 2; source++) {
    for (let ix = -2 * REACH; ix <= 2 * REACH; ix++) {
      for (let iy = -2 * REACH; iy <= 2 * REACH; iy++) {
        for (let iz = 0; iz <= 1; iz++) {
          const order = abs(ix) + abs(iy) + iz;
          if (order == 0) continue;
          const dx = image(ix, at(SOURCES, source * 3) * width, width) - mx;
          const dy = image(iy, at(SOURCES, source * 3 + 1) * length, length) - my;
          const dz = image(iz, at(SOURCES, source * 3 + 2) * height, height) - mz;
          const distance = Math.hypot(Math.hypot(dx, dy), dz);
          const delayMs = (max(0, distance - direct) / SPEED_OF_SOUND) * 1000;
          const gain = (Math.pow(reflectance, <f64>order) * direct) / distance;
          found = insert(to, found, delayMs, gain, source);
        }
      }
    }
  }
  normalise(to, found);
  return found;
}

/** Coordinate of the image behind `order` walls along one axis: mirrored when the order is odd. */
function image(order: i32, position: f64, extent: f64): f64 {
  return (order & 1) == 0 ? <f64>order * extent + position : <f64>(order + 1) * extent - position;
}

/** Keeps the table sorted by delay; what falls off its end is forgotten. */
function insert(to: usize, found: i32, delayMs: f64, gain: f64, source: i32): i32 {
  let place = found;
  while (place > 0 && reflectionAt(to, place - 1).delayMs > delayMs) place--;
  if (place == TAPS) return found;
  const last = min(found, TAPS - 1);
  for (let k = last; k > place; k--) {
    memory.copy(to + <usize>k * REFLECTION_BYTES, to + <usize>(k - 1) * REFLECTION_BYTES, REFLECTION_BYTES);
  }
  const reflection = reflectionAt(to, place);
  reflection.delayMs = delayMs;
  reflection.gain = gain;
  reflection.source = source;
  return min(found + 1, TAPS);
}

function normalise(to: usize, found: i32): void {
  let energy: f64 = 0;
  for (let k = 0; k < found; k++) energy += reflectionAt(to, k).gain * reflectionAt(to, k).gain;
  for (let k = 0; k < found; k++) reflectionAt(to, k).gain /= Math.sqrt(energy);
}
