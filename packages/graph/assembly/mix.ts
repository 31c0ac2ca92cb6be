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

/** True if no sample is NaN or infinite. */
export function allFinite(from: usize, frames: i32): bool {
  let sum = f32x4.splat(0);
  const whole = from + ((<usize>frames & ~3) << 2);
  const end = from + (<usize>frames << 2);
  // x - x is 0 for every finite x and NaN for the rest; NaN stays in a sum.
  for (; from < whole; from += 16) {
    const x = v128.load(from);
    sum = f32x4.add(sum, f32x4.sub(x, x));
  }
  let rest = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
  for (; from < end; from += 4) rest += load<f32>(from) - load<f32>(from);
  return rest == 0;
}
