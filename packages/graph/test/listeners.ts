/** Chains of plugins that note at every frame what they are told of the song. */
import { readFileSync } from "node:fs";
import { type Block, type Manifest, ModulePlugin, processSetup, type Transport } from "@gainstage/plugin-api";
import {
  type AutomationLane,
  Engine,
  engineUrl,
  type GraphDescription,
  type ProcessorNode,
  type SongTime,
} from "../src/index.ts";

export const module = new WebAssembly.Module(readFileSync(engineUrl));
export const RATE_HZ = 48_000;
export const MAX_FRAMES = 512;

const manifest: Manifest = {
  api: "1.0",
  id: "test.song.listener",
  name: "Listener",
  vendor: "test",
  version: "0.0.1",
  features: ["utility"],
  entry: { module: "none.js" },
  params: [{ id: "level", name: "Level", unit: "none", min: 0, max: 1, default: 1 }],
  inputs: [{ id: "in", name: "In", role: "main", layouts: ["mono"] }],
  outputs: [{ id: "out", name: "Out", role: "main", layouts: ["mono"] }],
};

/** What a plugin was told of a frame. */
type Heard = Pick<Transport, "frame" | "playing" | "tempoBpm" | "loopStartBeat" | "loopEndBeat">;

/** Puts out ones, whatever comes in, and says that it is late. */
export class Listener {
  readonly heard: Heard[] = [];
  readonly node: ProcessorNode;

  constructor(latencyFrames: number) {
    const plugin = new ModulePlugin(manifest, {
      activate: () => ({
        latencyFrames,
        tailFrames: 0,
        reset() {},
        process: ({ frames, outputs, transport }: Block) => {
          outputs[0][0].fill(1, 0, frames);
          for (let i = 0; i < frames && transport; i++) {
            const { playing, tempoBpm, loopStartBeat, loopEndBeat } = transport;
            this.heard.push({ frame: transport.frame + i, playing, tempoBpm, loopStartBeat, loopEndBeat });
          }
          return 1;
        },
      }),
    });
    const setup = processSetup(manifest, { sampleRateHz: RATE_HZ, maxFrames: MAX_FRAMES });
    this.node = { manifest, processor: plugin.activate(setup) };
  }
}

const song: SongTime = {
  tempo: [
    { frame: 0, bpm: 100 },
    { frame: 300, bpm: 150 },
  ],
};
export const bpmAt = (frame: number) => (frame < 300 ? 100 : 150);
/** A beat has 60 × 48,000 / bpm frames. */
export const beatAt = (frame: number) =>
  frame < 300 ? frame / 28_800 : 300 / 28_800 + (frame - 300) / 19_200;

/** in ─▶ p0 ─▶ p1 ─▶ … ─▶ fader ─▶ out, all mono. */
export function chain(plugins: readonly string[], lanes: readonly AutomationLane[] = []): GraphDescription {
  const ids = ["in", ...plugins, "fader", "out"];
  return {
    nodes: [
      { kind: "input", id: "in", channels: 1 },
      ...plugins.map((id) => ({ kind: "plugin", id, plugin: manifest.id, params: {}, channels: 1 }) as const),
      { kind: "gain", id: "fader", channels: 1, gainDb: 0 },
      { kind: "output", id: "out", channels: 1 },
    ],
    edges: ids
      .slice(1)
      .map((to, i) => ({ from: { node: ids[i], port: "out" }, to: { node: to, port: "in" } })),
    lanes,
    song,
  };
}

export const idsOf = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`);

export function chainOf(latencies: readonly number[], lanes?: readonly AutomationLane[]) {
  const listeners = latencies.map((frames) => new Listener(frames));
  const ids = idsOf(latencies.length);
  const processors = new Map(listeners.map(({ node }, i) => [ids[i], node]));
  const options = { sampleRateHz: RATE_HZ, maxFrames: MAX_FRAMES, processors };
  const engine = Engine.create(module, chain(ids, lanes), options);
  return { engine, listeners, late: latencies.map((_, i) => sum(latencies.slice(0, i))) };
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
