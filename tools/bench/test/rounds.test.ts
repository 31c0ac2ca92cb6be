import fc from "fast-check";
import { expect, test } from "vitest";
import type { Entrant, FirstRun } from "../src/entrant.ts";
import { median, medianRatio, PATIENCE, takeTurns, worthWaitingFor } from "../src/rounds.ts";

const seconds = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 30 });

test("the median has as many values below as above it", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  fc.assert(
    fc.property(seconds, (values) => {
      const middle = median(values);
      const below = values.filter((value) => value < middle).length;
      const above = values.filter((value) => value > middle).length;
      expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
    }),
  );
  expect(() => median([])).toThrow(RangeError);
});

test("a machine that slows down in some rounds leaves the ratio as it is", () => {
  fc.assert(
    fc.property(seconds, fc.double({ min: 0.01, max: 100, noNaN: true }), (theirs, ratio) => {
      const ours = theirs.map((value) => value * ratio);
      expect(medianRatio(ours, theirs) / ratio).toBeCloseTo(1, 9);
    }),
  );
});

test("a single time stands for all rounds", () => {
  expect(medianRatio([1, 2, 3], [4])).toBe(0.5);
});

test("everyone runs once a round, in turn; who is far behind is not run again", async () => {
  const ran: string[] = [];
  const entrant = (name: string, isLimit = false): Entrant => ({
    name,
    isLimit,
    firstRun: async () => ({ outcome: {}, seconds: 1 }),
    run: async () => ran.push(name),
  });
  const [ours, fast, slow, limit] = [
    entrant("ours"),
    entrant("fast"),
    entrant("slow"),
    entrant("limit", true),
  ];
  const first = new Map<Entrant, FirstRun>([
    [ours, { outcome: {}, seconds: 100 }],
    [fast, { outcome: {}, seconds: 2 }],
    [slow, { outcome: {}, seconds: 2.01 * PATIENCE }],
    [limit, { outcome: {}, seconds: 0.001 }],
  ]);
  expect(worthWaitingFor(first, [ours])).toEqual([ours, fast, limit]);
  const times = await takeTurns(first, [ours], 2, () => {});
  expect(ran).toEqual(["ours", "fast", "limit", "ours", "fast", "limit"]);
  expect(times.map(({ seconds: taken }) => taken)).toEqual([[1, 4], [2, 5], [2.01 * PATIENCE], [3, 6]]);
});
