/** How long a render is: the song, its latency removed, and of its tail what can be heard. */
import { beforeAll, describe, expect, test } from "vitest";
import { createHost, type Host } from "../src/index.ts";
import {
  chain,
  delay,
  ECHO,
  ECHO_FRAMES,
  echoNode,
  FRAMES,
  gain,
  impulseAt,
  lookahead,
  request,
  sounding,
} from "./chains.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const folders = new PluginFolders();

let host: Host;
beforeAll(() => {
  folders.add("echo", moduleManifest("com.example.echo"), { "entry.js": ECHO });
  host = createHost({ pluginFolders: [folders.root], trustModules: true });
});

describe("the length of a render", () => {
  test.each([1, 64, 8192])("has the latency removed exactly, in blocks of %d", async (blockFrames) => {
    const { outputs, latencyFrames, latencies } = await host.renderer.render(
      request(chain(lookahead), { blockFrames, frames: 3000 }),
    );
    expect(latencyFrames).toBe(240);
    expect(latencies.get("comp")).toEqual({ inFrames: 0, ownFrames: 240 });
    expect(latencies.get("out")).toEqual({ inFrames: 240, ownFrames: 0 });
    for (const channel of outputs.get("out")!) {
      expect(channel).toHaveLength(3000);
      expect(sounding(channel)).toEqual([1234]);
    }
  });

  test("is the song's without a tail, whatever rings on", async () => {
    const { outputs, frames } = await host.renderer.render(request(chain(echoNode)));
    expect(frames).toBe(FRAMES);
    expect(sounding(outputs.get("out")![0])).toEqual(
      [0, 1, 2, 3, 4, 5].map((k) => 1234 + k * ECHO_FRAMES).filter((f) => f < FRAMES),
    );
  });

  test("with a tail holds all that can be heard of it, for any block size and number of jobs", async () => {
    // The echoes are powers of one half: the 16th is the last above 1e-5, -100 dBFS.
    const last = FRAMES - 1 + 16 * ECHO_FRAMES;
    const sources = new Map([["in", [impulseAt(FRAMES - 1)]]]);
    for (const [blockFrames, jobs] of [
      [512, 1],
      [512, 2],
      [333, 2],
      [8192, 1],
    ]) {
      const rendered = await host.renderer.render(
        request(chain(echoNode), { tail: "auto", sources, blockFrames, jobs }),
      );
      expect(rendered.frames, `blocks of ${blockFrames}, ${jobs} jobs`).toBe(last + 1);
      const [left] = rendered.outputs.get("out")!;
      expect(left).toHaveLength(last + 1);
      for (let k = 0; k <= 16; k++) expect(left[FRAMES - 1 + k * ECHO_FRAMES]).toBe(0.5 ** k);
    }
  });

  test("with a tail waits for what is still in a delay, behind an echo too", async () => {
    const sources = new Map([["in", [impulseAt(FRAMES - 1)]]]);
    const plain = await host.renderer.render(request(chain(delay(40_000)), { tail: "auto", sources }));
    expect(plain.frames).toBe(FRAMES + 40_000);
    expect(sounding(plain.outputs.get("out")![1])).toEqual([FRAMES - 1 + 40_000]);
    const both = await host.renderer.render(
      request(chain(echoNode, delay(40_000)), { tail: "auto", sources, jobs: 2 }),
    );
    expect(both.frames).toBe(FRAMES + 40_000 + 16 * ECHO_FRAMES);
  });

  test("with a tail goes no further than the longest one allowed", async () => {
    const sources = new Map([["in", [impulseAt(FRAMES - 1)]]]);
    const short = await host.renderer.render(
      request(chain(echoNode), { tail: "auto", longestTailFrames: 2 * ECHO_FRAMES + 50, sources }),
    );
    expect(short.frames).toBe(FRAMES + 2 * ECHO_FRAMES);
  });

  test("may be nothing, and a rate need not be whole", async () => {
    const nothing = await host.renderer.render(request(chain(gain), { frames: 0 }));
    expect(nothing.frames).toBe(0);
    const odd = await host.renderer.render(request(chain(gain), { sampleRateHz: 8000.05, tail: "auto" }));
    expect(odd.frames).toBe(FRAMES);
  });
});
