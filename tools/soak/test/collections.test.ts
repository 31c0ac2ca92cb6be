/** What V8 prints, read. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { CollectionLog } from "../src/collections.ts";

test("collections are told by isolate, as V8 prints them", () => {
  const program = `
    const { Worker } = require("node:worker_threads");
    const waste = "let kept = []; for (let k = 0; k < 3e6; k++) { kept.push({ k }); if (kept.length > 1e4) kept = []; }";
    eval(waste);
    new Worker(waste, { eval: true });`;
  const printed = execFileSync(process.execPath, ["--trace-gc", "-e", program], { encoding: "utf8" });
  const lines = printed.split("\n").filter((line) => line.includes(" ms: "));
  const log = new CollectionLog();
  for (const line of lines) expect(log.take(line), line).toBe(true);
  expect(log.isolates.length).toBeGreaterThanOrEqual(2);
  expect(log.isolates.reduce((sum, { count }) => sum + count, 0)).toBe(lines.length);
  for (const { longestMs, totalMs, count } of log.isolates) {
    expect(longestMs).toBeGreaterThan(0);
    expect(totalMs).toBeGreaterThanOrEqual(longestMs);
    expect(totalMs).toBeLessThanOrEqual(count * longestMs);
  }
});

test("other lines are not taken", () => {
  const log = new CollectionLog();
  expect(log.take('progress "9 s: 3003 edits"')).toBe(false);
  expect(log.isolates).toEqual([]);
});
