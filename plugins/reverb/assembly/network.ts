/**
 * The late reverberation: sixteen delay lines fed back through a lossless matrix.
 *
 *          ┌───────────────────────────────────────────────────────────────┐
 *   in  ─▶ + ─▶ z^-m ─▶ absorption ─┬─▶ rotations R(t) ─▶ Hadamard / 4 ────┘
 *                                   └─▶ ± even lines: left, ± odd lines: right
 *
 * The signs of the outputs must not be a row of the matrix: the whole output would come back through one line, and the
 * tail repeat itself after its delay, as a comb filter does. Turning over the last group spreads it over four lines,
 * the most that signs on every other line can do.
 *
 * Stautner & Puckette, "Designing multi-channel reverberators", Computer Music Journal 6(1), 1982; Jot & Chaigne 1991
 * (absorption.ts). Slow rotations of pairs of lines break up what would ring: a time-varying orthogonal matrix loses
 * and adds nothing (Schlecht & Habets, "Time-varying feedback matrices in feedback delay networks and their
 * application in artificial reverberation", JASA 138(3), 2015), and unlike a modulated delay needs no interpolation.
 *
 * A Hadamard matrix of order 16 is H4 ⊗ H4: the first factor is applied within each group of four lines on the way
 * out of the filters, the second across the groups on the way back in.
 */
import { head, lineAt, mirror, SEGMENT_BYTES, tap } from "./delay-line";
import { ROWS } from "./absorption";
import { LINES } from "./spaces";

const ROW_BYTES: usize = <usize>LINES << 2;
/** Frames of a ramp within a segment, as a factor. */
const PER_FRAME: f32 = 1 / 64;

/** cos and sin of the two angles, at the head of the present segment and at the head of the next. */
@unmanaged
export class Rotations {
  cos0: f32;
  sin0: f32;
  cos1: f32;
  sin1: f32;
  nextCos0: f32;
  nextSin0: f32;
  nextCos1: f32;
  nextSin1: f32;
}

/** A value that moves in a straight line through the segment, four frames at a time. */
// @ts-ignore: decorator
@inline function firstFour(from: f32, to: f32): v128 {
  const step = (to - from) * PER_FRAME;
  return f32x4.add(f32x4.splat(from), f32x4.mul(f32x4.splat(step), f32x4(0, 1, 2, 3)));
}

// @ts-ignore: decorator
@inline function nextFour(value: v128, from: f32, to: f32): v128 {
  return f32x4.add(value, f32x4.splat((to - from) * (4 * PER_FRAME)));
}

/**
 * Reads four lines, absorbs, adds them to `left` and `right`, and leaves them in `mixed` turned and mixed by H4.
 * `rows` are the coefficients (absorption.ts), `steps` what they change by within this segment, `states` 2 × 4 f32.
 */
export function readGroup(
  lines: usize,
  group: i32,
  rows: usize,
  steps: usize,
  moving: bool,
  states: usize,
  rotations: Rotations,
  left: usize,
  right: usize,
  mixed: usize,
): void {
  const line0 = tap(lineAt(lines, 4 * group), lineAt(lines, 4 * group).delay);
  const line1 = tap(lineAt(lines, 4 * group + 1), lineAt(lines, 4 * group + 1).delay);
  const line2 = tap(lineAt(lines, 4 * group + 2), lineAt(lines, 4 * group + 2).delay);
  const line3 = tap(lineAt(lines, 4 * group + 3), lineAt(lines, 4 * group + 3).delay);
  if (moving) absorbMoving(line0, line1, line2, line3, rows + (<usize>group << 4), steps + (<usize>group << 4), states, mixed);
  else absorb(line0, line1, line2, line3, rows + (<usize>group << 4), states, mixed);

  const outputSign = f32x4.splat(group == 3 ? -1 : 1);
  const sign: f32 = (group & 1) == 0 ? 1 : -1;
  let cos0 = firstFour(rotations.cos0, rotations.nextCos0);
  let sin0 = firstFour(sign * rotations.sin0, sign * rotations.nextSin0);
  let cos1 = firstFour(rotations.cos1, rotations.nextCos1);
  let sin1 = firstFour(sign * rotations.sin1, sign * rotations.nextSin1);
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
    const v0 = v128.load(mixed + i);
    const v1 = v128.load(mixed + i, 256);
    const v2 = v128.load(mixed + i, 512);
    const v3 = v128.load(mixed + i, 768);
    v128.store(left + i, f32x4.add(v128.load(left + i), f32x4.mul(outputSign, f32x4.sub(v0, v2))));
    v128.store(right + i, f32x4.add(v128.load(right + i), f32x4.mul(outputSign, f32x4.sub(v1, v3))));
    const r0 = f32x4.sub(f32x4.mul(cos0, v0), f32x4.mul(sin0, v1));
    const r1 = f32x4.add(f32x4.mul(sin0, v0), f32x4.mul(cos0, v1));
    const r2 = f32x4.sub(f32x4.mul(cos1, v2), f32x4.mul(sin1, v3));
    const r3 = f32x4.add(f32x4.mul(sin1, v2), f32x4.mul(cos1, v3));
    cos0 = nextFour(cos0, rotations.cos0, rotations.nextCos0);
    sin0 = nextFour(sin0, sign * rotations.sin0, sign * rotations.nextSin0);
    cos1 = nextFour(cos1, rotations.cos1, rotations.nextCos1);
    sin1 = nextFour(sin1, sign * rotations.sin1, sign * rotations.nextSin1);
    hadamard4(mixed + i, r0, r1, r2, r3);
  }
}

