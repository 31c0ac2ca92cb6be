import { expect, test } from "vitest";
import { runContests } from "../src/contests.ts";
import { reportText } from "../src/report.ts";
import { AIMS, WORKLOADS } from "../src/workloads.ts";

test("half a second of W1 to W5 really runs, without peers", async () => {
  const asked = { rounds: 1, seconds: 0.5, workloads: WORKLOADS, peersFrom: undefined };
  const said: string[] = [];
  const report = await runContests(asked, (doing) => said.push(doing));
  expect(report.results.map(({ name }) => name)).toEqual(Object.keys(AIMS));
  for (const { name, seconds, nanoseconds, best, met, peers } of report.results) {
    expect(seconds, name).toBeGreaterThan(0);
    expect(nanoseconds, name).toBeGreaterThan(0);
    expect([best, met, peers], name).toEqual([null, null, []]);
  }
  expect(said).toContain("W3: round 1 of 1, ours");
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(
    reportText(report)
      .split("\n")
      .filter((line) => line.endsWith("no peer")),
  ).toHaveLength(6);
});
