/**
 * Copy, sum and down-mix of channels, four samples at a time, the busiest loops four vectors a turn. Buffers have 64
 * bytes to spare, and what lies beyond `frames` is never read as audio, so that no loop needs a remainder.
 * [audio thread]
 */

export function clear(to: usize, frames: i32): void {
  memory.fill(to, 0, <usize>frames << 2);
}

export function copy(to: usize, from: usize, frames: i32): void {
  memory.copy(to, from, <usize>frames << 2);
}

export function add(to: usize, from: usize, frames: i32): void {
  const end = to + (<usize>frames << 2);
  for (; to < end; to += 64, from += 64) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), v128.load(from, 32)), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), v128.load(from, 48)), 48);
  }
}

/** Stereo to mono: (L + R) / 2, so that what is equal on both sides keeps its level. */
export function downmix(to: usize, left: usize, right: usize, frames: i32): void {
  const half = f32x4.splat(0.5);
  const end = to + (<usize>frames << 2);
  for (; to < end; to += 16, left += 16, right += 16) {
    v128.store(to, f32x4.mul(f32x4.add(v128.load(left), v128.load(right)), half));
  }
}

/** to = from * gain */
export function scale(to: usize, from: usize, gain: f32, frames: i32): void {
  const g = f32x4.splat(gain);
  const end = to + (<usize>frames << 2);
  for (; to < end; to += 64, from += 64) {
    v128.store(to, f32x4.mul(v128.load(from), g));
    v128.store(to, f32x4.mul(v128.load(from, 16), g), 16);
    v128.store(to, f32x4.mul(v128.load(from, 32), g), 32);
    v128.store(to, f32x4.mul(v128.load(from, 48), g), 48);
  }
}

/** to[i] = from[i] * gains[i] */
export function scaleEach(to: usize, from: usize, gains: usize, frames: i32): void {
  const end = to + (<usize>frames << 2);
  for (; to < end; to += 16, from += 16, gains += 16) {
    v128.store(to, f32x4.mul(v128.load(from), v128.load(gains)));
  }
}

/** True if every frame is zero, +0 and not -0. Ends at the first that is not, so what sounds costs next to nothing. */
export function allZero(from: usize, frames: i32): bool {
  const whole = from + ((<usize>frames & ~3) << 2);
  const end = from + (<usize>frames << 2);
  for (; from < whole; from += 16) if (v128.any_true(v128.load(from))) return false;
  for (; from < end; from += 4) if (load<u32>(from) != 0) return false;
  return true;
}

/** +60 dBFS. */
const LOUDEST: f32 = 1000;

/** True if every sample is a number within ±60 dBFS: no comparison with NaN is true. */
export function allSound(from: usize, frames: i32): bool {
  const loudest = f32x4.splat(LOUDEST);
  let sound = i32x4.splat(-1);
  const whole = from + ((<usize>frames & ~3) << 2);
  const end = from + (<usize>frames << 2);
  for (; from < whole; from += 16) sound = v128.and(sound, f32x4.le(f32x4.abs(v128.load(from)), loudest));
  for (; from < end; from += 4) if (!(abs(load<f32>(from)) <= LOUDEST)) return false;
  return i32x4.all_true(sound);
}
