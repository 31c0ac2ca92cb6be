import { expect } from "vitest";

/** Fails unless `actual` is a number within `tolerance` of `expected`, and says by how much it is off. */
export function expectWithin(actual: number | null, expected: number, tolerance: number): void {
  expect(actual, "a reading").not.toBeNull();
  expect(Math.abs(actual! - expected), `${actual} is to be ${expected} ± ${tolerance}`).toBeLessThanOrEqual(
    tolerance,
  );
}
