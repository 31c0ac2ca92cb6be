/**
 * Plucked strings after Karplus and Strong, extended as in Jaffe and Smith, "Extensions of the Karplus-Strong
 * plucked-string algorithm", Computer Music Journal 7(2), 1983.
 *
 *   noise ─ pick position ─ dynamics ─(+)─ delay N ─┬─ body ─ out
 *                                      └ ρ · damping · tuning allpass ┘
 */
import type { Note } from "../performance.ts";
import { hzOf } from "../performance.ts";
import type { Random } from "../random.ts";
import { SECONDS_PER_BEAT } from "../score/form.ts";
import { chordAt } from "../score/harmony.ts";
import type { Track } from "../track.ts";
import { fadeEnd, silence } from "./envelope.ts";
import { filterInPlace, StateVariableFilter } from "./filters.ts";

interface Pluck {
  readonly hz: number;
  readonly seconds: number;
  /** Time to -60 dB while the string is free, and once a finger stops it at `seconds`. */
  readonly ringSeconds: number;
  readonly stopSeconds: number;
  /** 0 to 1: the pick's hardness. */
  readonly velocity: number;
  /** Where the string is plucked, as a part of its length from the bridge. */
  readonly position: number;
  /** Damping of the highs per round trip: 0 none, 0.5 the most. */
  readonly damping: number;
}

function pluckString(pluck: Pluck, rateHz: number, random: Random): Float64Array {
  const { hz, damping } = pluck;
  const period = rateHz / hz;
  // The damping filter delays by about `damping` samples at the fundamental; the allpass makes up what is left over.
  const length = Math.floor(period - damping - 0.2);
  const fraction = period - damping - length;
  const allpass = (1 - fraction) / (1 + fraction);
  const free = 10 ** (-3 / (hz * pluck.ringSeconds));
  const stopped = 10 ** (-3 / (hz * pluck.stopSeconds));

  const delay = new Float64Array(length);
  const pick = new StateVariableFilter(
    rateHz,
    Math.min(0.4 * rateHz, 900 + 9000 * pluck.velocity ** 1.6),
    0.6,
  );
  const burst = Float64Array.from({ length }, () => random.bipolar());
  const offset = Math.max(1, Math.round(pluck.position * length));
  let mean = 0;
  // Two rounds through the pick's filter, so that the loop starts with its settled, periodic output.
  for (let i = 0; i < 2 * length; i++) {
    pick.process(burst[i % length]! - burst[(i + length - offset) % length]!);
    delay[i % length] = pick.low;
  }
  for (const value of delay) mean += value / length;
  for (let i = 0; i < length; i++) delay[i]! -= mean;

  const sound = silence(Math.min(pluck.ringSeconds, pluck.seconds + pluck.stopSeconds), rateHz);
  const gateFrames = pluck.seconds * rateHz;
  let position = 0;
  let last = 0;
  let allpassIn = 0;
  let allpassOut = 0;
  for (let i = 0; i < sound.length; i++) {
    const x = delay[position]!;
    const damped = (1 - damping) * x + damping * last;
    last = x;
    allpassOut = allpass * (damped - allpassOut) + allpassIn;
    allpassIn = damped;
    delay[position] = allpassOut * (i < gateFrames ? free : stopped);
    position = position + 1 === length ? 0 : position + 1;
    sound[i] = x;
  }
  return fadeEnd(sound, rateHz, 0.05);
}

/** Nylon arpeggio: soft, slightly bright, walking across the stereo field with pitch. */
export function playArp(note: Note, track: Track, random: Random): void {
  const { rateHz } = track;
  const pluck: Pluck = {
    hz: note.hz,
    seconds: note.seconds,
    ringSeconds: 1.6,
    stopSeconds: 0.25,
    velocity: 0.75 * note.velocity,
    position: 0.19 + 0.03 * random.bipolar(),
    damping: 0.34,
  };
  const sound = pluckString(pluck, rateHz, random);
  filterInPlace(sound, rateHz, "bell", 230, 1.2, 1.35);
  filterInPlace(sound, rateHz, "high", 110);
  track.add(
    sound,
    note.startSeconds,
    note.velocity ** 1.1,
    Math.max(-0.6, Math.min(0.6, (note.pitch - 69) / 16)),
  );
}

/** Open strings of the guitar, E A D G B E. */
const GUITAR = [40, 45, 50, 55, 59, 64];

/** The lowest fret of each string, from 0 to 4, that belongs to the chord; strings under the bass note are left out. */
function frets(lowest: number, tones: readonly number[]): number[] {
  const notes: number[] = [];
  for (const open of GUITAR) {
    if (open + 4 < lowest) continue;
    if (notes.length === 0) {
      if (lowest >= open) notes.push(lowest);
      continue;
    }
    const fret = [0, 1, 2, 3, 4].find((f) => tones.includes((open + f) % 12) && !notes.includes(open + f));
    if (fret !== undefined) notes.push(open + fret);
  }
  return notes;
}

/** Steel-string strums, played twice and panned apart: the second take has its own timing, pick and noise. */
export function playStrum(note: Note, track: Track, random: Random): void {
  const { rateHz } = track;
  const chord = chordAt(Math.round((note.startSeconds / SECONDS_PER_BEAT) * 4) / 4);
  const strings = frets(note.pitch, chord.tones);
  const order = note.stroke === "up" ? strings.slice(-4).reverse() : strings;
  for (const pan of [-0.75, 0.75]) {
    const take = silence(note.seconds + 1.2, rateHz);
    const lateness = 0.009 * Math.abs(random.gaussian());
    const spread = (0.011 + 0.012 * (1 - note.velocity)) * (note.stroke === "up" ? 0.75 : 1);
    for (const [i, pitch] of order.entries()) {
      const velocity = note.velocity * (0.9 + 0.1 * random.bipolar());
      const pluck: Pluck = {
        hz: hzOf(pitch) * (1 + 0.0009 * random.gaussian()),
        seconds: note.seconds,
        ringSeconds: 2.6,
        stopSeconds: 0.18,
        velocity,
        position: 0.13 + 0.03 * random.bipolar(),
        damping: 0.2,
      };
      const string = pluckString(pluck, rateHz, random);
      const start = Math.round((lateness + i * spread) * rateHz);
      for (let n = 0; n < string.length && start + n < take.length; n++)
        take[start + n]! += velocity * string[n]!;
    }
    // The body: the air in the box, the top plate, and nothing under them.
    filterInPlace(take, rateHz, "bell", 104, 3, 1.7);
    filterInPlace(take, rateHz, "bell", 208, 3, 1.6);
    filterInPlace(take, rateHz, "bell", 2900, 1.2, 1.3);
    filterInPlace(take, rateHz, "high", 82);
    track.add(fadeEnd(take, rateHz, 0.05), note.startSeconds, note.velocity ** 0.7, pan);
  }
}
