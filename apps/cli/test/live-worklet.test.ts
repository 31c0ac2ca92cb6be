/**
 * What the worklet of node-web-audio-api plays, held against renders, to the bit.
 *
 * After an edit that is what a render of the new graph gives: nodes that both have go on, so that the limiter still knows what it
 * heard seconds ago, and the plugin that is another remembers nothing.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { allocateChannels, openLiveSound } from "@gainstage/audio-io";
import type { GraphDescription } from "@gainstage/graph";
import { createHost, type Host } from "@gainstage/host";
import { expect, test } from "vitest";
import { scratchFolder, tone } from "./command.ts";

const scratch = scratchFolder();
const RATE_HZ = 48_000;
const FRAMES = 4 * RATE_HZ;
const QUANTUM = 128;
/** What is said of a stereo plugin without parameters. */
function manifestOf(id: string, module: string) {
  const port = (id: string) => ({ id, name: id, role: "main", layouts: ["stereo"] });
  const manifest = {
    api: "1.0",
    id: id,
    name: "Gain",
    vendor: "Example",
    version: "1.0.0",
    features: ["utility"],
    entry: { module },
    inputs: [port("in")],
    outputs: [port("out")],
    params: [],
  };
  return manifest;
}

/** A host with a plugin that multiplies by `gain`. */
function hostWithGain(gain: number): Host {
  const folder = join(scratch, `gain-${gain}`);
  mkdirSync(folder);
  const manifest = manifestOf("com.example.gain", "gain.js");
  const code = `export default {
    activate: () => ({
      latencyFrames: 0,
      tailFrames: 0,
      reset() {},
      process({ frames, inputs, outputs }) {
        for (const [c, channel] of outputs[0].entries())
          for (let i = 0; i < frames; i++) channel[i] = ${gain} * inputs[0][c][i];
        return 0;
      },
    }),
  };`;
  writeFileSync(join(folder, "plugin.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "gain.js"), code);
  return createHost({ pluginFolders: [folder], trustModules: true });
}

const ids = ["in", "comp", "limit", "fx", "out"];
const effect = (id: string, plugin: string) =>
  ({ kind: "plugin", id, plugin, channels: 2, params: {} }) as const;
const graph: GraphDescription = {
  nodes: [
    { kind: "input", id: "in", channels: 2 },
    effect("comp", "dev.gainstage.compressor"),
    effect("limit", "dev.gainstage.limiter"),
    effect("fx", "com.example.gain"),
    { kind: "output", id: "out", channels: 2 },
  ],
  edges: ids.slice(1).map((to, i) => ({ from: { node: ids[i], port: "out" }, to: { node: to, port: "in" } })),
};

/** Two tones, silent before frame `from`. */
function sourcesFrom(from: number): ReadonlyMap<string, readonly Float32Array[]> {
  const channels = allocateChannels(2, FRAMES);
  for (const [c, hz] of [220, 331].entries())
    channels[c].set(tone(FRAMES, hz, RATE_HZ, 0.9).subarray(from), from);
  return new Map([["in", channels]]);
}

const rendered = (host: Host, from: number) =>
  host.renderer.render({ graph, sampleRateHz: RATE_HZ, frames: FRAMES, sources: sourcesFrom(from) });

/** Throws an Error that names the first frame that differs. */
function expectSame(
  found: readonly Float32Array[],
  wanted: readonly Float32Array[],
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    for (let c = 0; c < 2; c++) {
      if (found[c][i] !== wanted[c][i])
        throw new Error(`channel ${c}, frame ${i} is ${found[c][i]}, wanted ${wanted[c][i]}`);
    }
  }
}

test("the worklet plays what a render gives, to the bit, before another build of a plugin and after it", async () => {
  const [host, rebuilt] = [hostWithGain(0.5), hostWithGain(0.25)];
  const capture = allocateChannels(2, FRAMES);
  const playing = await host.player.play(
    { graph, output: "out", sampleRateHz: RATE_HZ, frames: FRAMES, sources: sourcesFrom(0), capture },
    (worklet) => openLiveSound({ worklet, sampleRateHz: RATE_HZ, channels: 2, sink: "none" }),
  );
  const edit = await playing.edit(graph, rebuilt);
  await playing.ended;
  await playing.close();
  if (edit.kind !== "settled") throw new Error("the song was over before the edit");

  const before = await rendered(host, 0);
  expect(before.latencyFrames).toBeGreaterThan(0);
  expectSame(capture, before.outputs.get("out")!, 0, edit.frame - 960 - QUANTUM);
  const after = await rendered(rebuilt, 0);
  expectSame(capture, after.outputs.get("out")!, edit.frame, FRAMES);
});

test("sought while it plays, it goes on from there as a render of the song from that frame", async () => {
  const host = hostWithGain(0.75);
  const SOUGHT = 3 * RATE_HZ + 5;
  const FADE = 240;
  const capture = allocateChannels(2, 2 * FRAMES);
  const played = new Promise<void>((resolve) => {
    host.events.on("position", ({ frame }) => frame > RATE_HZ / 4 && resolve());
  });
  const playing = await host.player.play(
    { graph, output: "out", sampleRateHz: RATE_HZ, frames: FRAMES, sources: sourcesFrom(0), capture },
    (worklet) => openLiveSound({ worklet, sampleRateHz: RATE_HZ, channels: 2, sink: "none" }),
  );
  await played;
  playing.seek(SOUGHT);
  await playing.ended;
  await playing.close();

  const { outputs, latencyFrames } = await rendered(host, 0);
  const whole = outputs.get("out")!;
  const left = new Map([
    [
      "in",
      sourcesFrom(0)
        .get("in")!
        .map((channel) => channel.slice(SOUGHT)),
    ],
  ]);
  const request = { graph, sampleRateHz: RATE_HZ, frames: FRAMES - SOUGHT, sources: left };
  const fresh = (await host.renderer.render(request)).outputs.get("out")!;
  const change = capture[0].findIndex((x, n) => x !== whole[0][n]);
  const heard = Math.floor(change / QUANTUM) * QUANTUM + FADE + latencyFrames;
  expect(heard).toBeGreaterThan(RATE_HZ / 4);
  for (let n = heard - latencyFrames; n < heard; n++) expect(capture[0][n], `frame ${n}`).toBe(0);
  const found = capture.map((channel) => channel.subarray(heard));
  expectSame(found, fresh, FADE, FRAMES - SOUGHT);
});

test("a plugin that takes longer than its block is told as a dropout", async () => {
  const folder = join(scratch, "slow");
  mkdirSync(folder);
  const manifest = manifestOf("com.example.slow", "slow.js");
  writeFileSync(join(folder, "plugin.json"), JSON.stringify(manifest));
  writeFileSync(
    join(folder, "slow.js"),
    `let blocks = 0;
    export default {
      activate: () => ({
        latencyFrames: 0,
        tailFrames: 0,
        reset() {},
        process() {
          const begun = performance.now();
          if (++blocks === 50) while (performance.now() < begun + 300);
          return 0;
        },
      }),
    };`,
  );
  const host = createHost({ pluginFolders: [folder], trustModules: true });
  let [dropouts, droppedFrames] = [0, 0];
  host.events.on("position", (position) => ({ dropouts, droppedFrames } = position));
  const slow: GraphDescription = {
    nodes: [
      { kind: "input", id: "in", channels: 2 },
      effect("fx", "com.example.slow"),
      { kind: "output", id: "out", channels: 2 },
    ],
    edges: [
      { from: { node: "in", port: "out" }, to: { node: "fx", port: "in" } },
      { from: { node: "fx", port: "out" }, to: { node: "out", port: "in" } },
    ],
  };
  // The context counts anew once a second: the song is longer.
  const playing = await host.player.play(
    { graph: slow, output: "out", sampleRateHz: RATE_HZ, frames: FRAMES, sources: sourcesFrom(0) },
    (worklet) => openLiveSound({ worklet, sampleRateHz: RATE_HZ, channels: 2, sink: "none" }),
  );
  await playing.ended;
  await playing.close();
  expect(dropouts).toBeGreaterThanOrEqual(1);
  // 300 ms, less what the sink has in store.
  expect(droppedFrames).toBeGreaterThan(0.1 * RATE_HZ);
});
