/** Live sound without a sound card: what is heard, and what becomes of it when a plugin is built anew. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphDescription, PluginNode } from "@gainstage/graph";
import { describe, expect, test } from "vitest";
import {
  createHost,
  type Host,
  type PlayRequest,
  Quarantine,
  type QuarantineEntry,
  sharedChannel,
} from "../src/index.ts";
import { chain, RATE_HZ } from "./chains.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";
import { UnhurriedSound } from "./unhurried-sound.ts";

const folders = new PluginFolders();
/** An edit with another plugin in the place of one takes half a second of the song, and the latency. */
const FRAMES = 60_000;

/** Two different channels of noise. */
const sources = new Map([
  [
    "in",
    [1, 2].map((seed) => {
      const channel = sharedChannel(FRAMES);
      for (let i = 0, x = seed; i < FRAMES; i++) {
        x = Math.imul(x, 1664525) + 1013904223;
        channel[i] = x / 2 ** 32;
      }
      return channel;
    }),
  ],
]);

const node = (plugin: string, changes: Partial<PluginNode> = {}): PluginNode => ({
  kind: "plugin",
  id: "fx",
  plugin,
  channels: 2,
  params: {},
  ...changes,
});

const heardIn = (frames: number) => [0, 1].map(() => sharedChannel(frames));

const request = (graph: GraphDescription, changes: Partial<PlayRequest> = {}): PlayRequest => ({
  graph,
  output: "out",
  sampleRateHz: RATE_HZ,
  frames: FRAMES,
  sources,
  ...changes,
});

async function rendered(host: Host, graph: GraphDescription): Promise<readonly Float32Array[]> {
  const { outputs } = await host.renderer.render({ graph, sampleRateHz: RATE_HZ, frames: FRAMES, sources });
  return outputs.get("out")!;
}

function expectSame(
  found: readonly Float32Array[],
  wanted: readonly Float32Array[],
  from = 0,
  to = FRAMES,
): void {
  for (const [c, channel] of wanted.entries()) {
    for (let n = from; n < to; n++) {
      if (found[c][n] !== channel[n])
        throw new Error(`channel ${c}, frame ${n} is ${found[c][n]}, wanted ${channel[n]}`);
    }
  }
}

/** y = gain × x, the gain being the parameter or, where a state says so, that of the state. */
const latch = (version: string, gain: number, stateVersion: number | undefined, onState: string): string => {
  const manifest = moduleManifest("com.example.latch", {
    version,
    ...(stateVersion !== undefined && { extensions: ["state/1"], stateVersion }),
  });
  return folders.add("latch", manifest, {
    "entry.js": `export default {
      activate({ state }) {
        let gain = ${gain};
        if (state) { ${onState} }
        return {
          latencyFrames: 0,
          tailFrames: 0,
          reset() {},
          process({ frames, inputs, outputs }) {
            for (const [c, channel] of outputs[0].entries())
              for (let i = 0; i < frames; i++) channel[i] = gain * inputs[0][c][i];
            return 0;
          },
          extension: (id) => (id === "state/1" ? { save: () => Uint8Array.of(gain * 64) } : undefined),
        };
      },
    };`,
  });
};
const TAKES = "gain = state.bytes[0] / 64;";
const REFUSES = 'throw new Error("that state is too old");';
const hostWith = (folder: string) => createHost({ pluginFolders: [folder], trustModules: true });
const latched = chain(node("com.example.latch"));

