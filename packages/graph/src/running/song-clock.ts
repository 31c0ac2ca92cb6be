/** The musical clock: tempo and time signature as part of the graph, told to plugins as their transport. */
import type { Transport } from "@gainstage/plugin-api";

/** Where the music stands in the song. Beats are quarters, counted from the song's first frame. */
export interface SongTime {
  /** At least one, the first at frame 0, frames rising. The tempo holds until the next. */
  readonly tempo: readonly TempoChange[];
  /** Time signature. Default 4/4. */
  readonly numerator?: number;
  readonly denominator?: number;
}

export interface TempoChange {
  /** A whole number. */
  readonly frame: number;
  readonly bpm: number;
}

export const SLOWEST_BPM = 1;
export const FASTEST_BPM = 999;

/** What is wrong with a song's time, each with its place. */
export function songTimeProblems({ tempo, numerator = 4, denominator = 4 }: SongTime): string[] {
  const problems: string[] = [];
  if (tempo.length === 0 || tempo[0].frame !== 0) problems.push("the tempo must begin at frame 0");
  for (const [i, { frame, bpm }] of tempo.entries()) {
    if (!(Number.isInteger(frame) && (i === 0 || frame > tempo[i - 1].frame)))
      problems.push(`tempo ${i + 1}: frame ${frame} is not a whole number above the one before`);
    if (!(bpm >= SLOWEST_BPM && bpm <= FASTEST_BPM))
      problems.push(`tempo ${i + 1}: ${bpm} is not between ${SLOWEST_BPM} and ${FASTEST_BPM} beats a minute`);
  }
  if (!(Number.isInteger(numerator) && numerator >= 1 && numerator <= 64))
    problems.push(`a bar cannot have ${numerator} beats`);
  if (![1, 2, 4, 8, 16, 32].includes(denominator)) problems.push(`a bar cannot be of ${denominator}ths`);
  return problems;
}

type MutableTransport = { -readonly [K in keyof Transport]: Transport[K] };

/** One for each plugin node, since each hears the song with a latency of its own. */
export class SongClock {
  readonly #tempo: readonly TempoChange[];
  /** Beats at each change of tempo. */
  readonly #beats: readonly number[];
  readonly #transport: MutableTransport;
  #index = 0;

  constructor({ tempo, numerator = 4, denominator = 4 }: SongTime, sampleRateHz: number) {
    this.#tempo = tempo;
    const beats = [0];
    for (let i = 1; i < tempo.length; i++) {
      const minutes = (tempo[i].frame - tempo[i - 1].frame) / (60 * sampleRateHz);
      beats.push(beats[i - 1] + minutes * tempo[i - 1].bpm);
    }
    this.#beats = beats;
    this.#transport = {
      playing: true,
      frame: 0,
      tempoBpm: tempo[0].bpm,
      anchorFrame: 0,
      anchorBeat: 0,
      numerator,
      denominator,
      loopStartBeat: 0,
      loopEndBeat: 0,
    };
  }

  /** [audio] The transport at a frame of the song: the same object at every call. */
  at(frame: number): Transport {
    this.#seek(frame);
    const transport = this.#transport;
    transport.frame = frame;
    transport.tempoBpm = this.#tempo[this.#index].bpm;
    transport.anchorFrame = this.#tempo[this.#index].frame;
    transport.anchorBeat = this.#beats[this.#index];
    return transport;
  }

  /** [audio] The first frame after `frame` at which the tempo changes; Infinity if it changes no more. */
  nextChange(frame: number): number {
    this.#seek(frame);
    return this.#index + 1 < this.#tempo.length
      ? this.#tempo[this.#index + 1].frame
      : Number.POSITIVE_INFINITY;
  }

  /** The last change at or before `frame`; before the song, the first. */
  #seek(frame: number): void {
    while (this.#index > 0 && this.#tempo[this.#index].frame > frame) this.#index--;
    while (this.#index + 1 < this.#tempo.length && this.#tempo[this.#index + 1].frame <= frame) this.#index++;
  }
}
