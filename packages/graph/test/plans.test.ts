/**
 * Random graphs against a second opinion: a float64 evaluator that works on whole signals, straight from the
 * description, and knows nothing of plans, buffers or blocks.
 */
import { readFileSync } from "node:fs";
import { type Block, type Manifest, ModulePlugin, processSetup } from "@gainstage/plugin-api";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  Engine,
  engineUrl,
  type GraphDescription,
  type GraphEdge,
  type GraphNode,
  type ProcessorNode,
  partition,
  shapesOf,
} from "../src/index.ts";
import { compensate } from "../src/latency.ts";

const FRAMES = 700;
const module = new WebAssembly.Module(readFileSync(engineUrl));

/** Late by its parameter, and half as loud: enough to see whether compensation is right. */
function lateGain(latencyFrames: number): ProcessorNode {
  const manifest: Manifest = {
    api: "0.1",
    id: "test.late.gain",
    name: "Late gain",
    vendor: "test",
    version: "0.0.1",
    features: ["utility"],
    entry: { module: "none.js" },
    params: [],
    inputs: [
      { id: "in", name: "In", role: "main", layouts: ["stereo"] },
      { id: "key", name: "Key", role: "sidechain", layouts: ["stereo"] },
    ],
    outputs: [{ id: "out", name: "Out", role: "main", layouts: ["stereo"] }],
  };
  const plugin = new ModulePlugin(manifest, {
    activate: () => {
      let line: [number, number][] = Array.from({ length: latencyFrames }, () => [0, 0]);
      return {
        latencyFrames,
        tailFrames: 0,
        reset: () => {
          line = Array.from({ length: latencyFrames }, () => [0, 0]);
        },
        process: (block: Block) => {
          const { frames } = block;
          const [[l, r], [kl, kr]] = block.inputs;
          const [[ol, or]] = block.outputs;
          for (let i = 0; i < frames; i++) {
            line.push([0.5 * l[i] + 0.25 * kl[i], 0.5 * r[i] + 0.25 * kr[i]]);
            [ol[i], or[i]] = line.shift()!;
          }
          return 0;
        },
      };
    },
  });
  return {
    manifest,
    processor: plugin.activate(
      processSetup(manifest, { sampleRateHz: 48_000, maxFrames: 512, connected: ["key"] }),
    ),
  };
}

interface Case {
  readonly graph: GraphDescription;
  readonly latencies: ReadonlyMap<string, number>;
}

