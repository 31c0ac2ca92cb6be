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

/** What plugins are told beside where the music stands. */
export interface TransportState {
  readonly playing: boolean;
  /** Whole frames of the song; the second is the first one that is not played any more. */
  readonly loop?: { readonly startFrame: number; readonly endFrame: number } | undefined;
}

/** Throws a RangeError for a loop that is none. */
export function requireLoop({ startFrame, endFrame }: NonNullable<TransportState["loop"]>): void {
  const isRange = Number.isSafeInteger(startFrame) && Number.isSafeInteger(endFrame) && startFrame >= 0;
  if (isRange && endFrame > startFrame) return;
  throw new RangeError(
    `a loop cannot go from frame ${startFrame} to ${endFrame}: give whole frames from 0 on, the end after the start`,
  );
}

type MutableTransport = { -readonly [K in keyof Transport]: Transport[K] };

/** One for each plugin node, since each hears the song with a latency of its own. */
export class SongClock {
  readonly #tempo: readonly TempoChange[];
  /** Beats at each change of tempo. */
  readonly #beats: readonly number[];
  readonly #transport: MutableTransport;
  readonly #sampleRateHz: number;
  #index = 0;
  #loopStart = 0;
  #loopEnd = 0;

  constructor({ tempo, numerator = 4, denominator = 4 }: SongTime, sampleRateHz: number) {
    this.#tempo = tempo;
    this.#sampleRateHz = sampleRateHz;
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

  /** [audio] Told by at() from here on. Frames of the song; both 0 where nothing is looped. */
  setState(playing: boolean, loopStartFrame: number, loopEndFrame: number): void {
    this.#transport.playing = playing;
    if (loopStartFrame === this.#loopStart && loopEndFrame === this.#loopEnd) return;
    this.#loopStart = loopStartFrame;
    this.#loopEnd = loopEndFrame;
    this.#transport.loopStartBeat = this.#beatAt(loopStartFrame);
    this.#transport.loopEndBeat = this.#beatAt(loopEndFrame);
  }

  /** [audio] The first frame after `frame` at which the tempo changes; Infinity if it changes no more. */
  nextChange(frame: number): number {
    this.#seek(frame);
    return this.#index + 1 < this.#tempo.length
      ? this.#tempo[this.#index + 1].frame
      : Number.POSITIVE_INFINITY;
  }

  #beatAt(frame: number): number {
    this.#seek(frame);
    const { frame: anchor, bpm } = this.#tempo[this.#index];
    return this.#beats[this.#index] + ((frame - anchor) * bpm) / (60 * this.#sampleRateHz);
  }

  /** The last change at or before `frame`; before the song, the first. */
  #seek(frame: number): void {
    while (this.#index > 0 && this.#tempo[this.#index].frame > frame) this.#index--;
    while (this.#index + 1 < this.#tempo.length && this.#tempo[this.#index + 1].frame <= frame) this.#index++;
  }
}
