import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { searchDrive } from "../src/loudness-search.ts";

const RANGE = [-12, 36] as const;

/** Loudness that follows the drive, bends at `kneeDb` and from there on gains only `slope` of each dB. */
const limited = (loudness: number, kneeDb: number, slope: number) => {
  let trials = 0;
  const at = async (drive: number) => {
    trials++;
    return loudness + Math.min(drive, kneeDb) + slope * Math.max(0, drive - kneeDb);
  };
  return { at, trials: () => trials };
};

describe("the drive for a target loudness", () => {
  test("is found for any programme within reach, in a dozen trials", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: -30, max: -10, noNaN: true }),
        fc.double({ min: -6, max: 12, noNaN: true }),
        fc.double({ min: 0.15, max: 1, noNaN: true }),
        fc.double({ min: -11, max: 35, noNaN: true }),
        async (loudness, knee, slope, wanted) => {
          const programme = limited(loudness, knee, slope);
          const target = (await programme.at(wanted)) as number;
          const found = await searchDrive(programme.at, target, target - loudness, RANGE);
          expect(found.reached).toBe(true);
          expect(Math.abs(found.loudnessLufs - target)).toBeLessThanOrEqual(0.01);
          expect(programme.trials()).toBeLessThan(20);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("is the most there is when the target is out of reach, and says so", async () => {
    const found = await searchDrive(limited(-60, 0, 0.2).at, -5, 55, RANGE);
    expect(found).toMatchObject({ driveDb: 36, reached: false });
    expect(found.loudnessLufs).toBeCloseTo(-60 + 0.2 * 36, 6);
  });
});
