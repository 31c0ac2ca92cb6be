// Sample rate conversion by a windowed sinc, all in double precision: two channels at a time, one in each lane of f64x2.
//
//   y[n] = Σ_k h(k - frac) · x[floor(n·M/L) + k],   h(t) = 2c · sinc(2ct) · kaiser(t),   frac = n·M/L - floor(n·M/L)
//
// With a ratio of small whole numbers L/M there are L different fractions, and one row of taps for each (a polyphase
// filter: exact). Otherwise the row is interpolated by a cubic between neighbouring rows of a dense table, after
// J. O. Smith, "Digital Audio Resampling", 2002, with an error below -180 dB for 256 rows.

/** The modified Bessel function I0, by its power series. */
export function besselI0(x: f64): f64 {
  const quarter = (x * x) / 4;
  let term: f64 = 1;
  let sum: f64 = 1;
  for (let k: f64 = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/**
 * Writes rows `first` to `first + rows - 1` of `taps` f64 each; row r holds h(t) for a fraction of r/phases frames.
 * `cutoff` is in cycles per input frame, `beta` shapes the Kaiser window.
 */
export function sincTable(table: usize, taps: i32, first: i32, rows: i32, phases: i32, cutoff: f64, beta: f64): void {
  const half = taps / 2;
  const scale = 2 * cutoff / besselI0(beta);
  for (let r = first; r < first + rows; r++) {
    for (let k = 0; k < taps; k++, table += 8) {
      const t = <f64>(k - half + 1) - <f64>r / phases;
      const edge = t / half;
      const inside = 1 - edge * edge;
      const window = inside > 0 ? besselI0(beta * Math.sqrt(inside)) : inside == 0 ? 1 : 0;
      const angle = 2 * Math.PI * cutoff * t;
      store<f64>(table, scale * window * (angle == 0 ? 1 : Math.sin(angle) / angle));
    }
  }
}

/** Turns two planar f32 channels into `frames` pairs of f64. */
export function interleavePair(left: usize, right: usize, pairs: usize, frames: i32): void {
  const end = left + (<usize>frames << 2);
  for (; left < end; left += 4, right += 4, pairs += 16) {
    v128.store(pairs, f64x2.promote_low_f32x4(v128.load32_lane(right, v128.load32_zero(left), 1)));
  }
}

/** Σ h[k] · x[k] over `taps` (a multiple of 4) for a pair of channels. */
@inline function convolve(x: usize, row: usize, taps: i32): v128 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  const end = row + (<usize>taps << 3);
  for (; row < end; row += 32, x += 64) {
    a = f64x2.add(a, f64x2.mul(v128.load64_splat(row, 0), v128.load(x, 0)));
    b = f64x2.add(b, f64x2.mul(v128.load64_splat(row, 8), v128.load(x, 16)));
    c = f64x2.add(c, f64x2.mul(v128.load64_splat(row, 16), v128.load(x, 32)));
    d = f64x2.add(d, f64x2.mul(v128.load64_splat(row, 24), v128.load(x, 48)));
  }
  return f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
}

@inline function storeFrame(left: usize, right: usize, frame: v128): void {
  const rounded = f32x4.demote_f64x2_zero(frame);
  v128.store32_lane(left, rounded, 0);
  v128.store32_lane(right, rounded, 1);
}

/**
 * `frames` output frames with a table of `phases` rows (L). `pairs` points to the first tap of the first frame, `phase`
 * is its row and `step` is M. Rows and whole frames advance by whole numbers, so no error builds up.
 */
export function resampleRational(
  pairs: usize, table: usize, taps: i32, phases: i32, phase: i32, step: i32, left: usize, right: usize, frames: i32,
): void {
  const wholeStep = step / phases;
  const phaseStep = step % phases;
  const rowBytes = <usize>taps << 3;
  const end = left + (<usize>frames << 2);
  for (; left < end; left += 4, right += 4) {
    storeFrame(left, right, convolve(pairs, table + <usize>phase * rowBytes, taps));
    phase += phaseStep;
    pairs += <usize>wholeStep << 4;
    if (phase >= phases) {
      phase -= phases;
      pairs += 16;
    }
  }
}

/**
 * `frames` output frames at `position`, `position + step`, … input frames after `pairs`. The table starts at row -1 and
 * has `phases` + 3 rows; `row` is scratch for one.
 */
export function resampleDense(
  pairs: usize, table: usize, taps: i32, phases: i32, position: f64, step: f64, row: usize,
  left: usize, right: usize, frames: i32,
): void {
  const rowBytes = <usize>taps << 3;
  for (let i = 0; i < frames; i++, left += 4, right += 4) {
    const at = position + step * i;
    const whole = Math.floor(at);
    const fine = (at - whole) * phases;
    const below = Math.floor(fine);
    const t = fine - below;
    // Lagrange's cubic through the rows at -1, 0, 1 and 2.
    const w0 = f64x2.splat((-t * (t - 1) * (t - 2)) / 6);
    const w1 = f64x2.splat(((t + 1) * (t - 1) * (t - 2)) / 2);
    const w2 = f64x2.splat((-(t + 1) * t * (t - 2)) / 2);
    const w3 = f64x2.splat(((t + 1) * t * (t - 1)) / 6);
    let source = table + <usize>below * rowBytes;
    for (let k: usize = 0; k < rowBytes; k += 16, source += 16) {
      const outer = f64x2.add(f64x2.mul(w0, v128.load(source)), f64x2.mul(w3, v128.load(source + 3 * rowBytes)));
      const inner = f64x2.add(f64x2.mul(w1, v128.load(source + rowBytes)), f64x2.mul(w2, v128.load(source + 2 * rowBytes)));
      v128.store(row + k, f64x2.add(outer, inner));
    }
    storeFrame(left, right, convolve(pairs + (<usize>whole << 4), row, taps));
  }
}
