/** Edits while a song plays, both sides on this thread: what is heard, what goes on, and what is let go. */
import { noise } from "@gainstage/conformance";
import type { GraphDescription, GraphNode } from "@gainstage/graph";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHost, type Host } from "../src/index.ts";
import { chain, edge, RATE_HZ } from "./chains.ts";
import { cut, expectSame, LiveDriver, pluginsOf, QUANTUM, type Sources, songOf } from "./live-driver.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const host = createHost();
const FRAMES = 96_000;
const song: Sources = new Map([["in", [noise(FRAMES, 1), noise(FRAMES, 2)]]]);
/** 20 ms. */
const FADE = 960;
const folders = new PluginFolders();

const fader = (gainDb: number): GraphNode => ({ kind: "gain", id: "fader", channels: 2, gainDb });
const effect = (id: string, plugin: string, params: Record<string, number> = {}) =>
  ({ kind: "plugin", id, plugin, channels: 2, params }) as const;

async function rendered(graph: GraphDescription, from = host): Promise<readonly Float32Array[]> {
  const request = { graph, sampleRateHz: RATE_HZ, frames: FRAMES, sources: song };
  return (await from.renderer.render(request)).outputs.get("out")!;
}

/** Times 10^(gainDb / 20), as the engine multiplies: in single precision. */
const times = (gainDb: number) => {
  const gain = Math.fround(10 ** (gainDb / 20));
  return song.get("in")!.map((channel) => channel.map((x) => x * gain));
};

/**
 * A plugin that passes its input on and puts a count into what it passes: how many of its processors there are. Each that is
 * let go says so.
 */
const counting = (name: string) =>
  folders.add(name, moduleManifest(`com.example.${name}`), {
    "entry.js": `globalThis.${name} = { made: 0, gone: 0 };
    export default {
      activate() {
        globalThis.${name}.made++;
        return {
          latencyFrames: 0, tailFrames: 0, reset() {},
          process({ frames, inputs, outputs }) {
            for (const [c, channel] of outputs[0].entries()) channel.set(inputs[0][c].subarray(0, frames));
            return 0;
          },
          dispose() { globalThis.${name}.gone++; },
        };
      },
    };`,
  });
const countsOf = (name: string) =>
  (globalThis as unknown as Record<string, { made: number; gone: number }>)[name];

/** A chain of two effects and two sends, some of it there or not. */
const graphs: fc.Arbitrary<GraphDescription> = fc
  .record({
    inserts: fc.subarray(["equalizer", "compressor", "stereo-imager", "limiter"], { maxLength: 3 }),
    send: fc.option(fc.constantFrom("reverb", "delay", "chorus")),
    isSplit: fc.boolean(),
    gainDb: fc.integer({ min: -30, max: 6 }),
    bypassed: fc.boolean(),
    lookaheadMs: fc.constantFrom(1, 5),
  })
  .map(({ inserts, send, isSplit, gainDb, bypassed, lookaheadMs }) => {
    const nodes: GraphNode[] = inserts.map((name) => ({
      // Applies when a processor begins: with another one there is another processor.
      ...effect(
        name,
        `dev.gainstage.${name}`,
        name === "compressor" || name === "limiter" ? { lookaheadMs } : {},
      ),
      bypassed: bypassed && name === "equalizer",
    }));
    const base = chain(...nodes, fader(gainDb));
    if (send === null) return base;
    const from = isSplit ? "in" : "fader";
    return {
      nodes: [...base.nodes, effect("send", `dev.gainstage.${send}`)],
      edges: [...base.edges, edge(from, "send"), edge("send", "out")],
    };
  });

test("any graph to any other: the song from its start is then what a render of the last gives, to the bit", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(graphs, { minLength: 2, maxLength: 4 }), async ([first, ...others]) => {
      const live = (await LiveDriver.open(songOf(host, first, song))).run(30);
      let settled = 30;
      for (const graph of others) {
        await live.runUntil(live.edits.edit(pluginsOf(host, graph)));
        settled = live.blocks;
      }
      expect(settled).toBeGreaterThan(30);
      live.order({ kind: "stop" }).run(3).order({ kind: "seek", frame: 0 }).order({ kind: "play" });
      const from = live.blocks * QUANTUM + live.edits.latencyFrames;
      live.run(200);
      const reference = await rendered(others.at(-1)!);
      const heard = live.heard.map((channel) => channel.subarray(from));
      expectSame(heard, cut(reference, 0, heard[0].length));
    }),
    { numRuns: 15 },
  );
});

