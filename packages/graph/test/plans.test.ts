/** Random graphs, with automation, against the evaluator; and against themselves in other blocks and on parts. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Engine, type EngineOptions, engineUrl, partition, shapesOf } from "../src/index.ts";
import { compensate } from "../src/planning/latency.ts";
import { lower } from "../src/planning/lowering.ts";
import { evaluate } from "./evaluator.ts";
import { verifyPlan } from "./plan-verifier.ts";
import { type Case, cases, FRAMES, MAX_FRAMES, processorsOf, sources } from "./random-graphs.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));

type Outputs = ReadonlyMap<string, readonly Float32Array[]>;

function create(one: Case, options: Pick<EngineOptions, "skipSilence"> = {}): Engine {
  return Engine.create(module, one.graph, {
    sampleRateHz: 48_000,
    maxFrames: MAX_FRAMES,
    processors: processorsOf(one),
    ...options,
  });
}

/** Writes one block to an engine's inputs; what lies beyond the block is poison: nothing may read it. */
function feed(engine: Engine, at: number, frames: number): void {
  for (const [id, channels] of engine.inputs) {
    const source = sources.get(id);
    for (const [c, channel] of channels.entries()) {
      if (!source) continue;
      channel.fill(Number.NaN);
      channel.set(source[c].subarray(at, at + frames));
    }
  }
}

function inBlocks(
  engine: Engine,
  blocks: readonly number[],
  run: (at: number, frames: number) => void,
): Outputs {
  const outputs = new Map(
    [...engine.outputs].map(([id, channels]) => [id, channels.map(() => new Float32Array(FRAMES))]),
  );
  for (let at = 0, k = 0; at < FRAMES; k++) {
    const frames = Math.min(blocks[k % blocks.length], FRAMES - at);
    run(at, frames);
    for (const [id, channels] of outputs) {
      for (const [c, channel] of channels.entries()) {
        channel.set(engine.outputs.get(id)![c].subarray(0, frames), at);
      }
    }
    at += frames;
  }
  return outputs;
}

function render(engine: Engine, blocks: readonly number[]): Outputs {
  return inBlocks(engine, blocks, (at, frames) => {
    feed(engine, at, frames);
    engine.run(frames);
  });
}

/** Every part by itself, what crosses carried over by hand to those behind it, then the join. */
function renderInParts(one: Case, count: number, keep: ReadonlySet<string>): Outputs {
  const processors = processorsOf(one);
  const shapes = shapesOf(processors);
  const split = partition(compensate(one.graph, shapes), shapes, count, keep);
  const options = { sampleRateHz: 48_000, maxFrames: MAX_FRAMES, processors };
  const join = Engine.fromCompensated(module, split.join, options);
  const parts = split.parts.map((part) => Engine.fromCompensated(module, part, options));
  return inBlocks(join, [256], (at, frames) => {
    for (const [k, part] of parts.entries()) {
      feed(part, at, frames);
      part.run(frames);
      for (const [id, channels] of part.outputs) {
        for (const behind of [...parts.slice(k + 1), join]) {
          for (const [c, target] of (behind.inputs.get(id) ?? []).entries())
            target.set(channels[c].subarray(0, frames));
        }
      }
    }
    feed(join, at, frames);
    join.run(frames);
  });
}

function firstDifference(
  actual: Outputs,
  expected: ReadonlyMap<string, readonly ArrayLike<number>[]>,
  tolerance: number,
): string | undefined {
  for (const [id, channels] of expected) {
    for (const [c, channel] of channels.entries()) {
      for (let i = 0; i < FRAMES; i++) {
        const got = actual.get(id)![c][i];
        if (tolerance === 0 ? Object.is(got, channel[i]) : Math.abs(got - channel[i]) <= tolerance) continue;
        return `output ${id}, channel ${c}, frame ${i}: ${got} instead of ${channel[i]}`;
      }
    }
  }
  return undefined;
}

test("a plan computes what its description says: latencies, sums, side chains, automation, two outputs", () => {
  fc.assert(
    fc.property(cases, (one) => {
      const engine = create(one);
      const expected = evaluate(one);
      // A loop that grows without end says nothing.
      fc.pre(expected.peak < 1000);
      expect(engine.latencyFrames).toBe(expected.latencyFrames);
      const tolerance = 2e-5 * Math.max(1, expected.peak);
      expect(firstDifference(render(engine, [512]), expected.outputs, tolerance)).toBeUndefined();
    }),
    { numRuns: 400 },
  );
});

