/**
 * The accompaniment: what each player makes of the chords, section by section.
 */
import { beatOfBar, firstBar, sectionOf } from "./form.ts";
import { type Chord, chordAt, chordsOfBars, leadVoices, nearest, type Range } from "./harmony.ts";
import { type NoteEvent, pitch } from "./notes.ts";

const VERSE = firstBar("verse");
const BUILD = firstBar("build");
const CLIMAX = firstBar("climax");
const OUTRO = firstBar("outro");

const range = (low: string, high: string): Range => [pitch(low), pitch(high)];
const barOf = (beat: number): number => Math.floor(beat / 4) + 1;

/** Voices of a chord, each held for the whole chord. */
function held(
  chords: readonly Chord[],
  ranges: readonly Range[],
  velocity: (chord: Chord) => number,
): NoteEvent[] {
  const voicings = leadVoices(chords, ranges);
  return chords.flatMap((chord, i) =>
    voicings[i]!.map((note) => ({
      beat: chord.beat,
      beats: chord.beats,
      pitch: note,
      velocity: velocity(chord),
    })),
  );
}

/** Electric piano: rolled chords in the intro, a lilt in the verse, pushed quarters from the build on, and the last word. */
export function keys(): NoteEvent[] {
  const chords = chordsOfBars(1, 32);
  const voicings = leadVoices(chords, [
    range("F3", "C4"),
    range("A3", "F4"),
    range("C4", "A4"),
    range("E4", "D5"),
  ]);
  return chords.flatMap((chord, i) => {
    const voicing = voicings[i]!;
    const left = nearest(chord.bass, pitch("G2"));
    const bar = barOf(chord.beat);
    const section = sectionOf(bar);
    const notes: NoteEvent[] = [];
    const strike = (at: number, beats: number, velocity: number, rollBeats = 0.02) => {
      if (at >= chord.beats) return;
      for (const [voice, note] of voicing.entries()) {
        const beat = chord.beat + at + voice * rollBeats;
        notes.push({
          beat,
          beats: beats - voice * rollBeats,
          pitch: note,
          velocity: velocity + voice * 0.02,
        });
      }
    };
    if (section === "intro" || section === "outro") {
      const last = bar === 32;
      notes.push({ beat: chord.beat, beats: last ? 7 : chord.beats, pitch: left, velocity: 0.4 });
      strike(0, last ? 7 : chord.beats, last ? 0.34 : 0.38, last ? 0.14 : 0.07);
      if (chord.beats === 4 && !last) {
        notes.push({ beat: chord.beat + 2.5, beats: 1.5, pitch: voicing[1]! + 12, velocity: 0.3 });
        notes.push({ beat: chord.beat + 3, beats: 1, pitch: voicing[2]! + 12, velocity: 0.34 });
      }
    } else if (section === "verse") {
      notes.push({ beat: chord.beat, beats: Math.min(2.5, chord.beats), pitch: left, velocity: 0.44 });
      strike(0, 1.4, 0.42);
      strike(1.5, 1, 0.34);
      strike(2.5, 1.5, 0.4);
    } else {
      const level = section === "climax" ? 0.66 : 0.44 + (0.18 * (bar - BUILD)) / 8;
      notes.push({ beat: chord.beat, beats: chord.beats, pitch: left, velocity: level });
      // Before the climax everyone but arpeggio, strings and choir takes a breath.
      const pushes = bar === CLIMAX - 1 && chord.symbol === "A7" ? [0] : [0, 1.5, 2, 3.5];
      for (const at of pushes) strike(at, at % 1 === 0 ? 0.9 : 0.45, at % 1 === 0 ? level : level - 0.1);
    }
    return notes;
  });
}

