import { Engine, validateGraph } from "@gainstage/graph";
import { createHost } from "@gainstage/host";
import { expect, test } from "vitest";
import { engineModule } from "../src/ours/one-core.ts";
import { nodeCosts } from "../src/scale/node-cost.ts";
import { mixer } from "../src/scale/plan-time.ts";
import { inTurn } from "../src/scale/repeated.ts";
import { scalarNodes } from "../src/scale/scalar-nodes.ts";
import { scaleText } from "../src/scale/scale-report.ts";

test.each([100, 1000])("the mixer of about %d nodes is a valid graph of about that size", (count) => {
  const graph = mixer(count);
  expect(Math.abs(graph.nodes.length - count)).toBeLessThan(50);
  validateGraph(graph, new Map());
});

test("pieces of work take turns, three rounds more than asked for", () => {
  const ran: string[] = [];
  const taken = inTurn([() => ran.push("a"), () => ran.push("b")], 2);
  expect(ran.join("")).toBe("ababababab");
  expect(taken).toHaveLength(2);
});

test("the plain delay does what the engine's does", () => {
  const frames = 1024;
  const source = Float32Array.from({ length: frames }, (_, i) => Math.sin(i * 0.1));
  const plain = new Float32Array(frames);
  scalarNodes.delay()(source, plain, 0, frames, 0);
  const engine = Engine.create(
    engineModule,
    {
      nodes: [
        { kind: "input", id: "in", channels: 1 },
        { kind: "delay", id: "delay", channels: 1, delayFrames: 480 },
        { kind: "output", id: "out", channels: 1 },
      ],
      edges: [
        { from: { node: "in", port: "out" }, to: { node: "delay", port: "in" } },
        { from: { node: "delay", port: "out" }, to: { node: "out", port: "in" } },
      ],
    },
    { sampleRateHz: 48_000, maxFrames: frames, processors: new Map() },
  );
  engine.inputs.get("in")![0].set(source);
  engine.run(frames);
  const delayed = engine.outputs.get("out")![0];
  for (let i = 0; i < frames; i++) expect(delayed[i], `frame ${i}`).toBe(plain[i]);
});

test("every node of the engine has a cost, and a plain loop beside it", async () => {
  const costs = await nodeCosts(createHost(), 1);
  expect(costs.map(({ what }) => what)).toEqual(["gain", "pan", "delay", "meter", "sum"]);
  for (const { twin } of costs) expect(twin).toBeGreaterThan(0);
  const text = scaleText({
    rounds: 1,
    plans: [],
    nodes: [{ what: "gain", wasm: 0.5, twin: 2 }],
    plugins: [],
    shares: [],
    growth: [],
  });
  expect(text).toMatch(/^gain +0\.50 +2\.00 +4\.0$/m);
});
