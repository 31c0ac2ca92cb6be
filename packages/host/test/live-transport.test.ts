/** Play, stop, seek and loop, held against what offline renders of the same sound give, to the bit. */
import { noise } from "@gainstage/conformance";
import type { GraphDescription } from "@gainstage/graph";
import { beforeAll, describe, expect, test } from "vitest";
import { createHost, type Host } from "../src/index.ts";
import { chain, RATE_HZ } from "./chains.ts";
import {
  cut,
  expectSame,
  FADE,
  joined,
  LiveDriver,
  QUANTUM,
  type Sources,
  silence,
  songOf,
} from "./live-driver.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const host = createHost();
const FRAMES = 40_000;
const song: Sources = new Map([["in", [noise(FRAMES, 1), noise(FRAMES, 2)]]]);

const effect = (id: string, plugin: string, params = {}) =>
  ({ kind: "plugin", id, plugin: `dev.gainstage.${plugin}`, channels: 2, params }) as const;
/** Everything remembers: envelopes, a tail, and latency twice. */
const graph = chain(
  effect("comp", "compressor", { lookaheadMs: 5, thresholdDb: -30 }),
  effect("hall", "reverb"),
  effect("limit", "limiter"),
);
/** Frames go through as they are, late. */
const late = chain(effect("comp", "compressor", { lookaheadMs: 5, ratio: 1 }));

async function rendered(sources: Sources, of: GraphDescription = graph): Promise<readonly Float32Array[]> {
  const frames = sources.get("in")![0].length;
  const { outputs } = await host.renderer.render({ graph: of, sampleRateHz: RATE_HZ, frames, sources });
  return outputs.get("out")!;
}

const open = (of: GraphDescription, changes?: Parameters<typeof songOf>[3], from: Host = host) =>
  LiveDriver.open(songOf(from, of, song, changes));

/** The song from a frame on, with nothing before it. */
const songFrom = (frame: number): Sources =>
  new Map([["in", song.get("in")!.map((channel) => channel.slice(frame))]]);

let whole: readonly Float32Array[];
beforeAll(async () => {
  whole = await rendered(song);
});

describe("stop", () => {
  test("fades out in 5 ms to silence, and play goes on as if nothing had been", async () => {
    const live = (await open(graph)).run(50).order({ kind: "stop" }).run(20).order({ kind: "play" }).run(50);
    const at = 50 * QUANTUM;
    const rest = 20 * QUANTUM - FADE;
    expectSame(
      live.heard,
      joined(
        cut(whole, 0, at),
        cut(whole, at, FADE, "out"),
        silence(rest),
        cut(whole, at + FADE, FADE, "in"),
        cut(whole, at + 2 * FADE, 50 * QUANTUM - FADE),
      ),
    );
  });

  test("that is taken back in its fade turns it round, without a jump", async () => {
    const live = await open(chain());
    live.run(10).order({ kind: "stop" }).run(1).order({ kind: "play" }).run(10);
    const source = song.get("in")![0];
    const gains = Array.from(live.heard[0], (y, n) => y / source[n]);
    for (const [n, gain] of gains.entries()) {
      if (n === 0) continue;
      // The steepest of 3t² − 2t³ is 1.5, at its middle.
      expect(Math.abs(gain - gains[n - 1]), `frame ${n}`).toBeLessThan(1.5 / FADE + 1e-4);
    }
    expect(gains[11 * QUANTUM - 1]).toBeLessThan(0.5);
    expect(gains[12 * QUANTUM]).toBe(1);
  });

  test("calls no plugin any more", async () => {
    const folder = new PluginFolders().add("counts", moduleManifest("com.example.counts"), {
      "entry.js": `globalThis.calls = 0;
        export default {
          activate: () => ({
            latencyFrames: 0, tailFrames: 0, reset() {},
            process({ frames, inputs, outputs }) {
              globalThis.calls++;
              for (const [c, channel] of outputs[0].entries()) channel.set(inputs[0][c].subarray(0, frames));
              return 0;
            },
          }),
        };`,
    });
    const counting = createHost({ pluginFolders: [folder], trustModules: true });
    const node = { kind: "plugin", id: "fx", plugin: "com.example.counts", channels: 2, params: {} } as const;
    const live = await open(chain(node), {}, counting);
    const calls = () => (globalThis as unknown as { calls: number }).calls;
    live.run(10).order({ kind: "stop" }).run(2);
    const before = calls();
    expect(before).toBeGreaterThanOrEqual(10);
    live.run(100);
    expect(calls()).toBe(before);
    live.order({ kind: "play" }).run(1);
    expect(calls()).toBe(before + 1);
  });
});