/** Plucked arpeggio: eighths over three octaves in the verse, sixteenths from the build on. */
export function arp(): NoteEvent[] {
  const notes: NoteEvent[] = [];
  const shape = [0, 2, 1, 3, 2, 4, 3, 5];
  for (let bar = VERSE; bar < OUTRO; bar++) {
    const dense = bar >= BUILD + 2;
    const step = dense ? 0.25 : 0.5;
    const level = bar < BUILD ? 0.42 : bar < CLIMAX ? 0.42 + 0.025 * (bar - BUILD) : 0.68;
    for (let i = 0; i < 4 / step; i++) {
      const beat = beatOfBar(bar) + i * step;
      const chord = chordAt(beat);
      const ladder = chord.tones.slice(0, 3).map((tone) => nearest(tone, pitch("D4")));
      ladder.sort((a, b) => a - b);
      const rung = shape[(i + (bar % 2) * 3) % shape.length]!;
      const accent = i % (1 / step) === 0 ? 1.1 : i % 2 === 0 ? 0.95 : 0.82;
      const note = ladder[rung % 3]! + 12 * Math.floor(rung / 3);
      notes.push({ beat, beats: step * 1.8, pitch: note, velocity: level * accent });
    }
  }
  return notes;
}

/** Guitar strums: one slow down-stroke a bar, then the folk pattern D · DU · UDU. The pitch is the chord's lowest string. */
export function strum(): NoteEvent[] {
  const notes: NoteEvent[] = [];
  const stroke = (beat: number, beats: number, velocity: number, direction: "down" | "up") =>
    notes.push({ beat, beats, pitch: nearest(chordAt(beat).bass, pitch("A2")), velocity, stroke: direction });
  for (let bar = VERSE + 4; bar <= 32; bar++) {
    const beat = beatOfBar(bar);
    if (bar < BUILD) {
      stroke(beat, 2.5, 0.42, "down");
      stroke(beat + 2.5, 1.5, 0.34, "down");
    } else if (bar < OUTRO) {
      const level = bar < CLIMAX ? 0.44 + 0.02 * (bar - BUILD) : 0.74;
      if (bar === CLIMAX - 1) {
        for (const at of [0, 1, 2]) stroke(beat + at, 1, level + at * 0.06, "down");
        continue;
      }
      stroke(beat, 1, level * 1.1, "down");
      stroke(beat + 1, 0.5, level * 0.9, "down");
      stroke(beat + 1.5, 1, level * 0.72, "up");
      stroke(beat + 2.5, 0.5, level * 0.8, "up");
      stroke(beat + 3, 0.5, level, "down");
      stroke(beat + 3.5, 0.5, level * 0.72, "up");
    } else if (bar === OUTRO || bar === 32) {
      stroke(beat, 6, bar === 32 ? 0.3 : 0.6, "down");
    }
  }
  return notes;
}

/** Bass: it follows the harmony's lowest note, walks into the next one, and drives in eighths in the climax. */
export function bass(): NoteEvent[] {
  const notes: NoteEvent[] = [];
  for (const chord of chordsOfBars(VERSE + 4, 32)) {
    const bar = barOf(chord.beat);
    const root = nearest(chord.bass, pitch("A1"));
    const next = bar < 32 ? nearest(chordAt(chord.beat + chord.beats).bass, pitch("A1")) : root;
    const fifth = nearest(chord.tones[2]!, root + 5);
    const put = (at: number, beats: number, note: number, velocity: number) =>
      notes.push({ beat: chord.beat + at, beats, pitch: note, velocity });
    // A step of the key from the side the line comes from.
    const approach = next === root ? fifth : chordTowards(next, root);
    if (bar === 32) put(0, 6, root, 0.5);
    else if (bar >= OUTRO) put(0, chord.beats, root, bar === OUTRO ? 0.85 : 0.5);
    else if (bar < BUILD) {
      put(0, Math.min(2.4, chord.beats - 0.1), root, 0.55);
      if (chord.beats === 4) put(2.5, 1.4, fifth, 0.45);
    } else if (bar < CLIMAX) {
      const level = 0.55 + 0.025 * (bar - BUILD);
      const open = bar === CLIMAX - 1 && chord.symbol === "A7" ? 1 : chord.beats;
      for (let at = 0; at < open; at += 0.5) {
        put(at, 0.42, at === 3.5 ? approach : root, at % 1 === 0 ? level : level * 0.82);
      }
    } else {
      const figure = [root, root, root + 12, root, root, fifth, root, approach];
      for (let at = 0; at < chord.beats; at += 0.5) {
        const note = chord.beats === 4 ? figure[at * 2]! : at === 1.5 ? approach : root;
        put(at, at % 1 === 0 ? 0.46 : 0.36, note, at % 1 === 0 ? 0.86 : 0.7);
      }
    }
  }
  return notes;
}

