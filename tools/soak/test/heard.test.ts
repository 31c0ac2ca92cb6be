/** Stops and steps found in what was heard. */
import { expect, test } from "vitest";
import { beginnings, largest } from "../src/heard.ts";
import { report } from "../src/report.ts";
import { RATE_HZ } from "../src/song.ts";

test("what begins after a stop is found, and a short silence or the song's own beginning is none", () => {
  const frames = 3 * RATE_HZ;
  const channel = new Float32Array(frames).fill(0.5);
  channel.fill(0, 0, 5000);
  channel.fill(0, 20_000, 20_900);
  channel.fill(0, 40_000, 54_400);
  const other = channel.slice();
  other[54_400] = 0;
  expect(beginnings([channel, other])).toEqual([54_400]);
});

test("the largest step and the largest sample are those of any channel", () => {
  const [a, b] = [Float32Array.of(0, 0.25, 0.5), Float32Array.of(0, -0.75, -0.5)];
  expect(largest([a, b])).toEqual({ step: 0.75, peak: 0.75 });
});

const good = {
  seconds: 900,
  edits: 10,
  settled: 5,
  superseded: 5,
  values: 1,
  dropouts: 30,
  droppedFrames: 3840,
  idleSeconds: 90,
  idleDropouts: 3,
  checks: 4,
  verified: 4,
  largest: { step: 0.1, peak: 0.5 },
  memory: Array.from({ length: 180 }, (_, k) => 2e8 + (k < 12 ? -1e8 : 0)),
  collections: [],
};

test.each([
  ["a check that was not the render", { verified: 3 }],
  ["no check at all", { checks: 0, verified: 0 }],
  ["a click", { largest: { step: 0.3, peak: 0.5 } }],
  ["more dropouts with edits than without", { dropouts: 50 }],
  [
    "dropouts that come with collections",
    {
      collections: [
        { isolate: "a", count: 9, longestMs: 1, totalMs: 2, dropoutsNear: 20, dropoutsByChance: 4 },
      ],
    },
  ],
  ["memory that grows", { memory: Array.from({ length: 180 }, (_, k) => 2e8 + 2e5 * k) }],
])("a report is not good for %s", (_, change) => {
  expect(report("here", good).isGood).toBe(true);
  expect(report("here", { ...good, ...change }).isGood).toBe(false);
});