describe("seek", () => {
  test.each([12_345, 30_000])(
    "makes frame %i the first that is heard, with nothing before it",
    async (to) => {
      const live = (await open(graph)).run(30).order({ kind: "seek", frame: to });
      live.run(80);
      const fresh = await rendered(songFrom(to));
      const at = 30 * QUANTUM;
      expectSame(
        live.heard,
        joined(
          cut(whole, 0, at),
          cut(whole, at, FADE, "out"),
          silence(live.latencyFrames),
          cut(fresh, 0, FADE, "in"),
          cut(fresh, FADE, 80 * QUANTUM - 2 * FADE - live.latencyFrames),
        ),
      );
    },
  );

  test("to the song's beginning does not fade in what begins there", async () => {
    const live = (await open(graph)).run(100).order({ kind: "seek", frame: 0 }).run(60);
    const at = 100 * QUANTUM;
    const quiet = FADE + live.latencyFrames;
    expectSame(
      live.heard.map((channel) => channel.subarray(at + FADE)),
      joined(silence(live.latencyFrames), cut(whole, 0, 60 * QUANTUM - quiet)),
    );
  });

  test("while stopped is heard at the next play", async () => {
    const live = (await open(graph))
      .run(10)
      .order({ kind: "stop" })
      .run(4)
      .order({ kind: "seek", frame: 7777 });
    live.run(10).order({ kind: "play" }).run(50);
    const fresh = await rendered(songFrom(7777));
    const from = 24 * QUANTUM;
    expectSame(
      live.heard.map((channel) => channel.subarray(14 * QUANTUM)),
      joined(
        silence(10 * QUANTUM + live.latencyFrames),
        cut(fresh, 0, FADE, "in"),
        cut(fresh, FADE, 74 * QUANTUM - from - live.latencyFrames - FADE),
      ),
    );
  });

  test("twice in a row goes where the second says", async () => {
    const live = (await open(late)).run(10).order({ kind: "seek", frame: 20_000 }).run(1);
    live.order({ kind: "seek", frame: 9000 }).run(20);
    const settled = 2 * FADE + live.latencyFrames;
    const source = song.get("in")!;
    expectSame(
      live.heard.map((channel) => channel.subarray(10 * QUANTUM + settled)),
      cut(source, 9000 + FADE, 21 * QUANTUM - settled),
    );
  });

  test("takes automation along, on time behind the latency too", async () => {
    const ramp: GraphDescription = {
      ...late,
      nodes: [...late.nodes, { kind: "gain", id: "fader", channels: 2, gainDb: 0 }],
      edges: [
        late.edges[0],
        { from: { node: "comp", port: "out" }, to: { node: "fader", port: "in" } },
        { from: { node: "fader", port: "out" }, to: { node: "out", port: "in" } },
      ],
      lanes: [
        {
          node: "fader",
          param: "gainDb",
          points: [
            { frame: 0, value: -40, curve: "linear" },
            { frame: FRAMES, value: 0, curve: "linear" },
          ],
        },
      ],
    };
    const automated = await rendered(song, ramp);
    const live = (await open(ramp)).run(10).order({ kind: "seek", frame: 23_456 }).run(60);
    const settled = 10 * QUANTUM + 2 * FADE + live.latencyFrames;
    // Nothing in it remembers, so it is as if it had never been elsewhere.
    expectSame(
      live.heard.map((channel) => channel.subarray(settled)),
      cut(automated, 23_456 + FADE, 70 * QUANTUM - settled),
    );
  });

  test("tells plugins where the song is: what they hear and are told belong together", async () => {
    const folder = new PluginFolders().add("tells", moduleManifest("com.example.tells"), {
      "entry.js": `export default {
        activate: () => ({
          latencyFrames: 0, tailFrames: 0, reset() {},
          process({ frames, outputs, transport }) {
            for (const channel of outputs[0])
              for (let i = 0; i < frames; i++) channel[i] = (transport.frame + i) / 65536;
            return 0;
          },
        }),
      };`,
    });
    const telling = createHost({ pluginFolders: [folder], trustModules: true });
    const lookahead = effect("comp", "compressor", { lookaheadMs: 5, ratio: 1 });
    const node = { kind: "plugin", id: "fx", plugin: "com.example.tells", channels: 2, params: {} } as const;
    const told = { ...chain(lookahead, node), song: { tempo: [{ frame: 0, bpm: 120 }] } };
    const live = (await open(told, {}, telling)).run(10).order({ kind: "seek", frame: 9000 }).run(20);
    const frames = (from: number) =>
      [0, 1].map(() => Float32Array.from({ length: 1000 }, (_, i) => (from + i) / 65536));
    expectSame(live.heard, cut(frames(0), 0, 1000));
    const settled = 10 * QUANTUM + 2 * FADE + live.latencyFrames;
    expectSame(
      live.heard.map((channel) => channel.subarray(settled)),
      frames(9000 + FADE),
    );
  });

  test("of the opening is a frame to begin with", async () => {
    const live = (await open(graph, { fromFrame: 5000 })).run(40);
    const fresh = await rendered(songFrom(5000));
    expectSame(live.heard, joined(cut(fresh, 0, FADE, "in"), cut(fresh, FADE, 40 * QUANTUM - FADE)));
  });
});

