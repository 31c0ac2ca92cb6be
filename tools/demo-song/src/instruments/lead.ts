/**
 * The lead: one voice that glides. Two sawtooths and a pulse into a resonant low-pass, a vibrato that comes late, and a
 * little drive.
 *
 *   saw ─┐
 *   saw ─┼─ low-pass 12 dB ─ low-pass 12 dB ─ tanh ─ amplifier
 *   pulse┘
 */
import type { Note } from "../performance.ts";
import type { Random } from "../random.ts";
import type { Track } from "../track.ts";
import { Envelope, fadeEnd, silence } from "./envelope.ts";
import { StateVariableFilter } from "./filters.ts";
import { pulse, readTable, saw, tables } from "./wavetable.ts";

/** Time constant of the glide from the note before. */
const GLIDE_SECONDS = 0.028;

export function createLead(rateHz: number): (note: Note, track: Track, random: Random) => void {
  const sawAt = tables(rateHz, saw);
  const pulseAt = tables(rateHz, pulse(0.34));
  let previous: Note | undefined;
  return (note, track, random) => {
    const legato = previous && note.startSeconds - (previous.startSeconds + previous.seconds) < 0.1;
    const from = legato ? previous!.hz : note.hz;
    previous = note;
    const sawTable = sawAt(note.hz);
    const pulseTable = pulseAt(note.hz);
    const release = 0.16;
    const sound = silence(note.seconds + release, rateHz);
    const level = new Envelope(
      { attackSeconds: 0.022, decaySeconds: 0.5, sustain: 0.8, releaseSeconds: release },
      note.seconds,
      rateHz,
    );
    const first = new StateVariableFilter(rateHz, 1000, 0.6);
    const second = new StateVariableFilter(rateHz, 1000, 1.2);
    const phases = [random.uniform(), random.uniform(), random.uniform()];
    let step = 0;
    for (let i = 0; i < sound.length; i++) {
      if (i % 16 === 0) {
        const t = i / rateHz;
        const depth = 13 * Math.min(1, Math.max(0, (t - 0.25) / 0.35));
        const glide = Math.log2(from / note.hz) * Math.exp(-t / GLIDE_SECONDS);
        step = (note.hz * 2 ** (glide + (depth * Math.sin(2 * Math.PI * 5.6 * t)) / 1200)) / rateHz;
        const cutoff =
          1.3 * note.hz + 600 + 5200 * note.velocity ** 1.6 * (0.55 + 0.45 * Math.exp(-t / 0.25));
        first.tune(cutoff, 0.6);
        second.tune(cutoff, 1.2);
      }
      for (const [p, ratio] of [0.9974, 1.0026, 1].entries()) {
        phases[p]! += step * ratio;
        phases[p]! -= Math.floor(phases[p]!);
      }
      const voices =
        readTable(sawTable, phases[0]!) +
        readTable(sawTable, phases[1]!) +
        0.4 * readTable(pulseTable, phases[2]!);
      first.process(0.3 * voices);
      second.process(first.low);
      sound[i] = Math.tanh(1.2 * second.low) * level.next();
    }
    track.add(fadeEnd(sound, rateHz), note.startSeconds, note.velocity ** 1.1);
  };
}
