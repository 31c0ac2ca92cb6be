/** Latency, measured of filters whose latency is known from theory. */
import { ModulePlugin, type Plugin } from "@gainstage/plugin-api";
import { expect, test } from "vitest";
import { lagOf } from "../src/measuring/lag.ts";
import { start } from "../src/playing/stream.ts";
import { soundManifest } from "./sound-plugin.ts";

/** Convolves its left channel with `taps`, whatever it declares. */
const convolver = (taps: readonly number[]): Plugin => ({
  activate() {
    const history = new Float64Array(taps.length);
    return {
      latencyFrames: 0,
      tailFrames: taps.length,
      reset: () => void history.fill(0),
      process({ frames, inputs: [[left]], outputs: [outputs] }) {
        for (let i = 0; i < frames; i++) {
          history.copyWithin(1, 0);
          history[0] = left[i];
          for (const channel of outputs) channel[i] = taps.reduce((sum, tap, k) => sum + tap * history[k], 0);
        }
        return taps.length;
      },
    };
  },
});

const measured = (taps: readonly number[], declared: number) =>
  lagOf(start(new ModulePlugin(soundManifest, convolver(taps))), declared);

const late = (frames: number, taps: readonly number[]) => [...new Array(frames).fill(0), ...taps];
/** Linear phase: symmetric about tap 16, a low-pass by a Hann window. */
const linearPhase = Array.from({ length: 33 }, (_, k) => 1 - Math.cos((2 * Math.PI * (k + 1)) / 34));
/** Minimum phase: four times (1 + 0.9 z⁻¹), all zeros within the unit circle, whose highest tap is not the first. */
const minimumPhase = [1, 3.6, 4.86, 2.916, 0.6561];

test.each([
  ["a pure delay of 0", [1], 0],
  ["a pure delay of 37, upside down", late(37, [-1]), 37],
  ["a linear-phase filter, by the middle of it", linearPhase, 16],
  ["a linear-phase filter behind 100 frames", late(100, linearPhase), 116],
  ["a filter of minimum phase, whose peak is no latency", minimumPhase, 0],
  ["a filter of minimum phase behind 64 frames", late(64, minimumPhase), 64],
])("%s", (_, taps, frames) => {
  expect(measured(taps, frames)).toBe(frames);
  for (const wrong of [frames + 1, frames + 3, Math.abs(frames - 1) + 5])
    expect(measured(taps, wrong)).not.toBe(wrong);
});
