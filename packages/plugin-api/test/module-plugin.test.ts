import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Block,
  clampParam,
  ModulePlugin,
  PluginFault,
  type Processor,
  processSetup,
  reasonOf,
} from "../src/index.ts";
import { soundManifest } from "./sound-manifest.ts";

const manifest = soundManifest({ entry: { module: "pass.js" } });
const setup = processSetup(manifest, { sampleRateHz: 48_000, maxFrames: 64 });

const processor = (changes: Partial<Processor> = {}): Processor => ({
  latencyFrames: 0,
  tailFrames: 0,
  reset() {},
  process({ frames, inputs, outputs }: Block) {
    for (const [c, channel] of outputs[0].entries()) {
      for (let i = 0; i < frames; i++) channel[i] = inputs[0][c][i];
    }
    return 0;
  },
  ...changes,
});

function faultOf(work: () => unknown): PluginFault {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(PluginFault);
    return error as PluginFault;
  }
  throw new Error("nothing was thrown");
}

describe("a module plugin", () => {
  test("runs on buffers of its own", () => {
    const running = new ModulePlugin(manifest, { activate: () => processor({ latencyFrames: 3 }) }).activate(
      setup,
    );
    expect(running.latencyFrames).toBe(3);
    expect(running.block.inputs[0].map((c) => c.length)).toEqual([64, 64]);
    expect([...running.block.params]).toEqual([0, 1000, 1, 1]);
    running.block.inputs[0][1][5] = 0.25;
    running.block.frames = 6;
    expect(running.process()).toBe(0);
    expect(running.block.outputs[0][1][5]).toBe(0.25);
  });

  test.each([undefined, null, 7, {}, () => {}, { activate: "yes" }])("is not %j", (exported) => {
    const fault = faultOf(() => new ModulePlugin(manifest, exported));
    expect(fault.code).toBe("export-missing");
    expect(fault.message).toContain("its default export has no function activate");
  });

  test.each<[string, () => unknown, string]>([
    [
      "an Error",
      () => {
        throw new Error("8 kHz is too slow");
      },
      "refuses to activate: 8 kHz is too slow",
    ],
    [
      "a text",
      () => {
        throw "no licence";
      },
      "refuses to activate: no licence",
    ],
    [
      "undefined",
      () => {
        throw undefined;
      },
      "it threw a value of type undefined",
    ],
    [
      "null",
      () => {
        throw null;
      },
      "it threw a value of type object",
    ],
    [
      "an object without prototype",
      () => {
        throw Object.create(null);
      },
      "it threw a value of type object",
    ],
  ])("that throws %s in activate is refused with its words", (_name, activate, message) => {
    const fault = faultOf(() => new ModulePlugin(manifest, { activate }).activate(setup));
    expect(fault.code).toBe("refused");
    expect(fault.message).toContain(message);
  });

  test.each<[string, unknown, string]>([
    ["nothing", undefined, "did not return a processor"],
    ["a promise", Promise.resolve(processor()), "did not return a processor"],
    ["one without reset", { ...processor(), reset: undefined }, "did not return a processor"],
    ["a latency of half a frame", processor({ latencyFrames: 0.5 }), "a latency of 0.5 frames"],
    ["a latency that is no number", processor({ latencyFrames: Number.NaN }), "a latency of NaN frames"],
    ["a negative latency", processor({ latencyFrames: -1 }), "a latency of -1 frames"],
    ["a latency of a day", processor({ latencyFrames: 48_000 * 86_400 }), "a latency of"],
    ["a tail that is no number", processor({ tailFrames: Number.NaN }), "a tail of NaN frames"],
    ["a negative tail", processor({ tailFrames: -1 }), "a tail of -1 frames"],
  ])("whose activate returns %s is refused", (_name, made, message) => {
    const fault = faultOf(() => new ModulePlugin(manifest, { activate: () => made }).activate(setup));
    expect(fault.code).toBe("refused");
    expect(fault.message).toContain(message);
  });

  test("that throws in dispose harms nobody", () => {
    const dispose = () => {
      throw new Error("never");
    };
    const running = new ModulePlugin(manifest, { activate: () => processor({ dispose }) }).activate(setup);
    expect(() => running.dispose()).not.toThrow();
  });
});

describe("processSetup", () => {
  const keyed = soundManifest({
    inputs: [
      { id: "in", name: "Input", role: "main", layouts: ["stereo", "mono"] },
      { id: "key", name: "Key", role: "sidechain", layouts: ["mono"] },
    ],
  });
  const request = { sampleRateHz: 44_100, maxFrames: 128 };

  test("takes the best layout, the defaults and the seed 1", () => {
    const { inputs, outputs, params, seed } = processSetup(keyed, request);
    expect(inputs).toEqual([
      { layout: "stereo", channels: 2, connected: true },
      { layout: "mono", channels: 1, connected: false },
    ]);
    expect(outputs).toEqual([{ layout: "stereo", channels: 2, connected: true }]);
    expect([...params]).toEqual([0, 1000, 1, 1]);
    expect(seed).toBe(1);
  });

  test("takes the layout asked for where a port accepts it, and connects what is fed", () => {
    const { inputs, outputs } = processSetup(keyed, { ...request, layout: "stereo", connected: ["key"] });
    expect(inputs[1]).toEqual({ layout: "mono", channels: 1, connected: true });
    expect(outputs[0].channels).toBe(2);
    expect(processSetup(keyed, { ...request, layout: "mono" }).inputs[0].channels).toBe(1);
  });

  test("keeps every parameter in its range, whatever is asked for", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), fc.double(), (gainDb, cutoffHz, mode) => {
        const { params } = processSetup(keyed, { ...request, params: { gainDb, cutoffHz, mode } });
        for (const [i, { min, max }] of keyed.params.entries()) {
          expect(params[i] >= min && params[i] <= max, `${params[i]}`).toBe(true);
        }
        expect(Number.isInteger(params[2])).toBe(true);
      }),
    );
  });
});

test("clampParam: the range, the whole choice, the default for NaN", () => {
  const [gain, , mode] = manifest.params;
  expect(clampParam(gain, 99)).toBe(12);
  expect(clampParam(gain, Number.NEGATIVE_INFINITY)).toBe(-60);
  expect(clampParam(gain, Number.NaN)).toBe(0);
  expect(clampParam(gain, -3.25)).toBe(-3.25);
  expect(clampParam(mode, 1.4)).toBe(1);
  expect(clampParam(mode, 7)).toBe(2);
});

test("reasonOf has words for whatever was thrown", () => {
  fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (thrown) => reasonOf(thrown).length >= 0));
  expect(reasonOf(new RangeError("too far"))).toBe("too far");
});
