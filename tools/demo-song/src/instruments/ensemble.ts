/**
 * Many players at once: the string section and the pad.
 *
 * Every desk is a band-limited sawtooth with its own tuning, vibrato, place and bow; what makes them a section is
 * that they disagree a little.
 */
import type { Note } from "../performance.ts";
import type { Random } from "../random.ts";
import type { Track } from "../track.ts";
import { Envelope, fadeEnd, silence } from "./envelope.ts";
import { filterInPlace, StateVariableFilter } from "./filters.ts";
import { readTable, saw, type Timbre, tables } from "./wavetable.ts";

/** A resonance of the instrument's body: a bump of `gain` at `hz`, an octave or so wide. */
const bump = (hz: number, at: number, gain: number, octaves: number) =>
  1 + gain * Math.exp(-((Math.log2(hz / at) / octaves) ** 2));

/** A bowed string through a violin's body: air and wood near 280 and 500 Hz, the bridge hill near 2.6 kHz, darker above 6 kHz. */
const bowed: Timbre = (k, hz) =>
  (saw(k, hz) * bump(hz, 280, 0.5, 0.4) * bump(hz, 500, 0.5, 0.5) * bump(hz, 2600, 0.9, 0.7)) /
  (1 + (hz / 6500) ** 2);

interface Desk {
  readonly players: number;
  readonly pan: number;
  readonly gain: number;
}

/** Seen from the conductor: first violins left, cellos right. */
const DESKS: Readonly<Record<string, Desk>> = {
  first: { players: 5, pan: -0.6, gain: 1.1 },
  second: { players: 4, pan: -0.25, gain: 0.85 },
  viola: { players: 3, pan: 0.25, gain: 0.9 },
  cello: { players: 3, pan: 0.6, gain: 1.15 },
};

export function createStrings(rateHz: number): (note: Note, track: Track, random: Random) => void {
  const tableAt = tables(rateHz, bowed);
  return (note, track, random) => {
    const desk = DESKS[note.stroke]!;
    const table = tableAt(note.hz);
    const release = 0.3;
    for (let player = 0; player < desk.players; player++) {
      const late = 0.018 * Math.abs(random.gaussian());
      const attack =
        (note.stroke === "first" ? 0.09 : 0.2) * (1.3 - 0.6 * note.velocity) * (1 + 0.25 * random.bipolar());
      const sound = silence(note.seconds + release, rateHz);
      const level = new Envelope(
        { attackSeconds: attack, decaySeconds: 1, sustain: 0.92, releaseSeconds: release },
        note.seconds,
        rateHz,
      );
      const tone = new StateVariableFilter(rateHz, 2000, 0.6);
      const hair = new StateVariableFilter(rateHz, 3000, 0.8);
      const hz = note.hz * 2 ** ((5 * random.gaussian()) / 1200);
      const vibratoHz = 5.3 + 0.5 * random.gaussian();
      const vibratoPhase = random.uniform();
      const drift = random.uniform();
      let phase = random.uniform();
      let step = hz / rateHz;
      for (let i = 0; i < sound.length; i++) {
        if (i % 32 === 0) {
          const t = i / rateHz;
          const progress = Math.min(1, t / note.seconds);
          const dynamic = note.velocity + (note.endVelocity - note.velocity) * progress;
          const depth = (4 + 14 * dynamic) * Math.min(1, Math.max(0, (t - 0.12) / 0.4));
          const cents =
            depth * Math.sin(2 * Math.PI * (vibratoHz * t + vibratoPhase)) +
            2 * Math.sin(2 * Math.PI * (0.7 * t + drift));
          step = (hz * 2 ** (cents / 1200)) / rateHz;
          // Bowing harder is brighter even more than it is louder.
          tone.tune(note.hz * 1.5 + 900 + 7500 * dynamic ** 1.5, 0.6);
        }
        phase += step;
        phase -= Math.floor(phase);
        tone.process(readTable(table, phase));
        hair.process(random.bipolar());
        sound[i] = level.next() * (tone.low + 0.03 * hair.band);
      }
      for (let i = 0; i < sound.length; i++) {
        const progress = Math.min(1, i / (note.seconds * rateHz));
        sound[i]! *= (note.velocity + (note.endVelocity - note.velocity) * progress) ** 1.3;
      }
      const place = desk.pan + 0.22 * random.bipolar();
      track.add(fadeEnd(sound, rateHz), note.startSeconds + late, desk.gain / desk.players, place);
    }
  };
}

/** A soft pad: seven detuned sawtooths a note under a low-pass that breathes with the bars. It is dull, and wants air. */
export function createPad(rateHz: number): (note: Note, track: Track, random: Random) => void {
  const tableAt = tables(rateHz, saw);
  const cents = [-11, -7, -3, 0, 4, 7, 12];
  return (note, track, random) => {
    const table = tableAt(note.hz);
    const release = 1.1;
    for (const [voice, offset] of cents.entries()) {
      const sound = silence(note.seconds + release, rateHz);
      const level = new Envelope(
        { attackSeconds: 0.7, decaySeconds: 3, sustain: 0.85, releaseSeconds: release },
        note.seconds,
        rateHz,
      );
      const step = (note.hz * 2 ** (offset / 1200)) / rateHz;
      let phase = random.uniform();
      for (let i = 0; i < sound.length; i++) {
        phase += step;
        phase -= Math.floor(phase);
        sound[i] = level.next() * readTable(table, phase);
      }
      const breath = 1 + 0.2 * Math.sin(2 * Math.PI * (0.09 * note.startSeconds + voice / 7));
      const cutoff = (420 + 520 * note.velocity) * breath;
      filterInPlace(sound, rateHz, "low", cutoff, 0.7);
      filterInPlace(sound, rateHz, "low", 1.6 * cutoff, 0.6);
      track.add(
        fadeEnd(sound, rateHz),
        note.startSeconds,
        0.3 * note.velocity,
        0.9 * ((voice % 2) * 2 - 1) * (voice / 7),
      );
    }
  };
}