/** Edges only go to later nodes, so there is no cycle; the order in the description is then shuffled. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    nodes: fc.array(
      fc.record({
        kind: fc.constantFrom("gain", "send", "pan", "sum", "delay", "meter", "plugin"),
        channels: fc.constantFrom(1 as const, 2 as const),
        value: fc.double({ min: -1, max: 1, noNaN: true }),
        frames: fc.integer({ min: 0, max: 40 }),
        from: fc.array(fc.nat(1000), { maxLength: 4 }),
        key: fc.option(fc.nat(1000)),
      }),
      { minLength: 1, maxLength: 24 },
    ),
    outFrom: fc.array(fc.nat(1000), { minLength: 1, maxLength: 5 }),
    order: fc.infiniteStream(fc.nat(1_000_000)),
  })
  .map(({ nodes, outFrom, order }) => {
    const made: GraphNode[] = [
      { kind: "input", id: "a", channels: 1 },
      { kind: "input", id: "b", channels: 2 },
    ];
    const edges: GraphEdge[] = [];
    const latencies = new Map<string, number>();
    const connect = (from: number, id: string, port: string) =>
      edges.push({ from: { node: made[from % made.length].id, port: "out" }, to: { node: id, port } });
    for (const [i, spec] of nodes.entries()) {
      const id = `n${i}`;
      for (const from of spec.from) connect(from, id, "in");
      if (spec.kind === "plugin" && spec.key !== null) connect(spec.key, id, "key");
      made.push(nodeOf(id, spec));
      if (spec.kind === "plugin") latencies.set(id, spec.frames);
    }
    for (const from of outFrom) connect(from, "out", "in");
    made.push({ kind: "output", id: "out", channels: 2 });
    const keys = new Map(made.map((node) => [node, order.next().value as number]));
    const shuffled = [...made].sort((x, y) => keys.get(x)! - keys.get(y)!);
    return { graph: { nodes: shuffled, edges }, latencies };
  });

function nodeOf(
  id: string,
  spec: { kind: string; channels: 1 | 2; value: number; frames: number },
): GraphNode {
  const { channels, value, frames } = spec;
  switch (spec.kind) {
    case "gain":
    case "send":
      return { kind: spec.kind, id, channels, gainDb: value < -0.9 ? null : value * 20, invert: value > 0.5 };
    case "pan":
      return { kind: "pan", id, channels, pan: value, law: frames % 2 === 0 ? "-3dB" : "-6dB" };
    case "delay":
      return { kind: "delay", id, channels, delayFrames: frames };
    case "plugin":
      return { kind: "plugin", id, plugin: "test.late.gain", params: {}, channels: 2 };
    default:
      return { kind: spec.kind as "sum" | "meter", id, channels };
  }
}

type Signal = Float64Array[];
const late = (signal: Signal, frames: number): Signal =>
  signal.map((x) => Float64Array.from(x, (_, i) => (i >= frames ? x[i - frames] : 0)));

/** The output by definition, aligned, latency left in. */
function evaluate({ graph, latencies }: Case, sources: ReadonlyMap<string, Float32Array[]>): Signal {
  const arrival = new Map<string, number>();
  const done = new Map<string, Signal>();
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const inLatency = (id: string): number => {
    const known = arrival.get(id);
    if (known !== undefined) return known;
    const from = graph.edges.filter((e) => e.to.node === id).map((e) => e.from.node);
    const value = Math.max(0, ...from.map((f) => inLatency(f) + (latencies.get(f) ?? 0)));
    arrival.set(id, value);
    return value;
  };
  const port = (id: string, name: string, channels: number): Signal => {
    const sum: Signal = Array.from({ length: channels }, () => new Float64Array(FRAMES));
    for (const { from, to } of graph.edges) {
      if (to.node !== id || to.port !== name) continue;
      const wait = inLatency(id) - inLatency(from.node) - (latencies.get(from.node) ?? 0);
      const x = late(signal(from.node), wait);
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < FRAMES; i++) {
          sum[c][i] += x.length === channels ? x[c][i] : x.length === 1 ? x[0][i] : (x[0][i] + x[1][i]) / 2;
        }
      }
    }
    return sum;
  };
  const signal = (id: string): Signal => {
    const known = done.get(id);
    if (known) return known;
    const value = compute(byId.get(id)!);
    done.set(id, value);
    return value;
  };
  const compute = (node: GraphNode): Signal => {
    if (node.kind === "input") return sources.get(node.id)!.map((x) => Float64Array.from(x));
    const x = port(node.id, "in", node.channels);
    switch (node.kind) {
      case "gain":
      case "send": {
        const gain = (node.gainDb === null ? 0 : 10 ** (node.gainDb / 20)) * (node.invert ? -1 : 1);
        return x.map((channel) => channel.map((v) => v * gain));
      }
      case "pan": {
        const left = (p: number) =>
          node.channels === 2
            ? Math.min(1, 1 - p)
            : node.law === "-3dB"
              ? Math.cos(((p + 1) * Math.PI) / 4)
              : (1 - p) / 2;
        return [x[0].map((v) => v * left(node.pan)), (x[1] ?? x[0]).map((v) => v * left(-node.pan))];
      }
      case "delay":
        return late(x, node.delayFrames);
      case "plugin": {
        const key = port(node.id, "key", 2);
        return late(
          x.map((channel, c) => channel.map((v, i) => 0.5 * v + 0.25 * key[c][i])),
          latencies.get(node.id)!,
        );
      }
      default:
        return x;
    }
  };
  return signal("out");
}

