/**
 * What breaks schedulers, case by case. Loops by feedback are in feedback.test.ts, bypass in bypass.test.ts, edits in
 * edits.test.ts, rest and wakening in sleep.test.ts, automation and blocks in plans.test.ts.
 */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { transition } from "../src/changing/transition.ts";
import { inputPorts } from "../src/description/graph.ts";
import {
  Edits,
  Engine,
  engineUrl,
  flatten,
  type GraphDescription,
  type GraphEdge,
  type GraphNode,
  type NestedGraph,
  shapesOf,
  validateGraph,
} from "../src/index.ts";
import { compensate } from "../src/planning/latency.ts";
import { lower } from "../src/planning/lowering.ts";
import { lateGain } from "./late-gain.ts";
import { verifyPlan } from "./plan-verifier.ts";
import { cases, FRAMES, processorsOf, sources } from "./random-graphs.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const RATE_HZ = 48_000;

const edge = (from: string, to: string, out = "out", into = "in"): GraphEdge => ({
  from: { node: from, port: out },
  to: { node: to, port: into },
});
const gain = (id: string, gainDb = 0, channels = 2): GraphNode => ({ kind: "gain", id, channels, gainDb });
const late = (id: string): GraphNode => ({
  kind: "plugin",
  id,
  plugin: "test.late.gain",
  params: {},
  channels: 2,
});
const input: GraphNode = { kind: "input", id: "in", channels: 2 };
const output: GraphNode = { kind: "output", id: "out", channels: 2 };

const create = (graph: NestedGraph, processors = new Map(), maxFrames = 512) =>
  Engine.create(module, graph, { sampleRateHz: RATE_HZ, maxFrames, processors });

describe("1: latencies", () => {
  test("an impulse through 0, 64 and 2048 frames, a send and a return, and a side chain is one sample at the end", () => {
    const latencies = { dry: 0, short: 64, long: 2048, verb: 300, keyed: 10 };
    const nodes = [input, ...Object.keys(latencies).map(late), gain("send", 20 * Math.log10(0.5)), output];
    const edges = [
      ...["dry", "short", "long"].flatMap((id) => [edge("in", id), edge(id, "out")]),
      // From behind the longest, so that what comes back is later than everything.
      edge("long", "send"),
      edge("send", "verb"),
      edge("verb", "out"),
      edge("in", "keyed"),
      edge("verb", "keyed", "out", "key"),
      edge("keyed", "out"),
    ];
    const processors = new Map(Object.entries(latencies).map(([id, frames]) => [id, lateGain(frames, 512)]));
    const engine = create({ nodes, edges }, processors);
    expect(engine.latencyFrames).toBe(2048 + 300 + 10);
    const heard: number[] = [];
    for (let at = 0; at < 4096; at += 512) {
      for (const channel of engine.inputs.get("in")!) channel.fill(0);
      if (at === 0) for (const channel of engine.inputs.get("in")!) channel[0] = 1;
      engine.run(512);
      heard.push(...engine.outputs.get("out")![0]);
    }
    // Half through each plugin: 3/2, the send 1/2 · 1/2 · 1/2, keyed 1/2 and a quarter of the send.
    const total = 3 * 0.5 + 0.125 + 0.5 + 0.25 * 0.125;
    for (const [i, x] of heard.entries()) expect(x, `frame ${i}`).toBe(i === 2358 ? total : 0);
  });
});

describe("2: cycles are refused with their path", () => {
  const nodes = [input, gain("a"), gain("b"), gain("c"), gain("d"), late("p"), output];
  const refuse = (edges: readonly GraphEdge[]) => () =>
    validateGraph({ nodes, edges }, shapesOf(new Map([["p", lateGain(0, 8)]])));

  test.each([
    ["a node to itself", [edge("a", "a")], "a cycle: a -> a."],
    ["two nodes", [edge("a", "b"), edge("b", "a")], "a cycle: a -> b -> a."],
    ["a side chain", [edge("p", "a"), edge("a", "p", "out", "key")], /a cycle: (a -> p -> a|p -> a -> p)\./],
    [
      "two loops that share a node",
      [edge("a", "b"), edge("b", "a"), edge("b", "c"), edge("c", "d"), edge("d", "b")],
      /a cycle: (a -> b -> a|b -> c -> d -> b)\./,
    ],
  ])("%s", (_, edges, message) => {
    expect(refuse(edges)).toThrow(message);
  });

  test("through the boundary of a sub-graph", () => {
    const inner: NestedGraph = {
      nodes: [input, gain("g"), output],
      edges: [edge("in", "g"), edge("g", "out")],
    };
    const graph: NestedGraph = {
      nodes: [gain("a"), { kind: "graph", id: "sub", graph: inner }],
      edges: [edge("a", "sub", "out", "in"), edge("sub", "a", "out", "in")],
    };
    expect(() => validateGraph(flatten(graph), new Map())).toThrow(/a cycle: .*sub\/g/);
  });
});