describe("loop", () => {
  /** What the loop is by definition: its frames laid end to end, after what comes before it. */
  const unrolled = (start: number, end: number, times: number): Sources => {
    const pass = (channel: Float32Array) =>
      Array.from({ length: times }, () => [...channel.slice(start, end)]);
    const lay = (channel: Float32Array) =>
      Float32Array.from([...channel.slice(0, start), ...pass(channel).flat()]);
    return new Map([["in", song.get("in")!.map(lay)]]);
  };

  test.each([
    [3001, 9502, 0],
    [1234, 1834, 0],
    [1234, 1834, 8192],
  ])(
    "of frames %i to %i wraps exactly, tails ring on over it; at %i frames of latency",
    async (startFrame, endFrame, latencyFrames) => {
      const times = Math.ceil(30_000 / (endFrame - startFrame));
      const range = { startFrame, endFrame };
      const live = (await open(graph, { latencyFrames, loop: range })).run(200);
      const reference = await rendered(unrolled(startFrame, endFrame, times));
      expectSame(live.heard, cut(reference, 0, 200 * QUANTUM));
    },
  );

  test("takes automation back with it", async () => {
    const points = (from: number) =>
      [0, 500, 2001].map((at, i) => ({ frame: from + at, value: [-3, -20, -9][i], curve: "hold" as const }));
    const automated = (passes: readonly number[]): GraphDescription => ({
      ...chain({ kind: "gain", id: "fader", channels: 2, gainDb: 0 }, effect("hall", "reverb")),
      lanes: [{ node: "fader", param: "gainDb", points: passes.flatMap(points) }],
    });
    const [startFrame, endFrame] = [1000, 5003];
    const passes = [0, 1, 2, 3, 4, 5, 6].map((pass) => startFrame + pass * (endFrame - startFrame));
    const live = (await open(automated([startFrame]), { loop: { startFrame, endFrame } })).run(150);
    const reference = await rendered(unrolled(startFrame, endFrame, 7), automated(passes));
    expectSame(live.heard, cut(reference, 0, 150 * QUANTUM));
  });

  test.each([
    [1000, 5003],
    [1000, 1600],
    [1000, 1100],
  ])(
    "of frames %i to %i takes faders and plugins behind latency back when its start arrives there",
    async (start, end) => {
      const lanesAt = (
        passes: readonly number[],
        node: string,
        param: string,
        values: readonly number[],
      ) => ({
        node,
        param,
        points: passes.flatMap((from) =>
          values.map((value, i) => ({ frame: from + [0, 33, 71][i], value, curve: "hold" as const })),
        ),
      });
      const automated = (passes: readonly number[]): GraphDescription => ({
        ...chain(
          effect("early", "compressor", { lookaheadMs: 5, thresholdDb: -30 }),
          { kind: "gain", id: "fader", channels: 2, gainDb: 0 },
          effect("later", "compressor", { lookaheadMs: 10 }),
          effect("hall", "reverb"),
          effect("limit", "limiter"),
        ),
        lanes: [
          lanesAt(passes, "fader", "gainDb", [-3, -20, -9]),
          lanesAt(passes, "later", "thresholdDb", [-10, -50, -30]),
        ],
      });
      const times = Math.ceil(20_000 / (end - start));
      const passes = Array.from({ length: times }, (_, k) => start + k * (end - start));
      const live = (await open(automated([start]), { loop: { startFrame: start, endFrame: end } })).run(130);
      expect(live.latencyFrames).toBeGreaterThan(600);
      const reference = await rendered(unrolled(start, end, times), automated(passes));
      expectSame(live.heard, cut(reference, 0, 130 * QUANTUM));
    },
  );

  test("that is taken away is left at its end", async () => {
    const live = (await open(late, { loop: { startFrame: 1000, endFrame: 5000 } })).run(50);
    live.order({ kind: "loop", range: undefined }).run(50);
    const source = song.get("in")!;
    expectSame(live.heard, joined(cut(source, 0, 5000), cut(source, 1000, 100 * QUANTUM - 5000)));
  });

  test("whose end is under way within the latency begins at once, with a fade", async () => {
    const live = await open(late, { latencyFrames: 4096 });
    const heard = 30 * QUANTUM;
    live
      .run(30)
      .order({ kind: "loop", range: { startFrame: 100, endFrame: heard + 500 } })
      .run(60);
    const source = song.get("in")!;
    expectSame(
      live.heard.map((channel) => channel.subarray(heard)),
      joined(
        cut(source, heard, FADE, "out"),
        silence(4096),
        cut(source, 100, FADE, "in"),
        cut(source, 100 + FADE, 3000),
      ),
    );
  });

  test("does not end the song at its end", async () => {
    const live = (await open(late, { loop: { startFrame: FRAMES - 3000, endFrame: FRAMES } })).run(400);
    expect(live.told.map(({ kind }) => kind)).not.toContain("ended");
    const source = song.get("in")!;
    const last = cut(source, FRAMES - 3000, 3000);
    expectSame(live.heard, joined(cut(source, 0, FRAMES), last, last));
  });
});