/** H4 of four vectors, stored SEGMENT_BYTES apart. */
// @ts-ignore: decorator
@inline export function hadamard4(to: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  const a = f32x4.add(v0, v1);
  const b = f32x4.sub(v0, v1);
  const c = f32x4.add(v2, v3);
  const d = f32x4.sub(v2, v3);
  v128.store(to, f32x4.add(a, c));
  v128.store(to, f32x4.add(b, d), 256);
  v128.store(to, f32x4.sub(a, c), 512);
  v128.store(to, f32x4.sub(b, d), 768);
}

/** Writes 16 lines: H4 across the groups of `mixed` (16 × 64 f32), plus what comes in, if anything does. */
export function writeLines(lines: usize, mixed: usize, incoming: usize): void {
  const quarter = f32x4.splat(0.25);
  for (let j = 0; j < 4; j++) {
    const from = mixed + <usize>j * SEGMENT_BYTES;
    const add = incoming + <usize>j * SEGMENT_BYTES;
    const to0 = head(lineAt(lines, j));
    const to1 = head(lineAt(lines, j + 4));
    const to2 = head(lineAt(lines, j + 8));
    const to3 = head(lineAt(lines, j + 12));
    for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
      const v0 = v128.load(from + i);
      const v1 = v128.load(from + i, 1024);
      const v2 = v128.load(from + i, 2048);
      const v3 = v128.load(from + i, 3072);
      const a = f32x4.add(v0, v1);
      const b = f32x4.sub(v0, v1);
      const c = f32x4.add(v2, v3);
      const d = f32x4.sub(v2, v3);
      v128.store(to0 + i, f32x4.add(v128.load(add + i), f32x4.mul(quarter, f32x4.add(a, c))));
      v128.store(to1 + i, f32x4.add(v128.load(add + i, 1024), f32x4.mul(quarter, f32x4.add(b, d))));
      v128.store(to2 + i, f32x4.add(v128.load(add + i, 2048), f32x4.mul(quarter, f32x4.sub(a, c))));
      v128.store(to3 + i, f32x4.add(v128.load(add + i, 3072), f32x4.mul(quarter, f32x4.sub(b, d))));
    }
  }
  for (let l = 0; l < LINES; l++) mirror(lineAt(lines, l));
}

