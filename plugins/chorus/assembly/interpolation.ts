/**
 * Reading between the frames: a sinc under a Kaiser window, 24 taps, in 512 rows with straight lines between them.
 *
 *   x(i + f) = Σ_k h(k - f) x[i + k],  k = -11 … 12
 *
 * J. O. Smith, "Digital Audio Resampling Home Page", 2002. With a window for -110 dB, what passes unharmed ends at
 * 0.34 of the sample rate. A straight line over 1/512 frame is off by less than (w / 512)² / 8: -121 dB at 10 kHz.
 */
import { sincTable } from "@gainstage/dsp/assembly/resampler";

export const TAPS: i32 = 24;
/** Frames from the point read to the newest frame needed. */
export const REACH: i32 = TAPS / 2;

export const PHASES: i32 = 512;
export const ROW_BYTES: usize = <usize>TAPS << 2;
/** 0.1102 (110 - 8.7), Kaiser's rule for 110 dB. */
const BETA: f64 = 11.16;

let table: usize = 0;

/** Works the table out once for all processors. [control] */
export function prepareTable(): void {
  if (table != 0) return;
  const row = heap.alloc(<usize>TAPS << 3);
  table = (heap.alloc(<usize>(PHASES + 1) * ROW_BYTES + 15) + 15) & ~15;
  for (let r = 0; r <= PHASES; r++) {
    sincTable(row, TAPS, r, 1, PHASES, 0.5, BETA);
    for (let k = 0; k < TAPS; k++) {
      store<f32>(table + <usize>r * ROW_BYTES + (<usize>k << 2), <f32>load<f64>(row + (<usize>k << 3)));
    }
  }
}

// @ts-ignore: decorator
@inline export function rowAt(bytes: i32): usize {
  return table + <usize>bytes;
}

/** Four taps, `at` bytes into the row, `way` on the way from it to the next. */
// @ts-ignore: decorator
@inline export function tapsAt(row: usize, at: usize, way: v128): v128 {
  const below = v128.load(row + at);
  return f32x4.add(below, f32x4.mul(way, f32x4.sub(v128.load(row + at + ROW_BYTES), below)));
}
