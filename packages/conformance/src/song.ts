/** The transport of a case: a function of the plugin's frame alone, so that it does not depend on how the stream is cut. */
import type { Transport } from "@gainstage/plugin-api";
import type { Song } from "./case.ts";

/** The transport of the block that starts at the plugin's frame `at`. */
export function transportAt(song: Song, at: number, sampleRateHz: number): Transport {
  const { tempoBpm, playing = true, from = 0, numerator = 4, denominator = 4, loopFrames } = song;
  const beatsPerFrame = tempoBpm / (60 * sampleRateHz);
  let frame = from + at;
  for (const jump of song.jumps ?? []) if (jump.at <= at) frame = jump.to + (at - jump.at);
  if (loopFrames !== undefined) frame = from + ((((frame - from) % loopFrames) + loopFrames) % loopFrames);
  if (!playing) frame = from;
  return {
    playing,
    frame,
    tempoBpm,
    anchorFrame: 0,
    anchorBeat: 0,
    numerator,
    denominator,
    loopStartBeat: loopFrames === undefined ? 0 : from * beatsPerFrame,
    loopEndBeat: loopFrames === undefined ? 0 : (from + loopFrames) * beatsPerFrame,
  };
}

/** Frames until the song next goes somewhere else than on: a host cuts its blocks there. */
export function framesUntilJump(song: Song, at: number): number {
  const { from = 0, loopFrames, playing = true } = song;
  let next = Number.POSITIVE_INFINITY;
  for (const jump of song.jumps ?? []) if (jump.at > at) next = Math.min(next, jump.at - at);
  if (loopFrames !== undefined && playing) {
    let frame = from + at;
    for (const jump of song.jumps ?? []) if (jump.at <= at) frame = jump.to + (at - jump.at);
    next = Math.min(next, loopFrames - ((((frame - from) % loopFrames) + loopFrames) % loopFrames));
  }
  return next;
}
