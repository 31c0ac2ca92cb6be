/** Plugins that keep every promise pass every check. */
import type { Processor } from "@gainstage/plugin-api";
import { expect, test } from "vitest";
import { CHECKS } from "../src/all-checks.ts";
import { failuresOf, resultsOf } from "./failures.ts";
import { activateCompressor, compressorManifest } from "./sound-compressor.ts";
import { echoPlugin } from "./sound-echo.ts";
import { activateSound, memoryPlugin } from "./sound-plugin.ts";

const ALL = CHECKS.map((check) => check.id);
/** What compares durations says something of the machine too: it is run, and not held against a plugin. */
const TIMED = CHECKS.filter((check) => check.timed).map((check) => check.id);
const STEADY = ALL.filter((id) => !TIMED.includes(id));

test("a sound plugin passes every check, and what is not run says why", async () => {
  const results = await resultsOf(memoryPlugin(activateSound), ALL);
  const wrong = results.filter(({ outcome }) => outcome === "failed" || outcome === "warned");
  expect(wrong.filter(({ id }) => !TIMED.includes(id)).map(({ id, message }) => [id, message])).toEqual([]);
  const silent = results.filter(({ outcome, reason }) => outcome === "not-run" && !reason);
  expect(silent).toEqual([]);
  expect(results.map(({ id }) => id)).toEqual(ALL);
});

test("a sound compressor passes every check", async () => {
  const plugin = { manifest: compressorManifest, activate: activateCompressor };
  expect([...(await failuresOf(plugin, STEADY))]).toEqual([]);
});

test("a sound echo, whose answer comes after half a second, passes every check", async () => {
  expect([...(await failuresOf(echoPlugin(), STEADY))]).toEqual([]);
});

test("a plugin with nothing but main ports passes every check", async () => {
  const gain: Processor = {
    latencyFrames: 0,
    tailFrames: 0,
    reset() {},
    process({ frames, inputs, outputs }) {
      for (let c = 0; c < outputs[0].length; c++)
        for (let i = 0; i < frames; i++) outputs[0][c][i] = inputs[0][c][i] / 2;
      return 0;
    },
  };
  const { extensions: _, ...manifest } = compressorManifest;
  const plugin = {
    manifest: { ...manifest, features: ["utility"], params: [], meters: [] },
    activate: () => gain,
  };
  expect([...(await failuresOf(plugin, STEADY))]).toEqual([]);
});