test("a node of both graphs goes on in its processor; one that is gone is let go of, and so is what replaced it", async () => {
  const trusting = createHost({ pluginFolders: [counting("counted")], trustModules: true });
  const counted = effect("fx", "com.example.counted");
  const counts = () => countsOf("counted");
  const live = (await LiveDriver.open(songOf(trusting, chain(counted), song))).run(10);
  const go = (graph: GraphDescription) => live.runUntil(live.edits.edit(pluginsOf(trusting, graph)));
  expect(counts()).toEqual({ made: 1, gone: 0 });
  await go(chain(counted, fader(0)));
  await go(chain({ ...counted, params: { amount: 0.75 } }));
  expect(counts()).toEqual({ made: 1, gone: 0 });
  // What passes through is what goes in, also while it is moved about: but for the rounding of g x + (1 - g) x.
  const source = song.get("in")!;
  for (const [n, x] of live.heard[0].entries())
    expect(Math.abs(x - source[0][n]), `frame ${n}`).toBeLessThanOrEqual(2 ** -22);
  await go(chain(counted, effect("more", "com.example.counted")));
  expect(counts()).toEqual({ made: 2, gone: 0 });
  await go(chain({ ...counted, channels: 1 }));
  expect(counts()).toEqual({ made: 3, gone: 2 });
  await go(chain());
  expect(counts()).toEqual({ made: 3, gone: 3 });
});

test("a thousand edits a second: the last is heard, the others are passed over, and nothing stays behind", async () => {
  const trusting = createHost({ pluginFolders: [counting("stormed")], trustModules: true });
  const graph = (k: number) =>
    chain(
      ...Array.from({ length: k % 4 }, (_, i) => effect(`fx ${k % 3} ${i}`, "com.example.stormed")),
      fader(-(k % 5)),
    );
  const live = (await LiveDriver.open(songOf(trusting, graph(0), song))).run(4);
  const edits = [];
  // 48 frames each, nearly: eight edits for every three blocks.
  for (let k = 1; k <= 400; k++) {
    edits.push(live.edits.edit(pluginsOf(trusting, graph(k))));
    if (k % 8 === 0 || k % 8 === 3 || k % 8 === 5) live.run(1);
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }
  const { frame } = await live.runUntil(edits.at(-1)!);
  const outcomes = await Promise.all(edits);
  expect(outcomes.filter(({ kind }) => kind === "settled").length).toBeGreaterThan(3);
  expect(outcomes.filter(({ kind }) => kind === "superseded").length).toBeGreaterThan(300);
  live.run(100);
  const { made, gone } = countsOf("stormed");
  expect(made - gone).toBe(400 % 4);
  const wanted = times(-(400 % 5));
  const heard = live.heard;
  for (let n = frame + FADE; n < live.blocks * QUANTUM; n++)
    if (heard[0][n] !== wanted[0][n]) throw new Error(`frame ${n} is ${heard[0][n]}, wanted ${wanted[0][n]}`);
  // No step beyond what the noise itself makes: gains of 0 to -4 dB fade into one another.
  for (let n = 1; n < heard[0].length; n++)
    expect(Math.abs(heard[0][n])).toBeLessThanOrEqual(Math.abs(song.get("in")![0][n]) + 1e-6);
});

