/** The audio path takes no memory from JavaScript: the garbage collector would stop it one day. */
import { readFileSync } from "node:fs";
import { bytesAllocatedBy, noise } from "@gainstage/conformance";
import { type Block, type Manifest, ModulePlugin, processSetup } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import { Engine, engineUrl, type GraphDescription, type RuntimeFault } from "../src/index.ts";

const FRAMES = 128;
const BLOCKS = 2000;
/** The profiler's own now and then; one object a block would be 16 bytes or more each time. */
const ALLOWED_BYTES = 4 * BLOCKS;

const manifest: Manifest = {
  api: "1.0",
  id: "com.example.half",
  name: "Half",
  vendor: "Example",
  version: "1.0.0",
  features: ["utility"],
  entry: { module: "half.js" },
  inputs: [{ id: "in", name: "Input", role: "main", layouts: ["stereo"] }],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo"] }],
  params: [{ id: "amount", name: "Amount", unit: "none", min: 0, max: 1, default: 0.5 }],
};

const half = ({ frames, inputs, outputs, params }: Block): number => {
  for (let c = 0; c < 2; c++) {
    for (let i = 0; i < frames; i++) outputs[0][c][i] = params[0] * inputs[0][c][i];
  }
  return 0;
};

const nodes = ["in", "gain", "pan", "delay", "plugin", "meter", "out"];
const graph: GraphDescription = {
  nodes: [
    { kind: "input", id: "in", channels: 2 },
    { kind: "gain", id: "gain", channels: 2, gainDb: -6 },
    { kind: "pan", id: "pan", channels: 2, pan: 0.2, law: "balance" },
    { kind: "delay", id: "delay", channels: 2, delayFrames: 1000 },
    { kind: "plugin", id: "plugin", plugin: manifest.id, channels: 2, params: {} },
    { kind: "meter", id: "meter", channels: 2 },
    { kind: "output", id: "out", channels: 2 },
  ],
  edges: nodes.slice(1).map((to, i) => ({
    from: { node: nodes[i], port: "out" },
    to: { node: to, port: "in" },
  })),
  // In motion all the time: the gain per sample, the plugin in steps that cut its blocks.
  lanes: [
    {
      node: "gain",
      param: "gainDb",
      points: [
        { frame: 0, value: -20, curve: "linear" },
        { frame: 100_000_000, value: 0, curve: "linear" },
      ],
    },
    {
      node: "plugin",
      param: "amount",
      points: [
        { frame: 0, value: 0.1, curve: "s-curve" },
        { frame: 100_000_000, value: 1, curve: "linear" },
      ],
    },
  ],
};

/** The fewest bytes that 2000 blocks take in five attempts: until V8 has optimised a loop, it boxes numbers. */
function bytesOfRunning(process: (block: Block) => number): number {
  const faults: RuntimeFault[] = [];
  const plugin = new ModulePlugin(manifest, {
    activate: () => ({ latencyFrames: 64, tailFrames: 0, reset() {}, process }),
  });
  const processor = plugin.activate(processSetup(manifest, { sampleRateHz: 48_000, maxFrames: FRAMES }));
  const engine = Engine.create(new WebAssembly.Module(readFileSync(engineUrl)), graph, {
    sampleRateHz: 48_000,
    maxFrames: FRAMES,
    processors: new Map([["plugin", { manifest, processor }]]),
    onFault: (fault) => faults.push(fault),
  });
  const inputs = engine.inputs.get("in")!;
  for (const [c, channel] of inputs.entries()) channel.set(noise(FRAMES, c + 1));
  const run = () => {
    for (let k = 0; k < BLOCKS; k++) engine.run(FRAMES);
  };
  let bytes = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && bytes > ALLOWED_BYTES; attempt++) {
    run();
    bytes = Math.min(bytes, bytesAllocatedBy(run));
  }
  expect(faults).toEqual([]);
  expect(engine.readMeter("meter").peak[0]).toBeGreaterThan(0);
  return bytes;
}

let kept: Float32Array | undefined;

describe("running a graph of gain, pan, delay, plugin and meter, two of them automated", () => {
  test("allocates nothing", () => {
    expect(bytesOfRunning(half)).toBeLessThanOrEqual(ALLOWED_BYTES);
  });

  test("would be found out if it did: a plugin that takes a subarray at every call is", () => {
    const bytes = bytesOfRunning((block) => {
      kept = block.inputs[0][0].subarray(0, block.frames);
      return half(block);
    });
    expect(bytes).toBeGreaterThan(16 * BLOCKS);
    expect(kept).toBeInstanceOf(Float32Array);
  });
});
