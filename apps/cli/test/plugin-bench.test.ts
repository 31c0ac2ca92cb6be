import { expect, test } from "vitest";
import { gainstage } from "./command.ts";

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
