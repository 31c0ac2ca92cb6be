/** What holds at any parameters: bypass, bounds, the end of the echoes, and how the stream is cut. */
import { noise, random, start, stream } from "@gainstage/conformance";
import { describe, expect, test } from "vitest";
import { BARE, CLOCK, click, firstDifference, kernel, MODE, note, RATE_HZ, through } from "./delay-runs.ts";

const SECOND = RATE_HZ;
const hiss = (frames: number, amplitude = 0.5) => [noise(frames, 1, amplitude), noise(frames, 2, amplitude)];

describe("at a mix of 0 the input passes bit for bit", () => {
  test.each([
    {},
    { mode: MODE.stereo, feedbackPercent: 100, depthMs: 10, rateHz: 5 },
    { clock: CLOCK.ms, timeMs: 1, duckDb: 24, widthPercent: 0 },
  ])("with %o", (params) => {
    const signal = hiss(SECOND, 4);
    signal[0].set([-0, 0, 1e-40, -1e-30, 1e30, Number.POSITIVE_INFINITY], 1000);
    expect(firstDifference(through(signal, { ...params, mixPercent: 0 }), signal)).toBeUndefined();
  });
});

describe("feedback of 100 %", () => {
  test("loses nothing: after a minute the echo is the sound, bit for bit", () => {
    const processor = start(kernel, { params: { ...BARE, timeMs: 500, feedbackPercent: 100 } });
    const first = stream(
      processor,
      hiss(24_000).map((channel) => padded(channel, 48_000)),
    )[0].slice(24_000);
    let last = new Float32Array();
    for (let second = 0; second < 60; second++) last = stream(processor, silence(SECOND))[0].slice(24_000);
    expect(last).toEqual(first);
  });

  test.each(Object.entries(MODE))(
    "never runs away, %s: what is fed for a minute at full scale stays below +12 dBFS",
    (_, mode) => {
      const params = { ...BARE, mode, timeMs: 70, feedbackPercent: 100, depthMs: 3, rateHz: 2 };
      const processor = start(kernel, { params });
      let peak = 0;
      for (let second = 0; second < 60; second++)
        for (const channel of stream(processor, hiss(SECOND, 1), { blocks: [1024] }))
          for (const x of channel) peak = Math.max(peak, Math.abs(x));
      // The input and the 2 that feedback is bounded by, and what a sinc may add between the frames.
      expect(peak).toBeLessThan(4);
    },
  );
});

describe("says how long it may still sound", () => {
  const framesLeft = (params: Record<string, number>, signal = [click(128), click(128)]) => {
    let left = 0;
    const processor = start(kernel, { params: { ...BARE, ...params } });
    stream(processor, signal, { onBlock: (now) => (left = now) });
    return { left, processor };
  };

  test("without feedback: to the frame", () => {
    const { left, processor } = framesLeft({ timeMs: 100, feedbackPercent: 0 });
    expect(left).toBe(4800 - 127);
    let now = left;
    const out = stream(processor, silence(left), { onBlock: (said) => (now = said) });
    expect(out[0][left - 1]).toBe(1);
    expect(now).toBe(0);
  });

  test.each([
    { feedbackPercent: 50, timeMs: 30 },
    { feedbackPercent: 95, timeMs: 5, lowCutHz: 60 },
    { feedbackPercent: 80, timeMs: 40, highCutHz: 200, mode: MODE.stereo },
    { feedbackPercent: 60, timeMs: 25, depthMs: 4, rateHz: 3 },
    { feedbackPercent: 1, timeMs: 1, lowCutHz: 25, highCutHz: 300 },
  ])("with %o: no less than it does, no more than eight times as much", (params) => {
    const { left, processor } = framesLeft(params, hiss(4800));
    expect(left).toBeGreaterThan(0);
    const [out] = stream(processor, silence(left));
    const last = out.findLastIndex((x) => x !== 0);
    expect(last).toBeGreaterThan(left / 8);
    let now = 1;
    const after = stream(processor, silence(1024), { blocks: [1], onBlock: (said) => (now = said) });
    expect(after[0].every((x) => x === 0)).toBe(true);
    expect(now).toBe(0);
  });

  test("at 100 %: for ever", () => {
    expect(framesLeft({ feedbackPercent: 100 }).left).toBe(Number.POSITIVE_INFINITY);
    expect(framesLeft({ feedbackPercent: 100 }, silence(128)).left).toBe(0);
  });
});

test("is the same to the bit however the stream is cut, through echoes, tempi, fades, modes, rests and automation", () => {
  const frames = 3 * SECOND;
  const next = random(5);
  const play = (blocks: readonly number[]) => {
    const processor = start(kernel, {
      params: { clock: CLOCK.song, note: note("1/16"), depthMs: 1, duckDb: 6 },
    });
    const { params } = kernel.manifest;
    const index = (id: string) => params.findIndex((param) => param.id === id);
    const signal = hiss(frames);
    // Long pauses, so that it comes to rest and wakes.
    for (const channel of signal) {
      channel.fill(0, 20_000, 40_000);
      channel.fill(0, 100_000, 120_000);
    }
    const changes = [
      { frame: 5001, param: index("note"), value: note("1/8d") },
      { frame: 6003, param: index("note"), value: note("1/32") },
      { frame: 9000, param: index("feedbackPercent"), value: 0 },
      { frame: 30_011, param: index("depthMs"), value: 0 },
      { frame: 43_210, param: index("mode"), value: MODE.stereo },
      { frame: 60_000, param: index("depthMs"), value: 5 },
      { frame: 77_777, param: index("clock"), value: CLOCK.ms },
      { frame: 77_777, param: index("timeMs"), value: 3.3 },
      { frame: 90_001, param: index("rateHz"), value: 4 },
      { frame: 99_999, param: index("timeMs"), value: 30 },
    ];
    const options = { blocks, changes, song: { tempoBpm: 133.7 } };
    return stream(processor, signal, options);
  };
  const whole = play([1024]);
  for (let run = 0; run < 6; run++) {
    const blocks = Array.from({ length: 50 }, () => 1 + Math.floor(1024 * next() ** 3));
    expect(firstDifference(play(blocks), whole), `blocks of ${blocks}`).toBeUndefined();
  }
});

function silence(frames: number): Float32Array[] {
  return [new Float32Array(frames), new Float32Array(frames)];
}

function padded(channel: Float32Array, frames: number): Float32Array {
  const longer = new Float32Array(frames);
  longer.set(channel);
  return longer;
}
