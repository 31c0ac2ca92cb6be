/** Graphs behind latency along songs with jumps, held against the same graphs along the song unrolled. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type AutomationLane, Engine, engineUrl, type GraphDescription } from "../src/index.ts";
import { evaluate, laneAt } from "./evaluator.ts";
import { lateGain } from "./late-gain.ts";
import { type Case, cases, FRAMES, MAX_FRAMES, processorsOf, sources } from "./random-graphs.ts";
import { blockSizes, loopWalk, play, songFrame, unrolled, type Walk, walks } from "./song-walk.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const STRAIGHT: Walk = { start: 0, jumps: [] };

type Outputs = ReadonlyMap<string, readonly Float32Array[]>;

function create({ graph, latencies }: Case): Engine {
  return Engine.create(module, graph, {
    sampleRateHz: 48_000,
    maxFrames: MAX_FRAMES,
    processors: processorsOf({ graph, latencies }),
  });
}

function along(engine: Engine, walk: Walk, blocks: readonly number[]): Outputs {
  const outputs = new Map(
    [...engine.outputs].map(([id, channels]) => [id, channels.map(() => new Float32Array(FRAMES))]),
  );
  const feed = (clock: number, frames: number) => {
    for (const [id, channels] of engine.inputs)
      for (const [c, channel] of channels.entries())
        channel.set(sources.get(id)![c].subarray(clock, clock + frames));
  };
  play(engine, walk, FRAMES, blocks, feed, (clock, frames) => {
    for (const [id, channels] of outputs)
      for (const [c, channel] of channels.entries())
        channel.set(engine.outputs.get(id)![c].subarray(0, frames), clock);
  });
  return outputs;
}

function expectSame(
  actual: Outputs,
  expected: ReadonlyMap<string, readonly ArrayLike<number>[]>,
  tolerance = 0,
): void {
  for (const [id, channels] of expected)
    for (const [c, channel] of channels.entries())
      for (let i = 0; i < FRAMES; i++) {
        const got = actual.get(id)![c][i];
        if (tolerance === 0 ? Object.is(got, channel[i]) : Math.abs(got - channel[i]) <= tolerance) continue;
        throw new Error(`output ${id}, channel ${c}, frame ${i}: ${got} instead of ${channel[i]}`);
      }
}

test("a graph along a song with jumps computes what its description says of the song unrolled", () => {
  fc.assert(
    fc.property(cases, walks(FRAMES), blockSizes, (one, walk, blocks) => {
      const expected = evaluate({ ...one, graph: unrolled(one.graph, walk, FRAMES, laneAt) });
      // A loop that grows without end says nothing.
      fc.pre(expected.peak < 1000);
      expectSame(along(create(one), walk, blocks), expected.outputs, 2e-5 * Math.max(1, expected.peak));
    }),
    { numRuns: 150 },
  );
});

test("and gives the bits of the engine's own render of the song unrolled", () => {
  fc.assert(
    fc.property(cases, walks(FRAMES), blockSizes, (any, walk, blocks) => {
      const one = { ...any, graph: rational(any.graph) };
      const straight = { ...one, graph: unrolled(one.graph, walk, FRAMES, rationalAt) };
      expectSame(along(create(one), walk, blocks), along(create(straight), STRAIGHT, [512]));
    }),
    { numRuns: 150 },
  );
});

test("any blocks give the same bits along it, one frame at a time too, and from the start again after a reset", () => {
  fc.assert(
    fc.property(cases, walks(FRAMES), blockSizes, (one, walk, blocks) => {
      const whole = along(create(one), walk, [512]);
      const engine = create(one);
      expectSame(along(engine, walk, blocks), whole);
      engine.reset();
      expectSame(along(engine, walk, [1]), whole);
      engine.reset();
      expectSame(along(engine, walk, [333]), whole);
    }),
    { numRuns: 100 },
  );
});

test("sends of other latencies meet as the song says, and the fader behind them is that of the song heard", () => {
  const port = (node: string, name: string) => ({ node, port: name });
  const edge = (from: string, to: string) => ({ from: port(from, "out"), to: port(to, "in") });
  const fader = (id: string) => ({ kind: "gain", id, channels: 2, gainDb: 0 }) as const;
  const late = (id: string) =>
    ({ kind: "plugin", id, plugin: "test.late.gain", params: {}, channels: 2 }) as const;
  const lane = (node: string, param: string, values: readonly number[]): AutomationLane => ({
    node,
    param,
    points: values.map((value, i) => ({ frame: 90 * i, value, curve: i % 2 === 0 ? "linear" : "s-curve" })),
  });
  const graph: GraphDescription = {
    nodes: [
      { kind: "input", id: "b", channels: 2 },
      fader("near"),
      late("short"),
      fader("far"),
      late("long"),
      { kind: "sum", id: "bus", channels: 2 },
      { kind: "pan", id: "pan", channels: 2, pan: 0, law: "balance" },
      fader("all"),
      { kind: "output", id: "out", channels: 2 },
    ],
    edges: [
      edge("b", "near"),
      edge("near", "short"),
      edge("b", "far"),
      edge("far", "long"),
      edge("short", "bus"),
      edge("long", "bus"),
      edge("bus", "pan"),
      edge("pan", "all"),
      edge("all", "out"),
    ],
    lanes: [
      lane("near", "gainDb", [-12, 0, -30, -3]),
      lane("far", "gainDb", [0, -20, -5, -40]),
      lane("all", "gainDb", [-40, 0, -10, -2]),
      lane("pan", "pan", [-1, 1, 0.5, -0.5]),
    ],
  };
  const latencies = new Map([
    ["short", 23],
    ["long", 131],
  ]);
  const at = (node: string, frame: number) => laneAt(graph.lanes!.find((l) => l.node === node)!, frame);
  const gain = (node: string, frame: number) => 10 ** (at(node, frame) / 20);
  // A loop shorter than the latency: two jumps are on their way at a time.
  const walk = loopWalk(40, 71, 137, FRAMES);
  const processors = new Map([...latencies].map(([id, frames]) => [id, lateGain(frames, MAX_FRAMES)]));
  const engine = Engine.create(module, graph, { sampleRateHz: 48_000, maxFrames: MAX_FRAMES, processors });
  const heard = along(engine, walk, [100]).get("out")!;
  for (let i = 0; i + 131 < FRAMES; i++) {
    const frame = songFrame(walk, i);
    const sum = 0.5 * (gain("near", frame) + gain("far", frame)) * gain("all", frame);
    const sides = [Math.min(1, 1 - at("pan", frame)), Math.min(1, 1 + at("pan", frame))];
    for (const [c, side] of sides.entries())
      expect(heard[c][i + 131], `frame ${i}, channel ${c}`).toBeCloseTo(
        sum * side * sources.get("b")![c][i],
        6,
      );
  }
});

/** Without exponential curves: the others are sums and products, which are the same bits in any language. */
function rational(graph: GraphDescription): GraphDescription {
  const lanes = (graph.lanes ?? []).map((lane) => ({
    ...lane,
    points: lane.points.map((point) => ({
      ...point,
      curve: point.curve === "exponential" ? ("linear" as const) : point.curve,
    })),
  }));
  return { ...graph, lanes };
}

/** The formulas of assembly/lane.ts, in their order of operations. */
function rationalAt({ points }: AutomationLane, frame: number): number {
  const [k, value] = [points.findLastIndex((p) => p.frame <= frame), (i: number) => points[i].value ?? -144];
  if (k < 0 || k + 1 === points.length || points[k].curve === "hold") return value(Math.max(0, k));
  const t = (frame - points[k].frame) / (points[k + 1].frame - points[k].frame);
  const rise = value(k + 1) - value(k);
  return value(k) + (points[k].curve === "linear" ? rise * t : rise * t * t * (3 - 2 * t));
}
