/** A response of one's own: rates, decay, what is refused. */
import { noise, reverberationTimeS, start, stream } from "@gainstage/conformance";
import { describe, expect, test } from "vitest";
import { responseOf, responseState } from "../src/own-response.ts";
import { click, decibels, gainFor, kernel, owning, RATE_HZ, spaceOf } from "./convolver-runs.ts";

/** Two tones that rise and decay smoothly, as nothing else than a formula has them, at any rate. */
function tones(sampleRateHz: number, seconds: number, hz: readonly number[]): Float32Array[] {
  return hz.map((f) =>
    Float32Array.from({ length: Math.round(seconds * sampleRateHz) }, (_, i) => {
      const t = i / sampleRateHz;
      return t ** 2 * Math.exp(-t / 0.004) * Math.sin(2 * Math.PI * f * t) * 1e4;
    }),
  );
}

test.each([44_100, 22_050, 88_200, 96_000, 192_000, 37_800])(
  "a response at %i Hz is brought to 48 kHz within -90 dB",
  (rate) => {
    const hz = [440, 7000];
    const expected = tones(RATE_HZ, 0.12, hz);
    const actual = stream(start(kernel, owning(tones(rate, 0.12, hz), rate)), click(6000));
    const gain = gainFor(expected);
    for (const [c, channel] of actual.entries()) {
      const worst = channel.reduce(
        (most, x, i) => Math.max(most, Math.abs(x - gain * (expected[c][i] ?? 0))),
        0,
      );
      const peak = expected[c].reduce((most, x) => Math.max(most, gain * Math.abs(x)), 0);
      expect(decibels(worst / peak)).toBeLessThan(-90);
    }
  },
);

test("one channel is heard on both sides", () => {
  const [left, right] = stream(start(kernel, owning([noise(500, 1)])), click(1000));
  expect(left.findIndex((x, i) => x !== right[i])).toBe(-1);
});

test("the decay is scaled by what the response has itself", () => {
  const decaying = [1, 2].map((seed) =>
    noise(RATE_HZ, seed).map((x, i) => x * 10 ** ((-3 * i) / (0.8 * RATE_HZ))),
  );
  const { params, state } = owning(decaying);
  for (const decayPercent of [50, 100]) {
    const response = stream(start(kernel, { params: { ...params, decayPercent }, state }), click(RATE_HZ));
    const ratio = reverberationTimeS(response, 1000) / (0.8 * (decayPercent / 100));
    expect(Math.abs(ratio - 1), `${decayPercent} %: ${ratio} of the time asked for`).toBeLessThan(0.05);
  }
});

test("silence at the end is not convolved with", () => {
  const padded = new Float32Array(3 * RATE_HZ);
  padded.set(noise(1000, 3));
  const bare = start(kernel, owning([noise(1000, 3)])).tailFrames;
  expect(start(kernel, owning([padded])).tailFrames).toBe(bare);
});

test("without a response of one's own nothing is wet", () => {
  const processor = start(kernel, { params: { space: spaceOf("own"), mixPercent: 100 } });
  const [left] = stream(processor, [noise(5000, 4), noise(5000, 5)]);
  expect(left.findIndex((x) => x !== 0)).toBe(-1);
  expect(processor.tailFrames).toBe(0);
});

test("is saved as it was given, whatever the space", () => {
  const { state } = owning([noise(700, 6), noise(700, 7)], 44_100);
  const saved = start(kernel, { state }).extension("state/1")!.save();
  expect(Buffer.compare(saved, state.bytes)).toBe(0);
  expect(responseOf(saved)?.channels[1][699]).toBe(noise(700, 7)[699]);
});

describe("is refused", () => {
  const { state } = owning([noise(50, 8)]);
  const changed = (change: (view: DataView) => void) => {
    const bytes = state.bytes.slice();
    change(new DataView(bytes.buffer));
    return bytes;
  };
  test.each([
    ["cut short", state.bytes.slice(0, -1)],
    ["with bytes to spare", Uint8Array.of(...state.bytes, 0)],
    ["of three channels", changed((view) => view.setUint32(8, 3, true))],
    ["of more frames than there are", changed((view) => view.setUint32(12, 0xffffffff, true))],
    ["at no rate", changed((view) => view.setFloat64(0, Number.NaN, true))],
    ["with a sample that is not a number", changed((view) => view.setFloat32(100, Number.NaN, true))],
  ])("%s", (_, bytes) => {
    expect(() => start(kernel, { state: { version: 1, bytes } })).toThrow(
      /does not understand its saved state/,
    );
  });

  test("before it is bytes, with what is wrong", () => {
    const one = Float32Array.of(1);
    const make = (sampleRateHz: number, channels: Float32Array[]) => () =>
      responseState({ sampleRateHz, channels });
    expect(make(RATE_HZ, [])).toThrow("0 channels");
    expect(make(RATE_HZ, [new Float32Array()])).toThrow("without frames");
    expect(make(RATE_HZ, [one, new Float32Array(2)])).toThrow("1,2 frames");
    expect(make(100, [one])).toThrow("100 Hz");
    expect(make(RATE_HZ, [Float32Array.of(0, Number.NaN)])).toThrow("NaN at frame 1");
  });
});
