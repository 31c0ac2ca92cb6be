/** What is heard and what goes on when a plugin traps or puts out what is not a number. */
import { describe, expect, test } from "vitest";
import {
  type Behaviour,
  FRAMES,
  faded,
  fragile,
  graphOf,
  input,
  sameWithin,
  start,
  trapAt,
} from "./fragile.ts";

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

  test.each([
    [Number.NaN, ["non-finite"]],
    [Number.NEGATIVE_INFINITY, ["non-finite"]],
    // 60 dB above the loudest of the input's first 43 frames, 1.042.
    [1042.5, ["overload"]],
    [-1042.5, ["overload"]],
    [1000, []],
    [-1000, []],
  ])("%d is looked at in every frame of a block, wherever vectors end", (value, codes) => {
    for (let frame = 0; frame < 43; frame++) {
      const { faults, run } = start(
        fragile({
          after: (block) => {
            block.outputs[0][0][frame] = value;
          },
        }),
      );
      run(0, 43);
      expect(
        faults.map((fault) => fault.code),
        `frame ${frame}`,
      ).toEqual(codes);
    }
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