describe("what is played", () => {
  test("is what a render gives, to the bit: automation, tempo, latency and several effects", async () => {
    const host = createHost();
    const graph: GraphDescription = {
      ...chain(
        node("dev.gainstage.compressor", { id: "comp", params: { lookaheadMs: 5, thresholdDb: -30 } }),
        node("dev.gainstage.reverb", { id: "hall" }),
        { kind: "gain", id: "fader", channels: 2, gainDb: -3 },
        node("dev.gainstage.limiter", { id: "limit" }),
      ),
      lanes: [
        {
          node: "fader",
          param: "gainDb",
          points: [
            { frame: 1000, value: -20, curve: "s-curve" },
            { frame: 20_000, value: 0, curve: "linear" },
          ],
        },
        {
          node: "comp",
          param: "thresholdDb",
          points: [
            { frame: 0, value: -40, curve: "linear" },
            { frame: 25_000, value: -10, curve: "hold" },
          ],
        },
      ],
      song: { tempo: [{ frame: 0, bpm: 97 }] },
    };
    for (const latencyFrames of [0, 8192]) {
      const capture = heardIn(FRAMES);
      const sound = new UnhurriedSound();
      const playing = await host.player.play(request(graph, { capture, latencyFrames }), async () => sound);
      await playing.ended;
      await playing.close();
      expectSame(capture, await rendered(host, graph));
    }
  });

  test("ends when the song has rung out, and tells its position and level", async () => {
    const host = createHost();
    const positions: number[] = [];
    let loudest = 0;
    host.events.on("position", ({ frame, peaks }) => {
      positions.push(frame);
      loudest = Math.max(loudest, ...peaks);
    });
    const graph = chain(node("dev.gainstage.reverb", { params: { decayS: 0.5 } }));
    const playing = await host.player.play(
      request(graph, { longestTailFrames: 10 * RATE_HZ }),
      async () => new UnhurriedSound(),
    );
    await playing.ended;
    await playing.close();
    expect(positions.at(-1)).toBeGreaterThan(FRAMES);
    expect(positions.at(-1)).toBeLessThan(FRAMES + 10 * RATE_HZ);
    expect(positions.length).toBeGreaterThan(1);
    expect(loudest).toBeGreaterThan(0.3);
  });

  test("is refused before a sound is made where the graph cannot be played", async () => {
    const host = createHost();
    const open = async () => new UnhurriedSound();
    await expect(host.player.play(request(chain(node("com.example.none"))), open)).rejects.toThrow(
      "there is no such plugin",
    );
    await expect(host.player.play(request(chain(), { frames: 0 }), open)).rejects.toThrow("no length");
  });
});

describe("another build of a plugin while it plays", () => {
  /** Plays with `before`, goes to `after` early on, and returns what was heard and told. */
  async function playEdit(before: () => string, after: () => string) {
    const host = hostWith(before());
    const old = await rendered(host, latched);
    const capture = heardIn(FRAMES);
    const sound = new UnhurriedSound({ holdAfter: 20 });
    const playing = await host.player.play(request(latched, { capture }), async () => sound);
    const supply = hostWith(after());
    const edited = playing.edit(latched, supply);
    // Its messages come in the order in which they were sent.
    const outcome = edited.then(
      (value) => value,
      (error: Error) => error,
    );
    setTimeout(() => sound.go(), 200);
    await playing.ended;
    await playing.close();
    return { capture, old, fresh: await rendered(supply, latched), outcome: await outcome };
  }

  test("settles on what a render with the new build gives", async () => {
    const { capture, old, fresh, outcome } = await playEdit(
      () => latch("1.0.0", 0.5, undefined, ""),
      () => latch("1.0.1", 0.25, undefined, ""),
    );
    if (outcome instanceof Error || outcome.kind !== "settled") throw outcome;
    expect(outcome.states).toEqual({ carried: [], lost: [] });
    expect(outcome.frame).toBeLessThan(FRAMES);
    // The fade of 20 ms is over within the block before.
    expectSame(capture, old, 0, outcome.frame - 960 - 128);
    expectSame(capture, fresh, outcome.frame);
  });

  test("hands the state on", async () => {
    const { capture, old, outcome } = await playEdit(
      () => latch("1.0.0", 0.5, 1, TAKES),
      () => latch("1.0.1", 0.25, 2, TAKES),
    );
    if (outcome instanceof Error || outcome.kind !== "settled") throw outcome;
    expect(outcome.states).toEqual({ carried: ["fx"], lost: [] });
    const faded = outcome.frame - 960 - 128;
    expectSame(capture, old, 0, faded);
    expectSame(capture, old, outcome.frame);
    // g x + (1 - g) x is x but for the rounding of three operations.
    for (let c = 0; c < 2; c++) {
      for (let n = faded; n < outcome.frame; n++)
        expect(Math.abs(capture[c][n] - old[c][n])).toBeLessThan(2 ** -23 * Math.abs(old[c][n]));
    }
  });

  test.each([
    ["refuses it", () => latch("1.0.1", 0.25, 1, REFUSES), "that state is too old"],
    ["keeps none", () => latch("1.0.1", 0.25, undefined, TAKES), "this version of it keeps none"],
  ])("to a build that %s starts without the state, and says so", async (_, after, why) => {
    const { capture, fresh, outcome } = await playEdit(() => latch("1.0.0", 0.5, 1, TAKES), after);
    if (outcome instanceof Error || outcome.kind !== "settled") throw outcome;
    expect(outcome.states.carried).toEqual([]);
    expect(outcome.states.lost).toHaveLength(1);
    expect(outcome.states.lost[0]).toMatchObject({ node: "fx", message: expect.stringContaining(why) });
    expectSame(capture, fresh, outcome.frame);
  });

  test("to a build that does not start leaves the one before as it is", async () => {
    const host = hostWith(latch("1.0.0", 0.5, undefined, ""));
    const old = await rendered(host, latched);
    const capture = heardIn(FRAMES);
    const sound = new UnhurriedSound({ holdAfter: 20 });
    const playing = await host.player.play(request(latched, { capture }), async () => sound);
    const broken = folders.add("latch", moduleManifest("com.example.latch"), {
      "entry.js": "export default {",
    });
    await expect(playing.edit(latched, hostWith(broken))).rejects.toThrow("entry.js cannot be loaded");
    const mute = folders.add("latch", moduleManifest("com.example.latch", { entry: { module: "none.js" } }));
    await expect(playing.edit(latched, hostWith(mute))).rejects.toThrow("none.js is missing");
    sound.go();
    await playing.ended;
    await playing.close();
    expectSame(capture, old);
  });

  test("that comes before the one ahead is heard takes its place", async () => {
    const host = hostWith(latch("1.0.0", 0.5, undefined, ""));
    const capture = heardIn(FRAMES);
    const sound = new UnhurriedSound({ holdAfter: 20 });
    const playing = await host.player.play(
      request(latched, { capture, latencyFrames: 4096 }),
      async () => sound,
    );
    const first = playing.edit(latched, hostWith(latch("1.0.1", 0.25, undefined, "")));
    const last = hostWith(latch("1.0.2", 0.125, undefined, ""));
    const second = playing.edit(latched, last);
    expect(await first).toEqual({ kind: "superseded" });
    sound.go();
    const outcome = await second;
    if (outcome.kind !== "settled") throw outcome;
    await playing.ended;
    await playing.close();
    expectSame(capture, await rendered(last, latched), outcome.frame);
  });
});

