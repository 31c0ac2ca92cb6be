/** Ways back: the only cycles there may be, as long as they say in any block, whatever latency lies on the loop. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Engine, engineUrl, type GraphDescription } from "../src/index.ts";
import { lateGain } from "./late-gain.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const FRAMES = 1500;

const edge = (from: string, to: string, feedbackFrames?: number) => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
  ...(feedbackFrames !== undefined && { feedbackFrames }),
});

/** in → sum → late gain of 1/2 → out, and back to the sum. */
function echo(latencyFrames: number, feedbackFrames: number) {
  const graph: GraphDescription = {
    nodes: [
      { kind: "input", id: "in", channels: 2 },
      { kind: "sum", id: "sum", channels: 2 },
      { kind: "plugin", id: "half", plugin: "test.late.gain", params: {}, channels: 2 },
      { kind: "output", id: "out", channels: 2 },
    ],
    edges: [edge("in", "sum"), edge("half", "sum", feedbackFrames), edge("sum", "half"), edge("half", "out")],
  };
  const processors = new Map([["half", lateGain(latencyFrames, 1024)]]);
  return Engine.create(module, graph, { sampleRateHz: 48_000, maxFrames: 1024, processors });
}

function impulseResponse(engine: Engine, block: number): Float32Array {
  const heard = new Float32Array(FRAMES);
  for (let at = 0; at < FRAMES; at += block) {
    const frames = Math.min(block, FRAMES - at);
    for (const channel of engine.inputs.get("in")!) {
      channel.fill(0);
      if (at === 0) channel[0] = 1;
    }
    engine.run(frames);
    heard.set(engine.outputs.get("out")![0].subarray(0, frames), at);
  }
  return heard;
}

test.each([1, 7, 64, 128, 480, 1024])("echoes come where they should, in blocks of %i", (block) => {
  for (const [latency, feedback] of [
    [0, 100],
    [0, 1],
    [37, 100],
    [99, 100],
  ]) {
    const heard = impulseResponse(echo(latency, feedback), block);
    for (let i = 0; i < FRAMES; i++) {
      const turns = (i - latency) / feedback;
      const expected = Number.isInteger(turns) && turns >= 0 ? Math.fround(0.5 ** (turns + 1)) : 0;
      // Halves are exact, down to the smallest f32.
      if (heard[i] !== expected)
        throw new Error(`latency ${latency}, back ${feedback}, frame ${i}: ${heard[i]}`);
    }
  }
});

test("a way back that is no longer than the latency of its loop is refused with both figures", () => {
  expect(() => echo(100, 100)).toThrow(
    "the way back half:out -> sum:in has 100 frames, but what is on the loop takes 100: give it more than 100",
  );
});

test("a cycle through a way back and another without is refused with its path", () => {
  const nodes = ["a", "b", "c"].map((id) => ({ kind: "sum", id, channels: 2 }) as const);
  const edges = [edge("a", "b"), edge("b", "a", 10), edge("b", "c"), edge("c", "a")];
  const create = () =>
    Engine.create(module, { nodes, edges }, { sampleRateHz: 48_000, maxFrames: 8, processors: new Map() });
  expect(create).toThrow(/a cycle: a -> b -> c -> a\./);
});
