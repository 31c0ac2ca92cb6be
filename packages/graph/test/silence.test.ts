/** Silence is not computed, and nobody can tell; see plans.test.ts for random graphs. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Engine, engineUrl, type GraphNode } from "../src/index.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const FRAMES = 128;

/** in → nodes → out, in blocks of 128 frames. */
function chain(nodes: readonly GraphNode[], skipSilence: boolean): Engine {
  const all: GraphNode[] = [
    { kind: "input", id: "in", channels: 2 },
    ...nodes,
    { kind: "output", id: "out", channels: 2 },
  ];
  const edges = all.slice(1).map(({ id }, i) => ({
    from: { node: all[i].id, port: "out" },
    to: { node: id, port: "in" },
  }));
  const options = { sampleRateHz: 48_000, maxFrames: FRAMES, processors: new Map(), skipSilence };
  return Engine.create(module, { nodes: all, edges }, options);
}

function block(engine: Engine, value: number): number[] {
  for (const channel of engine.inputs.get("in")!) channel.fill(value);
  engine.run(FRAMES);
  return engine.outputs.get("out")!.flatMap((channel) => [...channel]);
}

test("a fader and a pan that are moved in silence go on moving", () => {
  const nodes: GraphNode[] = [
    { kind: "gain", id: "fader", channels: 2, gainDb: -20 },
    { kind: "pan", id: "pan", channels: 2, pan: 0.8, law: "balance" },
  ];
  const [skipping, computing] = [true, false].map((skips) => {
    const engine = chain(nodes, skips);
    block(engine, 0);
    engine.setParam("fader", "gainDb", 0);
    engine.setParam("pan", "pan", -0.5);
    // 384 of the 960 frames of the ramps.
    for (let i = 0; i < 3; i++) block(engine, 0);
    return [block(engine, 1), block(engine, 1)].flat();
  });
  for (let i = 0; i < computing.length; i++) expect(skipping[i], `frame ${i}`).toBe(computing[i]);
  expect(computing[0]).toBeGreaterThan(0.1);
  expect(computing[0]).toBeLessThan(1);
});

test.each([
  ["shut", { kind: "gain", id: "node", channels: 2, gainDb: null }],
  ["turned over", { kind: "gain", id: "node", channels: 2, gainDb: 0, invert: true }],
] as const)("what is %s is +0 where nothing comes in, and never -0", (_, node) => {
  const engine = chain([node], false);
  for (const value of [0, -0]) expect(block(engine, value).every((x) => Object.is(x, 0))).toBe(true);
});
