/**
 * Live sound in a real browser: Debian's Chromium, in one AudioWorklet, under a Content-Security-Policy without
 * 'unsafe-eval', on a page that is cross-origin isolated and on one that is not. It is what Node renders, to the bit.
 */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineUrl } from "@gainstage/graph";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHost, firstPartyFolder, sharedChannel } from "../src/index.ts";
import { posted, withoutChromium } from "./chromium.ts";
import { FRAMES, graph, noiseFrom, RATE_HZ, SOUGHT } from "./live-browser-song.ts";
import { cut, expectSame, FADE, joined, QUANTUM, silence } from "./live-driver.ts";
import { PluginServer } from "./plugin-server.ts";

const folder = mkdtempSync(join(tmpdir(), "gainstage-live-browser-"));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
symlinkSync(firstPartyFolder, join(folder, "plugins"));
symlinkSync(fileURLToPath(engineUrl), join(folder, "engine.wasm"));

const policy = { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'" };
const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const pages = {
  "with cross-origin isolation": new PluginServer(folder, { ...policy, ...isolation }),
  "without cross-origin isolation": new PluginServer(folder, policy),
};

interface Played {
  /** Base64 of float32, little-endian. */
  readonly channels: readonly string[];
  readonly positions: number;
  readonly dropouts: number;
  readonly peak: number;
}

interface Result {
  readonly isolated: boolean;
  readonly refusesEval: boolean;
  readonly straight: Played;
  readonly moved: Played;
  readonly error?: string;
}

const samples = ({ channels }: Played) =>
  channels.map((text) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer));

async function rendered(from: number) {
  const sources = noiseFrom(from, sharedChannel);
  const request = { graph, sampleRateHz: RATE_HZ, frames: FRAMES - from, sources };
  const { outputs, latencyFrames } = await createHost().renderer.render(request);
  return { song: outputs.get("out")!, latencyFrames };
}

/** The beginning of the block in which `found`, from frame `at` on, is first something else than `wanted` says. */
function blockOfChange(found: readonly Float32Array[], at: number, wanted: (n: number) => number): number {
  for (let n = at; n < found[0].length; n++)
    if (found[0][n] !== wanted(n - at)) return Math.floor(n / QUANTUM) * QUANTUM;
  throw new Error(`nothing changes after frame ${at}`);
}

async function bundle(entry: string, file: string): Promise<void> {
  const input = fileURLToPath(new URL(entry, import.meta.url));
  const made = await rolldown({ input, platform: "browser", logLevel: "silent" });
  await made.write({ file: join(folder, file), format: "esm" });
  await made.close();
}

describe.skipIf(withoutChromium)("a browser (apt-get install chromium)", () => {
  beforeAll(async () => {
    await bundle("./live-browser-page.ts", "page.js");
    await bundle("../src/playing/live-worklet.ts", "worklet.js");
    writeFileSync(
      join(folder, "index.html"),
      '<!doctype html><meta charset="utf-8"><script type="module" src="page.js"></script>',
    );
  });

  test.each(Object.entries(pages))(
    "%s plays what Node renders, to the bit, sought and stopped too",
    async (name, page) => {
      const result: Result = JSON.parse(await posted(page, "index.html", join(folder, `profile ${name}`)));
      if (result.error !== undefined) throw new Error(result.error);
      expect(result.isolated).toBe(name.startsWith("with "));
      expect(result.refusesEval).toBe(true);

      const { song, latencyFrames } = await rendered(0);
      expectSame(samples(result.straight), song);
      expect(result.straight.positions).toBeGreaterThan(5);
      expect(result.straight.peak).toBeGreaterThan(0.1);

      const moved = samples(result.moved);
      const fresh = (await rendered(SOUGHT)).song;
      const sought = blockOfChange(moved, 0, (n) => song[0][n]);
      const again = sought + FADE + latencyFrames;
      const stopped = blockOfChange(moved, again + FADE, (n) => fresh[0][FADE + n]);
      const played = blockOfChange(moved, stopped + FADE, () => 0);
      const gone = stopped - again;
      expectSame(
        moved,
        joined(
          cut(song, 0, sought),
          cut(song, sought, FADE, "out"),
          silence(latencyFrames),
          cut(fresh, 0, FADE, "in"),
          cut(fresh, FADE, gone - FADE),
          cut(fresh, gone, FADE, "out"),
          silence(played - stopped - FADE),
          cut(fresh, gone + FADE, FADE, "in"),
          cut(fresh, gone + 2 * FADE, FRAMES - SOUGHT - gone - 2 * FADE),
        ),
      );
    },
  );
});
