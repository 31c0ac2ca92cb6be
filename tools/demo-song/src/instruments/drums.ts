/**
 * Kick, snare, rim and the skins.
 *
 * A drum is a struck membrane: partials at the zeros of the Bessel functions, each dying at its own pace, a pitch that falls as
 * the stretched skin relaxes, and a short noise where the stick lands.
 */
import type { Note } from "../performance.ts";
import type { Random } from "../random.ts";
import type { Track } from "../track.ts";
import { fadeEnd, silence } from "./envelope.ts";
import { filterInPlace, StateVariableFilter } from "./filters.ts";

/** Where the kick's pitch comes to rest: A1, the fifth of the key, between the sub's notes. */
export const KICK_HZ = 55;

export function playKick(note: Note, track: Track, random: Random): void {
  const { rateHz } = track;
  const { velocity } = note;
  const sound = silence(0.55, rateHz);
  const click = new StateVariableFilter(rateHz, 2600 + 2400 * velocity, 0.9);
  const onset = Math.round(0.0008 * rateHz);
  let phase = 0;
  for (let i = 0; i < sound.length; i++) {
    const t = i / rateHz;
    const hz = KICK_HZ + 95 * Math.exp(-t / 0.024) + (160 + 160 * velocity) * Math.exp(-t / 0.006);
    phase += hz / rateHz;
    const body = Math.sin(2 * Math.PI * phase) * (0.82 * Math.exp(-t / 0.13) + 0.18 * Math.exp(-t / 0.03));
    click.process(random.bipolar() * Math.exp(-t / 0.0035));
    const rise = Math.min(1, i / onset);
    sound[i] = rise * (Math.tanh(1.7 * body) * 0.75 + (0.16 + 0.7 * velocity) * click.band);
  }
  track.add(fadeEnd(sound, rateHz, 0.1), note.startSeconds, velocity ** 1.3);
}

export function playSnare(note: Note, track: Track, random: Random): void {
  const sound =
    note.stroke === "rim" ? rim(track.rateHz, random) : snare(note.velocity, track.rateHz, random);
  track.add(sound, note.startSeconds, note.velocity ** 1.4 * (note.stroke === "rim" ? 0.55 : 1));
}

function snare(velocity: number, rateHz: number, random: Random): Float64Array {
  const sound = silence(0.5, rateHz);
  const wires = new StateVariableFilter(rateHz, 900 + 900 * velocity, 0.6);
  const bright = new StateVariableFilter(rateHz, 4000 + 7000 * velocity, 0.6);
  const wireSeconds = 0.085 + 0.05 * velocity;
  const detune = 1 + 0.006 * random.gaussian();
  let low = random.uniform();
  let high = random.uniform();
  for (let i = 0; i < sound.length; i++) {
    const t = i / rateHz;
    const bend = 1 + 0.22 * Math.exp(-t / 0.012);
    low += (186 * detune * bend) / rateHz;
    high += (331 * detune * bend) / rateHz;
    const skin =
      0.62 * Math.sin(2 * Math.PI * low) * Math.exp(-t / 0.075) +
      0.3 * Math.sin(2 * Math.PI * high) * Math.exp(-t / 0.045);
    const noise = random.bipolar();
    // The wires answer the skin a little late, and rattle longer than the stick.
    const rattle =
      (1 - Math.exp(-t / 0.004)) * Math.exp(-t / wireSeconds) * 0.62 + 0.75 * Math.exp(-t / 0.006);
    wires.process(noise * rattle);
    bright.process(wires.high);
    sound[i] = Math.min(1, t / 0.0006) * (skin + (0.8 + 0.9 * velocity) * bright.low);
  }
  return fadeEnd(sound, rateHz, 0.05);
}

/** Cross-stick: three short wooden modes. */
function rim(rateHz: number, random: Random): Float64Array {
  const sound = silence(0.16, rateHz);
  const modes = [
    [455, 0.03, 0.5],
    [1080, 0.018, 0.9],
    [1730, 0.012, 0.6],
    [3900, 0.005, 0.25],
  ] as const;
  const detune = 1 + 0.01 * random.gaussian();
  for (let i = 0; i < sound.length; i++) {
    const t = i / rateHz;
    let sum = 0.35 * random.bipolar() * Math.exp(-t / 0.0018);
    for (const [hz, seconds, gain] of modes) {
      sum += gain * Math.sin(2 * Math.PI * hz * detune * t) * Math.exp(-t / seconds);
    }
    sound[i] = Math.min(1, t / 0.0004) * sum;
  }
  return fadeEnd(sound, rateHz);
}

/** Bessel zeros of the circular membrane over the first one: modes 01, 11, 21, 02, 31, 12. */
const MEMBRANE = [1, 1.593, 2.136, 2.295, 2.653, 2.917];

interface Skin {
  readonly hz: number;
  readonly seconds: number;
  readonly gain: number;
  readonly stickHz: number;
}

/** Tuned to the key: taiko on D2 an octave down with its partials, toms on D, A and D. */
const SKINS: Readonly<Record<string, Skin>> = {
  taiko: { hz: 61, seconds: 0.42, gain: 1, stickHz: 700 },
  low: { hz: 73.42, seconds: 0.3, gain: 0.72, stickHz: 1500 },
  mid: { hz: 110, seconds: 0.24, gain: 0.72, stickHz: 2000 },
  high: { hz: 146.83, seconds: 0.2, gain: 0.7, stickHz: 2600 },
};

export function playToms(note: Note, track: Track, random: Random): void {
  const { rateHz } = track;
  const { velocity } = note;
  const skin = SKINS[note.stroke]!;
  const sound = silence(skin.seconds * 5, rateHz);
  const phases = MEMBRANE.map(() => 0);
  const stick = new StateVariableFilter(rateHz, skin.stickHz * (0.6 + velocity), 0.7);
  const detune = 1 + 0.004 * random.gaussian();
  for (let i = 0; i < sound.length; i++) {
    const t = i / rateHz;
    const bend = detune * (1 + (0.1 + 0.22 * velocity) * Math.exp(-t / 0.035));
    let sum = 0;
    for (const [m, ratio] of MEMBRANE.entries()) {
      phases[m]! += (skin.hz * ratio * bend) / rateHz;
      const level = (0.25 + 0.55 * velocity) ** m;
      sum += level * Math.sin(2 * Math.PI * phases[m]!) * Math.exp(-t / (skin.seconds / (1 + 0.9 * m)));
    }
    stick.process(random.bipolar() * Math.exp(-t / 0.009));
    sound[i] = Math.min(1, t / 0.001) * (Math.tanh(0.9 * sum) + velocity * 2.2 * stick.low);
  }
  filterInPlace(sound, rateHz, "high", 35);
  track.add(fadeEnd(sound, rateHz, 0.2), note.startSeconds, skin.gain * velocity ** 1.4);
}
