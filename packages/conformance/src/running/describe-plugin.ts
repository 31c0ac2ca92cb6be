/** One call that a plugin's own test makes: every check, as a vitest test each. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { CHECKS } from "../all-checks.ts";
import type { CheckResult } from "./report.ts";
import { pathOf } from "./reproduction.ts";
import { type ValidateOptions, type ValidationReport, validate } from "./validate.ts";

export interface DescribeOptions extends Omit<ValidateOptions, "onResult"> {
  /** True: what should hold must, unless it is waived or compares durations. Default false. */
  readonly strict?: boolean;
}

/**
 * `folder` holds plugin.json. A must that is not kept fails its test, with the smallest failing case as a test to paste;
 * a should leaves a note. Checks run in a thread of their own, so that a plugin that hangs fails one test.
 */
export function describePlugin(
  folder: string | URL,
  { strict = false, ...options }: DescribeOptions = {},
): void {
  const checks = CHECKS.filter(({ id }) => options.only?.includes(id) ?? true);
  describe("conforms to the plugin API", () => {
    const ended = new Map(checks.map(({ id }) => [id, pending<CheckResult>()]));
    let whole: Promise<ValidationReport> | undefined;

    beforeAll(() => {
      const onResult = (result: CheckResult) => ended.get(result.id)?.resolve(result);
      whole = validate(pathOf(folder), { trustModules: true, card: false, ...options, onResult });
      whole.catch((error) => {
        for (const { reject } of ended.values()) reject(error);
      });
    });
    afterAll(async () => {
      const { results = [] } = (await whole) ?? {};
      // What keeps all of them from being run is said, whether it is among them or not.
      const other = results.find(({ id, outcome }) => outcome === "failed" && !ended.has(id));
      if (other) throw new Error(`${other.id} ${other.title}: ${other.message}`);
    });

    for (const { id, title, timed = false } of checks) {
      test(`${id} ${title}`, async ({ skip, annotate }) => {
        const result = await ended.get(id)!.promise;
        if (result.outcome === "not-run") skip(result.reason);
        const { outcome, waived } = result;
        if (outcome === "passed") return;
        if (outcome === "warned" && (!strict || timed || waived !== undefined))
          return void (await annotate(waived ?? result.message ?? "", "warning"));
        throw new Error(
          [result.message, result.reproduction].filter((text) => text !== undefined).join("\n\n"),
        );
      });
    }
  });
}

/** A promise and what ends it. Promise.withResolvers() is younger than the oldest Node that this runs on. */
function pending<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
