/** When the echoes come, on which side and how loud: against formulas. */
import { noise, sine, start, stream } from "@gainstage/conformance";
import { describe, expect, test } from "vitest";
import { BARE, CLOCK, click, kernel, MODE, note, RATE_HZ, soundsOf, through } from "./delay-runs.ts";

const SECOND = RATE_HZ;

describe("ping-pong", () => {
  test.each([
    [10, 50],
    [125, 90],
    [333.3, 0],
    [1, 80],
  ])(
    "at %d ms and %d %%: echo k at k·T with a gain of g^(k-1), left, right, left …",
    (timeMs, feedbackPercent) => {
      const [left, right] = through([click(SECOND), click(SECOND)], { ...BARE, timeMs, feedbackPercent });
      const frames = Math.round(timeMs * 48);
      const echoes = feedbackPercent === 0 ? 1 : Math.min(20, Math.floor((SECOND - 1) / frames));
      for (let k = 1; k <= echoes; k++) {
        const [here, there] = k % 2 === 1 ? [left, right] : [right, left];
        expect(here[k * frames], `echo ${k}`).toBeCloseTo((feedbackPercent / 100) ** (k - 1), 6);
        expect(there[k * frames], `the other side at echo ${k}`).toBe(0);
      }
      expect(soundsOf(left)[0][0]).toBe(frames);
      if (feedbackPercent === 0) expect(soundsOf(left)).toHaveLength(1);
    },
  );

  test("takes the middle of the input: a sound on one side alone is half as loud", () => {
    const [left] = through([new Float32Array(SECOND), click(SECOND)], { ...BARE, timeMs: 100 });
    expect(left[4800]).toBe(0.5);
  });

  test("is as loud at every width: the powers of both sides add up to one", () => {
    for (const widthPercent of [0, 30, 75, 100]) {
      const [left, right] = through([click(SECOND), click(SECOND)], { ...BARE, timeMs: 100, widthPercent });
      expect(left[4800] ** 2 + right[4800] ** 2).toBeCloseTo(1, 6);
      if (widthPercent === 0) expect(left[4800]).toBeCloseTo(right[4800], 6);
    }
  });
});

test("stereo: each side repeats what it heard", () => {
  const params = { ...BARE, mode: MODE.stereo, timeMs: 20, feedbackPercent: 50 };
  const [left, right] = through([click(SECOND, 0.8), click(SECOND, -0.4)], params);
  for (let k = 1; k < 10; k++) {
    expect(left[960 * k]).toBeCloseTo(0.8 * 0.5 ** (k - 1), 6);
    expect(right[960 * k]).toBeCloseTo(-0.4 * 0.5 ** (k - 1), 6);
  }
});

test.each(Object.entries(MODE))("mono, %s: every echo once", (_, mode) => {
  const [out] = through([click(SECOND)], { ...BARE, mode, timeMs: 20, feedbackPercent: 50 });
  expect(soundsOf(out).slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, k) => [960 * (k + 1), 0.5 ** k]));
});

describe("follows the tempo", () => {
  test.each([
    ["1/4", 120, 24_000],
    ["1/4t", 120, 16_000],
    ["1/4d", 120, 36_000],
    ["1/32t", 120, 2000],
    ["1/1", 240, 48_000],
    ["1/8", 97.3, Math.round((0.5 * 60 * RATE_HZ) / 97.3)],
    ["1/16d", 60, 18_000],
    // 8 s would not hold the four beats at 20 a minute, 12 s: they are halved.
    ["1/1", 20, 288_000],
  ])("%s at %d BPM is %d frames", (id, tempoBpm, frames) => {
    const signal = [click(300_000), click(300_000)];
    const first = (params: Record<string, number>, song?: { tempoBpm: number }) =>
      soundsOf(
        through(signal, { ...BARE, note: note(id), feedbackPercent: 0, ...params }, { song })[0],
      )[0][0];
    expect(first({ clock: CLOCK.song, tempoBpm: 77 }, { tempoBpm }), "the song's").toBe(frames);
    expect(first({ clock: CLOCK.own, tempoBpm }, { tempoBpm: 77 }), "its own").toBe(frames);
    expect(first({ clock: CLOCK.song, tempoBpm }), "its own where there is no song").toBe(frames);
  });

  test("a song that changes its tempo: from 50 ms on the echoes come at the new time", () => {
    const processor = start(kernel, {
      params: { ...BARE, clock: CLOCK.song, note: note("1/16"), feedbackPercent: 0 },
    });
    const play = (signal: Float32Array, tempoBpm: number) =>
      stream(processor, [signal, signal], { song: { tempoBpm } });
    expect(soundsOf(play(click(12_000), 120)[0])).toEqual([[6000, 1]]);
    play(new Float32Array(2400), 150);
    expect(soundsOf(play(click(12_000), 150)[0])).toEqual([[4800, 1]]);
  });

  test("and does not click: no step is larger than those of both tones and of the fade together", () => {
    const processor = start(kernel, {
      params: { ...BARE, clock: CLOCK.song, mode: MODE.stereo, feedbackPercent: 0 },
    });
    const tone = sine(4 * SECOND, 100, RATE_HZ, 0.5);
    const play = (from: number, to: number, tempoBpm: number) =>
      stream(processor, [tone.subarray(from, to), tone.subarray(from, to)], { song: { tempoBpm } })[0];
    play(0, 2 * SECOND, 120);
    const after = play(2 * SECOND, 4 * SECOND, 133);
    const steps = after.slice(1).map((x, i) => Math.abs(x - after[i]));
    // The slope of the tone, and 1.5 / 2400 of its height (the steepest of a smooth step) on the way from -1 to 1.
    const bound = 0.5 * ((2 * Math.PI * 100) / RATE_HZ) + (0.5 * 2 * 1.5) / 2400;
    expect(Math.max(...steps)).toBeLessThan(bound);
  });
});