describe("an edit that cannot be", () => {
  test.each([
    [
      "for a cycle",
      { ...chain(fader(0)), edges: [...chain(fader(0)).edges, edge("fader", "fader")] },
      "fader",
    ],
    ["for its output", { nodes: [{ kind: "input", id: "in", channels: 2 }], edges: [] }, 'no output "out"'],
    ["for a parameter", chain(effect("fx", "dev.gainstage.delay", { mixx: 1 })), 'no parameter "mixx"'],
  ] as [string, GraphDescription, string][])(
    "%s is refused, and the graph before goes on",
    async (_, graph, why) => {
      const live = (await LiveDriver.open(songOf(host, chain(fader(-6)), song))).run(10);
      const edit = live.edits.edit(pluginsOf(host, graph));
      await expect(live.runUntil(edit)).rejects.toThrow(why);
      await live.runUntil(live.edits.edit(pluginsOf(host, chain(fader(-6)))));
      live.run(10);
      expectSame(live.heard, cut(times(-6), 0, live.heard[0].length));
    },
  );

  test("for its code is refused for that each time it is asked for", async () => {
    const folder = folders.add("unreadable", moduleManifest("com.example.unreadable"), {
      "entry.js": "export default {",
    });
    const trusting = createHost({ pluginFolders: [folder], trustModules: true });
    const live = (await LiveDriver.open(songOf(host, chain(fader(-6)), song))).run(10);
    const broken = pluginsOf(trusting, chain(effect("fx", "com.example.unreadable")));
    for (let attempt = 0; attempt < 2; attempt++) {
      const refused = live.edits.edit(broken);
      await expect(refused).rejects.toThrow("entry.js cannot be loaded");
    }
    await live.runUntil(live.edits.edit(pluginsOf(host, chain(fader(-6)))));
  });

  test("lets go of what was activated for it", async () => {
    const trusting = createHost({ pluginFolders: [counting("vain")], trustModules: true });
    const live = (await LiveDriver.open(songOf(trusting, chain(), song))).run(10);
    const vain = effect("fx", "com.example.vain");
    const cycle = { ...chain(vain), edges: [...chain(vain).edges, edge("fx", "fx")] };
    await expect(live.runUntil(live.edits.edit(pluginsOf(trusting, cycle)))).rejects.toThrow("fx");
    await Promise.resolve();
    expect(countsOf("vain")).toEqual({ made: 1, gone: 1 });
  });
});

describe("a single value", () => {
  const open = async () => (await LiveDriver.open(songOf(host, chain(fader(-6)), song))).run(10);
  const set = (live: LiveDriver, value: number) => live.edits.set({ node: "fader", param: "gainDb", value });
  /** The gain of the last block, which nothing moves in. */
  const heardDb = (live: LiveDriver) => {
    const [heard] = live.heard;
    const n = heard.length - 1;
    return 20 * Math.log10(heard[n] / song.get("in")![0][n]);
  };

  test("is ramped to at the next block, and stays", async () => {
    const live = await open();
    set(live, -12);
    live.run(20);
    expect(heardDb(live)).toBeCloseTo(-12, 4);
  });

  test("that is set while an edit is under way is what is heard after it", async () => {
    const live = await open();
    const edit = live.edits.edit(
      pluginsOf(host, chain(effect("comb", "dev.gainstage.equalizer"), fader(-3))),
    );
    set(live, -20);
    await live.runUntil(edit);
    expect(heardDb(live.run(10))).toBeCloseTo(-20, 4);
    const next = live.edits.edit(pluginsOf(host, chain(fader(-3))));
    for (let turn = 0; turn < 40; turn++) await Promise.resolve();
    set(live.run(2), -10);
    await live.runUntil(next);
    expect(heardDb(live.run(10))).toBeCloseTo(-10, 4);
  });

  test("of a node that goes out and is to come in again is kept for then", async () => {
    const live = await open();
    const going = live.edits.edit(pluginsOf(host, chain()));
    for (let turn = 0; turn < 40; turn++) await Promise.resolve();
    live.run(2);
    const coming = live.edits.edit(pluginsOf(host, chain(fader(-6))));
    set(live, -15);
    await live.runUntil(going);
    await live.runUntil(coming);
    expect(heardDb(live.run(10))).toBeCloseTo(-15, 4);
  });

  test("of a plugin, set while an edit goes on, gives way to the graph of an edit after it as well", async () => {
    const imager = effect("fx", "dev.gainstage.stereo-imager", { outputGainDb: -6 });
    const live = (await LiveDriver.open(songOf(host, chain(imager), song))).run(10);
    const edit = live.edits.edit(pluginsOf(host, chain(imager, fader(0))));
    for (let turn = 0; turn < 40; turn++) await Promise.resolve();
    live.run(2);
    live.edits.set({ node: "fx", param: "outputGainDb", value: -20 });
    await live.runUntil(edit);
    expect(heardDb(live.run(20))).toBeCloseTo(-20, 3);
    await live.runUntil(live.edits.edit(pluginsOf(host, chain(imager))));
    expect(heardDb(live.run(20))).toBeCloseTo(-6, 3);
  });

  test("gives way to the graph of an edit after it", async () => {
    const live = await open();
    set(live, -20);
    await live.runUntil(live.edits.edit(pluginsOf(host, chain(fader(-6)))));
    expect(heardDb(live.run(10))).toBeCloseTo(-6, 4);
  });

  test.each([
    [{ node: "fader", param: "gainDB", value: 0 }, "no parameter fader.gainDB"],
    [{ node: "nobody", param: "gainDb", value: 0 }, "no parameter nobody.gainDb"],
    [{ node: "fader", param: "gainDb", value: Number.NaN }, "cannot be NaN"],
  ])("%o is refused", async (value, why) => {
    const live = await open();
    expect(() => live.edits.set(value)).toThrow(why);
  });

  test("of a plugin is held to its range", async () => {
    const live = await LiveDriver.open(songOf(host, chain(effect("fx", "dev.gainstage.delay")), song));
    expect(() => live.edits.set({ node: "fx", param: "mixPercent", value: 1e9 })).toThrow("it takes");
    expect(() => live.edits.set({ node: "fx", param: "mixPercent", value: null })).toThrow("cannot be null");
    const limiter = await LiveDriver.open(songOf(host, chain(effect("fx", "dev.gainstage.limiter")), song));
    const lookahead = { node: "fx", param: "lookaheadMs", value: 2 };
    expect(() => limiter.edits.set(lookahead)).toThrow("applies when the plugin begins");
  });
});

