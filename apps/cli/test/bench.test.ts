import { expect, test } from "vitest";
import { gainstage } from "./command.ts";

test("bench runs the workloads that are asked for and prints one object", () => {
  const { code, stdout, stderr } = gainstage(
    ...["bench", "--no-peers", "--only", "W4,W1", "--seconds", "0.5", "--rounds", "1", "--json"],
  );
  expect(stderr).toMatch(/W1: round 1 of 1, ours/);
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.seconds).toBe(0.5);
  expect(report.results.map(({ name }: { readonly name: string }) => name)).toEqual(["W1", "W4"]);
});

test.each([
  [["--only", "W6"], /some of W1,W2,W3,W4,W5/],
  [["--seconds", "0.1"], /from 0\.5 to 600/],
  [["--rounds", "0"], /from 1 to 99/],
] as const)("bench %j is refused", (args, message) => {
  const { code, stderr, stdout } = gainstage("bench", ...args);
  expect(stderr).toMatch(message);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});
