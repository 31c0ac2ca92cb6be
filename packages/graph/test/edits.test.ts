/** Edits of a graph that runs: no click between, and in the end the bits of an offline render. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Edits,
  Engine,
  engineUrl,
  type GraphDescription,
  type GraphNode,
  type ProcessorNode,
} from "../src/index.ts";
import { lateGain } from "./late-gain.ts";
import { type Case, cases, processorsOf } from "./random-graphs.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const RATE_HZ = 48_000;
const MAX_FRAMES = 512;
/** 20 ms: of a fade and of a ramp. */
const FADE = 960;

const edge = (from: string, to: string, feedbackFrames?: number) => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
  ...(feedbackFrames !== undefined && { feedbackFrames }),
});

/** Everything that is in flight in a random graph is through after this. */
const FLUSH = 24 * 80;

const song = (id: string, channel: number, frame: number) =>
  Math.fround(0.5 * Math.sin(frame * (0.05 + 0.013 * channel + 0.002 * id.length)));

function feed(engine: Engine, at: number, frames: number): void {
  for (const [id, channels] of engine.inputs)
    for (const [c, channel] of channels.entries())
      for (let i = 0; i < frames; i++) channel[i] = song(id, c, at + i);
}

class Session {
  readonly engine: Engine;
  readonly edits: Edits;
  readonly retired: ProcessorNode[] = [];
  at = 0;

  constructor(graph: GraphDescription, processors: ReadonlyMap<string, ProcessorNode>) {
    this.engine = Engine.create(module, graph, { sampleRateHz: RATE_HZ, maxFrames: MAX_FRAMES, processors });
    const onRetired = (node: ProcessorNode) => this.retired.push(node);
    this.edits = new Edits(this.engine, graph, processors, {
      sampleRateHz: RATE_HZ,
      maxFrames: MAX_FRAMES,
      onRetired,
    });
  }

  /** The outputs of the next frames, by id. */
  play(total: number, block: number, source = feed): Map<string, number[][]> {
    const heard = new Map<string, number[][]>();
    for (let done = 0; done < total; ) {
      const frames = Math.min(block, total - done);
      source(this.engine, this.at, frames);
      this.edits.run(frames);
      for (const [id, channels] of this.engine.outputs) {
        const kept = heard.get(id) ?? channels.map(() => []);
        heard.set(id, kept);
        for (const [c, channel] of channels.entries()) kept[c].push(...channel.subarray(0, frames));
      }
      this.at += frames;
      done += frames;
      this.edits.tend();
    }
    return heard;
  }
}

/** Frames from `start` on of a render that never was anything else. */
function offline(one: Case, start: number, frames: number): Map<string, number[][]> {
  const session = new Session(one.graph, processorsOf(one));
  session.play(start, 512);
  return session.play(frames, 512);
}

function expectSame(actual: Map<string, number[][]>, expected: Map<string, number[][]>): void {
  for (const [id, channels] of expected)
    for (const [c, channel] of channels.entries())
      for (const [i, x] of channel.entries())
        if (actual.get(id)![c][i] !== x)
          throw new Error(`${id}, channel ${c}, frame ${i}: ${actual.get(id)![c][i]} instead of ${x}`);
}

const withoutLoops = cases.filter(({ graph }) =>
  graph.edges.every(({ feedbackFrames }) => feedbackFrames === undefined),
);

describe("once settled", () => {
  test("a graph gives the bits of an offline render, whatever it was before", () => {
    fc.assert(
      fc.property(withoutLoops, withoutLoops, fc.integer({ min: 1, max: 512 }), (first, second, block) => {
        const session = new Session(first.graph, processorsOf(first));
        session.play(700, block);
        session.edits.edit(second.graph, processorsOf(second));
        session.play(4 * FADE + 4 * block + 2 * FLUSH, block);
        expect(session.edits.isSettled).toBe(true);
        const from = session.at;
        expectSame(session.play(600, block), offline(second, from, 600));
      }),
      { numRuns: 150 },
    );
  });

  test("a storm of edits ends at the last of them, and every processor that is not heard is retired once", () => {
    fc.assert(
      fc.property(fc.array(withoutLoops, { minLength: 2, maxLength: 12 }), fc.nat(700), (all, pause) => {
        const used = all.map((one) => processorsOf(one));
        const session = new Session(all[0].graph, used[0]);
        for (let round = 0; round < 40; round++) {
          const k = (round * 7 + 1) % all.length;
          const processors = round < all.length ? used[round] : processorsOf(all[k]);
          if (round >= all.length) used.push(processors);
          session.edits.edit(all[round < all.length ? round : k].graph, processors);
          // 48 frames: a thousand edits a second.
          session.play(round % 10 === 9 ? pause + 1 : 48, 48);
        }
        const last = all.at(-1)!;
        used.push(processorsOf(last));
        session.edits.edit(last.graph, used.at(-1)!);
        session.play(10 * FADE + 5 * FLUSH, 128);
        expect(session.edits.isSettled).toBe(true);
        const from = session.at;
        expectSame(session.play(300, 128), offline(last, from, 300));
        const heard = new Set([...used.at(-1)!.values()].map(({ processor }) => processor));
        const made = new Set(used.flatMap((each) => [...each.values()].map(({ processor }) => processor)));
        const gone = session.retired.map(({ processor }) => processor);
        expect(new Set(gone).size).toBe(gone.length);
        expect(gone.length).toBe(made.size - heard.size);
        expect(gone.some((processor) => heard.has(processor))).toBe(false);
      }),
      { numRuns: 25 },
    );
  });
});

