/** A plugin that fails when it is told to, alone in an engine, and what is to be heard of it. */
import { readFileSync } from "node:fs";
import { type Block, type Manifest, ModulePlugin, processSetup } from "@gainstage/plugin-api";
import { expect } from "vitest";
import {
  Engine,
  type EngineOptions,
  engineUrl,
  type GraphDescription,
  type ProcessorNode,
  type RuntimeFault,
} from "../src/index.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
export const FRAMES = 480;
/** 5 ms at 48 kHz. */
export const FADE = 240;

export const manifest: Manifest = {
  api: "1.0",
  id: "test.fragile.plugin",
  name: "Fragile",
  vendor: "test",
  version: "0.0.1",
  features: ["utility"],
  entry: { module: "none.js" },
  params: [{ id: "level", name: "Level", unit: "none", min: 0, max: 1, default: 1 }],
  inputs: [{ id: "in", name: "In", role: "main", layouts: ["mono"] }],
  outputs: [
    { id: "out", name: "Out", role: "main", layouts: ["mono"] },
    { id: "aux", name: "Aux", role: "sidechain", layouts: ["mono"] },
  ],
};

export interface Behaviour {
  readonly latencyFrames?: number;
  readonly onFault?: "bypass" | "silence";
  readonly maxFrames?: number;
  reset?(): void;
  /** Called before each block with the frames done so far; may throw or spoil the output afterwards. */
  before?(done: number, frames: number): void;
  after?(block: Block, done: number): void;
}

/** Puts out 0.5 × its input at once, and 0.25 × at "aux", whatever latency it declares. */
export function fragile({
  latencyFrames = 0,
  onFault = "bypass",
  maxFrames = FRAMES,
  ...does
}: Behaviour): ProcessorNode {
  let done = 0;
  const own: Manifest = { ...manifest, onFault };
  const plugin = new ModulePlugin(own, {
    activate: () => ({
      latencyFrames,
      tailFrames: 0,
      reset: () => does.reset?.(),
      process: (block: Block) => {
        does.before?.(done, block.frames);
        for (let i = 0; i < block.frames; i++) {
          block.outputs[0][0][i] = 0.5 * block.inputs[0][0][i];
          block.outputs[1][0][i] = 0.25 * block.inputs[0][0][i];
        }
        does.after?.(block, done);
        done += block.frames;
        return 0;
      },
    }),
  });
  return {
    manifest: own,
    processor: plugin.activate(processSetup(own, { sampleRateHz: 48_000, maxFrames })),
  };
}

export function graphOf(output: "out" | "aux", cuts: readonly number[] = []): GraphDescription {
  return {
    nodes: [
      { kind: "input", id: "in", channels: 1 },
      { kind: "plugin", id: "p", plugin: manifest.id, channels: 1, params: {} },
      { kind: "output", id: "out", channels: 1 },
    ],
    edges: [
      { from: { node: "in", port: "out" }, to: { node: "p", port: "in" } },
      { from: { node: "p", port: output }, to: { node: "out", port: "in" } },
    ],
    lanes:
      cuts.length === 0
        ? []
        : [
            {
              node: "p",
              param: "level",
              points: cuts.map((frame, i) => ({ frame, value: i % 2, curve: "hold" as const })),
            },
          ],
  };
}

export function start(node: ProcessorNode, graph = graphOf("out"), options: Partial<EngineOptions> = {}) {
  const faults: RuntimeFault[] = [];
  const engine = Engine.create(module, graph, {
    sampleRateHz: 48_000,
    maxFrames: FRAMES,
    processors: new Map([["p", node]]),
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  /** Frames `at` on of the ramp x[n] = 1 + n / 1000 in, the output out. */
  const run = (at: number, frames = FRAMES) => {
    engine.inputs.get("in")![0].set(Float32Array.from({ length: frames }, (_, i) => input(at + i)));
    engine.run(frames);
    return engine.outputs.get("out")![0].slice(0, frames);
  };
  return { engine, faults, run };
}

export const input = (n: number) => (n < 0 ? 0 : 1 + n / 1000);

/** The fade from `last` into what replaces the plugin, from the first frame of the fault on. */
export const faded = (i: number, last: number, dry: number) => {
  const old = Math.max(0, 1 - i / FADE);
  return last * old + dry * (1 - old);
};

export function sameWithin(actual: Float32Array, expected: (i: number) => number): void {
  for (let i = 0; i < actual.length; i++) {
    expect(Math.abs(actual[i] - expected(i)), `frame ${i}: ${actual[i]} for ${expected(i)}`).toBeLessThan(
      1e-6,
    );
  }
}

export const trapAt = (frame: number): Behaviour => ({
  before: (done) => {
    if (done === frame) throw new Error("trap");
  },
});