/** Two first-order sections on four lines at once, a line in each lane. */
function absorb(line0: usize, line1: usize, line2: usize, line3: usize, rows: usize, states: usize, to: usize): void {
  const lowB = v128.load(rows);
  const lowC = v128.load(rows + ROW_BYTES);
  const lowA = v128.load(rows + 2 * ROW_BYTES);
  const highB = v128.load(rows + 3 * ROW_BYTES);
  const highC = v128.load(rows + 4 * ROW_BYTES);
  const highA = v128.load(rows + 5 * ROW_BYTES);
  let low = v128.load(states);
  let high = v128.load(states, 16);
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
    const x0 = v128.load(line0 + i);
    const x1 = v128.load(line1 + i);
    const x2 = v128.load(line2 + i);
    const x3 = v128.load(line3 + i);
    const t0 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
    const t1 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
    const t2 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const t3 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    let x = v128.shuffle<f32>(t0, t1, 0, 1, 4, 5);
    let u = f32x4.add(f32x4.mul(lowB, x), low);
    low = f32x4.add(f32x4.mul(lowC, x), f32x4.mul(lowA, low));
    const y0 = f32x4.add(f32x4.mul(highB, u), high);
    high = f32x4.add(f32x4.mul(highC, u), f32x4.mul(highA, high));
    x = v128.shuffle<f32>(t0, t1, 2, 3, 6, 7);
    u = f32x4.add(f32x4.mul(lowB, x), low);
    low = f32x4.add(f32x4.mul(lowC, x), f32x4.mul(lowA, low));
    const y1 = f32x4.add(f32x4.mul(highB, u), high);
    high = f32x4.add(f32x4.mul(highC, u), f32x4.mul(highA, high));
    x = v128.shuffle<f32>(t2, t3, 0, 1, 4, 5);
    u = f32x4.add(f32x4.mul(lowB, x), low);
    low = f32x4.add(f32x4.mul(lowC, x), f32x4.mul(lowA, low));
    const y2 = f32x4.add(f32x4.mul(highB, u), high);
    high = f32x4.add(f32x4.mul(highC, u), f32x4.mul(highA, high));
    x = v128.shuffle<f32>(t2, t3, 2, 3, 6, 7);
    u = f32x4.add(f32x4.mul(lowB, x), low);
    low = f32x4.add(f32x4.mul(lowC, x), f32x4.mul(lowA, low));
    const y3 = f32x4.add(f32x4.mul(highB, u), high);
    high = f32x4.add(f32x4.mul(highC, u), f32x4.mul(highA, high));
    const w0 = v128.shuffle<f32>(y0, y1, 0, 4, 1, 5);
    const w1 = v128.shuffle<f32>(y2, y3, 0, 4, 1, 5);
    const w2 = v128.shuffle<f32>(y0, y1, 2, 6, 3, 7);
    const w3 = v128.shuffle<f32>(y2, y3, 2, 6, 3, 7);
    v128.store(to + i, v128.shuffle<f32>(w0, w1, 0, 1, 4, 5));
    v128.store(to + i, v128.shuffle<f32>(w0, w1, 2, 3, 6, 7), 256);
    v128.store(to + i, v128.shuffle<f32>(w2, w3, 0, 1, 4, 5), 512);
    v128.store(to + i, v128.shuffle<f32>(w2, w3, 2, 3, 6, 7), 768);
  }
  v128.store(states, low);
  v128.store(states, high, 16);
}

/** The same, its coefficients on their way: a frame at a time, since it runs for 20 ms after a change. */
function absorbMoving(
  line0: usize,
  line1: usize,
  line2: usize,
  line3: usize,
  rows: usize,
  steps: usize,
  states: usize,
  to: usize,
): void {
  const row = memory.data(16 * 6, 16);
  const step = memory.data(16 * 6, 16);
  for (let r: usize = 0; r < <usize>ROWS; r++) {
    v128.store(row + (r << 4), v128.load(rows + r * ROW_BYTES));
    v128.store(step + (r << 4), f32x4.mul(v128.load(steps + r * ROW_BYTES), f32x4.splat(PER_FRAME)));
  }
  let low = v128.load(states);
  let high = v128.load(states, 16);
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 4) {
    let x = v128.load32_zero(line0 + i);
    x = v128.load32_lane(line1 + i, x, 1);
    x = v128.load32_lane(line2 + i, x, 2);
    x = v128.load32_lane(line3 + i, x, 3);
    const u = f32x4.add(f32x4.mul(v128.load(row), x), low);
    low = f32x4.add(f32x4.mul(v128.load(row, 16), x), f32x4.mul(v128.load(row, 32), low));
    const y = f32x4.add(f32x4.mul(v128.load(row, 48), u), high);
    high = f32x4.add(f32x4.mul(v128.load(row, 64), u), f32x4.mul(v128.load(row, 80), high));
    v128.store32_lane(to + i, y, 0);
    v128.store32_lane(to + i, y, 1, 256);
    v128.store32_lane(to + i, y, 2, 512);
    v128.store32_lane(to + i, y, 3, 768);
    for (let r: usize = 0; r < 96; r += 16) v128.store(row + r, f32x4.add(v128.load(row + r), v128.load(step + r)));
  }
  v128.store(states, low);
  v128.store(states, high, 16);
}
