/**
 * Metal and air: hi-hats, shaker, crashes, swells, the riser and the fall that follows it.
 *
 * Hats and cymbals are many inharmonic partials, as a plate has them (their density is even in frequency), in a bed of noise. Highs
 * start louder and die sooner.
 */
import type { Note } from "../performance.ts";
import type { Random } from "../random.ts";
import type { Track } from "../track.ts";
import { fadeEnd, silence } from "./envelope.ts";
import { filterInPlace, StateVariableFilter } from "./filters.ts";

export function playHats(note: Note, track: Track, random: Random): void {
  const { velocity } = note;
  const { rateHz } = track;
  if (note.stroke === "shaker")
    track.add(shaker(velocity, rateHz, random), note.startSeconds, velocity, 0.45);
  else {
    const seconds = note.stroke === "open" ? 0.16 : 0.022 + 0.03 * velocity;
    track.add(hat(seconds, velocity, rateHz, random), note.startSeconds, velocity ** 1.3, -0.35);
  }
}

function hat(decaySeconds: number, velocity: number, rateHz: number, random: Random): Float64Array {
  const sound = silence(decaySeconds * 7, rateHz);
  addPlate(sound, rateHz, random, {
    partials: 22,
    fromHz: 3400,
    toHz: 19_000,
    decaySeconds,
    brightness: velocity,
  });
  for (let i = 0; i < sound.length; i++) {
    const t = i / rateHz;
    sound[i]! += 0.28 * random.bipolar() * (Math.exp(-t / decaySeconds) + 0.6 * Math.exp(-t / 0.004));
  }
  filterInPlace(sound, rateHz, "high", 5200);
  filterInPlace(sound, rateHz, "low", 12_000 + 9000 * velocity);
  fadeStart(sound, rateHz, 0.0006);
  return fadeEnd(sound, rateHz);
}

/** Beads: they gather for some 15 ms before they hit the wall of the shaker. */
function shaker(velocity: number, rateHz: number, random: Random): Float64Array {
  const sound = silence(0.16, rateHz);
  const shell = new StateVariableFilter(rateHz, 6200 + 1800 * velocity, 1.1);
  for (let i = 0; i < sound.length; i++) {
    const t = i / rateHz;
    const gather = t < 0.018 ? (t / 0.018) ** 2 : Math.exp(-(t - 0.018) / (0.02 + 0.018 * velocity));
    shell.process(random.bipolar() * gather * 0.5);
    sound[i] = shell.band;
  }
  return fadeEnd(sound, rateHz);
}

export function playCymbals(note: Note, track: Track, random: Random): void {
  const { rateHz } = track;
  if (note.stroke === "crash") {
    for (const pan of [-0.55, 0.5]) {
      track.add(crash(note.velocity, 3.2, rateHz, random), note.startSeconds, 0.6 * note.velocity, pan);
    }
    return;
  }
  for (const pan of [-0.7, 0.7]) {
    const sound = swell(note.seconds, note.velocity, rateHz, random);
    track.add(sound, note.startSeconds - note.seconds, 0.5 * note.velocity, pan);
  }
}

function crash(velocity: number, seconds: number, rateHz: number, random: Random): Float64Array {
  const sound = silence(seconds, rateHz);
  addPlate(sound, rateHz, random, {
    partials: 70,
    fromHz: 320,
    toHz: 19_000,
    decaySeconds: 0.75,
    brightness: velocity,
  });
  const noise = silence(seconds, rateHz);
  for (let i = 0; i < noise.length; i++) {
    const t = i / rateHz;
    noise[i] = random.bipolar() * (0.5 * Math.exp(-t / 0.5) + 0.5 * Math.exp(-t / 0.05));
  }
  filterInPlace(noise, rateHz, "high", 3200);
  for (let i = 0; i < sound.length; i++) sound[i]! += 0.55 * noise[i]!;
  filterInPlace(sound, rateHz, "high", 260);
  filterInPlace(sound, rateHz, "low", 9000 + 12_000 * velocity);
  fadeStart(sound, rateHz, 0.0015);
  return fadeEnd(sound, rateHz, 0.8);
}

/** A roll with soft mallets: the crash's partials fed by noise that opens in loudness and brightness, then let ring. */
function swell(seconds: number, velocity: number, rateHz: number, random: Random): Float64Array {
  const ring = 0.9;
  const sound = silence(seconds + ring, rateHz);
  const tone = new StateVariableFilter(rateHz, 500, 0.8);
  for (let i = 0; i < sound.length; i++) {
    const t = i / rateHz;
    const progress = Math.min(1, t / seconds);
    if (i % 32 === 0) tone.tune(500 + (3500 + 9000 * velocity) * progress ** 2.2, 0.8);
    const mallets = 1 + 0.25 * Math.sin(2 * Math.PI * 13 * t);
    const level = progress ** 2.6 * mallets * (t > seconds ? Math.exp(-(t - seconds) / 0.16) : 1);
    tone.process(random.bipolar() * level * 0.55);
    sound[i] = tone.low;
  }
  filterInPlace(sound, rateHz, "high", 380);
  for (const [hz, gain] of [
    [1130, 1.8],
    [2470, 1.6],
    [4310, 1.7],
    [7200, 1.5],
  ] as const) {
    filterInPlace(sound, rateHz, "bell", hz, 5, gain);
  }
  return fadeEnd(sound, rateHz, 0.3);
}

