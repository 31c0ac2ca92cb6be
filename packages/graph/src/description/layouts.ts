/**
 * Speaker layouts, and how one becomes another where an edge says nothing else.
 *
 * Channel counts name a layout: 1 mono, 2 stereo, 3 lcr, 4 quad, 6 5.1, 8 7.1, 12 7.1.4, in the order of SMPTE ST 2036-2.
 * Other counts are channels without a place.
 *
 * Down-mix after ITU-R BS.775-3, Annex 4: a speaker that the target lacks goes to its neighbours at -3 dB, the LFE is
 * left out. Folding goes on until it arrives: 7.1.4 to stereo takes a rear height over the rear and the surround to the
 * left, at -9 dB. Mono is half the sum of what stereo would be, so that what is equal on both sides keeps its level.
 * Up-mix: every channel to the speaker of its name; mono to the centre, or where there is none to left and right.
 */

/** Channels that a port may have. */
export const MAX_CHANNELS = 64;

type Speaker =
  | "M"
  | "L"
  | "R"
  | "C"
  | "LFE"
  | "Ls"
  | "Rs"
  | "Lss"
  | "Rss"
  | "Lrs"
  | "Rrs"
  | "Ltf"
  | "Rtf"
  | "Ltb"
  | "Rtb";

const STEREO: readonly Speaker[] = ["L", "R"];
const FIVE_ONE: readonly Speaker[] = ["L", "R", "C", "LFE", "Ls", "Rs"];
const SEVEN_ONE: readonly Speaker[] = ["L", "R", "C", "LFE", "Lss", "Rss", "Lrs", "Rrs"];

const SPEAKERS: ReadonlyMap<number, readonly Speaker[]> = new Map([
  [1, ["M"]],
  [2, STEREO],
  [3, ["L", "R", "C"]],
  [4, ["L", "R", "Ls", "Rs"]],
  [6, FIVE_ONE],
  [8, SEVEN_ONE],
  [12, [...SEVEN_ONE, "Ltf", "Rtf", "Ltb", "Rtb"]],
]);

const MINUS_3_DB = Math.SQRT1_2;

/** Where a speaker goes that is not there, first choice first; every speaker ends at L and R. */
const FOLDS: Readonly<Partial<Record<Speaker, readonly (readonly [readonly Speaker[], number])[]>>> = {
  M: [
    [["C"], 1],
    [["L", "R"], 1],
  ],
  C: [[["L", "R"], MINUS_3_DB]],
  LFE: [[[], 0]],
  // Surrounds of 5.1 stand between the sides and the rears of 7.1, nearer to the sides.
  Ls: [
    [["Lss"], 1],
    [["L"], MINUS_3_DB],
  ],
  Rs: [
    [["Rss"], 1],
    [["R"], MINUS_3_DB],
  ],
  Lss: [[["Ls"], MINUS_3_DB]],
  Rss: [[["Rs"], MINUS_3_DB]],
  Lrs: [[["Ls"], MINUS_3_DB]],
  Rrs: [[["Rs"], MINUS_3_DB]],
  Ltf: [[["L"], MINUS_3_DB]],
  Rtf: [[["R"], MINUS_3_DB]],
  Ltb: [[["Lrs"], MINUS_3_DB]],
  Rtb: [[["Rrs"], MINUS_3_DB]],
};

/** Linear gains, [target channel][source channel]. */
export type MixMatrix = readonly (readonly number[])[];

const cache = new Map<string, MixMatrix>();

/** What an edge from `from` channels to `to` channels does by itself; channels without a place go by their number. */
export function mixMatrix(from: number, to: number): MixMatrix {
  const key = `${from} ${to}`;
  const known = cache.get(key);
  if (known) return known;
  const made = makeMatrix(from, to);
  cache.set(key, made);
  return made;
}

function makeMatrix(from: number, to: number): MixMatrix {
  const sources = SPEAKERS.get(from);
  const targets = SPEAKERS.get(to);
  const matrix = Array.from({ length: to }, () => new Array<number>(from).fill(0));
  if (!sources || !targets || from === to) {
    for (let c = 0; c < Math.min(from, to); c++) matrix[c][c] = 1;
    return matrix;
  }
  if (to === 1) return [mixMatrix(from, 2)[0].map((left, c) => (left + mixMatrix(from, 2)[1][c]) / 2)];
  for (const [c, speaker] of sources.entries()) fold(speaker, 1, c, targets, matrix);
  return matrix;
}

function fold(
  speaker: Speaker,
  gain: number,
  source: number,
  targets: readonly Speaker[],
  matrix: number[][],
): void {
  const at = targets.indexOf(speaker);
  if (at >= 0) {
    matrix[at][source] += gain;
    return;
  }
  const choices = FOLDS[speaker] ?? [];
  const [next, share] = choices.find(([names]) => names.every((name) => targets.includes(name))) ??
    choices.at(-1) ?? [[], 0];
  for (const name of next) fold(name, gain * share, source, targets, matrix);
}
