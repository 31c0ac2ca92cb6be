/**
 * A wordless choir: a glottal pulse (12 dB an octave) whose harmonics are weighed by the formants of a vowel, as in
 * the source and filter model of Fant, Acoustic Theory of Speech Production, 1960. Soft singing hums "oo", loud singing opens to "ah".
 */
import type { Note } from "../performance.ts";
import type { Random } from "../random.ts";
import type { Track } from "../track.ts";
import { Envelope, fadeEnd, silence } from "./envelope.ts";
import { StateVariableFilter } from "./filters.ts";
import { readTable, type Timbre, tables } from "./wavetable.ts";

/** Formants as [frequency in Hz, bandwidth in Hz, amplitude]. */
type Vowel = readonly (readonly [number, number, number])[];

const AH: Vowel = [
  [700, 110, 1],
  [1140, 120, 0.55],
  [2650, 170, 0.22],
  [3300, 220, 0.16],
  [4200, 400, 0.06],
];
const OO: Vowel = [
  [330, 90, 1],
  [720, 100, 0.3],
  [2500, 170, 0.035],
  [3300, 220, 0.02],
];

/** Magnitude of parallel second-order resonances over a glottal slope; women's formants lie some 12 % higher. */
function sung(vowel: Vowel): Timbre {
  return (k, hz) => {
    const scale = hz / k > 230 ? 1.12 : 1;
    let sum = 0.012;
    for (const [centre, width, amplitude] of vowel) {
      const distance = (hz - centre * scale) / (0.5 * width * scale);
      sum += amplitude / Math.sqrt(1 + distance ** 2);
    }
    return sum / k ** 0.9;
  };
}

const SINGERS = 5;

export function createChoir(rateHz: number): (note: Note, track: Track, random: Random) => void {
  const ahAt = tables(rateHz, sung(AH));
  const ooAt = tables(rateHz, sung(OO));
  return (note, track, random) => {
    const ah = ahAt(note.hz);
    const oo = ooAt(note.hz);
    const release = 0.45;
    const open = Math.max(0, Math.min(1, (note.velocity - 0.3) / 0.5));
    for (let singer = 0; singer < SINGERS; singer++) {
      const sound = silence(note.seconds + release, rateHz);
      const level = new Envelope(
        {
          attackSeconds: 0.22 + 0.1 * random.uniform(),
          decaySeconds: 1,
          sustain: 0.9,
          releaseSeconds: release,
        },
        note.seconds,
        rateHz,
      );
      const breath = new StateVariableFilter(rateHz, 3400, 0.7);
      const hz = note.hz * 2 ** ((7 * random.gaussian()) / 1200);
      const vibratoHz = 5.1 + 0.6 * random.gaussian();
      const start = random.uniform();
      const scoopCents = 10 + 20 * random.uniform();
      let phase = random.uniform();
      let step = hz / rateHz;
      for (let i = 0; i < sound.length; i++) {
        if (i % 32 === 0) {
          const t = i / rateHz;
          const vibrato = 16 * Math.min(1, t / 0.7) * Math.sin(2 * Math.PI * (vibratoHz * t + start));
          const cents = vibrato - scoopCents * Math.exp(-t / 0.06);
          step = (hz * 2 ** (cents / 1200)) / rateHz;
        }
        phase += step;
        phase -= Math.floor(phase);
        breath.process(random.bipolar());
        const voice = open * readTable(ah, phase) + (1 - open) * readTable(oo, phase);
        sound[i] = level.next() * (voice + 0.03 * breath.band);
      }
      const pan = 0.85 * ((singer / (SINGERS - 1)) * 2 - 1) + 0.1 * random.bipolar();
      const late = 0.02 * Math.abs(random.gaussian());
      track.add(
        fadeEnd(sound, rateHz),
        note.startSeconds + late,
        (0.5 * note.velocity ** 1.2) / SINGERS,
        pan,
      );
    }
  };
}
