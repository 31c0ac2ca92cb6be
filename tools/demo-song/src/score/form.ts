/**
 * The form of the song: metre, tempo and sections, and how bars and beats become seconds.
 *
 *   intro 4 │ verse 8 │ build 8 │ climax 8 │ outro 4 + 1 bar in which the last chord rings
 */
export const TEMPO_BPM = 104;
export const BEATS_PER_BAR = 4;
export const SECONDS_PER_BEAT = 60 / TEMPO_BPM;

export interface Section {
  readonly name: "intro" | "verse" | "build" | "climax" | "outro";
  readonly bars: number;
}

export const FORM: readonly Section[] = [
  { name: "intro", bars: 4 },
  { name: "verse", bars: 8 },
  { name: "build", bars: 8 },
  { name: "climax", bars: 8 },
  { name: "outro", bars: 5 },
];

export const TOTAL_BARS = FORM.reduce((sum, section) => sum + section.bars, 0);
export const SONG_SECONDS = TOTAL_BARS * BEATS_PER_BAR * SECONDS_PER_BEAT;

/** The first bar of a section, counted from 1 as musicians do. */
export function firstBar(name: Section["name"]): number {
  let bar = 1;
  for (const section of FORM) {
    if (section.name === name) return bar;
    bar += section.bars;
  }
  throw new Error(`The form has no section "${name}"; it has ${FORM.map((s) => s.name).join(", ")}.`);
}

/** The section a bar (from 1) lies in. */
export function sectionOf(bar: number): Section["name"] {
  let end = 0;
  for (const section of FORM) {
    end += section.bars;
    if (bar <= end) return section.name;
  }
  throw new Error(`Bar ${bar} is past the end: the song has ${TOTAL_BARS} bars.`);
}

/** The beat (from 0, in quarter notes since the start of the song) on which a bar (from 1) begins. */
export function beatOfBar(bar: number): number {
  return (bar - 1) * BEATS_PER_BAR;
}
