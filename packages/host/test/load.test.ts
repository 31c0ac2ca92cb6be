/** A plugin that is no part of Gainstage, from a folder that is nowhere listed, loaded while the program runs. */
import { fileURLToPath } from "node:url";
import { describePlugin } from "@gainstage/conformance";
import type { GraphDescription } from "@gainstage/graph";
import { PluginFault } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import { createHost, firstPartyFolder, instantiate, readCode, sharedChannel } from "../src/index.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const RATE_HZ = 48_000;
const FRAMES = 24_000;
const examples = fileURLToPath(new URL("../examples/plugins/", import.meta.url));
const temporary = new PluginFolders();

describe("the example plugin tilt", () => {
  describePlugin(`${examples}tilt`);
});

const tiltGraph = (tiltDb: number, pivotHz: number): GraphDescription => ({
  nodes: [
    { kind: "input", id: "in", channels: 2 },
    { kind: "plugin", id: "tilt", plugin: "com.example.tilt", channels: 2, params: { tiltDb, pivotHz } },
    { kind: "output", id: "out", channels: 2 },
  ],
  edges: [
    { from: { node: "in", port: "out" }, to: { node: "tilt", port: "in" } },
    { from: { node: "tilt", port: "out" }, to: { node: "out", port: "in" } },
  ],
});

const impulse = sharedChannel(FRAMES);
impulse[0] = 1;
const request = (tiltDb: number, pivotHz: number) => ({
  graph: tiltGraph(tiltDb, pivotHz),
  sampleRateHz: RATE_HZ,
  frames: FRAMES,
  sources: new Map([["in", [impulse]]]),
});

/** Of an impulse response, by the DFT at one frequency. */
function gainDbAt(frequencyHz: number, response: Float32Array): number {
  const step = (2 * Math.PI * frequencyHz) / RATE_HZ;
  let re = 0;
  let im = 0;
  for (let i = 0; i < response.length; i++) {
    re += response[i] * Math.cos(step * i);
    im -= response[i] * Math.sin(step * i);
  }
  return 20 * Math.log10(Math.hypot(re, im));
}

/** |(A s + 1) / (s + A)| at the frequency that the bilinear transform puts there. */
function tiltFormulaDb(frequencyHz: number, tiltDb: number, pivotHz: number): number {
  const warped = (hz: number) => Math.tan((Math.PI * hz) / RATE_HZ);
  const omega = warped(frequencyHz) / warped(pivotHz);
  const a = 10 ** (tiltDb / 20);
  return 10 * Math.log10(((a * omega) ** 2 + 1) / (omega ** 2 + a ** 2));
}

describe("run-time loading", () => {
  test("finds the plugin in a folder of the user's, outside those of Gainstage", () => {
    expect(examples.startsWith(firstPartyFolder)).toBe(false);
    expect(() => createHost().catalog.find("com.example.tilt")).toThrow(/there is no such plugin/);
    const entry = createHost({ pluginFolders: [examples] }).catalog.find("com.example.tilt");
    expect(entry.manifest.name).toBe("Tilt");
  });

  test("does not run it without trust, and says how to give it", async () => {
    const { renderer } = createHost({ pluginFolders: [examples] });
    const fault = await renderer.render(request(6, 800)).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(PluginFault);
    expect((fault as PluginFault).code).toBe("untrusted");
    expect((fault as PluginFault).message).toContain("allow it with --trust-modules");
  });

  test.each([
    [6, 800, 1],
    [-9, 2000, 1],
    [6, 800, 2],
  ])(
    "with trust renders through it: %d dB about %d Hz as the formula says, jobs %d",
    async (tiltDb, pivotHz, jobs) => {
      const { renderer } = createHost({ pluginFolders: [examples], trustModules: true });
      const { outputs } = await renderer.render({ ...request(tiltDb, pivotHz), jobs });
      for (const channel of outputs.get("out")!) {
        for (const frequencyHz of [100, pivotHz, 9000]) {
          const expected = tiltFormulaDb(frequencyHz, tiltDb, pivotHz);
          expect(gainDbAt(frequencyHz, channel), `${frequencyHz} Hz`).toBeCloseTo(expected, 4);
        }
      }
    },
  );
});

describe("code that cannot be loaded is a fault that says why:", () => {
  const trust = { trustModules: true };
  const faultOf = async (work: () => unknown): Promise<PluginFault> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof PluginFault) return error;
      throw error;
    }
    throw new Error("nothing was thrown");
  };
  const entryOf = (name: string, source: string | undefined) => {
    const manifest = moduleManifest(`com.example.${name}`);
    return {
      manifest,
      folder: temporary.add(name, manifest, source === undefined ? {} : { "entry.js": source }),
    };
  };

  test.each<[string, string | undefined, PluginFault["code"], RegExp]>([
    ["no file", undefined, "entry-unreadable", /entry\.js cannot be loaded: Cannot find module/],
    ["bad syntax", "export default {", "entry-unreadable", /entry\.js cannot be loaded: /],
    ["it throws", "throw new Error('no sound card')", "entry-unreadable", /cannot be loaded: no sound card/],
    ["it throws null", "throw null", "entry-unreadable", /cannot be loaded: it threw a value of type object/],
    ["no default", "export const activate = 1", "export-missing", /default export has no function activate/],
  ])("%s", async (name, source, code, message) => {
    const entry = entryOf(name.replaceAll(" ", "-"), source);
    const fault = await faultOf(() => instantiate(readCode(entry, trust)));
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
  });

  test("a wasm file that is not there, which the author has to build", async () => {
    const manifest = moduleManifest("com.example.unbuilt", { entry: { wasm: "dist/unbuilt.wasm" } });
    const folder = temporary.add("unbuilt", manifest);
    const fault = await faultOf(() => readCode({ manifest, folder }, { trustModules: false }));
    expect(fault.code).toBe("entry-unreadable");
    expect(fault.message).toMatch(/unbuilt\.wasm is missing: build the plugin first/);
  });

  test("a wasm file that is no wasm", async () => {
    const manifest = moduleManifest("com.example.text", { entry: { wasm: "text.wasm" } });
    const folder = temporary.add("text", manifest, { "text.wasm": "hello" });
    const fault = await faultOf(() => readCode({ manifest, folder }, { trustModules: false }));
    expect(fault.message).toMatch(/text\.wasm cannot be used: .*expected magic word/);
  });
});