test("a parameter that applies when a plugin begins brings another processor, in time with the others", async () => {
  const limited = (lookaheadMs: number) => chain(effect("fx", "dev.gainstage.limiter", { lookaheadMs }));
  const live = (await LiveDriver.open(songOf(host, limited(1), song))).run(10);
  const before = live.edits.latencyFrames;
  await live.runUntil(live.edits.edit(pluginsOf(host, limited(5))));
  // 4 ms more.
  expect(live.edits.latencyFrames).toBe(before + 192);
});

test("a strip that comes in later brings its sound with it", async () => {
  const added = [noise(FRAMES, 3), noise(FRAMES, 4)];
  const base = chain(fader(-6));
  const both: GraphDescription = {
    nodes: [...base.nodes, { kind: "input", id: "added", channels: 2 }],
    edges: [...base.edges, edge("added", "out")],
  };
  const live = (await LiveDriver.open(songOf(host, base, song))).run(10);
  live.stage.carryOut({ kind: "source", input: "added", channels: added });
  await live.runUntil(live.edits.edit(pluginsOf(host, both)));
  const from = live.blocks * QUANTUM;
  live.run(40);
  const [faded] = times(-6);
  for (let n = from; n < live.blocks * QUANTUM; n++)
    expect(live.heard[0][n], `frame ${n}`).toBe(Math.fround(faded[n] + added[0][n]));
  // Another one for an input that is there.
  live.stage.carryOut({ kind: "source", input: "added", channels: [noise(FRAMES, 5)] });
  const at = live.blocks * QUANTUM;
  live.run(10);
  const [mono] = [noise(FRAMES, 5)];
  for (let n = at; n < live.blocks * QUANTUM; n++)
    expect(live.heard[0][n], `frame ${n}`).toBe(Math.fround(faded[n] + mono[n]));
});

test("while the song is stopped an edit is made at once", async () => {
  const live = (await LiveDriver.open(songOf(host, chain(fader(-6)), song))).run(10);
  live.order({ kind: "stop" }).run(3);
  const graph = chain(effect("fx", "dev.gainstage.limiter"), fader(-12));
  const before = live.blocks;
  await live.runUntil(live.edits.edit(pluginsOf(host, graph)));
  expect(live.blocks - before).toBeLessThan(4);
  live.order({ kind: "seek", frame: 0 }).order({ kind: "play" });
  const from = live.blocks * QUANTUM + live.edits.latencyFrames;
  live.run(100);
  const heard = live.heard.map((channel) => channel.subarray(from));
  expectSame(heard, cut(await rendered(graph), 0, heard[0].length));
});

test("a graph that is later moves the song back by the difference, once; one that is earlier does not move it", async () => {
  const late = chain(effect("comp", "dev.gainstage.compressor", { lookaheadMs: 5, ratio: 1 }));
  const live = (await LiveDriver.open(songOf(host, chain(), song))).run(10);
  await live.runUntil(live.edits.edit(pluginsOf(host, late)));
  expect(live.edits.latencyFrames).toBe(240);
  await live.runUntil(live.edits.edit(pluginsOf(host, chain())));
  expect(live.edits.latencyFrames).toBe(240);
  const at = live.blocks * QUANTUM;
  live.run(20);
  const heard = live.heard.map((channel) => channel.subarray(at));
  expectSame(heard, cut(song.get("in")!, at - 240, 20 * QUANTUM));
});

