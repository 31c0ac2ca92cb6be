/**
 * Subnormal numbers, below 2^-126 or −758 dBFS, as zeros: arithmetic with them takes many times as long on most processors,
 * and wasm cannot ask for them to be flushed. Faust flushes those of its recursions (-ftz 2), not what comes in.
 */

const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;

// @ts-ignore: decorator
@inline export function isSilent(x: f32): bool {
  return abs<f32>(x) < SMALLEST_NORMAL;
}

/** Copies `frames` f32; the two may be the same place. NaN stays NaN. */
export function copyFlushed(target: usize, source: usize, frames: i32): void {
  const smallest = f32x4.splat(SMALLEST_NORMAL);
  let i = 0;
  for (; i + 4 <= frames; i += 4) {
    const x = v128.load(source + (<usize>i << 2));
    v128.store(target + (<usize>i << 2), v128.andnot(x, f32x4.lt(f32x4.abs(x), smallest)));
  }
  for (; i < frames; i++) {
    const x = load<f32>(source + (<usize>i << 2));
    store<f32>(target + (<usize>i << 2), isSilent(x) ? 0 : x);
  }
}
