/**
 * Reading between the frames: a sinc under a Kaiser window for -110 dB, 24 taps, in 512 rows with straight lines
 * between them. It stands in the loop, where every echo passes it once more, so it has to be better than a cubic.
 *
 *   x(i + f) = Σ_k h(k - f) x[i + k],  k = -11 … 12
 *
 * J. O. Smith, "Digital Audio Resampling Home Page", 2002.
 */
import { sincTable } from "@gainstage/dsp/assembly/resampler";

export const TAPS: i32 = 24;
/** Frames from the point read to the newest frame needed. */
export const REACH: i32 = TAPS / 2;

const ROWS: i32 = 512;
const ROW_BYTES: usize = <usize>TAPS << 2;
/** 0.1102 (110 - 8.7), Kaiser's rule for 110 dB. */
const BETA: f64 = 11.16;

let table: usize = 0;

/** Works the table out once for all processors. [control] */
export function prepareTable(): void {
  if (table != 0) return;
  const row = heap.alloc(<usize>TAPS << 3);
  const rows = (heap.alloc(<usize>(ROWS + 1) * ROW_BYTES + 15) + 15) & ~15;
  for (let r = 0; r <= ROWS; r++) {
    sincTable(row, TAPS, r, 1, ROWS, 0.5, BETA);
    for (let k = 0; k < TAPS; k++) {
      store<f32>(rows + <usize>r * ROW_BYTES + (<usize>k << 2), <f32>load<f64>(row + (<usize>k << 3)));
    }
  }
  table = rows;
}

/**
 * The two channels `fraction` (0 to 1) frames after the frame under tap 11. `first` is the address of the oldest of TAPS
 * frames, each a pair of f32 left and right.
 */
// @ts-ignore: decorator
@inline export function between(first: usize, fraction: f64): v128 {
  const position = fraction * ROWS;
  const below = Math.floor(position);
  const way = f32x4.splat(<f32>(position - below));
  let row = table + <usize>(<i32>below) * ROW_BYTES;
  let early = f32x4.splat(0);
  let late = f32x4.splat(0);
  for (let k: usize = 0; k < ROW_BYTES; k += 16) {
    const taps = v128.load(row + k);
    const h = f32x4.add(taps, f32x4.mul(way, f32x4.sub(v128.load(row + k + ROW_BYTES), taps)));
    const pairs = first + 2 * k;
    early = f32x4.add(early, f32x4.mul(v128.shuffle<f32>(h, h, 0, 0, 1, 1), v128.load(pairs)));
    late = f32x4.add(late, f32x4.mul(v128.shuffle<f32>(h, h, 2, 2, 3, 3), v128.load(pairs, 16)));
  }
  const sum = f32x4.add(early, late);
  return f64x2.promote_low_f32x4(f32x4.add(sum, v128.shuffle<f32>(sum, sum, 2, 3, 2, 3)));
}
