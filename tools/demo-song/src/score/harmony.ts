/**
 * The harmony: key, chord symbols, the progression bar by bar, and voice leading.
 *
 * The key is D minor. Two notes from outside it are used on purpose: C#, the leading tone of every A7, and the F# of the
 * last chord, the Picardy third in which the song ends.
 */
import { BEATS_PER_BAR, beatOfBar } from "./form.ts";
import { pitchClass } from "./notes.ts";

/** D natural minor. */
export const KEY: readonly number[] = ["D", "E", "F", "G", "A", "Bb", "C"].map(pitchClass);
export const LEADING_TONE = pitchClass("C#");
export const PICARDY_THIRD = pitchClass("F#");

/** One text line per four bars; a bar with two symbols changes on its third beat. */
const PROGRESSION = [
  "Dm9 | Bbmaj7 | Fadd9 | C/E", // intro
  "Dm9 | Bbmaj7 | Fadd9 | C/E", // verse
  "Dm9 | Bbmaj7 | Gm7 | Asus4 A7",
  "Bbmaj7 | C | Am7 | Dm", // build: the dominant was cheated, and is again at the outro
  "Gm9 | F/A | Bbmaj7 C | Asus4 A7",
  "Dm | Bbmaj7 | F | C", // climax
  "Dm | Bbmaj7 | Gm7 | Asus4 A7",
  "Bbmaj7 | Gm9 | Asus4 A7 | Dadd9", // outro
  "Dadd9",
];

const QUALITIES: Readonly<Record<string, readonly number[]>> = {
  "": [0, 4, 7],
  m: [0, 3, 7],
  m7: [0, 3, 7, 10],
  m9: [0, 3, 7, 14],
  maj7: [0, 4, 7, 11],
  add9: [0, 4, 7, 14],
  "7": [0, 4, 7, 10],
  sus4: [0, 5, 7],
};

export interface Chord {
  readonly symbol: string;
  readonly beat: number;
  readonly beats: number;
  readonly root: number;
  /** Pitch class of the lowest note. */
  readonly bass: number;
  /** Pitch classes, root first. */
  readonly tones: readonly number[];
}

function readChord(symbol: string, beat: number, beats: number): Chord {
  const match = /^([A-G][#b]?)([^/]*)(?:\/([A-G][#b]?))?$/.exec(symbol);
  const intervals = match && QUALITIES[match[2]!];
  if (!match || !intervals) {
    throw new Error(
      `"${symbol}" is no chord of this song; known qualities: ${Object.keys(QUALITIES).join(" ")}.`,
    );
  }
  const root = pitchClass(match[1]!);
  const tones = intervals.map((interval) => (root + interval) % 12);
  return { symbol, beat, beats, root, bass: match[3] ? pitchClass(match[3]) : root, tones };
}

export const CHORDS: readonly Chord[] = PROGRESSION.join(" | ")
  .split("|")
  .flatMap((bar, index) => {
    const symbols = bar.trim().split(/\s+/);
    const beats = BEATS_PER_BAR / symbols.length;
    return symbols.map((symbol, half) => readChord(symbol, beatOfBar(index + 1) + half * beats, beats));
  });

/** The chord that sounds at a beat. */
export function chordAt(beat: number): Chord {
  const chord = CHORDS.find((c) => beat >= c.beat && beat < c.beat + c.beats);
  if (!chord) throw new Error(`No chord at beat ${beat}: the progression ends at beat ${beatOfBar(34)}.`);
  return chord;
}

/** The chords that begin in bars `from` to `to`, both included. */
export function chordsOfBars(from: number, to: number): Chord[] {
  return CHORDS.filter((chord) => chord.beat >= beatOfBar(from) && chord.beat < beatOfBar(to + 1));
}

/** The pitch of a pitch class that lies nearest to `near`. */
export function nearest(tone: number, near: number): number {
  return near + ((((tone - near + 6) % 12) + 12) % 12) - 6;
}

/** Lowest and highest MIDI number of a voice. */
export type Range = readonly [number, number];

/**
 * Sets chords for voices given from low to high, so that each voice moves as little as it can: all voicings in range are
 * tried, and the cheapest successor of the last one wins. It costs to leave out a tone (the fifth least), to double the
 * third or the leading tone, to cross or spread voices, to move in parallel fifths or octaves, and not to lead C# up to D.
 */
export function leadVoices(chords: readonly Chord[], ranges: readonly Range[]): number[][] {
  let last: number[] | undefined;
  return chords.map((chord) => {
    let best: number[] = [];
    let bestCost = Number.POSITIVE_INFINITY;
    for (const voicing of voicings(chord, ranges)) {
      const cost =
        tensionOf(voicing, chord) + (last ? motionCost(last, voicing) : centreCost(voicing, ranges));
      if (cost < bestCost) {
        best = voicing;
        bestCost = cost;
      }
    }
    last = best;
    return best;
  });
}

function* voicings(chord: Chord, ranges: readonly Range[], low: number[] = []): Generator<number[]> {
  const range = ranges[low.length];
  if (!range) {
    yield low;
    return;
  }
  for (let note = Math.max(range[0], (low.at(-1) ?? 0) + 1); note <= range[1]; note++) {
    if (chord.tones.includes(note % 12)) yield* voicings(chord, ranges, [...low, note]);
  }
}

function tensionOf(voicing: readonly number[], chord: Chord): number {
  let cost = 0;
  for (const [degree, tone] of chord.tones.entries()) {
    const count = voicing.filter((note) => note % 12 === tone).length;
    if (count === 0) cost += degree === 2 ? 2 : degree === 0 ? 4 : 9;
    if (count > 1 && (degree === 1 || tone === LEADING_TONE)) cost += 4 * (count - 1);
  }
  for (let i = 1; i < voicing.length; i++) {
    const gap = voicing[i]! - voicing[i - 1]!;
    if (gap > 12) cost += gap - 12;
    if (gap === 1) cost += 8;
    if (gap < 3 && voicing[i]! < 55) cost += 6; // seconds low down are mud
  }
  return cost;
}

function motionCost(from: readonly number[], to: readonly number[]): number {
  let cost = 0;
  for (let i = 0; i < to.length; i++) {
    const step = to[i]! - from[i]!;
    cost += Math.abs(step) + (Math.abs(step) > 4 ? 4 : 0);
    if (from[i]! % 12 === LEADING_TONE && step !== 1) cost += 3;
    for (let j = 0; j < i; j++) {
      const interval = (from[i]! - from[j]!) % 12;
      const parallel = step !== 0 && step === to[j]! - from[j]!;
      if (parallel && (interval === 0 || interval === 7)) cost += 8;
    }
  }
  return cost;
}

function centreCost(voicing: readonly number[], ranges: readonly Range[]): number {
  return voicing.reduce((sum, note, i) => sum + Math.abs(note - (ranges[i]![0] + ranges[i]![1]) / 2), 0);
}
