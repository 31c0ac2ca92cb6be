/** A short soak behind node-web-audio-api. Dropouts are not looked at: whatever else the machine does makes them. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Dice, graphOf, RandomMix } from "../src/random-mix.ts";

test("twelve seconds of random edits settle on what offline renders give", () => {
  const script = fileURLToPath(new URL("../src/in-node.ts", import.meta.url));
  const printed = execFileSync(process.execPath, [script, "12", "3"], { encoding: "utf8", timeout: 90_000 });
  const told = (kind: string) =>
    printed.split("\n").flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
  const soaked = JSON.parse(told("soaked")[0]);
  expect(soaked.checks).toBeGreaterThan(0);
  expect(soaked.settled).toBeGreaterThan(soaked.checks);
  expect(soaked.largest.step).toBeLessThan(0.25);
  expect(soaked.largest.peak).toBeGreaterThan(0.01);
  expect(told("verified")).toHaveLength(soaked.checks);
});

test("a seed makes the same mixes everywhere", () => {
  // Numerical Recipes' generator from 1: 1015568748, 1586005467.
  const dice = new Dice(1);
  expect([dice.next(), dice.next()]).toEqual([(1015568748 >>> 8) / 2 ** 24, (1586005467 >>> 8) / 2 ** 24]);
  const mixes = [5, 5].map((seed) => {
    const random = new RandomMix(seed);
    for (let k = 0; k < 100; k++) random.change();
    return JSON.stringify(graphOf(random.mix, 1000));
  });
  expect(mixes[0]).toBe(mixes[1]);
});
