/**
 * Electric piano by frequency modulation (Chowning, "The synthesis of complex audio spectra by means of frequency modulation",
 * JAES 21(7), 1973): a 1:1 pair for the tone bar, whose index falls as it rings, and a 1:14 pair for the tine.
 */
import type { Note } from "../performance.ts";
import type { Random } from "../random.ts";
import type { Track } from "../track.ts";
import { Envelope, fadeEnd, silence } from "./envelope.ts";

/** The cabinet's stereo vibrato: how deep, and how fast. */
const TREMOLO_DEPTH = 0.28;
const TREMOLO_HZ = 4.4;

export function playKeys(note: Note, track: Track, random: Random): void {
  const { rateHz } = track;
  const { velocity, hz } = note;
  const release = 0.28;
  const sound = silence(note.seconds + release, rateHz);
  // High tines are short, and never so high that their sidebands pass 16 kHz.
  const tineRatio = Math.min(14, Math.floor(12_000 / hz));
  const ring = 2.6 * (262 / hz) ** 0.45;
  const damper = new Envelope(
    { attackSeconds: 0.003, decaySeconds: 1, sustain: 1, releaseSeconds: release },
    note.seconds,
    rateHz,
  );
  const detuned = hz * (1 + 0.0007 * random.gaussian());
  for (let i = 0; i < sound.length; i++) {
    const t = i / rateHz;
    const angle = 2 * Math.PI * hz * t;
    const index =
      (0.25 + 1.9 * velocity ** 1.7) * (0.35 + 0.65 * Math.exp(-t / 0.35)) * Math.min(1, (500 / hz) ** 0.5);
    const bar = Math.sin(angle + index * Math.sin(angle)) * 0.72;
    const second = Math.sin(2 * Math.PI * detuned * t) * 0.25;
    const tine = Math.exp(-t / 0.11) * velocity * 0.3 * Math.sin(angle + 0.9 * Math.sin(tineRatio * angle));
    sound[i] = (bar + second + tine) * Math.exp(-t / ring) * damper.next();
  }
  fadeEnd(sound, rateHz);
  const level = velocity ** 1.25 * (hz < 130 ? 0.8 : 1);
  const [left, right] = track.channels;
  const start = Math.round(note.startSeconds * rateHz);
  for (let i = 0; i < sound.length && start + i < left!.length; i++) {
    const sway = TREMOLO_DEPTH * Math.sin((2 * Math.PI * TREMOLO_HZ * (start + i)) / rateHz);
    left![start + i]! += level * (1 + sway) * sound[i]!;
    right![start + i]! += level * (1 - sway) * sound[i]!;
  }
}
