/**
 * The stems in score order: who plays what, and onto which tape. Formats differ on purpose, as stems from many rooms do.
 *
 * A stem is dry and unmastered. Its peak level is the level it was "recorded" at; the balance is the mixer's work.
 */
import { createBass, playSub } from "./instruments/bass.ts";
import { playBells, playMusicBox } from "./instruments/bells.ts";
import { createChoir } from "./instruments/choir.ts";
import { playBoom, playCymbals, playHats, playReverseSwell, playRiser } from "./instruments/cymbals.ts";
import { playKick, playSnare, playToms } from "./instruments/drums.ts";
import { playKeys } from "./instruments/electric-piano.ts";
import { createPad, createStrings } from "./instruments/ensemble.ts";
import { filterInPlace } from "./instruments/filters.ts";
import { createLead } from "./instruments/lead.ts";
import { playArp, playStrum } from "./instruments/plucked-string.ts";
import { type Feel, type Note, perform } from "./performance.ts";
import { createRandom, type Random } from "./random.ts";
import { beatOfBar, firstBar, SONG_SECONDS } from "./score/form.ts";
import { bells, lead, musicBox } from "./score/melody.ts";
import { type NoteEvent, pitch } from "./score/notes.ts";
import { arp, bass, choir, keys, pad, strings, strum, sub } from "./score/parts.ts";
import { cymbals, hats, kick, snare, toms } from "./score/rhythm.ts";
import { Track } from "./track.ts";

export type Format =
  | { readonly codec: "flac" | "wav"; readonly bits: 16 | 24 }
  /** Vorbis quality, -1 (smallest) to 10. */
  | { readonly codec: "ogg"; readonly quality: number }
  /** LAME's variable bitrate, 0 (best) to 9. */
  | { readonly codec: "mp3"; readonly quality: number };

export interface Stem {
  readonly name: string;
  readonly role: string;
  readonly format: Format;
  readonly rateHz: 44_100 | 48_000;
  readonly channels: 1 | 2;
  /** Sample peak before encoding. */
  readonly peakDb: number;
  readonly score: () => readonly NoteEvent[];
  readonly feel: Feel;
  /** Makes the player, who may keep tables and the last note between notes. */
  readonly player: (rateHz: number) => (note: Note, track: Track, random: Random) => void;
}

const tight: Feel = { timingMs: 2, dynamics: 0.025, swing: 0.1 };
const loose: Feel = { timingMs: 6, dynamics: 0.04, swing: 0.1 };
const sung: Feel = { timingMs: 9, dynamics: 0.02 };
const exact: Feel = { timingMs: 0, dynamics: 0 };

const flac = (bits: 16 | 24): Format => ({ codec: "flac", bits });
const wav = (bits: 16 | 24): Format => ({ codec: "wav", bits });
const ogg = (quality: number): Format => ({ codec: "ogg", quality });
const mp3 = (quality: number): Format => ({ codec: "mp3", quality });

/** The riser climbs into the climax from an A; the boom falls on its first beat, a small one on the outro's. */
function fx(): NoteEvent[] {
  const climax = beatOfBar(firstBar("climax"));
  const outro = beatOfBar(firstBar("outro"));
  return [
    { beat: climax, beats: 16, pitch: pitch("A3"), velocity: 0.6, stroke: "riser" },
    { beat: climax, beats: 4, pitch: 0, velocity: 1, stroke: "boom" },
    { beat: outro, beats: 4, pitch: 0, velocity: 0.7, stroke: "boom" },
  ];
}

/** The tide the song opens with: it rises for two bars, breaks as the music box falls silent, and is gone. */
function air(): NoteEvent[] {
  const bars = 2;
  return [{ beat: beatOfBar(1 + bars), beats: 4 * bars, pitch: 0, velocity: 0.6 }];
}