test("3: the latency of one of 64 tracks goes 0, 512, 100, 0 while they play, and no step is larger than a fade's", () => {
  const tracks = Array.from({ length: 64 }, (_, i) => `t${i}`);
  let version = 0;
  const song = (id: string, frames: number) => {
    const nodes = [input, ...tracks.map((track) => gain(track, -20 * Math.log10(64))), late(id), output];
    const edges = tracks.flatMap((track, i) =>
      i === 7
        ? [edge("in", track), edge(track, id), edge(id, "out")]
        : [edge("in", track), edge(track, "out")],
    );
    return { graph: { nodes, edges }, processors: new Map([[id, lateGain(frames, 128)]]) };
  };
  const first = song("p0", 0);
  const engine = create(first.graph, first.processors, 128);
  const edits = new Edits(engine, first.graph, first.processors, { sampleRateHz: RATE_HZ, maxFrames: 128 });
  const heard: number[] = [];
  let at = 0;
  const play = (frames: number) => {
    for (const end = at + frames; at < end; at += 128) {
      for (const channel of engine.inputs.get("in")!)
        for (let i = 0; i < 128; i++) channel[i] = Math.sin((at + i) * 0.005);
      edits.run(128);
      heard.push(...engine.outputs.get("out")![0]);
      edits.tend();
    }
  };
  play(1280);
  for (const frames of [512, 100, 0]) {
    version++;
    const { graph, processors } = song(`p${version}`, frames);
    edits.edit(graph, processors);
    expect(engine.latencyFrames).toBe(frames);
    play(4096);
    expect(edits.isSettled).toBe(true);
  }
  // The sine itself moves by 0.005 a frame; while it fades, by what lies between two of it over 960 frames.
  for (let i = 1; i < heard.length; i++)
    expect(Math.abs(heard[i] - heard[i - 1]), `frame ${i}`).toBeLessThan(0.005 + 2.1 / 960);
});

test("5: the plan of a graph on its way to another hands every node what both descriptions say", () => {
  fc.assert(
    fc.property(cases, cases, (first, second) => {
      const [old, now] = [first, second].map((one) => shapesOf(processorsOf(one)));
      const [before, after] = [compensate(first.graph, old), compensate(second.graph, now)];
      const shapes = new Map([...old, ...now]);
      const made = transition(before, after, {
        channelsInto: (node, port) =>
          inputPorts(node, shapes).find(({ id }) => id === port)?.channels ?? node.channels,
        latencyFrames: ({ id }) => now.get(id)?.latencyFrames ?? 0,
        goesOn: () => false,
      });
      if (!made) return;
      for (const [own, id] of made.graph.before ?? []) if (old.has(id)) shapes.set(own, old.get(id)!);
      verifyPlan(lower(made.graph, shapes), made.graph, shapes);
    }),
    { numRuns: 1000 },
  );
});

describe("7: ports and buffers", () => {
  const verify = (nodes: readonly GraphNode[], edges: readonly GraphEdge[]) => {
    const shapes = shapesOf(new Map([["p", lateGain(0, 8)]]));
    const graph = compensate({ nodes: [input, late("p"), ...nodes, output], edges }, shapes);
    verifyPlan(lower(graph, shapes), graph, shapes);
    return lower(graph, shapes);
  };
  test("nodes without inputs and without outputs, and ports that nobody is at", () => {
    verify([gain("lonely"), gain("deaf")], [edge("deaf", "out"), edge("in", "lonely")]);
  });
  test("one source at two ports of a node, and twice at one", () => {
    verify(
      [],
      [edge("in", "p"), edge("in", "p", "out", "key"), edge("in", "p"), edge("p", "out"), edge("p", "out")],
    );
  });
  test("a hundred listeners to one, each of which writes: none of them to what the others hear", () => {
    const ids = Array.from({ length: 100 }, (_, i) => `g${i}`);
    verify(
      ids.map((id) => gain(id, -3)),
      ids.flatMap((id) => [edge("in", id), edge(id, "out")]),
    );
  });
  test("mono to 5.1 to stereo", () => {
    const plan = verify(
      [gain("m", 0, 1), gain("six", 0, 6)],
      [edge("in", "m"), edge("m", "six"), edge("six", "out")],
    );
    expect(Math.max(...plan.bufferWidths)).toBe(6);
  });
});

