import { loadFolder, noise, start, stream } from "@gainstage/conformance";
import type { LoadedPlugin } from "@gainstage/plugin-api";
import { beforeAll, expect, test } from "vitest";

let plugin: LoadedPlugin;
beforeAll(async () => {
  plugin = await loadFolder(new URL("../", import.meta.url).pathname);
});

test("a ring puts out no subnormal numbers on its way to silence", () => {
  const signal = [noise(24_000, 12), noise(24_000, 13)];
  for (const channel of signal) channel.fill(0, 2000);
  for (const params of [
    { "band5.gainDb": -23, "band5.channels": 1, "band8.type": 4 },
    { "band8.type": 4, "band8.channels": 3, outputGainDb: -24 },
    { "band1.type": 5, "band1.slopeDbPerOct": 7, "band3.gainDb": 6 },
  ]) {
    for (const [c, channel] of stream(start(plugin, { params }), signal, { blocks: [512] }).entries()) {
      const at = channel.findIndex((y) => y !== 0 && Math.abs(y) < 2 ** -126);
      if (at >= 0)
        throw new Error(`${JSON.stringify(params)}: channel ${c} is ${channel[at]} at frame ${at}`);
    }
  }
});

test("a ring ends in exact silence, after it has fallen below -200 dB, when process() said it would", () => {
  const params = { "band1.gainDb": 18, "band1.q": 10, "band1.frequencyHz": 100, "band3.type": 4 };
  const processor = start(plugin, { params });
  stream(processor, [noise(4800, 10), noise(4800, 11)]);
  const frames = 480_000;
  let last = Number.POSITIVE_INFINITY;
  let silentFrom = frames;
  const onBlock = (remaining: number, done: number) => {
    expect(remaining).toBeLessThanOrEqual(last);
    if (remaining === 0 && last > 0) silentFrom = done;
    last = remaining;
  };
  const silence = [new Float32Array(frames), new Float32Array(frames)];
  const output = stream(processor, silence, { onBlock, blocks: [1000] });
  expect(last).toBe(0);
  const before = output.map((channel) => channel.subarray(silentFrom - 2000, silentFrom));
  const peak = (audio: Float32Array[]) =>
    Math.max(...audio.map((c) => c.reduce((m, x) => Math.max(m, Math.abs(x)), 0)));
  expect(peak(before)).toBeLessThan(1e-10);
  expect(peak(output.map((channel) => channel.subarray(silentFrom)))).toBe(0);
});
