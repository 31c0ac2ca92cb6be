import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Quarantine } from "@gainstage/host";
import { describe, expect, test } from "vitest";
import { gainstage, plainEnvironment, scratchFolder } from "./command.ts";

interface Line {
  readonly plugin: string;
  readonly setting: string;
  readonly blockFrames: number;
  readonly nsPerFrame: number;
  readonly timesRealTime: number;
  readonly ratio: number;
}

test("plugin bench measures every setting at every block size, beside the first", () => {
  const settings = ["compressor", "compressor:lookaheadMs=5", "chorus"];
  const { code, stdout } = gainstage(
    ...["plugin", "bench", ...settings, "--block", "32,256", "--rounds", "3", "--rate", "96000", "--json"],
  );
  expect(code).toBe(0);
  const { sampleRateHz, rounds, results } = JSON.parse(stdout) as {
    readonly sampleRateHz: number;
    readonly rounds: number;
    readonly results: readonly Line[];
  };
  expect([sampleRateHz, rounds]).toEqual([96_000, 3]);
  expect(results.map(({ setting, blockFrames }) => [setting, blockFrames])).toEqual(
    [32, 256].flatMap((blockFrames) => settings.map((setting) => [setting, blockFrames])),
  );
  for (const { setting, nsPerFrame, timesRealTime, ratio } of results) {
    expect(nsPerFrame).toBeGreaterThan(0);
    expect(timesRealTime * nsPerFrame * 96_000).toBeCloseTo(1e9, 0);
    if (setting === "compressor") expect(ratio).toBe(1);
    else expect(ratio).toBeGreaterThan(0);
  }
});

test.each([
  [["chorsu"], 4, /Did you mean chorus/],
  [["chorus:rate"], 2, /not of the form param=value/],
  [["chorus", "--block", "64,0"], 2, /from 1 to 8192/],
] as const)("plugin bench %j ends with %d", (args, ends, message) => {
  const { code, stderr, stdout } = gainstage("plugin", "bench", ...args);
  expect(stderr).toMatch(message);
  expect(stdout).toBe("");
  expect(code).toBe(ends);
});

describe("plugin bench ends with 4 and the plugin's name if it", () => {
  const folder = scratchFolder();

  /** A plugin that hands its input on, with statements in activate() and process(). */
  function writePlugin(name: string, atTop: string, inActivate: string, inProcess: string): void {
    mkdirSync(join(folder, name));
    const port = (id: string) => ({ id, name: id, role: "main", layouts: ["stereo"] });
    const manifest = {
      api: "1.0",
      id: `com.example.${name}`,
      name,
      vendor: "Example",
      version: "1.0.0",
      features: ["utility"],
      entry: { module: "entry.js" },
      inputs: [port("in")],
      outputs: [port("out")],
      params: [],
    };
    writeFileSync(join(folder, name, "plugin.json"), JSON.stringify(manifest));
    const source = `${atTop}
      export default {
        activate() {
          ${inActivate}
          const process = ({ frames, inputs: [input], outputs: [output] }) => {
            ${inProcess}
            for (let c = 0; c < 2; c++) for (let i = 0; i < frames; i++) output[c][i] = input[c][i];
            return 0;
          };
          return { latencyFrames: 0, tailFrames: 0, reset() {}, process };
        },
      };`;
    writeFileSync(join(folder, name, "entry.js"), source);
  }

  test("is in quarantine", () => {
    writePlugin("quarantined", "", "", "throw new Error('again');");
    const { hash } = JSON.parse(
      gainstage(
        "plugin",
        "validate",
        join(folder, "quarantined"),
        "--trust-modules",
        "--only",
        "M01",
        "--json",
      ).stdout,
    ).plugin;
    new Quarantine(join(plainEnvironment.GAINSTAGE_STATE_DIR!, "quarantine.json")).add({
      ...{ hash, id: "com.example.quarantined", version: "1.0.0" },
      ...{ why: "trap", when: "2026-01-01T00:00:00Z" },
    });
    const { code, stderr } = gainstage(
      ...["plugin", "bench", "com.example.quarantined", "--plugins", folder, "--trust-modules"],
    );
    expect([code, stderr]).toEqual([
      4,
      expect.stringContaining("plugin com.example.quarantined: is in quarantine"),
    ]);
  });

  test.each([
    ["refuses", "", "throw new Error('no licence');", "", "it refuses to activate: no licence"],
    [
      "throws",
      "",
      "",
      "throw new Error('too loud');",
      "process() failed with a block of 64 frames: too loud",
    ],
    ["loops", "", "", "for (;;);", "its process() takes longer than 5 s over 24576 frames"],
    ["ends", "", "", "globalThis.process.exit(0);", "it ended its thread"],
    ["misspelt", "}}}", "", "", "it cannot be loaded: Unexpected token '}'"],
  ])("%s", (name, atTop, inActivate, inProcess, says) => {
    writePlugin(name, atTop, inActivate, inProcess);
    const { code, stderr, stdout } = gainstage(
      ...["plugin", "bench", "chorus", `com.example.${name}`, "--plugins", folder, "--trust-modules"],
      ...["--rounds", "1"],
    );
    expect([code, stdout, stderr.trim()]).toEqual([4, "", `error: plugin com.example.${name}: ${says}`]);
  });
});