// biome-ignore format: a table reads by its columns
export const STEMS: readonly Stem[] = [
  { name: "01-kick", role: "kick drum", format: flac(24), rateHz: 44_100, channels: 1, peakDb: -4, score: () => kick, feel: tight, player: () => playKick },
  { name: "02-snare", role: "rim in verse and build, snare after", format: ogg(4), rateHz: 44_100, channels: 1, peakDb: -5, score: () => snare, feel: tight, player: () => playSnare },
  { name: "03-hats", role: "hi-hat left, shaker right", format: ogg(5), rateHz: 48_000, channels: 2, peakDb: -9, score: () => hats, feel: tight, player: () => playHats },
  { name: "04-toms", role: "taiko and three toms", format: flac(16), rateHz: 44_100, channels: 1, peakDb: -6, score: () => toms, feel: loose, player: () => playToms },
  { name: "05-cymbals", role: "crashes and swells", format: ogg(4), rateHz: 44_100, channels: 2, peakDb: -9, score: () => cymbals, feel: tight, player: () => playCymbals },
  { name: "06-sub", role: "sub bass", format: flac(16), rateHz: 44_100, channels: 1, peakDb: -8, score: sub, feel: exact, player: () => playSub },
  { name: "07-bass", role: "synth bass, boomy", format: ogg(5), rateHz: 44_100, channels: 1, peakDb: -3, score: bass, feel: tight, player: createBass },
  { name: "08-keys", role: "electric piano", format: ogg(3), rateHz: 44_100, channels: 2, peakDb: -7, score: keys, feel: loose, player: () => playKeys },
  { name: "09-music-box", role: "music box, intro", format: wav(24), rateHz: 44_100, channels: 1, peakDb: -14, score: () => musicBox, feel: loose, player: () => playMusicBox },
  { name: "10-arp", role: "plucked arpeggio", format: ogg(2), rateHz: 48_000, channels: 2, peakDb: -10, score: arp, feel: loose, player: () => playArp },
  { name: "11-strum", role: "steel-string guitar, two takes", format: mp3(6), rateHz: 48_000, channels: 2, peakDb: -8, score: strum, feel: loose, player: () => playStrum },
  { name: "12-pad", role: "warm pad, dull", format: mp3(6), rateHz: 44_100, channels: 2, peakDb: -13, score: pad, feel: sung, player: createPad },
  { name: "13-strings", role: "string section", format: ogg(3), rateHz: 48_000, channels: 2, peakDb: -11, score: () => strings(lead), feel: sung, player: createStrings },
  { name: "14-choir", role: "wordless choir", format: mp3(5), rateHz: 44_100, channels: 2, peakDb: -12, score: choir, feel: sung, player: createChoir },
  { name: "15-lead", role: "lead synthesizer", format: ogg(5), rateHz: 48_000, channels: 1, peakDb: -6, score: () => lead, feel: loose, player: createLead },
  { name: "16-bells", role: "bells: theme, counter-melody, last word", format: ogg(2), rateHz: 48_000, channels: 2, peakDb: -15, score: () => bells, feel: loose, player: () => playBells },
  { name: "17-fx", role: "riser and booms", format: flac(16), rateHz: 44_100, channels: 1, peakDb: -9, score: fx, feel: exact, player: () => (note, track, random) => (note.stroke === "riser" ? playRiser : playBoom)(note, track, random) },
  { name: "18-air", role: "opening tide of air", format: wav(16), rateHz: 44_100, channels: 1, peakDb: -18, score: air, feel: exact, player: () => playReverseSwell },
];

/**
 * Plays a stem from the song's time 0 until it has died away. Deterministic: the stem's number is the seed.
 * @returns one channel or two, at the stem's rate, with its peak at `peakDb`.
 */
export function renderStem(stem: Stem): Float64Array[] {
  const random = createRandom(0x5eed + 7919 * STEMS.indexOf(stem));
  const track = new Track(stem.rateHz, stem.channels, SONG_SECONDS);
  const play = stem.player(stem.rateHz);
  for (const note of perform(stem.score(), stem.feel, random)) play(note, track, random);

  let peak = 0;
  for (const channel of track.channels) {
    filterInPlace(channel, stem.rateHz, "high", 16); // no offset, no rumble
    for (const x of channel) peak = Math.max(peak, Math.abs(x));
  }
  const gain = 10 ** (stem.peakDb / 20) / peak;
  for (const channel of track.channels) for (let i = 0; i < channel.length; i++) channel[i]! *= gain;
  return cutSilence(track.channels, stem.rateHz);
}

/** Cuts what lies under -78 dBFS at the end, over a fade of 50 ms. */
function cutSilence(channels: readonly Float64Array[], rateHz: number): Float64Array[] {
  const threshold = 10 ** (-78 / 20);
  const fade = Math.round(0.05 * rateHz);
  let last = 0;
  for (const channel of channels) {
    last = Math.max(
      last,
      channel.findLastIndex((x) => Math.abs(x) > threshold),
    );
  }
  const length = Math.min(channels[0]!.length, last + fade);
  return channels.map((channel) => {
    const cut = channel.slice(0, length);
    for (let i = 0; i < fade; i++) cut[length - 1 - i]! *= i / fade;
    return cut;
  });
}
