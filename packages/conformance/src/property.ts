/** A promise about every run of a plugin: tried on listed cases, then on random ones, the first failure made small. */
import { type Manifest, PluginFault } from "@gainstage/plugin-api";
import fc from "fast-check";
import type { Case } from "./case.ts";
import type { Check, Level } from "./check.ts";
import { CheckFailed } from "./compare.ts";
import { shrink } from "./shrink.ts";
import type { Subject } from "./subject.ts";

export interface Property {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  /** Throws a CheckFailed if the promise is not kept in this case, a NotRun if it does not apply to the plugin. */
  readonly holds: (subject: Subject, given: Case) => void;
  /** Tried first, one by one. */
  readonly listed?: (manifest: Manifest) => readonly Case[];
  readonly random?: (manifest: Manifest) => fc.Arbitrary<Case>;
  /** Random cases at an effort of 1, unless time runs out before. Default 40. */
  readonly runs?: number;
}

export function property({ id, title, level, holds, listed, random, runs = 40 }: Property): Check {
  return {
    id,
    title,
    level,
    run(subject) {
      const until = performance.now() + subject.budgetMs;
      let tried = 0;
      const attempt = (given: Case) => {
        const named = { check: id, ...given };
        subject.trying(named);
        const failure = failureOf(() => holds(subject, named));
        tried++;
        if (!failure) return;
        const { smallest, failure: last } = shrink(
          named,
          failure,
          (candidate) => failureOf(() => holds(subject, candidate)),
          subject.budgetMs,
        );
        throw new CheckFailed(last.message, smallest);
      };
      for (const given of listed?.(subject.manifest) ?? []) attempt(given);
      const numRuns = Math.max(1, Math.round(runs * subject.effort));
      const drawn = random ? fc.sample(random(subject.manifest), { seed: subject.seed, numRuns }) : [];
      for (const given of drawn) {
        if (performance.now() > until) break;
        attempt(given);
      }
      subject.measured(`${tried} ${tried === 1 ? "case" : "cases"}`);
    },
    replay: holds,
  };
}

/** What a case fails with. What is neither the check's word nor a fault of the plugin's code goes on. */
function failureOf(work: () => void): CheckFailed | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof CheckFailed) return error;
    if (error instanceof PluginFault) return new CheckFailed(error.message);
    throw error;
  }
}