test("a plugin that fails again once it was built anew is put into quarantine", async () => {
  const folder = folders.add("broken", moduleManifest("com.example.broken", { version: "1.2.3" }), {
    "entry.js": `export default {
      activate: () => ({
        latencyFrames: 0, tailFrames: 0, reset() {}, process() { throw new Error("ouch"); },
      }),
    };`,
  });
  const quarantined: QuarantineEntry[] = [];
  const quarantine = new Quarantine(join(mkdtempSync(join(tmpdir(), "gainstage-live-")), "quarantine.json"));
  quarantine.add = (entry) => void quarantined.push(entry);
  const host = createHost({ pluginFolders: [folder], trustModules: true, quarantine });
  const playing = await host.player.play(
    request(chain(node("com.example.broken"))),
    async () => new UnhurriedSound(),
  );
  await playing.ended;
  await playing.close();
  expect(quarantined.map(({ id, version, why }) => [id, version, why])).toEqual([
    ["com.example.broken", "1.2.3", "trap"],
  ]);
});

test("a plugin that fails while it plays is told, built anew, and heard again", async () => {
  const folder = folders.add("trap", moduleManifest("com.example.trap"), {
    "entry.js": `let failed = false;
    export default {
      activate: () => ({
        latencyFrames: 0, tailFrames: 0, reset() {},
        process({ frames, inputs, outputs, transport }) {
          if (!failed && inputs[0][0][0] === ${sources.get("in")![0][1280]}) { failed = true; throw new Error("ouch"); }
          for (const [c, channel] of outputs[0].entries())
            for (let i = 0; i < frames; i++) channel[i] = inputs[0][c][i] / 2;
          return 0;
        },
      }),
    };`,
  });
  const host = hostWith(folder);
  const messages: string[] = [];
  host.events.on("fault", ({ message }) => messages.push(message));
  const capture = heardIn(FRAMES);
  const graph = chain(node("com.example.trap"));
  const playing = await host.player.play(request(graph, { capture }), async () => new UnhurriedSound());
  await playing.ended;
  await playing.close();
  expect(messages).toEqual(["plugin com.example.trap: it failed while running: ouch"]);
  const halves = sources.get("in")!.map((channel) => channel.map((x) => x / 2));
  expectSame(capture, halves, 0, 1280);
  // 5 ms of fall and 5 ms of rise are over.
  expectSame(capture, halves, 1280 + 128 + 480);
});