test("a plan hands every node what the description says, in order: no buffer is written over too early", () => {
  fc.assert(
    fc.property(cases, ({ graph, latencies }) => {
      const shapes = shapesOf(processorsOf({ graph, latencies }));
      const compensated = compensate(graph, shapes);
      verifyPlan(lower(compensated, shapes), compensated, shapes);
    }),
    { numRuns: 3000 },
  );
});

test("silence that is passed over leaves the bits that it leaves computed", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 200 }), (one, block) => {
      const computed = render(create(one, { skipSilence: false }), [block]);
      expect(firstDifference(render(create(one), [block]), computed, 0)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test("a plan gives the same bits in any blocks, also after a reset", () => {
  const blockSizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(cases, blockSizes, (one, blocks) => {
      const whole = render(create(one), [512]);
      const engine = create(one);
      expect(firstDifference(render(engine, blocks), whole, 0)).toBeUndefined();
      engine.reset();
      expect(firstDifference(render(engine, [333]), whole, 0)).toBeUndefined();
    }),
    { numRuns: 150 },
  );
});

test("a plan gives the same bits one frame at a time, in an engine for single frames", () => {
  fc.assert(
    fc.property(cases, (one) => {
      const single = Engine.create(module, one.graph, {
        sampleRateHz: 48_000,
        maxFrames: 1,
        processors: processorsOf(one),
      });
      expect(firstDifference(render(single, [1]), render(create(one), [512]), 0)).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});

test("after a seek a plugin is told the steps of the place it went to", () => {
  const port = (node: string, name: string) => ({ node, port: name });
  const points = [
    { frame: 5, value: 0, curve: "linear" as const },
    { frame: 405, value: 1, curve: "hold" as const },
  ];
  const engine = create({
    graph: {
      nodes: [
        { kind: "input", id: "b", channels: 2 },
        { kind: "plugin", id: "p", plugin: "test.late.gain", params: {}, channels: 2 },
        { kind: "output", id: "out", channels: 2 },
      ],
      edges: [
        { from: port("b", "out"), to: port("p", "in") },
        { from: port("p", "out"), to: port("out", "in") },
      ],
      lanes: [{ node: "p", param: "level", points }],
    },
    latencies: new Map([["p", 0]]),
  });
  for (const channel of engine.inputs.get("b")!) channel.fill(2);
  for (const [start, frames] of [
    [0, 500],
    [133, 100],
    [4, 3],
    [390, 40],
    [0, 70],
  ]) {
    engine.seek(start);
    engine.run(frames);
    for (let i = 0; i < frames; i++) {
      const frame = start + i;
      const step = Math.max(5, 32 * Math.floor(frame / 32));
      const level = frame < 5 ? 0 : frame >= 405 ? 1 : (step - 5) / 400;
      expect(engine.outputs.get("out")![0][i], `frame ${frame}`).toBeCloseTo(level, 6);
    }
  }
});

test("parts run one by one and joined by hand give the bits of the whole", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 0, max: 4 }), fc.boolean(), (one, count, keepA) => {
      const parts = renderInParts(one, count, new Set(keepA ? ["a"] : []));
      expect(firstDifference(parts, render(create(one), [512]), 0)).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});

test("every node is in one part, and what crosses goes to a part behind it or to the join", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 0, max: 4 }), (one, count) => {
      const shapes = shapesOf(processorsOf(one));
      const { join, parts } = partition(compensate(one.graph, shapes), shapes, count);
      const all = [join, ...parts]
        .flatMap((part) => part.nodes.map((node) => node.id))
        .filter((id) => !id.startsWith("cross:"));
      expect(all.sort()).toEqual(one.graph.nodes.map((node) => node.id).sort());
      const crossed = new Set<string>();
      for (const part of [...parts, join]) {
        const own = new Set(part.nodes.map((node) => node.id));
        for (const edge of part.edges) expect(own.has(edge.from.node) && own.has(edge.to.node)).toBe(true);
        const crossings = part.nodes.filter(({ id }) => id.startsWith("cross:"));
        for (const { kind, id } of crossings) if (kind === "input") expect(crossed.has(id), id).toBe(true);
        for (const { kind, id } of crossings) if (kind === "output") crossed.add(id);
      }
    }),
    { numRuns: 100 },
  );
});