const sources = new Map([
  ["a", [Float32Array.from({ length: FRAMES }, (_, i) => Math.sin(i * 0.7) + (i === 3 ? 1 : 0))]],
  ["b", [0, 1].map((c) => Float32Array.from({ length: FRAMES }, (_, i) => Math.cos(i * (0.3 + c)) * 0.5))],
]);

function processorsOf({ latencies }: Case): Map<string, ProcessorNode> {
  return new Map([...latencies].map(([id, frames]) => [id, lateGain(frames)]));
}

function render(engine: Engine, blocks: readonly number[]): Float32Array[] {
  const output = [new Float32Array(FRAMES), new Float32Array(FRAMES)];
  for (let at = 0, k = 0; at < FRAMES; k++) {
    const frames = Math.min(blocks[k % blocks.length], FRAMES - at);
    for (const [id, channels] of engine.inputs) {
      for (const [c, channel] of channels.entries()) {
        // What lies beyond the block is poison: nothing may read it.
        channel.fill(Number.NaN);
        channel.set(sources.get(id)![c].subarray(at, at + frames));
      }
    }
    engine.run(frames);
    for (const [c, channel] of engine.outputs.get("out")!.entries())
      output[c].set(channel.subarray(0, frames), at);
    at += frames;
  }
  return output;
}

function firstDifference(
  actual: readonly Float32Array[],
  expected: readonly ArrayLike<number>[],
  tolerance: number,
) {
  for (let c = 0; c < 2; c++) {
    for (let i = 0; i < FRAMES; i++) {
      const distance = Math.abs(actual[c][i] - expected[c][i]);
      if (!(distance <= tolerance * Math.max(1, Math.abs(expected[c][i])))) {
        return `channel ${c}, frame ${i}: ${actual[c][i]} instead of ${expected[c][i]}`;
      }
    }
  }
  return undefined;
}

test("a plan computes what its description says, for random graphs with latencies, sums and side chains", () => {
  fc.assert(
    fc.property(cases, (one) => {
      const engine = Engine.create(module, one.graph, {
        sampleRateHz: 48_000,
        maxFrames: 512,
        processors: processorsOf(one),
      });
      expect(firstDifference(render(engine, [512]), evaluate(one, sources), 2e-5)).toBeUndefined();
    }),
    { numRuns: 400 },
  );
});

test("a plan gives the same bits in any blocks, and split over parts", () => {
  fc.assert(
    fc.property(
      cases,
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 }),
      (one, blocks) => {
        const create = () =>
          Engine.create(module, one.graph, {
            sampleRateHz: 48_000,
            maxFrames: 512,
            processors: processorsOf(one),
          });
        const whole = render(create(), [512]);
        expect(firstDifference(render(create(), blocks), whole, 0)).toBeUndefined();
      },
    ),
    { numRuns: 150 },
  );
});

test("parts joined again are the whole: every node is in one part, and what crosses arrives", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 4 }), (one, threads) => {
      const processors = processorsOf(one);
      const shapes = shapesOf(processors);
      const { join, parts } = partition(compensate(one.graph, shapes), shapes, threads);
      const all = [join, ...parts]
        .flatMap((part) => part.nodes.map((node) => node.id))
        .filter((id) => !id.startsWith("cross:"));
      expect(all.sort()).toEqual(one.graph.nodes.map((node) => node.id).sort());
      const sent = parts.flatMap((part) => part.nodes.filter((n) => n.kind === "output").map((n) => n.id));
      const taken = join.nodes
        .filter((n) => n.kind === "input" && n.id.startsWith("cross:"))
        .map((n) => n.id);
      expect(sent.sort()).toEqual(taken.sort());
      // Whatever a part needs is in the part: nothing crosses from one part to another.
      for (const part of parts) {
        const own = new Set(part.nodes.map((node) => node.id));
        for (const edge of part.edges) expect(own.has(edge.from.node) && own.has(edge.to.node)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
