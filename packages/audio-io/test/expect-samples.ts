import { expect } from "vitest";

/** Equal to the bit, naming the first frame that is not. */
export function expectSamples(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let frame = 0; frame < expected.length; frame++) {
    if (!Object.is(actual[frame] + 0, expected[frame] + 0)) {
      expect.fail(`frame ${frame} is ${actual[frame]}, not ${expected[frame]}`);
    }
  }
}
