/**
 * The low end: an analogue-style bass (sawtooth and square, a low-pass that closes like a plucked string) and a sub oscillator.
 */
import type { Note } from "../performance.ts";
import type { Random } from "../random.ts";
import type { Track } from "../track.ts";
import { Envelope, fadeEnd, silence } from "./envelope.ts";
import { filterInPlace, StateVariableFilter } from "./filters.ts";
import { readTable, saw, square, tables } from "./wavetable.ts";

/** Two low-passes in series, 24 dB an octave. The box it is played through booms at 105 Hz: work for the equaliser. */
export function createBass(rateHz: number): (note: Note, track: Track, random: Random) => void {
  const sawAt = tables(rateHz, saw);
  const squareAt = tables(rateHz, square);
  return (note, track, random) => {
    const sawTable = sawAt(note.hz);
    const squareTable = squareAt(note.hz);
    const release = 0.12;
    const sound = silence(note.seconds + release, rateHz);
    const first = new StateVariableFilter(rateHz, 200, 0.6);
    const second = new StateVariableFilter(rateHz, 200, 1.1);
    const level = new Envelope(
      { attackSeconds: 0.006, decaySeconds: 0.7, sustain: 0.55, releaseSeconds: release },
      note.seconds,
      rateHz,
    );
    let a = random.uniform();
    let b = random.uniform();
    for (let i = 0; i < sound.length; i++) {
      if (i % 16 === 0) {
        const t = i / rateHz;
        const cutoff =
          note.hz * 2.2 + (260 + 2300 * note.velocity ** 1.5) * Math.exp(-t / (0.09 + 0.12 * note.velocity));
        first.tune(cutoff, 0.6);
        second.tune(cutoff, 1.1);
      }
      a += note.hz / rateHz;
      b += (note.hz * 1.0022) / rateHz;
      a -= Math.floor(a);
      b -= Math.floor(b);
      first.process(0.5 * readTable(sawTable, a) + 0.6 * readTable(squareTable, b));
      second.process(first.low);
      sound[i] = Math.tanh(1.1 * second.low) * level.next();
    }
    filterInPlace(sound, rateHz, "bell", 105, 1.6, 1.9);
    track.add(fadeEnd(sound, rateHz), note.startSeconds, note.velocity ** 0.8);
  };
}

/** A sine with a trace of its octave and twelfth, so that small speakers hear which note it is. */
export function playSub(note: Note, track: Track): void {
  const { rateHz } = track;
  const release = 0.14;
  const sound = silence(note.seconds + release, rateHz);
  const level = new Envelope(
    { attackSeconds: 0.045, decaySeconds: 3, sustain: 0.75, releaseSeconds: release },
    note.seconds,
    rateHz,
  );
  for (let i = 0; i < sound.length; i++) {
    const angle = (2 * Math.PI * note.hz * i) / rateHz;
    sound[i] = level.next() * (Math.sin(angle) + 0.09 * Math.sin(2 * angle) + 0.04 * Math.sin(3 * angle));
  }
  track.add(fadeEnd(sound, rateHz), note.startSeconds, note.velocity);
}
