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
  const log = new CollectionLog(0);
  for (const line of lines) expect(log.take(line, 1000), line).toBe(true);
  expect(log.isolates(2000).length).toBeGreaterThanOrEqual(2);
  expect(log.isolates(2000).reduce((sum, { count }) => sum + count, 0)).toBe(lines.length);
  for (const { longestMs, totalMs, count } of log.isolates(2000)) {
    expect(longestMs).toBeGreaterThan(0);
    expect(totalMs).toBeGreaterThanOrEqual(longestMs);
    expect(totalMs).toBeLessThanOrEqual(count * longestMs);
  }
});

test("other lines are not taken", () => {
  const log = new CollectionLog(0);
  expect(log.take('progress "9 s: 3003 edits"', 1)).toBe(false);
  expect(log.isolates(2000)).toEqual([]);
});

test("dropouts that come with collections are told from those that do not", () => {
  const line = (ms: number) =>
    `[1:0xab]  ${ms} ms: Scavenge 3.5 (4.5) -> 2.8 (5.5) MB, pooled: 0 MB, 0.85 / 0.00 ms  (average)`;
  const log = new CollectionLog(0);
  for (const at of [1000, 1050, 5000]) log.take(line(at), at);
  log.dropped(2, 1140);
  log.dropped(3, 3000);
  log.dropped(1, 4905);
  const [{ dropoutsNear, dropoutsByChance }] = log.isolates(10_000);
  expect(dropoutsNear).toBe(3);
  // 900 to 1150 and 4900 to 5100 are 450 of 10,000 ms.
  expect(dropoutsByChance).toBeCloseTo((6 * 450) / 10_000, 9);
});
