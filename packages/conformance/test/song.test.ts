/** The transport of a song whose tempo changes, by the contract's formula: beat = anchorBeat + (f − anchorFrame) · bpm / (60 · rate). */
import { ModulePlugin, type Transport } from "@gainstage/plugin-api";
import { expect, test } from "vitest";
import type { Song } from "../src/cases/case.ts";
import { noise, start, stream } from "../src/index.ts";
import { SongClock } from "../src/playing/song.ts";
import { activateSound, soundManifest } from "./sound-plugin.ts";

const RATE_HZ = 48_000;
/** A second is 2 beats, then 4, then 1. */
const song: Song = {
  tempoBpm: 120,
  tempoChanges: [
    { frame: 48_000, tempoBpm: 240 },
    { frame: 96_000, tempoBpm: 60 },
  ],
};

const beatOf = ({ anchorBeat, frame, anchorFrame, tempoBpm }: Transport) =>
  anchorBeat + ((frame - anchorFrame) * tempoBpm) / (60 * RATE_HZ);

test.each([
  [-24_000, 120, 0, 0, -1],
  [0, 120, 0, 0, 0],
  [47_999, 120, 0, 0, (2 * 47_999) / 48_000],
  [48_000, 240, 48_000, 2, 2],
  [72_000, 240, 48_000, 2, 4],
  [96_000, 60, 96_000, 6, 6],
  [144_000, 60, 96_000, 6, 7],
])("at the song's frame %i it runs at %i bpm from the frame %i, beat %i", (frame, bpm, anchor, beat, now) => {
  const transport = new SongClock({ ...song, from: frame }, RATE_HZ).at(0);
  expect(transport).toMatchObject({ frame, tempoBpm: bpm, anchorFrame: anchor, anchorBeat: beat });
  expect(beatOf(transport)).toBeCloseTo(now, 12);
});

test("a loop meets the changes within it again, and its ends are beats of the map", () => {
  const clock = new SongClock({ ...song, from: 24_000, loopFrames: 48_000 }, RATE_HZ);
  expect(clock.at(24_000)).toMatchObject({ frame: 48_000, tempoBpm: 240, loopStartBeat: 1, loopEndBeat: 4 });
  expect(clock.at(48_000)).toMatchObject({ frame: 24_000, tempoBpm: 120, anchorFrame: 0 });
  expect([0, 24_000, 30_000, 48_000].map((at) => clock.framesUntilCut(at))).toEqual([
    24_000, 24_000, 18_000, 24_000,
  ]);
});

test("a song that stands meets no change", () => {
  const clock = new SongClock({ ...song, from: 47_999, playing: false }, RATE_HZ);
  expect(clock.at(5000)).toMatchObject({ frame: 47_999, tempoBpm: 120, playing: false });
  expect(clock.framesUntilCut(0)).toBe(Number.POSITIVE_INFINITY);
});

test("changes that do not rise are refused", () => {
  const wrong = (frames: readonly number[]) => () =>
    new SongClock({ tempoBpm: 120, tempoChanges: frames.map((frame) => ({ frame, tempoBpm: 90 })) }, RATE_HZ);
  expect(wrong([100, 100])).toThrow(/the tempo changes at the song's frame 100, after 100/);
  expect(wrong([0])).toThrow(RangeError);
});

test("stream() cuts its blocks where the tempo changes, and the beat goes on without a step", () => {
  const processor = start(new ModulePlugin(soundManifest, { activate: activateSound }));
  const seen: Transport[] = [];
  const cut: number[] = [];
  stream(processor, [noise(2000, 1)], {
    blocks: [512],
    song: { tempoBpm: 120, from: 47_000, tempoChanges: [{ frame: 48_000, tempoBpm: 240 }] },
    beforeBlock: (done, frames) => {
      cut.push(done, frames);
      seen.push(processor.block.transport!);
    },
  });
  expect(cut).toEqual([0, 512, 512, 488, 1000, 24, 1024, 512, 1536, 464]);
  expect(seen.map(({ tempoBpm }) => tempoBpm)).toEqual([120, 120, 240, 240, 240]);
  expect(seen.map(beatOf).map((beat) => beat.toFixed(9))).toEqual(
    [47_000, 47_512]
      .map((f) => (f / 24_000).toFixed(9))
      .concat([0, 24, 536].map((f) => (2 + f / 12_000).toFixed(9))),
  );
});
