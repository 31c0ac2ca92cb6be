/**
 * Scattering and feedback delay network, one frame at a time. The twins of assembly/scattering.ts and
 * assembly/network.ts, where the papers are named.
 */
import { type Controls, INJECTION, ROWS, TURN } from "./controls.ts";
import { Delay } from "./delay.ts";
import { type Delays, LINES, SEGMENT } from "./spaces.ts";

/** Rates of the two rotations, in Hz. */
const TURN_HZ = [0.31, 0.47];
const each = <T>(make: (line: number) => T): T[] => Array.from({ length: LINES }, (_, line) => make(line));

/** H / 4 of 16 channels in place, H the Hadamard matrix in Sylvester's order. */
export function hadamard(v: Float64Array): void {
  for (let half = 1; half < LINES; half *= 2) {
    for (let i = 0; i < LINES; i++) {
      if (i & half) continue;
      const a = v[i];
      const b = v[i + half];
      v[i] = a + b;
      v[i + half] = a - b;
    }
  }
  for (let i = 0; i < LINES; i++) v[i] /= 4;
}

/** 2 taps × 8 ─▶ H ─▶ 16 delays ─▶ H: from the diffused left and right to sixteen channels. */
export class Scattering {
  readonly channels = new Float64Array(LINES);
  readonly #delays: readonly (readonly number[])[];
  readonly lines: readonly Delay[];

  constructor(delays: Delays) {
    this.#delays = delays.scattering;
    this.lines = each((line) => new Delay(delays.scattering[1][line]));
  }

  next(diffused: readonly Delay[]): void {
    const v = this.channels;
    for (let l = 0; l < LINES; l++) v[l] = diffused[l % 2].tap(this.#delays[0][l]);
    hadamard(v);
    for (let l = 0; l < LINES; l++) {
      this.lines[l].push(v[l]);
      v[l] = this.lines[l].tap(this.#delays[1][l]);
    }
    hadamard(v);
  }
}

/** The network: lines ─▶ absorption ─▶ rotations ─▶ H / 4 ─▶ + what comes in ─▶ lines. */
export class Network {
  left = 0;
  right = 0;
  readonly #delays: readonly number[];
  readonly lines: readonly Delay[];
  readonly #low = new Float64Array(LINES);
  readonly #high = new Float64Array(LINES);
  readonly #v = new Float64Array(LINES);
  readonly #sampleRateHz: number;

  constructor(delays: Delays, sampleRateHz: number) {
    this.#delays = delays.lines;
    this.lines = each((line) => new Delay(delays.lines[line]));
    this.#sampleRateHz = sampleRateHz;
  }

  /** One frame, `share` of the way through the segment that begins at `segmentFrame`. */
  next(incoming: Float64Array, controls: Controls, segmentFrame: number, share: number): void {
    const v = this.#v;
    this.left = 0;
    this.right = 0;
    for (let l = 0; l < LINES; l++) {
      const x = this.lines[l].tap(this.#delays[l] - 1);
      const coefficient = (row: number) => controls.at(ROWS * l + row, share);
      const u = coefficient(0) * x + this.#low[l];
      this.#low[l] = coefficient(1) * x + coefficient(2) * this.#low[l];
      v[l] = coefficient(3) * u + this.#high[l];
      this.#high[l] = coefficient(4) * u + coefficient(5) * this.#high[l];
      const sign = l % 4 < 2 === l < 12 ? 1 : -1;
      if (l % 2 === 0) this.left += sign * v[l];
      else this.right += sign * v[l];
    }
    this.#rotate(controls, segmentFrame, share);
    hadamard(v);
    const injection = controls.at(INJECTION, share);
    for (let l = 0; l < LINES; l++) this.lines[l].push(v[l] + injection * incoming[l]);
  }

  /** Pairs of lines by ±the first angle, ±the second, in turn. Sines and cosines go straight through a segment. */
  #rotate(controls: Controls, segmentFrame: number, share: number): void {
    const v = this.#v;
    for (let pair = 0; pair < LINES / 2; pair++) {
      const sine = (part: number) =>
        controls.at(TURN, part) *
        Math.sin((2 * Math.PI * TURN_HZ[pair % 2] * (segmentFrame + part * SEGMENT)) / this.#sampleRateHz);
      const from = sine(0);
      const to = sine(1);
      const cosine = Math.sqrt(1 - from * from) * (1 - share) + Math.sqrt(1 - to * to) * share;
      const turned = (pair % 4 < 2 ? 1 : -1) * (from * (1 - share) + to * share);
      const a = v[2 * pair];
      const b = v[2 * pair + 1];
      v[2 * pair] = cosine * a - turned * b;
      v[2 * pair + 1] = turned * a + cosine * b;
    }
  }

  clearFilters(): void {
    this.#low.fill(0);
    this.#high.fill(0);
  }
}
