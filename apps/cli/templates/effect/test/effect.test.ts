import { fileURLToPath } from "node:url";
import { describePlugin, loadFolder, noise, start, stream } from "@gainstage/conformance";
import { describe, expect, test } from "vitest";

const folder = fileURLToPath(new URL("../", import.meta.url));

// All that a host relies on: the same bits however the stream is cut, the latency, silence, extremes, no allocation …
describePlugin(folder);

/** Output of `signal` ([channel]) at 48 kHz with `params`, in blocks of 128 frames. */
async function through(
  signal: readonly Float32Array[],
  params: Record<string, number>,
): Promise<Float32Array[]> {
  return stream(start(await loadFolder(folder), { params }), signal);
}

describe("bends a wave by x · √((1 + d²) / (1 + d²x²))", () => {
  test.each([0, 0.5, 2, 20])("with a drive of %d", async (drive) => {
    const wave = Float32Array.from({ length: 2001 }, (_, i) => i / 1000 - 1);
    const [left, right] = await through([wave, wave.toReversed()], { drive });
    for (const [i, x] of wave.entries()) {
      const expected = x * Math.sqrt((1 + drive ** 2) / (1 + drive ** 2 * x ** 2));
      expect(Math.abs(left[i] - expected), `the left channel at frame ${i}`).toBeLessThan(1e-7);
      expect(Math.abs(right[2000 - i] - expected), `the right channel at frame ${2000 - i}`).toBeLessThan(
        1e-7,
      );
    }
  });
});

test.each([{ drive: 0 }, { mixPercent: 0 }])("passes its input bit for bit with %o", async (params) => {
  const input = [noise(4096, 1), noise(4096, 2)];
  const output = await through(input, params);
  for (const [c, channel] of input.entries()) {
    const at = channel.findIndex((x, i) => output[c][i] !== x);
    expect(at, `the first frame that differs in channel ${c}`).toBe(-1);
  }
});
