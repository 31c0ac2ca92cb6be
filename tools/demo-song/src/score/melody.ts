/**
 * The theme and what becomes of it.
 *
 * Its head is four notes, A D E F: a fourth up and two steps. The music box asks it, the bells tell it in full (verse), the
 * lead takes it apart in sequence (build) and sings it (climax), and the bells end it with F# in place of F (outro).
 */
import { firstBar } from "./form.ts";
import { line, type NoteEvent, transpose } from "./notes.ts";

const INTRO = firstBar("intro");
const VERSE = firstBar("verse");
const BUILD = firstBar("build");
const CLIMAX = firstBar("climax");
const OUTRO = firstBar("outro");

/** Head of the theme, high and broken off. */
export const musicBox: readonly NoteEvent[] = line(INTRO, "A5:1.5 D6:.5 E6:1 F6:1 | D6:2 C6:.5 A5:1.5", 0.62);

/** The theme: eight bars, asked twice, the second time ending on the leading tone. */
export const theme: readonly NoteEvent[] = [
  ...line(VERSE, "A4:1.5 D5:.5 E5:1 F5:1 | D5:2 C5:.5 Bb4:.5 C5:1", 0.5),
  ...line(VERSE + 2, "A4:1.5 F4:.5 G4:1 A4:1 | G4:3 -:1", 0.48),
  ...line(VERSE + 4, "A4:1.5 D5:.5 E5:1 F5:1 | F5:1.5 E5:.5 D5:1 C5:1", 0.58),
  ...line(VERSE + 6, "D5:1.5 Bb4:.5 C5:1 D5:1 | E5:2 C#5:2", 0.6),
];

/** The lead in the build: the head in sequence (G C D E, A D E F), each time sooner answered. */
const leadBuild: readonly NoteEvent[] = [
  ...line(BUILD, "-:4 | -:2 G4:.5 C5:.5 D5:.5 E5:.5 | E5:2 C5:1 A4:1", 0.5),
  ...line(BUILD + 3, "-:2 A4:.5 D5:.5 E5:.5 F5:.5 | F5:1.5 D5:.5 Bb4:1 A4:1", 0.58),
  ...line(BUILD + 5, "C5:1.5 F5:.5 G5:1 A5:1 | A5:1 F5:1 G5:1 E5:1 | D5:2 C#5:1 -:1", 0.68),
];

/** The theme at full voice: the first half as told, the second climbs to Bb. */
const leadClimax: readonly NoteEvent[] = [
  ...line(CLIMAX, "A4:1.5 D5:.5 E5:1 F5:1 | F5:.5 D5:1.5 C5:.5 Bb4:.5 C5:1", 0.84),
  ...line(CLIMAX + 2, "A4:1.5 C5:.5 F5:1 G5:1 | G5:2.5 E5:.5 F5:.5 G5:.5", 0.86),
  ...line(CLIMAX + 4, "A5:1.5 F5:.5 E5:1 D5:1 | F5:1.5 G5:.5 A5:1 Bb5:1", 0.9),
  ...line(CLIMAX + 6, "Bb5:1.5 A5:.5 G5:1 F5:1 | A5:2 G5:.5 F5:.5 E5:1", 0.94),
  ...line(OUTRO, "D5:4", 0.6),
];

export const lead: readonly NoteEvent[] = [...leadBuild, ...leadClimax];

/** Bells in the climax: long where the lead moves, moving where it holds. */
const bellsClimax: readonly NoteEvent[] = [
  ...line(CLIMAX, "D6:1 A5:1 C6:1 A5:1 | Bb5:1 A5:.5 F5:.5 F6:1 D6:1", 0.66),
  ...line(CLIMAX + 2, "C6:1 A5:1 -:1 C6:.5 D6:.5 | E6:1.5 D6:.5 C6:1 G5:1", 0.66),
  ...line(CLIMAX + 4, "F6:1 E6:1 D6:1 A5:1 | D6:1 C6:.5 Bb5:.5 F6:1 D6:1", 0.72),
  ...line(CLIMAX + 6, "D6:1.5 C6:.5 Bb5:1 A5:1 | E6:1 D6:1 C#6:2", 0.72),
];

/** The head in augmentation; F# is its answer. */
const bellsOutro: readonly NoteEvent[] = line(OUTRO, "A5:2 D6:2 | D6:2 Bb5:2 | A5:1 D6:1 E6:2 | F#6:4", 0.44);

export const bells: readonly NoteEvent[] = [...transpose(theme, 12), ...bellsClimax, ...bellsOutro];

/** Everything melodic, for the proof that it stays in the key. */
export const allMelodies: readonly NoteEvent[] = [...musicBox, ...theme, ...lead, ...bells];
