/** What plugins are told of the song: the formula of the contract, by an evaluator that adds beat by beat. */
import { type Block, type Manifest, ModulePlugin, processSetup, type Transport } from "@gainstage/plugin-api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ProcessorNode, SongClock, type SongTime, validateGraph } from "../src/index.ts";
import { FRAMES, graphOf, start } from "./fragile.ts";

const RATE = 48_000;

/** The beat at a frame, as the contract has it. */
const beatOf = (t: Transport, frame: number) =>
  t.anchorBeat + ((frame - t.anchorFrame) * t.tempoBpm) / (60 * RATE);

describe("the clock", () => {
  test("counts quarters from the song's start, also before it", () => {
    const clock = new SongClock({ tempo: [{ frame: 0, bpm: 120 }] }, RATE);
    for (const [frame, beat] of [
      [0, 0],
      [24_000, 1],
      [96_000, 4],
      [-24_000, -1],
    ]) {
      expect(beatOf(clock.at(frame), frame)).toBe(beat);
    }
    expect(clock.nextChange(5)).toBe(Number.POSITIVE_INFINITY);
    expect(clock.at(0)).toMatchObject({ numerator: 4, denominator: 4, playing: true, loopEndBeat: 0 });
  });

  test("agrees with the sum over frames for any tempo map and any order of questions", () => {
    const map = fc
      .array(fc.record({ gap: fc.integer({ min: 1, max: 50 }), bpm: fc.integer({ min: 1, max: 999 }) }), {
        minLength: 1,
        maxLength: 6,
      })
      .map((steps) => {
        const frames = steps.map((_, i) => steps.slice(1, i + 1).reduce((sum, { gap }) => sum + gap, 0));
        return steps.map(({ bpm }, i) => ({ frame: frames[i], bpm }));
      });
    fc.assert(
      fc.property(map, fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 20 }), (tempo, frames) => {
        const clock = new SongClock({ tempo }, RATE);
        const bpmAt = (f: number) => [...tempo].reverse().find((c) => c.frame <= f)!.bpm;
        for (const frame of frames) {
          let beats = 0;
          for (let f = 0; f < frame; f++) beats += bpmAt(f) / (60 * RATE);
          const transport = clock.at(frame);
          expect(transport.tempoBpm).toBe(bpmAt(frame));
          expect(beatOf(transport, frame)).toBeCloseTo(beats, 9);
          const next = tempo.find((c) => c.frame > frame)?.frame ?? Number.POSITIVE_INFINITY;
          expect(clock.nextChange(frame)).toBe(next);
        }
      }),
    );
  });
});

describe("a plugin in a song", () => {
  /** Writes the tempo it is told at each call into every frame of the call. */
  const teller = (latencyFrames: number): ProcessorNode => {
    const manifest: Manifest = {
      api: "1.0",
      id: "test.tempo.teller",
      name: "Teller",
      vendor: "test",
      version: "0.0.1",
      features: ["utility"],
      entry: { module: "none.js" },
      params: [],
      inputs: [{ id: "in", name: "In", role: "main", layouts: ["mono"] }],
      outputs: [{ id: "out", name: "Out", role: "main", layouts: ["mono"] }],
    };
    const plugin = new ModulePlugin(manifest, {
      activate: () => ({
        latencyFrames,
        tailFrames: 0,
        reset() {},
        process({ frames, outputs, transport }: Block) {
          outputs[0][0].fill(transport ? transport.tempoBpm : -1, 0, frames);
          if (transport) outputs[0][0][0] = transport.frame / 1000;
          return 0;
        },
      }),
    });
    const setup = processSetup(manifest, { sampleRateHz: RATE, maxFrames: FRAMES });
    return { manifest, processor: plugin.activate(setup) };
  };
  const song: SongTime = {
    tempo: [
      { frame: 0, bpm: 120 },
      { frame: 100, bpm: 90 },
      { frame: 1000, bpm: 60 },
    ],
  };

  test("is called anew at each change of tempo, with the frame of its block", () => {
    const { run } = start(teller(0), { ...graphOf("out"), song });
    const heard = [...run(0), ...run(FRAMES), ...run(2 * FRAMES)];
    const starts = new Map([0, 100, FRAMES, 2 * FRAMES, 1000].map((n) => [n, Math.fround(n / 1000)]));
    for (const [n, value] of heard.entries()) {
      expect(value, `frame ${n}`).toBe(starts.get(n) ?? (n < 100 ? 120 : n < 1000 ? 90 : 60));
    }
  });

  test("without one is told of none", () => {
    expect(start(teller(0)).run(0)[5]).toBe(-1);
  });

  test("hears of frames before the start while what is upstream of it is late", () => {
    const graph = graphOf("out");
    const late = teller(30);
    const nodes = [
      ...graph.nodes,
      { kind: "plugin" as const, id: "q", plugin: "x", channels: 1 as const, params: {} },
    ];
    const edge = (from: string, to: string) => ({
      from: { node: from, port: "out" },
      to: { node: to, port: "in" },
    });
    const { run } = start(
      late,
      { nodes, edges: [edge("in", "p"), edge("p", "q"), edge("q", "out")], song },
      {
        processors: new Map([
          ["p", late],
          ["q", teller(0)],
        ]),
      },
    );
    const heard = run(0);
    expect(heard[0]).toBe(Math.fround(-0.03));
    expect(heard[129]).toBe(120);
    expect(heard[131]).toBe(90);
  });
});

describe("a song's time is refused", () => {
  test.each<[string, SongTime, RegExp]>([
    ["without a tempo", { tempo: [] }, /must begin at frame 0/],
    ["that begins late", { tempo: [{ frame: 5, bpm: 120 }] }, /must begin at frame 0/],
    [
      "that goes back",
      {
        tempo: [
          { frame: 0, bpm: 120 },
          { frame: 0, bpm: 90 },
        ],
      },
      /tempo 2: frame 0 is not a whole number above/,
    ],
    ["that stands still", { tempo: [{ frame: 0, bpm: 0 }] }, /tempo 1: 0 is not between 1 and 999/],
    ["with bars of sevenths", { tempo: [{ frame: 0, bpm: 99 }], denominator: 7 }, /of 7ths/],
    ["with bars of no beat", { tempo: [{ frame: 0, bpm: 99 }], numerator: 0 }, /have 0 beats/],
  ])("%s", (_name, song, message) => {
    expect(() => validateGraph({ nodes: [], edges: [], song }, new Map())).toThrow(message);
  });
});
