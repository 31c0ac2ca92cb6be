import { fileURLToPath } from "node:url";
import { loadFolder, noise, start, stream } from "@gainstage/conformance";
import { describe, expect, test } from "vitest";

const kernel = await loadFolder(fileURLToPath(new URL("../", import.meta.url)));

describe("rings", () => {
  const silence = () => [new Float32Array(48_000), new Float32Array(48_000)];
  /** The slowest filters, and as loud as they can be. */
  const longest = {
    bands: 1,
    lowHz: 40,
    width1Percent: 200,
    width2Percent: 0,
    monoBelowHz: 20.001,
    outputGainDb: 24,
  };

  test("for no longer than it declares, at the settings and for the sound that ring longest", () => {
    const processor = start(kernel, { params: longest });
    const full = new Float32Array(24_000).fill(1);
    stream(processor, [full, full.map((x) => -x)]);
    const rest = stream(processor, silence());
    const last = Math.max(...rest.map((channel) => channel.findLastIndex((y) => Math.abs(y) > 1e-6)));
    expect(last).toBeLessThan(processor.tailFrames);
    expect(processor.tailFrames).toBeLessThan(1.5 * last);
  });

  test("for as long as its own settings make it, and is at rest from that very frame on", () => {
    for (const [params, longestFrames] of [
      [{}, 0],
      [{ width1Percent: 150 }, 0],
      [{ bands: 1, lowHz: 1000, width2Percent: 150 }, 250],
      [{ monoBelowHz: 200 }, 1000],
      [longest, 9100],
    ] as const) {
      const ends = [64, 1000].map((block) => {
        const processor = start(kernel, { params });
        stream(processor, [noise(2000, 15), noise(2000, 16)], { blocks: [block] });
        let left = Number.POSITIVE_INFINITY;
        const onBlock = (remaining: number) => (left = remaining);
        const output = stream(processor, silence(), { blocks: [block], onBlock });
        expect(left, JSON.stringify(params)).toBe(0);
        return Math.max(...output.map((channel) => channel.findLastIndex((y) => y !== 0)));
      });
      expect(ends[0], JSON.stringify(params)).toBe(ends[1]);
      expect(ends[0]).toBeLessThan(longestFrames);
    }
  });

  test("without subnormal numbers", () => {
    const params = { width1Percent: 44, monoBelowHz: 40, rotationDegrees: -23, outputGainDb: -12 };
    const signal = [noise(48_000, 17), noise(48_000, 18)];
    for (const channel of signal) channel.fill(0, 2000).set([1e-40, -1e-42, 1e-37, 2e-38], 3000);
    for (const given of [params, { width1Percent: 44, outputGainDb: -12 }]) {
      for (const channel of stream(start(kernel, { params: given }), signal)) {
        const at = channel.findIndex((y) => y !== 0 && Math.abs(y) < 2 ** -126);
        if (at >= 0) throw new Error(`${channel[at]} at frame ${at}`);
      }
    }
  });
});