/** The scale tone of D minor next to `target`, on the side of `from`. */
function chordTowards(target: number, from: number): number {
  const direction = Math.sign(from - target);
  const scale = [2, 4, 5, 7, 9, 10, 0];
  let note = target + direction;
  while (!scale.includes(((note % 12) + 12) % 12)) note += direction;
  return note;
}

/** Sub: one long note a chord from the build on, an octave under the bass where that is still 36 Hz. */
export function sub(): NoteEvent[] {
  return chordsOfBars(BUILD, 32)
    .filter((chord) => barOf(chord.beat) <= OUTRO || barOf(chord.beat) === 32)
    .map((chord) => {
      const bar = barOf(chord.beat);
      const level = bar < CLIMAX ? 0.5 + 0.03 * (bar - BUILD) : bar < OUTRO ? 0.9 : 0.6;
      const breath = bar === CLIMAX - 1 && chord.symbol === "A7" ? 1 : 0.12;
      const low = nearest(chord.bass, pitch("A1"));
      const note = low - 12 >= pitch("D1") ? low - 12 : low;
      return { beat: chord.beat, beats: bar === 32 ? 5 : chord.beats - breath, pitch: note, velocity: level };
    });
}

/** Pad: the warm floor from the first bar to the last. */
export function pad(): NoteEvent[] {
  const ranges = [range("D3", "A3"), range("A3", "E4"), range("D4", "A4")];
  return held(chordsOfBars(1, 32), ranges, (chord) => {
    const section = sectionOf(barOf(chord.beat));
    return section === "climax" ? 0.8 : section === "build" ? 0.6 : 0.46;
  }).map((note) => (barOf(note.beat) === 32 ? { ...note, beats: 5.5 } : note));
}

/** How loudly the section plays at a bar: only part of the crescendo is bowed, the rest is left to the mix. */
function bowing(beat: number): number {
  const bar = beat / 4 + 1;
  if (bar < BUILD) return 0.34;
  if (bar < CLIMAX) return 0.38 + (0.24 * (bar - BUILD)) / 8;
  return bar < OUTRO ? 0.78 : 0.5;
}

/** Strings in four parts (cello, viola, violins II and I): chords from the middle of the verse, the theme doubled above. */
export function strings(melody: readonly NoteEvent[]): NoteEvent[] {
  const chords = chordsOfBars(VERSE + 4, 32);
  const inner = leadVoices(chords, [range("D3", "C4"), range("A3", "A4"), range("E4", "F5")]);
  const notes = chords.flatMap((chord, i) => {
    const beats = barOf(chord.beat) === 32 ? 5 : chord.beats;
    const cello = nearest(chord.bass, pitch("G2"));
    return [cello, ...inner[i]!].map((note, part) => ({
      beat: chord.beat,
      beats,
      pitch: note,
      velocity: bowing(chord.beat),
      endVelocity: barOf(chord.beat) >= 31 ? 0.2 : bowing(chord.beat + chord.beats - 0.01),
      stroke: ["cello", "viola", "second", "second"][part]!,
    }));
  });
  const doubled = melody.filter((note) => note.beat >= beatOfBar(BUILD + 4) && note.beat < beatOfBar(OUTRO));
  for (const note of doubled) {
    const velocity = bowing(note.beat);
    notes.push({ ...note, pitch: note.pitch + 12, velocity, endVelocity: velocity, stroke: "first" });
  }
  return notes;
}

/** Choir in four parts: a hum in the second half of the build, an open vowel in the climax, and the last chord. */
export function choir(): NoteEvent[] {
  const ranges = [range("A2", "F3"), range("E3", "D4"), range("A3", "A4"), range("E4", "F5")];
  const chords = chordsOfBars(BUILD + 4, OUTRO);
  const dynamic = (chord: Chord) =>
    barOf(chord.beat) < CLIMAX ? 0.4 : barOf(chord.beat) === OUTRO ? 0.55 : 0.85;
  const last = held(chordsOfBars(32, 32), ranges, () => 0.35).map((note) => ({ ...note, beats: 5 }));
  return [...held(chords, ranges, dynamic), ...last];
}