test("8: the order in which nodes are listed and what they are called change no bit", () => {
  fc.assert(
    fc.property(cases, fc.infiniteStream(fc.nat(1_000_000)), (one, numbers) => {
      const keys = new Map(one.graph.nodes.map((node) => [node.id, numbers.next().value as number]));
      const isOpen = (id: string) => one.graph.nodes.some((node) => node.id === id && /put$/.test(node.kind));
      const name = (id: string) => (isOpen(id) ? id : `${keys.get(id)} ${id}`);
      const graph: GraphDescription = {
        nodes: [...one.graph.nodes]
          .sort((a, b) => keys.get(a.id)! - keys.get(b.id)!)
          .map((n) => ({ ...n, id: name(n.id) })),
        edges: one.graph.edges.map((e) => ({
          ...e,
          from: { ...e.from, node: name(e.from.node) },
          to: { ...e.to, node: name(e.to.node) },
        })),
        lanes: one.graph.lanes!.map((lane) => ({ ...lane, node: name(lane.node) })),
      };
      const processors = new Map([...processorsOf(one)].map(([id, node]) => [name(id), node]));
      const outputs = [create(one.graph, processorsOf(one)), create(graph, processors)].map((engine) => {
        const heard: number[] = [];
        for (let at = 0; at < FRAMES; at += 100) {
          for (const [id, channels] of engine.inputs)
            for (const [c, channel] of channels.entries())
              channel.set(sources.get(id)![c].subarray(at, at + 100));
          engine.run(100);
          for (const id of ["out", "second"])
            for (const channel of engine.outputs.get(id)!) heard.push(...channel.subarray(0, 100));
        }
        return heard;
      });
      for (const [i, x] of outputs[0].entries())
        if (!Object.is(outputs[1][i], x)) throw new Error(`sample ${i}: ${outputs[1][i]} instead of ${x}`);
    }),
    { numRuns: 150 },
  );
});

describe("10: size", () => {
  test("a chain of 10,000 nodes is planned without recursion, in two buffers, and runs", () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `g${i}`);
    const chain = ["in", ...ids, "out"];
    const graph = {
      nodes: [input, ...ids.map((id) => gain(id)), output],
      edges: chain.slice(1).map((id, i) => edge(chain[i], id)),
    };
    const plan = lower(compensate(graph, new Map()), new Map());
    // Silence, the input, which stays as the host wrote it, and one for the chain.
    expect(plan.bufferWidths.length).toBe(3);
    const engine = create(graph, new Map(), 8);
    for (const channel of engine.inputs.get("in")!) channel.fill(0.5);
    engine.run(8);
    expect(engine.outputs.get("out")![1][7]).toBe(0.5);
  });

  test("a sum of 1,000 takes them one after the other", () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `g${i}`);
    const graph = {
      nodes: [input, ...ids.map((id) => gain(id)), output],
      edges: ids.flatMap((id) => [edge("in", id), edge(id, "out")]),
    };
    expect(lower(compensate(graph, new Map()), new Map()).bufferWidths.length).toBe(4);
    const engine = create(graph, new Map(), 8);
    for (const channel of engine.inputs.get("in")!) channel.fill(0.25);
    engine.run(8);
    expect(engine.outputs.get("out")![0][0]).toBe(250);
  });

  test("20,000 nodes and 100,000 edges are one plan, that hands each what it should", () => {
    const count = 20_000;
    const ids = Array.from({ length: count }, (_, i) => `n${i}`);
    const edges: GraphEdge[] = [];
    for (let i = 0; i < count; i++)
      for (let k = 1; k <= 5; k++) edges.push(edge(i - k * 7 < 0 ? "in" : ids[i - k * 7], ids[i]));
    edges.push(edge(ids[count - 1], "out"));
    const graph = { nodes: [input, ...ids.map((id) => gain(id, -20)), output], edges };
    const shapes = new Map();
    validateGraph(graph, shapes);
    const plan = lower(compensate(graph, shapes), shapes);
    // Nodes live until the one 35 places on has heard them.
    expect(plan.bufferWidths.length).toBeLessThan(100);
    expect(plan.steps.filter(({ op }) => op === "gain").length).toBe(count);
  });

  test("delays beyond any memory are refused with their node", () => {
    const delay: GraphNode = { kind: "delay", id: "long", channels: 2, delayFrames: 60 * 768_000 + 1 };
    expect(() => validateGraph({ nodes: [delay], edges: [] }, new Map())).toThrow(
      'node "long": delayFrames must be',
    );
  });
});