test("where there is room for the latency, it does not move the song either", async () => {
  const late = chain(effect("comp", "dev.gainstage.compressor", { lookaheadMs: 5, ratio: 1 }));
  const live = (await LiveDriver.open(songOf(host, chain(), song, { latencyFrames: 240 }))).run(10);
  await live.runUntil(live.edits.edit(pluginsOf(host, late)));
  live.run(20);
  const source = song.get("in")!;
  for (const [n, x] of live.heard[0].entries())
    expect(Math.abs(x - source[0][n]), `frame ${n}`).toBeLessThanOrEqual(2 ** -22);
});

test("who runs in a node is known while it comes, while it goes, and while another takes its name", async () => {
  const limiter = (lookaheadMs: number) => effect("fx", "dev.gainstage.limiter", { lookaheadMs });
  const live = (await LiveDriver.open(songOf(host, chain(limiter(1)), song))).run(10);
  const idOf = (node: string) => live.edits.codeOf(node)?.manifest.id;
  const begun = async () => {
    for (let turn = 0; turn < 80; turn++) await Promise.resolve();
    live.run(2);
  };
  const replaced = live.edits.edit(pluginsOf(host, chain(limiter(5))));
  await begun();
  expect([idOf("fx"), idOf("fx before")]).toEqual(["dev.gainstage.limiter", "dev.gainstage.limiter"]);
  expect(["fx", "fx before"].map((node) => live.edits.nameOf(node))).toEqual(["fx", "fx"]);
  await live.runUntil(replaced);
  const gone = live.edits.edit(pluginsOf(host, chain()));
  await begun();
  expect(idOf("fx")).toBe("dev.gainstage.limiter");
  await live.runUntil(gone);
  expect(idOf("fx")).toBeUndefined();
});

test("a plugin that fails in a seek and is taken out before the next block ends nothing", async () => {
  const folder = folders.add("seek-failure", moduleManifest("com.example.seek-failure"), {
    // The first is that of the song's beginning.
    "entry.js": `let resets = 0;
    export default {
      activate: () => ({
        latencyFrames: 0, tailFrames: 0, reset() { if (++resets === 2) throw new Error("ouch"); },
        process({ frames, inputs, outputs }) {
          for (const [c, channel] of outputs[0].entries()) channel.set(inputs[0][c].subarray(0, frames));
          return 0;
        },
      }),
    };`,
  });
  const trusting = createHost({ pluginFolders: [folder], trustModules: true });
  const graph = chain(effect("fx", "com.example.seek-failure"));
  const live = await LiveDriver.open(songOf(trusting, graph, song));
  live.run(10).order({ kind: "stop" }).run(3).order({ kind: "seek", frame: 0 });
  const edit = live.edits.edit(pluginsOf(trusting, chain()));
  for (let turn = 0; turn < 80; turn++) await Promise.resolve();
  await live.runUntil(edit);
  live.order({ kind: "seek", frame: 0 }).order({ kind: "play" });
  const from = live.blocks * QUANTUM;
  live.run(20);
  expectSame(
    live.heard.map((channel) => channel.subarray(from)),
    cut(song.get("in")!, 0, 20 * QUANTUM),
  );
});

test("a plugin that fails while it goes out is told, and nobody builds it again", async () => {
  const folder = folders.add("late-failure", moduleManifest("com.example.late-failure"), {
    "entry.js": `globalThis.lateFailures = { made: 0 };
    export default {
      activate() {
        let blocks = 0;
        globalThis.lateFailures.made++;
        return {
          latencyFrames: 0, tailFrames: 0, reset() {},
          process() { if (++blocks === 14) throw new Error("ouch"); return 0; },
        };
      },
    };`,
  });
  const trusting: Host = createHost({ pluginFolders: [folder], trustModules: true });
  const graph = chain(effect("fx", "com.example.late-failure"));
  const live = (await LiveDriver.open(songOf(trusting, graph, song))).run(10);
  await live.runUntil(live.edits.edit(pluginsOf(trusting, chain())));
  const faults = live.told.filter(({ kind }) => kind === "fault");
  expect(faults).toHaveLength(1);
  expect((globalThis as unknown as { lateFailures: { made: number } }).lateFailures.made).toBe(1);
});
