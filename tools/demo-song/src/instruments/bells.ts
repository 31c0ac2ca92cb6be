/**
 * Struck metal bars. A bar free at both ends (bells, celesta) rings at 1 : 2.756 : 5.404 : 8.933, a tongue clamped at one
 * end (music box) at 1 : 6.267 : 17.55; both ratios are those of Euler and Bernoulli's beam.
 */
import type { Note } from "../performance.ts";
import type { Random } from "../random.ts";
import type { Track } from "../track.ts";
import { fadeEnd, silence } from "./envelope.ts";

const FREE_BAR = [1, 2.756, 5.404, 8.933];
const CLAMPED_TONGUE = [1, 6.267, 17.55];

function bar(
  note: Note,
  rateHz: number,
  ratios: readonly number[],
  ringSeconds: number,
  random: Random,
): Float64Array {
  const seconds = Math.min(5, ringSeconds * 4);
  const sound = silence(seconds, rateHz);
  for (const [mode, ratio] of ratios.entries()) {
    const hz = note.hz * ratio * (1 + (mode === 0 ? 0 : 0.002) * random.gaussian());
    if (hz > 18_000) continue;
    // A harder mallet feeds the upper modes, which die sooner.
    const level = mode === 0 ? 1 : (0.12 + 0.5 * note.velocity) / (1.4 * mode ** 1.4);
    const decay = ringSeconds / (1 + 2.4 * mode);
    for (let i = 0; i < sound.length; i++) {
      const t = i / rateHz;
      if (t > 7 * decay) break;
      sound[i]! += level * Math.exp(-t / decay) * Math.sin(2 * Math.PI * hz * t);
    }
  }
  for (let i = 0; i < 0.004 * rateHz; i++) {
    const t = i / rateHz;
    sound[i] =
      sound[i]! * Math.min(1, t / 0.0008) + 0.12 * note.velocity * random.bipolar() * Math.exp(-t / 0.001);
  }
  return fadeEnd(sound, rateHz, 0.1);
}

/** Celesta-like bells, each note doubled softly an octave above; high notes stand further right. */
export function playBells(note: Note, track: Track, random: Random): void {
  const ring = 0.75 * (880 / note.hz) ** 0.6;
  const pan = Math.max(-0.45, Math.min(0.6, (note.pitch - 80) / 20));
  track.add(bar(note, track.rateHz, FREE_BAR, ring, random), note.startSeconds, note.velocity, pan);
  const octave: Note = { ...note, hz: 2 * note.hz, velocity: 0.5 * note.velocity };
  track.add(
    bar(octave, track.rateHz, FREE_BAR, 0.5 * ring, random),
    note.startSeconds,
    0.4 * note.velocity,
    pan,
  );
}

export function playMusicBox(note: Note, track: Track, random: Random): void {
  track.add(bar(note, track.rateHz, CLAMPED_TONGUE, 0.36, random), note.startSeconds, note.velocity);
}
