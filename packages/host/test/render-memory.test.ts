/** The memory of a render whose sources are streamed and whose sound is handed over does not grow with the song. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createHost } from "../src/index.ts";
import { chain, gain, RATE_HZ, request } from "./chains.ts";

const MEGABYTE = 2 ** 20;
const LONG_SECONDS = 400;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A stereo tone, made as it is read. */
function tone(frames: number) {
  return {
    channels: 2,
    async open() {
      let at = 0;
      return {
        async read(into: readonly Float32Array[], most: number) {
          const count = Math.min(most, frames - at);
          for (const channel of into)
            for (let i = 0; i < count; i++) channel[i] = ((at + i) % 100) / 100 - 0.5;
          at += count;
          return count;
        },
        async close() {},
      };
    },
  };
}

/** The most that the process, all its threads included, held at any time of a render. */
async function peakBytes(seconds: number, jobs: number): Promise<number> {
  const host = createHost();
  const { frames: _, ...asked } = request(chain(gain), {
    jobs,
    sources: new Map([["in", tone(seconds * RATE_HZ)]]),
  });
  let peak = 0;
  let calls = 0;
  const { frames } = await host.renderer.renderTo(asked, () => {
    if (calls++ % 40 !== 0) return;
    collectGarbage();
    peak = Math.max(peak, process.memoryUsage().rss);
  });
  expect(frames).toBe(seconds * RATE_HZ);
  await host.renderer.close();
  return peak;
}

test.each([1, 2])("a song a hundred times as long takes no more, jobs %d", async (jobs) => {
  await peakBytes(LONG_SECONDS / 100, jobs);
  const short = await peakBytes(LONG_SECONDS / 100, jobs);
  const long = await peakBytes(LONG_SECONDS, jobs);
  // Kept whole, the source and the sound would each take 146 MiB.
  expect((long - short) / MEGABYTE).toBeLessThan(48);
});