test.each([
  [300, 20_000],
  [20, 2500],
  [150, 4000],
])("low cut %d Hz, high cut %d Hz: echo k has gone through both k - 1 times", (lowCutHz, highCutHz) => {
  const params = { ...BARE, mode: MODE.stereo, timeMs: 250, feedbackPercent: 100, lowCutHz, highCutHz };
  const [out] = through([click(SECOND), click(SECOND)], params);
  // First-order filters by the bilinear transform: analogue at tan(π f / fs).
  const warp = (hz: number) => Math.tan((Math.PI * hz) / RATE_HZ);
  for (const hz of [80, 1000, 6000]) {
    const low = lowCutHz === 20 ? 1 : 1 / Math.hypot(1, warp(lowCutHz) / warp(hz));
    const high = highCutHz === 20_000 ? 1 : 1 / Math.hypot(1, warp(hz) / warp(highCutHz));
    for (const k of [1, 2, 3]) {
      const echo = out.subarray(12_000 * k, 12_000 * (k + 1));
      expect(magnitude(echo, hz), `echo ${k} at ${hz} Hz`).toBeCloseTo((low * high) ** (k - 1), 4);
    }
  }
});

test("modulation swings the delay by ±depth, as a sine, and adds less than -95 dB to a tone", () => {
  const [depthMs, rateHz, toneHz] = [2, 0.8, 3000];
  const tone = sine(2 * SECOND, toneHz, RATE_HZ, 0.5);
  const [out] = through([tone, tone], {
    ...BARE,
    mode: MODE.stereo,
    timeMs: 50,
    feedbackPercent: 0,
    depthMs,
    rateHz,
  });
  let error = 0;
  // The LFO starts with the first frame that is heard: a sine begins with a zero.
  for (let i = 2 * 2400; i < out.length; i++) {
    const delayMs = 50 + depthMs * Math.sin(2 * Math.PI * rateHz * ((i - 1) / RATE_HZ));
    const expected = 0.5 * Math.sin(2 * Math.PI * toneHz * (i / RATE_HZ - delayMs / 1000));
    error = Math.max(error, Math.abs(out[i] - expected));
  }
  expect(20 * Math.log10(error / 0.5)).toBeLessThan(-95);
});

test("ducking: echoes are down by the amount while the input plays at -18 dBFS, and come up after it", () => {
  const play = (duckDb: number) => {
    const signal = Array.from([1, 2], (seed) => noise(2 * SECOND, seed, 0.5));
    for (const channel of signal) channel.fill(0, SECOND);
    return through(signal, {
      ...BARE,
      mode: MODE.stereo,
      timeMs: 1500,
      feedbackPercent: 0,
      duckDb,
      mixPercent: 100,
    })[0];
  };
  const [free, ducked] = [play(0), play(12)];
  expect(ducked[2 * SECOND - 1] / free[2 * SECOND - 1]).toBeGreaterThan(0.7);
  const tone = sine(SECOND, 1000, RATE_HZ, 0.5);
  const level = (duckDb: number) =>
    Math.max(
      ...through([tone, tone], {
        ...BARE,
        mode: MODE.stereo,
        timeMs: 100,
        feedbackPercent: 0,
        duckDb,
      })[0].subarray(24_000),
    );
  expect(20 * Math.log10(level(12) / level(0))).toBeCloseTo(-12, 1);
});

function magnitude(signal: Float32Array, hz: number): number {
  let [re, im] = [0, 0];
  for (const [i, x] of signal.entries()) {
    re += x * Math.cos((2 * Math.PI * hz * i) / RATE_HZ);
    im += x * Math.sin((2 * Math.PI * hz * i) / RATE_HZ);
  }
  return Math.hypot(re, im);
}