interface Plate {
  readonly partials: number;
  readonly fromHz: number;
  readonly toHz: number;
  /** Time constant of the lowest partial. */
  readonly decaySeconds: number;
  readonly brightness: number;
}

/** Adds decaying partials, each a rotating phasor that shrinks: two multiplications a sample instead of a sine. */
function addPlate(sound: Float64Array, rateHz: number, random: Random, plate: Plate): void {
  for (let p = 0; p < plate.partials; p++) {
    const place = (p + 0.8 * random.uniform()) / plate.partials;
    const hz = plate.fromHz + (plate.toHz - plate.fromHz) * place;
    const decay = Math.exp(
      -1 / (rateHz * plate.decaySeconds * (1.25 - 0.95 * place) * (0.7 + 0.6 * random.uniform())),
    );
    const tilt = 1 - (1 - plate.brightness) * place;
    const amplitude = ((0.35 + random.uniform()) * tilt) / Math.sqrt(plate.partials);
    const start = 2 * Math.PI * random.uniform();
    const cos = decay * Math.cos((2 * Math.PI * hz) / rateHz);
    const sin = decay * Math.sin((2 * Math.PI * hz) / rateHz);
    let re = amplitude * Math.cos(start);
    let im = amplitude * Math.sin(start);
    for (let i = 0; i < sound.length; i++) {
      sound[i]! += im;
      const next = re * cos - im * sin;
      im = re * sin + im * cos;
      re = next;
    }
  }
}

function fadeStart(sound: Float64Array, rateHz: number, seconds: number): void {
  const frames = Math.round(seconds * rateHz);
  for (let i = 0; i < frames; i++) sound[i]! *= i / frames;
}

/** Air drawn backwards into a downbeat: a reversed crash, under it a breath of low noise. */
export function playReverseSwell(note: Note, track: Track, random: Random): void {
  const { rateHz } = track;
  const sound = swell(note.seconds, note.velocity * 0.6, rateHz, random);
  const reversed = crash(0.8, Math.min(note.seconds, 4), rateHz, random).reverse();
  const begin = note.startSeconds - note.seconds;
  track.add(sound, begin, 0.5 * note.velocity);
  track.add(reversed, note.startSeconds - reversed.length / rateHz, 0.5 * note.velocity);
  const wind = silence(note.seconds, rateHz);
  for (let i = 0; i < wind.length; i++) {
    const progress = i / wind.length;
    wind[i] = random.bipolar() * Math.sin(Math.PI * progress) ** 1.5;
  }
  filterInPlace(wind, rateHz, "band", 640, 1.2);
  track.add(fadeEnd(wind, rateHz, 0.5), begin, 0.2 * note.velocity);
}

/** A riser into a downbeat: noise through a climbing resonance and a tone that climbs an octave; then a sub drop on the beat. */
export function playRiser(note: Note, track: Track, random: Random): void {
  const { rateHz, channels } = track;
  for (const pan of channels.length === 2 ? [-0.6, 0.6] : [0]) {
    const sound = silence(note.seconds, rateHz);
    const sweep = new StateVariableFilter(rateHz, 300, 2.5);
    let phase = random.uniform();
    for (let i = 0; i < sound.length; i++) {
      const progress = i / sound.length;
      if (i % 32 === 0) sweep.tune(260 * 2 ** (5.2 * progress ** 1.4), 1.6 + 1.6 * progress);
      sweep.process(random.bipolar());
      phase += (note.hz * 2 ** progress) / rateHz;
      const tone = Math.sin(2 * Math.PI * phase + 0.8 * Math.sin(4 * Math.PI * phase));
      sound[i] = progress ** 2 * (0.55 * sweep.band + 0.16 * tone);
    }
    track.add(fadeEnd(sound, rateHz, 0.03), note.startSeconds - note.seconds, note.velocity, pan);
  }
}

/** A falling boom on a downbeat, from 70 Hz to the edge of hearing. */
export function playBoom(note: Note, track: Track, random: Random): void {
  const { rateHz } = track;
  const sound = silence(3.4, rateHz);
  const thud = new StateVariableFilter(rateHz, 220, 0.7);
  let phase = 0;
  for (let i = 0; i < sound.length; i++) {
    const t = i / rateHz;
    phase += (24 + 46 * Math.exp(-t / 0.5)) / rateHz;
    thud.process(random.bipolar() * Math.exp(-t / 0.05));
    const body = Math.sin(2 * Math.PI * phase) * Math.exp(-t / 0.75) * (1 - Math.exp(-t / 0.006));
    sound[i] = Math.tanh(1.4 * body) + 1.2 * thud.low;
  }
  track.add(fadeEnd(sound, rateHz, 0.8), note.startSeconds, 0.7 * note.velocity);
}
