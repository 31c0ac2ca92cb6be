/** The transport of a case: a function of the plugin's frame alone, so that it does not depend on how the stream is cut. */
import type { Transport } from "@gainstage/plugin-api";
import type { Song } from "../cases/case.ts";

/** A stretch of the song in one tempo: what the contract counts beats from. */
interface Stretch {
  readonly frame: number;
  readonly beat: number;
  readonly tempoBpm: number;
}

export class SongClock {
  readonly #song: Song;
  readonly #sampleRateHz: number;
  readonly #stretches: readonly Stretch[];

  /** Throws a RangeError if the changes of tempo are not in their order. */
  constructor(song: Song, sampleRateHz: number) {
    this.#song = song;
    this.#sampleRateHz = sampleRateHz;
    this.#stretches = stretchesOf(song, sampleRateHz);
  }

  /** The transport of the block that starts at the plugin's frame `at`. */
  at(at: number): Transport {
    const { playing = true, from = 0, numerator = 4, denominator = 4, loopFrames } = this.#song;
    const frame = this.#songFrame(at);
    const stretch = this.#stretchAt(frame);
    return {
      playing,
      frame,
      tempoBpm: stretch.tempoBpm,
      anchorFrame: stretch.frame,
      anchorBeat: stretch.beat,
      numerator,
      denominator,
      loopStartBeat: loopFrames === undefined ? 0 : this.#beatAt(from),
      loopEndBeat: loopFrames === undefined ? 0 : this.#beatAt(from + loopFrames),
    };
  }

  /** Frames until the song goes somewhere else than on, or on in another tempo: a host cuts its blocks there. */
  framesUntilCut(at: number): number {
    const { from = 0, loopFrames, playing = true, jumps = [] } = this.#song;
    let next = Number.POSITIVE_INFINITY;
    for (const jump of jumps) if (jump.at > at) next = Math.min(next, jump.at - at);
    if (!playing) return next;
    const frame = this.#songFrame(at);
    if (loopFrames !== undefined) next = Math.min(next, from + loopFrames - frame);
    for (const change of this.#stretches)
      if (change.frame > frame) next = Math.min(next, change.frame - frame);
    return next;
  }

  #songFrame(at: number): number {
    const { playing = true, from = 0, loopFrames, jumps = [] } = this.#song;
    if (!playing) return from;
    let frame = from + at;
    for (const jump of jumps) if (jump.at <= at) frame = jump.to + (at - jump.at);
    if (loopFrames === undefined) return frame;
    return from + ((((frame - from) % loopFrames) + loopFrames) % loopFrames);
  }

  #stretchAt(frame: number): Stretch {
    return this.#stretches.findLast((stretch) => stretch.frame <= frame) ?? this.#stretches[0];
  }

  #beatAt(frame: number): number {
    const stretch = this.#stretchAt(frame);
    return stretch.beat + ((frame - stretch.frame) * stretch.tempoBpm) / (60 * this.#sampleRateHz);
  }
}

function stretchesOf({ tempoBpm, tempoChanges = [] }: Song, sampleRateHz: number): readonly Stretch[] {
  const stretches: Stretch[] = [{ frame: 0, beat: 0, tempoBpm }];
  for (const change of tempoChanges) {
    const before = stretches.at(-1)!;
    if (change.frame <= before.frame)
      throw new RangeError(
        `the tempo changes at the song's frame ${change.frame}, after ${before.frame}: changes lie above 0 and rise`,
      );
    const beats = ((change.frame - before.frame) * before.tempoBpm) / (60 * sampleRateHz);
    stretches.push({ ...change, beat: before.beat + beats });
  }
  return stretches;
}
