/**
 * Notes, note names and the line notation the score is written in.
 *
 * Pitches are MIDI note numbers (A4 = 69 = 440 Hz). Times are beats from the start of the song. A line is written
 * bar by bar, `A4:1.5 D5:.5 -:2 | F5:4`: name, colon, length in beats, `-` a rest, `|` a bar line that is checked.
 */
import { BEATS_PER_BAR, beatOfBar } from "./form.ts";

export interface NoteEvent {
  /** Beats from the start of the song. */
  readonly beat: number;
  /** Length in beats. */
  readonly beats: number;
  /** MIDI note number. */
  readonly pitch: number;
  /** How hard it is played, 0 to 1. */
  readonly velocity: number;
  /** How hard it is bowed or sung at its end, where that differs: a played crescendo or diminuendo. */
  readonly endVelocity?: number;
  /** Stroke or articulation, where an instrument knows several (a drum, an up-strum). */
  readonly stroke?: string;
}

const STEPS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** The pitch class (0 to 11, C = 0) of a name such as `Bb` or `C#`. */
export function pitchClass(name: string): number {
  const match = /^([A-G])([#b]?)$/.exec(name);
  if (!match) throw new Error(`"${name}" is no note name; write a letter A to G with an optional # or b.`);
  const accidental = match[2] === "#" ? 1 : match[2] === "b" ? -1 : 0;
  return (STEPS[match[1]!]! + accidental + 12) % 12;
}

/** The MIDI number of a name with its octave, such as `A4` (69) or `Bb2`. */
export function pitch(name: string): number {
  const match = /^([A-G])([#b]?)(-?\d)$/.exec(name);
  if (!match) throw new Error(`"${name}" is no pitch; write a note name with its octave, such as Bb4.`);
  const accidental = match[2] === "#" ? 1 : match[2] === "b" ? -1 : 0;
  return 12 * (Number(match[3]) + 1) + STEPS[match[1]!]! + accidental;
}

/**
 * Reads a line of music that begins at `bar`. Notes on the beat are played a little harder than those off it.
 * @throws if a bar does not hold exactly {@link BEATS_PER_BAR} beats, naming the bar.
 */
export function line(bar: number, notation: string, velocity: number): NoteEvent[] {
  const notes: NoteEvent[] = [];
  for (const [index, text] of notation.split("|").entries()) {
    let position = 0;
    for (const token of text.trim().split(/\s+/)) {
      const [name, length] = token.split(":");
      const beats = Number(length);
      if (!(beats > 0))
        throw new Error(`Bar ${bar + index}: "${token}" has no length; write it as ${name}:1.5.`);
      if (name !== "-") {
        const metric = position === 0 ? 1.06 : position % 1 === 0 ? 1 : 0.9;
        const beat = beatOfBar(bar + index) + position;
        notes.push({ beat, beats, pitch: pitch(name!), velocity: Math.min(1, velocity * metric) });
      }
      position += beats;
    }
    if (position !== BEATS_PER_BAR) {
      throw new Error(
        `Bar ${bar + index} holds ${position} beats instead of ${BEATS_PER_BAR}: "${text.trim()}".`,
      );
    }
  }
  return notes;
}

/** The same notes in another octave. */
export function transpose(notes: readonly NoteEvent[], semitones: number): NoteEvent[] {
  return notes.map((note) => ({ ...note, pitch: note.pitch + semitones }));
}
