/**
 * Scattering: sixteen delays and a Hadamard matrix, twice. Every echo that goes in comes out of each of the sixteen
 * channels as 256, with no feedback and no loss: the cascade is paraunitary.
 *
 *   left, right ─▶ 8 taps each ─▶ Hadamard / 4 ─▶ 16 delays ─▶ Hadamard / 4 ─▶ 16 channels
 *
 * Gerzon, "Unitary (energy-preserving) multichannel networks with feedback", Electronics Letters 12(11), 1976;
 * Schlecht & Habets, "Scattering in feedback delay networks", IEEE/ACM TASLP 28, 2020.
 */
import { DelayLine, lineAt, SEGMENT_BYTES, tap } from "./delay-line";
import { hadamard4, writeLines } from "./network";
import { LINES, scatterFrames } from "./spaces";

/**
 * Both stages; `scratch` and `to` hold 16 segments each. Leaves `to` to be
 * finished by mixScattered().
 */
export function scatter(
  space: i32,
  framesPerMs: f64,
  left: DelayLine,
  right: DelayLine,
  lines: usize,
  scratch: usize,
  to: usize,
): void {
  for (let group = 0; group < LINES / 4; group++) {
    const l = 4 * group;
    hadamardOfTaps(
      tap(left, scatterFrames(space, 0, l, framesPerMs)),
      tap(right, scatterFrames(space, 0, l + 1, framesPerMs)),
      tap(left, scatterFrames(space, 0, l + 2, framesPerMs)),
      tap(right, scatterFrames(space, 0, l + 3, framesPerMs)),
      scratch + <usize>l * SEGMENT_BYTES,
    );
  }
  memory.fill(to, 0, <usize>LINES * SEGMENT_BYTES);
  writeLines(lines, scratch, to);
  for (let group = 0; group < LINES / 4; group++) {
    const l = 4 * group;
    hadamardOfTaps(
      tap(lineAt(lines, l), lineAt(lines, l).delay),
      tap(lineAt(lines, l + 1), lineAt(lines, l + 1).delay),
      tap(lineAt(lines, l + 2), lineAt(lines, l + 2).delay),
      tap(lineAt(lines, l + 3), lineAt(lines, l + 3).delay),
      to + <usize>l * SEGMENT_BYTES,
    );
  }
}

function hadamardOfTaps(tap0: usize, tap1: usize, tap2: usize, tap3: usize, to: usize): void {
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
    hadamard4(to + i, v128.load(tap0 + i), v128.load(tap1 + i), v128.load(tap2 + i), v128.load(tap3 + i));
  }
}

/**
 * The second factor of the matrix, in place, times `gain` (a segment). The first channels of the groups are also
 * added to `left`, the second to `right`, with signs of which no inverse of the matrix could pick out one echo.
 */
export function mixScattered(channels: usize, gain: usize, onset: f32, left: usize, right: usize): void {
  for (let j = 0; j < 4; j++) {
    const at = channels + <usize>j * SEGMENT_BYTES;
    for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
      const g = f32x4.mul(f32x4.splat(0.25), v128.load(gain + i));
      const v0 = f32x4.mul(g, v128.load(at + i));
      const v1 = f32x4.mul(g, v128.load(at + i, 1024));
      const v2 = f32x4.mul(g, v128.load(at + i, 2048));
      const v3 = f32x4.mul(g, v128.load(at + i, 3072));
      const a = f32x4.add(v0, v1);
      const b = f32x4.sub(v0, v1);
      const c = f32x4.add(v2, v3);
      const d = f32x4.sub(v2, v3);
      v128.store(at + i, f32x4.add(a, c));
      v128.store(at + i, f32x4.add(b, d), 1024);
      v128.store(at + i, f32x4.sub(a, c), 2048);
      v128.store(at + i, f32x4.sub(b, d), 3072);
    }
  }
  addOnset(channels, onset, left);
  addOnset(channels + SEGMENT_BYTES, onset, right);
}

function addOnset(from: usize, onset: f32, to: usize): void {
  const level = f32x4.splat(onset);
  for (let i: usize = 0; i < SEGMENT_BYTES; i += 16) {
    const a = f32x4.add(v128.load(from + i), v128.load(from + i, 1024));
    const b = f32x4.sub(v128.load(from + i, 2048), v128.load(from + i, 3072));
    v128.store(to + i, f32x4.add(v128.load(to + i), f32x4.mul(level, f32x4.add(a, b))));
  }
}