test("a processor that leaves and is asked for again before it has left is kept, and retired in the end, once", () => {
  const nodes: GraphNode[] = [
    { kind: "input", id: "in", channels: 2 },
    { kind: "output", id: "out", channels: 2 },
  ];
  const without: GraphDescription = { nodes, edges: [edge("in", "out")] };
  const plugin: GraphNode = { kind: "plugin", id: "p", plugin: "test.late.gain", params: {}, channels: 2 };
  const including: GraphDescription = {
    nodes: [...nodes, plugin],
    edges: [edge("in", "p"), edge("p", "out")],
  };
  const processors = new Map([["p", lateGain(0, MAX_FRAMES)]]);
  const session = new Session(including, processors);
  session.play(100, 100);
  session.edits.edit(without, new Map());
  session.play(100, 100);
  session.edits.edit(including, processors);
  // Passed over for another that wants it as well.
  session.edits.edit({ ...including, lanes: [] }, processors);
  session.play(5 * FADE, 100);
  expect(session.edits.isSettled).toBe(true);
  expect(session.retired).toEqual([]);
  session.edits.edit(without, new Map());
  session.edits.edit(including, processors);
  session.edits.edit(without, new Map());
  session.play(5 * FADE, 100);
  expect(session.retired.map(({ processor }) => processor)).toEqual([processors.get("p")!.processor]);
});

