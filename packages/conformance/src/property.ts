/** A promise about every run of a plugin: tried on listed cases, then on random ones, the first failure made small. */
import { type Manifest, PluginFault } from "@gainstage/plugin-api";
import fc from "fast-check";
import { CASE_FRAMES, type Case } from "./cases/case.ts";
import { CheckFailed } from "./cases/check-failed.ts";
import { shrink } from "./cases/shrink.ts";
import type { Check, Level } from "./check.ts";
import type { Subject } from "./subject.ts";

export interface Property {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  /** Throws a CheckFailed if the promise is not kept in this case, a NotRun if it does not apply to the plugin. */
  readonly holds: (subject: Subject, given: Case) => void;
  /** Tried first, one by one. Those that name no length run for as long as Subject.caseFrames says. */
  readonly listed?: (manifest: Manifest, caseFrames: number) => readonly Case[];
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
          subject.shrinkMs,
        );
        throw new CheckFailed(last.message, smallest);
      };
      for (const given of listed?.(subject.manifest, subject.caseFrames) ?? [])
        attempt(longEnough(given, subject));
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

/** The length is part of the case, so that it is the same case anywhere. */
function longEnough(given: Case, subject: Subject): Case {
  if (given.frames !== undefined || subject.caseFrames === CASE_FRAMES) return given;
  return { frames: subject.caseFrames, ...given };
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
