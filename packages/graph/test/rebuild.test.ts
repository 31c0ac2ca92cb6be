/** A plugin that failed may be built anew once; what is too loud, and what does not end, are failures too. */
import { describe, expect, test } from "vitest";
import type { CallWatch } from "../src/index.ts";
import { FADE, FRAMES, faded, fragile, graphOf, input, sameWithin, start, trapAt } from "./fragile.ts";

/** Late by its latency, as it says: 0.5 × the input. */
const late = (latencyFrames: number) => {
  const line: number[] = new Array(latencyFrames).fill(0);
  return fragile({
    latencyFrames,
    after: (block) => {
      for (let i = 0; i < block.frames; i++) {
        line.push(0.5 * block.inputs[0][0][i]);
        block.outputs[0][0][i] = line.shift()!;
      }
    },
  });
};

describe("a new processor", () => {
  test("runs unheard for its latency, is faded in over 5 ms, and is then heard alone", () => {
    const latency = 100;
    const { engine, run } = start(fragile({ ...trapAt(FRAMES), latencyFrames: latency }));
    run(0);
    run(FRAMES);
    expect(engine.install("p", late(latency).processor)).toBe(true);
    sameWithin(run(2 * FRAMES), (i) => {
      const n = 2 * FRAMES + i;
      const rise = Math.min(1, Math.max(0, (i - latency) / FADE));
      // Its first samples come from when it was put in: nothing of them is heard.
      return (1 - rise) * input(n - latency) + rise * 0.5 * input(n - latency);
    });
    sameWithin(run(3 * FRAMES), (i) => 0.5 * input(3 * FRAMES + i - latency));
  });

  test("that fails is the last: its place is taken again, from what was heard before", () => {
    const { engine, faults, run } = start(fragile(trapAt(FRAMES)));
    run(0);
    run(FRAMES);
    expect(engine.install("p", fragile(trapAt(FRAMES)).processor)).toBe(true);
    run(2 * FRAMES);
    sameWithin(run(3 * FRAMES), (i) => faded(i, 0.5 * input(3 * FRAMES - 1), input(3 * FRAMES + i)));
    expect(faults.map(({ frame, attempt }) => ({ frame, attempt }))).toEqual([
      { frame: FRAMES, attempt: 1 },
      { frame: 3 * FRAMES, attempt: 2 },
    ]);
    expect(engine.install("p", fragile({}).processor)).toBe(false);
    sameWithin(run(4 * FRAMES), (i) => input(4 * FRAMES + i));
  });

  test("that fails while it is faded in is left from what was heard of the mixture", () => {
    const { engine, run } = start(fragile(trapAt(FRAMES)));
    run(0);
    run(FRAMES);
    engine.install("p", fragile(trapAt(120)).processor);
    run(2 * FRAMES, 120);
    const mixed = (n: number, rise: number) => (1 - rise) * input(n) + rise * 0.5 * input(n);
    const lastHeard = mixed(2 * FRAMES + 119, 119 / FADE);
    sameWithin(run(2 * FRAMES + 120), (i) => faded(i, lastHeard, input(2 * FRAMES + 120 + i)));
  });

  test("is not taken where nothing failed, or with another latency", () => {
    const { engine, run } = start(fragile(trapAt(FRAMES)));
    run(0);
    expect(engine.install("p", fragile({}).processor)).toBe(false);
    run(FRAMES);
    expect(engine.install("p", late(7).processor)).toBe(false);
    expect(engine.install("nobody", fragile({}).processor)).toBe(false);
  });
});

describe("a sample above +60 dBFS", () => {
  const loudAt = (frame: number, value: number) =>
    fragile({
      after: (block, done) => {
        if (frame >= done && frame < done + block.frames) block.outputs[0][0][frame - done] = value;
      },
    });

  // The ramp itself reaches 1.96, so the limit is 60 dB above that.
  test.each([1961, -1961, 3e38])("is a failure: %d", (value) => {
    const { faults, run } = start(loudAt(FRAMES + 10, value));
    run(0);
    sameWithin(run(FRAMES), (i) => faded(i, 0.5 * input(FRAMES - 1), input(FRAMES + i)));
    expect(faults.map(({ code }) => code)).toEqual(["overload"]);
  });

  test.each([999, -1000, 1470])("is not one of %d", (value) => {
    const { faults, run } = start(loudAt(3, value));
    expect(run(0)[3]).toBe(value);
    expect(faults).toEqual([]);
  });

  test("is no failure of a plugin that heard as loud a sample", () => {
    const { engine, faults } = start(fragile({}));
    engine.inputs.get("in")![0].fill(1e6);
    engine.run(FRAMES);
    expect(engine.outputs.get("out")![0][7]).toBe(5e5);
    expect(faults).toEqual([]);
  });
});

describe("calls", () => {
  test("are told to the watch, each in its turn, also when they fail", () => {
    const told: string[] = [];
    const watch: CallWatch = {
      enter: (plugin, frame) => told.push(`enter ${plugin} at ${frame}`),
      leave: () => told.push("leave"),
    };
    const { engine, run } = start(fragile(trapAt(200)), graphOf("out", [0, 200]), { watch });
    run(0);
    expect(engine.pluginNodes).toEqual(["p"]);
    expect(told).toEqual(["enter 0 at 0", "leave", "enter 0 at 200", "leave"]);
  });

  test("that are known not to end are not made, and are failures", () => {
    const { faults, run } = start(fragile({}), graphOf("out"), { hangs: new Map([["p", [FRAMES]]]) });
    sameWithin(run(0), (i) => 0.5 * input(i));
    sameWithin(run(FRAMES), (i) => faded(i, 0.5 * input(FRAMES - 1), input(FRAMES + i)));
    expect(faults.map(({ code, message }) => ({ code, message }))).toEqual([
      { code: "hang", message: "plugin test.fragile.plugin: its process() did not return" },
    ]);
  });
});
