/** Soft bypass: the input in the plugin's place, in time, without a click. */
import { readFileSync } from "node:fs";
import { type Block, type Manifest, ModulePlugin, processSetup } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import { Engine, engineUrl, type GraphDescription } from "../src/index.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const RATE_HZ = 48_000;
const MAX_FRAMES = 512;
const LATENCY = 100;
const FADE_FRAMES = 480;

/** y = -2 x, late; silent when it fails. */
const manifest: Manifest = {
  api: "1.0",
  id: "com.example.late",
  name: "Late",
  vendor: "Example",
  version: "1.0.0",
  features: ["utility"],
  entry: { module: "late.js" },
  inputs: [{ id: "in", name: "Input", role: "main", layouts: ["stereo"] }],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo"] }],
  params: [],
  onFault: "silence",
};

function engineWith(bypassed: boolean): Engine {
  const plugin = new ModulePlugin(manifest, {
    activate() {
      const lines = [0, 1].map(() => new Array<number>(LATENCY).fill(0));
      return {
        latencyFrames: LATENCY,
        tailFrames: 0,
        reset() {},
        process({ frames, inputs, outputs }: Block) {
          for (const [c, line] of lines.entries()) {
            for (let i = 0; i < frames; i++) {
              line.push(-2 * inputs[0][c][i]);
              outputs[0][c][i] = line.shift()!;
            }
          }
          return LATENCY;
        },
      };
    },
  });
  const processor = plugin.activate(processSetup(manifest, { sampleRateHz: RATE_HZ, maxFrames: MAX_FRAMES }));
  const port = (node: string, name: string) => ({ node, port: name });
  const graph: GraphDescription = {
    nodes: [
      { kind: "input", id: "in", channels: 2 },
      { kind: "plugin", id: "late", plugin: manifest.id, params: {}, channels: 2, bypassed },
      { kind: "output", id: "out", channels: 2 },
    ],
    edges: [
      { from: port("in", "out"), to: port("late", "in") },
      { from: port("late", "out"), to: port("out", "in") },
    ],
  };
  const processors = new Map([["late", { manifest, processor }]]);
  return Engine.create(module, graph, { sampleRateHz: RATE_HZ, maxFrames: MAX_FRAMES, processors });
}

/** What comes out for a ramp 1, 2, 3 … where `at` says what happens before a frame. */
function play(
  engine: Engine,
  blocks: readonly number[],
  total: number,
  at: ReadonlyMap<number, () => void>,
): number[] {
  const heard: number[] = [];
  for (let k = 0; heard.length < total; k++) {
    const from = heard.length;
    at.get(from)?.();
    const next = [...at.keys()].find((frame) => frame > from) ?? total;
    const frames = Math.min(blocks[k % blocks.length], next - from, total - from);
    for (const channel of engine.inputs.get("in")!)
      for (let i = 0; i < frames; i++) channel[i] = from + i + 1;
    engine.run(frames);
    heard.push(...engine.outputs.get("out")![0].subarray(0, frames));
  }
  return heard;
}

const late = (frame: number) => Math.max(0, frame + 1 - LATENCY);

describe.each([[[512]], [[1]], [[7, 64, 333]]])("in blocks of %j", (blocks) => {
  test("the change takes 10 ms on a straight line, in time with the dry signal, and back", () => {
    const engine = engineWith(false);
    const on = () => engine.setBypass("late", true);
    const off = () => engine.setBypass("late", false);
    const heard = play(
      engine,
      blocks,
      3000,
      new Map([
        [1000, on],
        [2000, off],
      ]),
    );
    for (let i = 0; i < 3000; i++) {
      const gone =
        i < 1000
          ? 0
          : i < 2000
            ? Math.min(1, (i - 1000) / FADE_FRAMES)
            : 1 - Math.min(1, (i - 2000) / FADE_FRAMES);
      const expected = late(i) * (gone + -2 * (1 - gone));
      expect(Math.abs(heard[i] - expected), `frame ${i}`).toBeLessThan(2e-3);
    }
  });

  test("a plugin that begins bypassed is its input to the bit, late by its latency", () => {
    const heard = play(engineWith(true), blocks, 1000, new Map());
    for (let i = 0; i < 1000; i++) expect(heard[i], `frame ${i}`).toBe(late(i));
  });
});

test("toggled before every block, nothing jumps", () => {
  const engine = engineWith(false);
  let on = false;
  const toggle = () => {
    on = !on;
    engine.setBypass("late", on);
  };
  const at = new Map(Array.from({ length: 60 }, (_, k): [number, () => void] => [200 + 50 * k, toggle]));
  const heard = play(engine, [512], 3400, at);
  // The ramp of the signal itself moves by 2 a frame, and the fade by 3/480 of it.
  for (let i = 1; i < 3400; i++)
    expect(Math.abs(heard[i] - heard[i - 1]), `frame ${i}`).toBeLessThan(2 + (3 / FADE_FRAMES) * late(i) + 1);
});

test("only plugins are bypassed", () => {
  expect(() => engineWith(false).setBypass("in", true)).toThrow('there is no plugin "in" in the graph');
});
