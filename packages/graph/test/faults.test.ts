/** What is heard and what goes on when a plugin traps or puts out what is not a number. */
import { readFileSync } from "node:fs";
import { type Block, type Manifest, ModulePlugin, processSetup } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import {
  Engine,
  engineUrl,
  type GraphDescription,
  type ProcessorNode,
  type RuntimeFault,
} from "../src/index.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
const FRAMES = 480;
/** 5 ms at 48 kHz. */
const FADE = 240;

const manifest: Manifest = {
  api: "0.1",
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

interface Behaviour {
  readonly latencyFrames?: number;
  readonly onFault?: "bypass" | "silence";
  readonly maxFrames?: number;
  reset?(): void;
  /** Called before each block with the frames done so far; may throw or spoil the output afterwards. */
  before?(done: number, frames: number): void;
  after?(block: Block, done: number): void;
}

/** Puts out 0.5 × its input at once, and 0.25 × at "aux", whatever latency it declares. */
function fragile({
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

function graphOf(output: "out" | "aux", cuts: readonly number[] = []): GraphDescription {
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

function start(node: ProcessorNode, graph = graphOf("out")) {
  const faults: RuntimeFault[] = [];
  const engine = Engine.create(module, graph, {
    sampleRateHz: 48_000,
    maxFrames: FRAMES,
    processors: new Map([["p", node]]),
    onFault: (fault) => faults.push(fault),
  });
  /** Frames `at` on of the ramp x[n] = 1 + n / 1000 in, the output out. */
  const run = (at: number, frames = FRAMES) => {
    engine.inputs.get("in")![0].set(Float32Array.from({ length: frames }, (_, i) => input(at + i)));
    engine.run(frames);
    return engine.outputs.get("out")![0].slice(0, frames);
  };
  return { engine, faults, run };
}

const input = (n: number) => (n < 0 ? 0 : 1 + n / 1000);

/** The fade from `last` into what replaces the plugin, from the first frame of the fault on. */
const faded = (i: number, last: number, dry: number) => {
  const old = Math.max(0, 1 - i / FADE);
  return last * old + dry * (1 - old);
};

function sameWithin(actual: Float32Array, expected: (i: number) => number): void {
  for (let i = 0; i < actual.length; i++) {
    expect(Math.abs(actual[i] - expected(i)), `frame ${i}: ${actual[i]} for ${expected(i)}`).toBeLessThan(
      1e-6,
    );
  }
}

const trapAt = (frame: number): Behaviour => ({
  before: (done) => {
    if (done === frame) throw new Error("trap");
  },
});

describe("a plugin that traps", () => {
  test("is replaced by its input, late by its latency, joined to the last good sample by a fade of 5 ms", () => {
    const { faults, run } = start(fragile({ ...trapAt(FRAMES), latencyFrames: 100 }));
    run(0);
    sameWithin(run(FRAMES), (i) => faded(i, 0.5 * input(FRAMES - 1), input(FRAMES + i - 100)));
    sameWithin(run(2 * FRAMES), (i) => input(2 * FRAMES + i - 100));
    expect(faults.map(({ code, frame, heard }) => ({ code, frame, heard }))).toEqual([
      { code: "trap", frame: FRAMES, heard: "bypass" },
    ]);
  });

  test("between two steps of a lane leaves what came before its call", () => {
    const { faults, run } = start(
      fragile({ ...trapAt(200), latencyFrames: 7 }),
      graphOf("out", [0, 50, 200, 300]),
    );
    sameWithin(run(0), (i) => (i < 200 ? 0.5 * input(i) : faded(i - 200, 0.5 * input(199), input(i - 7))));
    expect(faults.map((fault) => fault.frame)).toEqual([200]);
  });

  test("falls silent if its manifest says so", () => {
    const { run } = start(fragile({ ...trapAt(FRAMES), onFault: "silence" }));
    run(0);
    sameWithin(run(FRAMES), (i) => faded(i, 0.5 * input(FRAMES - 1), 0));
  });

  test("has forgotten its dry past after a reset", () => {
    const { engine, run } = start(fragile({ ...trapAt(FRAMES), latencyFrames: 100 }));
    run(0);
    run(FRAMES);
    engine.reset();
    sameWithin(run(0), (i) => input(i - 100));
  });

  test("in reset is a fault like any other, and the engine goes on without it", () => {
    const node = fragile({
      reset: () => {
        throw new Error("reset trap");
      },
    });
    const { engine, faults, run } = start(node);
    run(0);
    engine.reset();
    expect(faults.map(({ code, frame }) => ({ code, frame }))).toEqual([{ code: "trap", frame: 0 }]);
    expect(faults[0].message).toContain("reset trap");
    sameWithin(run(0), input);
  });

  test("puts nothing into its second output, though nobody reads the first", () => {
    const { run } = start(fragile(trapAt(FRAMES)), graphOf("aux"));
    sameWithin(run(0), (i) => 0.25 * input(i));
    sameWithin(run(FRAMES), () => 0);
  });
});

describe("a plugin whose output is not finite", () => {
  const spoilAt = (frame: number): Behaviour => ({
    after: (block, done) => {
      if (frame >= done && frame < done + block.frames) block.outputs[0][0][frame - done] = Number.NaN;
    },
  });

  test("is replaced for the whole block, also where lanes cut it", () => {
    const { faults, run } = start(
      fragile({ ...spoilAt(FRAMES + 300), latencyFrames: 20 }),
      graphOf("out", [0, FRAMES + 10, FRAMES + 250, FRAMES + 400]),
    );
    run(0);
    sameWithin(run(FRAMES), (i) => faded(i, 0.5 * input(FRAMES - 1), input(FRAMES + i - 20)));
    expect(faults.map(({ code, frame }) => ({ code, frame }))).toEqual([
      { code: "non-finite", frame: FRAMES },
    ]);
  });

  test.each([0, 3, 4, 6])("is found out at frame %d of a block of 7", (frame) => {
    const { faults, run } = start(fragile(spoilAt(frame)));
    sameWithin(run(0, 7), (i) => faded(i, 0, input(i)));
    expect(faults.map((fault) => fault.code)).toEqual(["non-finite"]);
  });

  test("is found out even where nobody reads it", () => {
    const { faults, run } = start(fragile(spoilAt(3)), graphOf("aux"));
    run(0);
    expect(faults.map((fault) => fault.code)).toEqual(["non-finite"]);
  });

  test("does not fade a second time after a seek, when its dry input is not finite either", () => {
    const { engine, run } = start(fragile(spoilAt(FRAMES)));
    run(0);
    run(FRAMES);
    run(2 * FRAMES);
    engine.seek(0);
    engine.inputs.get("in")![0].fill(1);
    engine.inputs.get("in")![0][5] = Number.NaN;
    engine.run(FRAMES);
    sameWithin(engine.outputs.get("out")![0], (i) => (i === 5 ? 0 : 1));
  });
});

describe("the size of a processor's blocks", () => {
  test("may be larger than the engine's", () => {
    const { faults, run } = start(fragile({ maxFrames: 2 * FRAMES }));
    sameWithin(run(0), (i) => 0.5 * input(i));
    expect(faults).toEqual([]);
  });

  test("must not be smaller", () => {
    expect(() => start(fragile({ maxFrames: 64 }))).toThrow(
      'node "p": its processor was activated for blocks of 64 frames, the engine has 480; activate it with maxFrames 480',
    );
  });
});
