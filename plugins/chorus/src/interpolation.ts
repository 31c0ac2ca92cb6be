/** Reading between the frames. The twin of assembly/interpolation.ts, which says what it is worth. */
import { kaiserSinc } from "@gainstage/dsp";

export const REACH = 12;
const PHASES = 512;
const BETA = 11.16;

const TAPS = Array.from({ length: 2 * REACH }, (_, k) => k - REACH + 1);
const ROWS = Array.from({ length: PHASES + 1 }, (_, row) =>
  TAPS.map((tap) => kaiserSinc(tap - row / PHASES, REACH, BETA)),
);

/** The signal `delay` frames ago, at least REACH + 1; `ago(n)` is the frame n frames ago. */
export function readBetween(ago: (frames: number) => number, delay: number): number {
  const behind = Math.ceil(delay);
  const position = (behind - delay) * PHASES;
  const row = Math.floor(position);
  const way = position - row;
  let sum = 0;
  for (const [k, tap] of TAPS.entries()) {
    const weight = ROWS[row][k] + way * (ROWS[row + 1][k] - ROWS[row][k]);
    sum += weight * ago(behind - tap);
  }
  return sum;
}
