/** The score by its own rules: form, key, harmony and voice leading. */
import { describe, expect, test } from "vitest";
import { hzOf } from "../src/performance.ts";
import {
  BEATS_PER_BAR,
  beatOfBar,
  firstBar,
  SONG_SECONDS,
  TEMPO_BPM,
  TOTAL_BARS,
} from "../src/score/form.ts";
import {
  CHORDS,
  chordAt,
  chordsOfBars,
  KEY,
  LEADING_TONE,
  leadVoices,
  PICARDY_THIRD,
} from "../src/score/harmony.ts";
import { allMelodies, bells, lead, theme } from "../src/score/melody.ts";
import { line, pitch } from "../src/score/notes.ts";
import { bass, choir, strings, sub } from "../src/score/parts.ts";
import { STEMS } from "../src/stems.ts";

describe("form", () => {
  test("the song lasts bars × beats × 60 / bpm seconds, between 70 and 80", () => {
    expect(SONG_SECONDS).toBeCloseTo((TOTAL_BARS * BEATS_PER_BAR * 60) / TEMPO_BPM, 9);
    expect(SONG_SECONDS).toBeGreaterThan(70);
    expect(SONG_SECONDS).toBeLessThan(80);
  });

  test("the chords follow each other without gap or overlap to the last bar", () => {
    let beat = 0;
    for (const chord of CHORDS) {
      expect(chord.beat, chord.symbol).toBe(beat);
      beat += chord.beats;
    }
    expect(beat).toBe(TOTAL_BARS * BEATS_PER_BAR);
  });

  test("a bar that does not add up is refused by its number", () => {
    expect(() => line(7, "A4:2 B4:1", 0.5)).toThrow("Bar 7 holds 3 beats instead of 4");
  });
});

describe("melody", () => {
  test("every note is in D minor, but for C# over A7 and F# over the last D major", () => {
    for (const note of allMelodies) {
      const tone = note.pitch % 12;
      if (KEY.includes(tone)) continue;
      const chord = chordAt(note.beat).symbol;
      const named =
        (tone === LEADING_TONE && chord === "A7") || (tone === PICARDY_THIRD && chord === "Dadd9");
      expect(named, `pitch ${note.pitch} over ${chord} in bar ${note.beat / 4 + 1}`).toBe(true);
    }
  });

  test("the theme's head, A D E F, returns in the climax and ends the song with F#", () => {
    const headOf = (notes: readonly { beat: number; pitch: number }[], bar: number) =>
      notes.filter((note) => note.beat >= beatOfBar(bar)).slice(0, 4);
    const asked = headOf(theme, firstBar("verse")).map((note) => note.pitch);
    expect(asked).toEqual(["A4", "D5", "E5", "F5"].map(pitch));
    expect(headOf(lead, firstBar("climax")).map((note) => note.pitch)).toEqual(asked);
    const end = bells.slice(-4).map((note) => note.pitch);
    expect(end).toEqual(["A5", "D6", "E6", "F#6"].map(pitch));
  });
});

describe("harmony", () => {
  test("the bass plays the chord's lowest note on every chord's first beat", () => {
    const notes = bass();
    for (const chord of chordsOfBars(9, 32)) {
      const first = notes.find((note) => note.beat === chord.beat);
      expect(first && first.pitch % 12, `${chord.symbol} in bar ${chord.beat / 4 + 1}`).toBe(chord.bass);
    }
  });

  test("voices never cross, stay in range and sing chord tones only", () => {
    const ranges = [
      [50, 60],
      [57, 69],
      [64, 77],
    ] as const;
    for (const [i, voicing] of leadVoices(CHORDS, ranges).entries()) {
      for (const [voice, note] of voicing.entries()) {
        expect(CHORDS[i]!.tones).toContain(note % 12);
        expect(note).toBeGreaterThanOrEqual(ranges[voice]![0]);
        expect(note).toBeLessThanOrEqual(ranges[voice]![1]);
        if (voice > 0) expect(note).toBeGreaterThan(voicing[voice - 1]!);
      }
    }
  });

  test("the sub stays where a large loudspeaker still speaks, above 36 Hz", () => {
    for (const note of sub()) expect(hzOf(note.pitch)).toBeGreaterThan(36);
  });
});

describe("dynamics", () => {
  test("the strings bow less than half of the way from verse to climax during the build", () => {
    const at = (bar: number) => strings(lead).find((note) => note.beat === beatOfBar(bar))!.velocity;
    const build = firstBar("build");
    const climax = firstBar("climax");
    expect(at(climax - 1)).toBeGreaterThan(at(build));
    expect(at(climax - 1) - at(build)).toBeLessThan(0.5 * (at(climax) - at(build - 1)));
  });

  test("the choir hums before it opens its mouth", () => {
    const softest = (from: number, to: number) =>
      choir().filter((note) => note.beat >= beatOfBar(from) && note.beat < beatOfBar(to));
    const hum = Math.max(...softest(17, 21).map((note) => note.velocity));
    const open = Math.min(...softest(21, 29).map((note) => note.velocity));
    expect(open).toBeGreaterThan(1.5 * hum);
  });

  test("there are 14 to 18 stems with names in order", () => {
    expect(STEMS.length).toBeGreaterThanOrEqual(14);
    expect(STEMS.length).toBeLessThanOrEqual(18);
    for (const [i, stem] of STEMS.entries())
      expect(stem.name).toMatch(new RegExp(`^${String(i + 1).padStart(2, "0")}-`));
  });
});
