/** The checks checked: each is shown plugins that break its one promise, and must say so. */
import type { LoadedPlugin, Processor } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import { CHECKS, CheckFailed, noise, start, stream } from "../src/index.ts";
import { BROKEN_IN_THE_EXTREME, kept } from "./broken-in-the-extreme.ts";
import { BROKEN_IN_TIME } from "./broken-in-time.ts";
import { activateSound, modulePlugin, soundManifest } from "./sound-plugin.ts";

const PLUGINS = [...BROKEN_IN_TIME, ...BROKEN_IN_THE_EXTREME];
const ALLOCATION = "robustness/allocation";

/** Check id to what it said, of the checks that failed. */
function failuresOf(plugin: LoadedPlugin, checks = CHECKS): Map<string, string> {
  const failures = new Map<string, string>();
  for (const check of checks) {
    try {
      check.run(plugin);
    } catch (error) {
      expect(error, `${check.id} fails with`).toBeInstanceOf(CheckFailed);
      failures.set(check.id, (error as CheckFailed).message);
    }
  }
  return failures;
}

test("a sound plugin passes every check", () => {
  expect([...failuresOf(modulePlugin(activateSound))]).toEqual([]);
});

test("a sound plugin with nothing but main ports passes every check", () => {
  const gain: Processor = {
    latencyFrames: 0,
    tailFrames: 0,
    reset() {},
    process({ frames, inputs, outputs }) {
      for (let c = 0; c < outputs[0].length; c++) {
        for (let i = 0; i < frames; i++) outputs[0][c][i] = inputs[0][c][i] / 2;
      }
      return 0;
    },
  };
  const plugin = modulePlugin(() => gain, {
    inputs: [{ id: "in", name: "Input", role: "main", layouts: ["mono", "stereo"] }],
    outputs: [{ id: "out", name: "Output", role: "main", layouts: ["mono", "stereo"] }],
    params: [],
    meters: [],
  });
  expect([...failuresOf(plugin)]).toEqual([]);
});

test("a plugin that lists its sidechain first hears the signal at its main port", () => {
  const copy: Processor = {
    latencyFrames: 0,
    tailFrames: 0,
    reset() {},
    process({ frames, inputs: [, main], outputs: [out] }) {
      for (const [c, channel] of out.entries()) {
        for (let i = 0; i < frames; i++) channel[i] = main[c][i];
      }
      return 0;
    },
  };
  const plugin = modulePlugin(() => copy, { inputs: [...soundManifest.inputs].reverse() });
  const signal = [noise(256, 1), noise(256, 2)];
  const output = stream(start(plugin, { connected: ["key"] }), signal);
  for (const c of [0, 1]) expect(output[c].every((x, i) => x === signal[c][i])).toBe(true);
});

describe("a plugin is found out that", () => {
  test.each(PLUGINS)("$what ($check)", ({ check, plugin, also = [], says }) => {
    // Callbacks make V8 box numbers, so only plugins about allocation are asked about it.
    const failures = failuresOf(
      plugin,
      CHECKS.filter(({ id }) => id === check || id !== ALLOCATION),
    );
    expect(failures.get(check)).toMatch(says);
    expect([...failures.keys()].sort()).toEqual([check, ...also].sort());
  });

  test("breaks any of the promises: every check has its plugin here", () => {
    const checked = new Set(PLUGINS.map((broken) => broken.check));
    expect(CHECKS.map((check) => check.id).filter((id) => !checked.has(id))).toEqual([]);
    expect(kept).toBeInstanceOf(Float32Array);
  });
});
