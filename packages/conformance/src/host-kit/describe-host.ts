/**
 * One call that a host's own test makes: what plugins may rely on (H01 to H06, H09, H10), and that a plugin which breaks
 * its word harms nobody else (H07). H08, what becomes of a plugin that is not there, is for what keeps sessions.
 */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, test } from "vitest";
import { CALL_CHECKS } from "./calls.ts";
import { CONTAINMENT_CHECKS } from "./containment.ts";
import type { HostUnderTest } from "./host-under-test.ts";
import { makeKitFolder } from "./kit-folder.ts";
import { STREAM_CHECKS } from "./streams.ts";
import { type HostCheck, type Trial, trialOf } from "./trial.ts";

export const HOST_CHECKS: readonly HostCheck[] = [...CALL_CHECKS, ...STREAM_CHECKS, ...CONTAINMENT_CHECKS];

/** `makeHost` is called once, before the first test. */
export function describeHost(name: string, makeHost: () => HostUnderTest): void {
  describe(`${name} keeps what plugins rely on`, () => {
    let trial: Trial;
    beforeAll(() => {
      trial = trialOf(makeHost(), makeKitFolder());
    });
    afterAll(() => rmSync(trial.kit.path, { recursive: true, force: true }));
    for (const check of HOST_CHECKS) test(`${check.id} ${check.title}`, () => check.run(trial));
  });
}