describe("between", () => {
  const ends: GraphNode[] = [
    { kind: "input", id: "in", channels: 1 },
    { kind: "output", id: "out", channels: 1 },
  ];
  const gain = (id: string, gainDb: number): GraphNode => ({ kind: "gain", id, channels: 1, gainDb });
  const half = 20 * Math.log10(0.5);
  const ones = (engine: Engine, _: number, frames: number) => {
    for (const channels of engine.inputs.values()) channels[0].fill(1, 0, frames);
  };

  /** What is heard of ones before and after an edit. */
  function edited(before: GraphDescription, after: GraphDescription): number[] {
    const session = new Session(before, new Map());
    const first = session.play(2000, 64, ones).get("out")![0];
    session.edits.edit(after, new Map());
    return [...first, ...session.play(6000, 64, ones).get("out")![0]];
  }

  function expectSmooth(heard: readonly number[], from: number, to: number): void {
    expect(heard[1999]).toBeCloseTo(from, 6);
    expect(heard.at(-1)).toBeCloseTo(to, 6);
    const steepest = (Math.abs(to - from) + 1) / FADE;
    for (let i = 2000; i < heard.length; i++)
      expect(Math.abs(heard[i] - heard[i - 1]), `frame ${i}`).toBeLessThan(steepest * 1.01);
  }

  test("a node put into a chain is faded in over what was there, without a dip", () => {
    const before = { nodes: ends, edges: [edge("in", "out")] };
    const after = { nodes: [...ends, gain("half", half)], edges: [edge("in", "half"), edge("half", "out")] };
    const heard = edited(before, after);
    expectSmooth(heard, 1, 0.5);
    // A straight line from 1 to 1/2, and nothing below.
    for (let i = 2000; i < 2000 + FADE; i++) expect(heard[i], `frame ${i}`).toBeGreaterThan(0.4999);
    expectSmooth(edited(after, before), 0.5, 1);
  });

  test("nodes that change places would be a cycle at once: first one way fades, then the other", () => {
    const nodes = [...ends, gain("a", half), gain("b", half)];
    const before = { nodes, edges: [edge("in", "a"), edge("a", "b"), edge("b", "out")] };
    const after = { nodes, edges: [edge("in", "b"), edge("b", "a"), edge("a", "out")] };
    const heard = edited(before, after);
    expectSmooth(heard, 0.25, 0.25);
  });

  describe("nodes that change places while a plugin", () => {
    const nodes: GraphNode[] = [
      { kind: "input", id: "in", channels: 2 },
      { kind: "output", id: "out", channels: 2 },
      { kind: "gain", id: "a", channels: 2, gainDb: half },
      { kind: "gain", id: "b", channels: 2, gainDb: half },
    ];
    const plugin: GraphNode = { kind: "plugin", id: "p", plugin: "test.late.gain", params: {}, channels: 2 };
    const chain = (...ids: string[]): GraphDescription => ({
      nodes: ids.includes("p") ? [...nodes, plugin] : nodes,
      edges: ids.slice(1).map((id, k) => edge(ids[k], id)),
    });
    const before = chain("in", "a", "b", "p", "out");
    const slow = (engine: Engine, at: number, frames: number) => {
      for (const channel of engine.inputs.get("in")!)
        for (let i = 0; i < frames; i++) channel[i] = Math.sin((at + i) * 0.01);
    };

    test.each([
      ["leaves", chain("in", "b", "a", "out"), 0.25],
      ["makes way for another of its name", chain("in", "b", "a", "p", "out"), 0.125],
    ])("%s fade one way, then the other", (_, after, level) => {
      const [old, young] = [lateGain(30, MAX_FRAMES), lateGain(50, MAX_FRAMES)];
      const session = new Session(before, new Map([["p", old]]));
      const heard = session.play(2000, 64, slow).get("out")![0];
      session.edits.edit(after, new Map(after.nodes.includes(plugin) ? [["p", young]] : []));
      heard.push(...session.play(6000, 64, slow).get("out")![0]);
      expect(session.retired.map(({ processor }) => processor)).toEqual([old.processor]);
      for (let i = 1; i < heard.length; i++)
        expect(Math.abs(heard[i] - heard[i - 1]), `frame ${i}`).toBeLessThan(0.25 * (0.01 + 2 / FADE));
      const latency = session.engine.latencyFrames;
      for (let i = 6000; i < heard.length; i++)
        expect(heard[i], `frame ${i}`).toBeCloseTo(level * Math.sin((i - latency) * 0.01), 5);
    });
  });

  test("a plugin that takes the place of another of its name is faded to when it has come through its latency", () => {
    const nodes: GraphNode[] = [
      { kind: "input", id: "in", channels: 2 },
      { kind: "plugin", id: "p", plugin: "test.late.gain", params: {}, channels: 2 },
      { kind: "output", id: "out", channels: 2 },
    ];
    const graph: GraphDescription = { nodes, edges: [edge("in", "p"), edge("p", "out")] };
    const both = (engine: Engine, _: number, frames: number) => {
      for (const channel of engine.inputs.get("in")!) channel.fill(1, 0, frames);
    };
    const session = new Session(graph, new Map([["p", lateGain(0, MAX_FRAMES)]]));
    const heard = session.play(2000, 64, both).get("out")![0];
    session.edits.edit(graph, new Map([["p", lateGain(100, MAX_FRAMES)]]));
    heard.push(...session.play(3000, 64, both).get("out")![0]);
    // Two gains that add up to one: the level of 1/2 stays, but for rounding.
    for (let i = 1000; i < heard.length; i++) expect(heard[i], `frame ${i}`).toBeCloseTo(0.5, 6);
    expect(session.edits.isSettled).toBe(true);
    expect(session.retired).toHaveLength(1);
  });

  test("fades are told from nodes that have their names", () => {
    const before = {
      nodes: [...ends, gain("fade 0", 0)],
      edges: [edge("in", "fade 0"), edge("fade 0", "out")],
    };
    const after = {
      nodes: [...ends, gain("fade 0", 0), gain("fade 1", half)],
      edges: [edge("in", "fade 0"), edge("fade 0", "fade 1"), edge("fade 1", "out")],
    };
    expectSmooth(edited(before, after), 1, 0.5);
  });

  test("gains, polarities and pans that an edit changes are ramped to", () => {
    const chain = (nodes: GraphNode[]) => ({
      nodes: [...ends, ...nodes],
      edges: [edge("in", nodes[0].id), edge(nodes[0].id, "out")],
    });
    expectSmooth(edited(chain([gain("g", 0)]), chain([gain("g", half)])), 1, 0.5);
    const turned: GraphNode = { kind: "gain", id: "g", channels: 1, gainDb: 0, invert: true };
    expectSmooth(edited(chain([gain("g", 0)]), chain([turned])), 1, -1);
  });

  test("a node that is another under the same name takes over nothing of it", () => {
    const delay = (delayFrames: number): GraphNode => ({ kind: "delay", id: "x", channels: 1, delayFrames });
    const chain = (node: GraphNode) => ({
      nodes: [...ends, node],
      edges: [edge("in", "x"), edge("x", "out")],
    });
    expectSmooth(edited(chain(delay(100)), chain(gain("x", half))), 1, 0.5);
    // A new delay has heard nothing yet: it is silent for its length, and that is all.
    expectSmooth(edited(chain(delay(100)), chain(delay(700))), 1, 1);
  });

  test.each([
    [0, 512],
    [512, 100],
    [100, 0],
  ])(
    "a branch whose latency goes from %i to %i frames is crossfaded, and meets the others in time again",
    (from, to) => {
      const nodes: GraphNode[] = [
        { kind: "input", id: "in", channels: 2 },
        { kind: "plugin", id: "late", plugin: "test.late.gain", params: {}, channels: 2 },
        { kind: "gain", id: "dry", channels: 2, gainDb: half },
        { kind: "output", id: "out", channels: 2 },
      ];
      const edges = [edge("in", "late"), edge("in", "dry"), edge("late", "out"), edge("dry", "out")];
      const session = new Session({ nodes, edges }, new Map([["late", lateGain(from, MAX_FRAMES)]]));
      const slow = (engine: Engine, at: number, frames: number) => {
        for (const channel of engine.inputs.get("in")!)
          for (let i = 0; i < frames; i++) channel[i] = Math.sin((at + i) * 0.01);
      };
      const heard = session.play(3000, 128, slow).get("out")![0];
      const renamed = nodes.map((node) => (node.id === "late" ? { ...node, id: "later" } : node));
      const edgesAfter = [edge("in", "later"), edge("in", "dry"), edge("later", "out"), edge("dry", "out")];
      session.edits.edit(
        { nodes: renamed, edges: edgesAfter },
        new Map([["later", lateGain(to, MAX_FRAMES)]]),
      );
      expect(session.engine.latencyFrames).toBe(to);
      heard.push(...session.play(6000, 128, slow).get("out")![0]);
      // Both halves together are the sine itself: it moves by 0.01 a frame, and a fade between two of it by 2/960.
      for (let i = 3000; i < 9000; i++)
        expect(Math.abs(heard[i] - heard[i - 1]), `frame ${i}`).toBeLessThan(0.01 + 2.1 / FADE);
      for (let i = 6000; i < 9000; i++)
        expect(heard[i], `frame ${i}`).toBeCloseTo(Math.sin((i - to) * 0.01), 5);
    },
  );

  test("an echo that goes on rings on: its loop is not cut", () => {
    const loop = (extra: readonly GraphNode[]): GraphDescription => ({
      nodes: [...ends, { kind: "sum", id: "sum", channels: 1 }, gain("back", half), ...extra],
      edges: [
        edge("in", "sum"),
        edge("sum", "back"),
        edge("back", "sum", 500),
        ...(extra.length > 0 ? [edge("sum", "extra"), edge("extra", "out")] : [edge("sum", "out")]),
      ],
    });
    const session = new Session(loop([]), new Map());
    const impulse = (engine: Engine, at: number, frames: number) => {
      for (let i = 0; i < frames; i++) engine.inputs.get("in")![0][i] = at + i === 0 ? 1 : 0;
    };
    session.play(1200, 100, impulse);
    session.edits.edit(loop([gain("extra", 0)]), new Map());
    const heard = session.play(2800, 100, impulse).get("out")![0];
    expect(session.edits.isSettled).toBe(true);
    for (const [i, x] of heard.entries()) {
      const turns = (1200 + i) / 500;
      if (1200 + i >= 2500) expect(x, `frame ${1200 + i}`).toBe(Number.isInteger(turns) ? 0.5 ** turns : 0);
    }
  });
});

test("a graph that cannot be changes nothing", () => {
  const graph: GraphDescription = {
    nodes: [
      { kind: "input", id: "in", channels: 1 },
      { kind: "output", id: "out", channels: 1 },
    ],
    edges: [edge("in", "out")],
  };
  const session = new Session(graph, new Map());
  expect(() => session.edits.edit({ ...graph, edges: [edge("in", "nobody")] }, new Map())).toThrow(
    'no node "nobody"',
  );
  expect(session.edits.isSettled).toBe(true);
  const heard = session.play(100, 10).get("out")![0];
  for (const [i, x] of heard.entries()) expect(x).toBe(song("in", 0, i));
});
