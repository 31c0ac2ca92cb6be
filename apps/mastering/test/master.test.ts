import { readFileSync } from "node:fs";
import { albumIntegratedLufs, DspKernels, kernelsUrl, LoudnessMeter, measureAudio } from "@gainstage/dsp";
import { createHost } from "@gainstage/host";
import { describe, expect, test } from "vitest";
import { loadPreset, masterTracks, presetNames, SilentTrackError, type Track } from "../src/index.ts";

const RATE = 48_000;
const SECONDS = 6;
const host = createHost();
const kernels = DspKernels.instantiate(readFileSync(kernelsUrl));

/** Chords with a beat: peaks far above the mean, so that the limiter has work to do. */
function music(seed: number, gain: number, rate = RATE): Track {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
  const channels = [0, 1].map((side) =>
    Float32Array.from({ length: SECONDS * rate }, (_, i) => {
      const t = i / rate;
      const beat = Math.exp(-((t * 2) % 1) * 12);
      const chord = [110, 220.5, 331, 441].reduce(
        (sum, hz, k) => sum + Math.sin(2 * Math.PI * hz * t + side * k),
        0,
      );
      return gain * (0.12 * chord + 0.9 * beat * Math.sin(2 * Math.PI * 60 * t) + 0.25 * beat * random());
    }),
  );
  return { name: `track ${seed}`, sampleRateHz: rate, channels };
}

const request = (tracks: readonly Track[], more: object = {}) => ({
  tracks,
  targetLufs: -14,
  ceilingDbtp: -1,
  mode: "track" as const,
  preset: loadPreset("balanced"),
  ...more,
});

function albumLufs(tracks: readonly { channels: readonly Float32Array[]; sampleRateHz: number }[]): number {
  return albumIntegratedLufs(
    tracks.map(({ channels, sampleRateHz }) => {
      const meter = new LoudnessMeter(kernels, sampleRateHz, channels.length);
      meter.process(channels);
      return meter;
    }),
  ) as number;
}

describe("a master", () => {
  test.each(presetNames())(
    "by the preset %s is at its target within 0.1 LU, under its ceiling",
    async (name) => {
      const [track] = await masterTracks(
        host,
        kernels,
        request([music(1, 0.3)], { preset: loadPreset(name) }),
      );
      const measured = measureAudio(kernels, track.channels, RATE);
      expect(Math.abs(measured.integratedLufs! + 14)).toBeLessThanOrEqual(0.1);
      expect(measured.truePeakDbtp!).toBeLessThanOrEqual(-1);
      expect(track.after).toEqual(measured);
      expect(track.channels[0].length).toBe(SECONDS * RATE);
    },
  );

  test("of a hot mix and of a very quiet one are as loud", async () => {
    const masters = await masterTracks(host, kernels, request([music(2, 0.9), music(2, 0.01)]));
    for (const { after } of masters) expect(Math.abs(after.integratedLufs! + 14)).toBeLessThanOrEqual(0.1);
  });

  test("is made at the mix's own rate, from mono too", async () => {
    const stereo = music(3, 0.3, 44_100);
    const mono = { ...stereo, channels: [stereo.channels[0]] };
    const [master] = await masterTracks(host, kernels, request([mono], { targetLufs: -16, ceilingDbtp: -2 }));
    expect(master.sampleRateHz).toBe(44_100);
    expect(Math.abs(master.after.integratedLufs! + 16)).toBeLessThanOrEqual(0.1);
    expect(master.after.truePeakDbtp!).toBeLessThanOrEqual(-2);
  });

  test("has a gain trace for compressor and limiter as long as the song", async () => {
    const [master] = await masterTracks(host, kernels, request([music(4, 0.5)]));
    for (const { gainDb, secondsPerPoint } of [master.compressorGain, master.limiterGain]) {
      expect(gainDb.length * secondsPerPoint).toBeGreaterThan(SECONDS - 0.1);
      expect(Math.min(...gainDb)).toBeLessThan(-0.1);
      expect(Math.max(...gainDb)).toBeLessThanOrEqual(0);
    }
  });
});

test("a further effect is heard before the limiter, and the target is met with it", async () => {
  const inserts = [{ plugin: "stereo-imager", params: { width1Percent: 0 } }];
  const [master] = await masterTracks(host, kernels, request([music(8, 0.3)], { inserts }));
  const [left, right] = master.channels;
  const at = left.findIndex((x, i) => x !== right[i]);
  expect(at, "the first frame that is not mono").toBe(-1);
  expect(Math.abs(master.after.integratedLufs! + 14)).toBeLessThanOrEqual(0.1);
  expect(master.after.truePeakDbtp!).toBeLessThanOrEqual(-1);
  expect(master.graph.nodes.map(({ id }) => id).slice(-4)).toEqual(["insert1", "limiter", "meter", "master"]);
});

test("an album keeps the relation of its tracks and is at its target as a whole", async () => {
  const tracks = [music(5, 0.3), music(6, 0.15), music(7, 0.08)];
  const masters = await masterTracks(
    host,
    kernels,
    request(tracks, { mode: "album", preset: loadPreset("transparent") }),
  );
  expect(Math.abs(albumLufs(masters) + 14)).toBeLessThanOrEqual(0.1);
  const loudness = masters.map(({ after }) => after.integratedLufs!);
  expect(loudness[0]).toBeGreaterThan(loudness[1] + 2);
  expect(loudness[1]).toBeGreaterThan(loudness[2] + 2);
  expect(new Set(masters.map(({ driveDb, levelDb }) => `${driveDb} ${levelDb}`)).size).toBe(1);
  for (const { after } of masters) expect(after.truePeakDbtp!).toBeLessThanOrEqual(-1);
});

test("what cannot be mastered is said: silence, and a preset that does not exist", async () => {
  const silent: Track = { name: "hush.wav", sampleRateHz: RATE, channels: [new Float32Array(RATE)] };
  await expect(masterTracks(host, kernels, request([silent]))).rejects.toThrow(SilentTrackError);
  expect(() => loadPreset("balancd")).toThrow(/Did you mean balanced/);
});
