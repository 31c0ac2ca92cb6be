/** From score to playing: beats become seconds, with the small errors and the swing of people. */
import type { Random } from "./random.ts";
import { SECONDS_PER_BEAT } from "./score/form.ts";
import type { NoteEvent } from "./score/notes.ts";

/** A note as an instrument gets it. */
export interface Note {
  readonly startSeconds: number;
  readonly seconds: number;
  /** MIDI note number. */
  readonly pitch: number;
  /** Equal temperament, A4 = 440 Hz. */
  readonly hz: number;
  readonly velocity: number;
  readonly endVelocity: number;
  readonly stroke: string;
}

export interface Feel {
  /** Deviation of a player's timing, in milliseconds. */
  readonly timingMs: number;
  /** Deviation of a player's velocity. */
  readonly dynamics: number;
  /** How late every second sixteenth comes, as a part of a sixteenth. */
  readonly swing?: number;
}

/** Performs a part in order of time. Notes struck together share most of their timing error, as one hand does. */
export function perform(events: readonly NoteEvent[], feel: Feel, random: Random): Note[] {
  const ordered = [...events].sort((a, b) => a.beat - b.beat || a.pitch - b.pitch);
  let handBeat = Number.NaN;
  let handSeconds = 0;
  return ordered.map((event) => {
    if (event.beat !== handBeat) {
      handBeat = event.beat;
      handSeconds = (feel.timingMs / 1000) * Math.max(-2, Math.min(2, random.gaussian()));
    }
    const finger = 0.25 * (feel.timingMs / 1000) * random.bipolar();
    const offbeat = Math.round(event.beat * 4) % 2 === 1 ? (feel.swing ?? 0) / 4 : 0;
    const startSeconds = (event.beat + offbeat) * SECONDS_PER_BEAT + handSeconds + finger;
    const touch = feel.dynamics * random.gaussian();
    const play = (velocity: number) => Math.max(0.05, Math.min(1, velocity + touch));
    return {
      startSeconds: Math.max(0, startSeconds),
      seconds: event.beats * SECONDS_PER_BEAT,
      pitch: event.pitch,
      hz: hzOf(event.pitch),
      velocity: play(event.velocity),
      endVelocity: play(event.endVelocity ?? event.velocity),
      stroke: event.stroke ?? "",
    };
  });
}

/** Frequency of a MIDI note number. */
export function hzOf(pitch: number): number {
  return 440 * 2 ** ((pitch - 69) / 12);
}
