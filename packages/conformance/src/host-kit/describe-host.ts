/**
 * One call that a host's own test makes: what plugins may rely on (H01 to H06, H09, H10), that a plugin which breaks
 * its word harms nobody else (H07), and what is kept of one that is not there (H08).
 */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, test } from "vitest";
import { NotRun } from "../check.ts";
import { CALL_CHECKS } from "./calls.ts";
import { CONTAINMENT_CHECKS } from "./containment.ts";
import type { HostUnderTest } from "./host-under-test.ts";
import { KEEPING_CHECKS } from "./keeping.ts";
import { makeKitFolder } from "./kit-folder.ts";
import { STREAM_CHECKS } from "./streams.ts";
import { type HostCheck, type Trial, trialOf } from "./trial.ts";

export const HOST_CHECKS: readonly HostCheck[] = [
  ...CALL_CHECKS,
  ...STREAM_CHECKS,
  ...KEEPING_CHECKS,
  ...CONTAINMENT_CHECKS,
];

/** `makeHost` is called once, before the first test. */
export function describeHost(name: string, makeHost: () => HostUnderTest): void {
  describe(`${name} keeps what plugins rely on`, () => {
    let trial: Trial;
    beforeAll(() => {
      trial = trialOf(makeHost(), makeKitFolder());
    });
    afterAll(() => rmSync(trial.kit.path, { recursive: true, force: true }));
    for (const check of HOST_CHECKS)
      test(`${check.id} ${check.title}`, async ({ skip }) => {
        try {
          await check.run(trial);
        } catch (error) {
          if (error instanceof NotRun) skip(error.message);
          throw error;
        }
      });
  });
}
