/** One thing that a plugin owes, as a function that throws when the plugin does not keep it. */
import type { Case } from "./cases/case.ts";
import { CheckFailed } from "./cases/check-failed.ts";
import type { Subject } from "./subject.ts";

/** must: a host may rely on it. should: a plugin has reasons when it does not. info: measured, never wrong. */
export type Level = "must" | "should" | "info";

export interface Check {
  /** A letter for its group and two digits, kept for ever: reports and waivers refer to it. */
  readonly id: string;
  /** A sentence that is true of a sound plugin. */
  readonly title: string;
  readonly level: Level;
  /** False for what is decided from the folder alone, without running any of the plugin's code. Default true. */
  readonly runsCode?: boolean;
  /** True for what compares durations, which a busy machine may upset. Default false. */
  readonly timed?: boolean;
  /** Throws a CheckFailed, or a NotRun. */
  readonly run: (subject: Subject) => void | Promise<void>;
  /** The same for one case alone: what a reproduction runs. */
  readonly replay?: (subject: Subject, failing: Case) => void;
}

/** Thrown where a check does not apply, or cannot be decided here; the message is the reason. */
export class NotRun extends Error {
  override readonly name = "NotRun";
}

/** By the letter with which a check's id begins, in the order in which an author meets them. */
export const GROUPS: Readonly<Record<string, string>> = {
  M: "Manifest and package",
  L: "Loading and sandbox",
  C: "Lifecycle",
  P: "Processing",
  E: "Parameters and transport",
  D: "Cutting and determinism",
  T: "Latency, tail and rest",
  S: "State",
  G: "Meters and curves",
  R: "Real time and resources",
  V: "Versions",
  U: "Editor",
};

export function groupOf(id: string): string {
  return GROUPS[id[0]] ?? "Other";
}

/** A check of the list that no machine, or not this one, can decide. */
export function undecided(id: string, level: Level, title: string, reason: string): Check {
  return {
    id,
    level,
    title,
    runsCode: false,
    run: () => {
      throw new NotRun(reason);
    },
  };
}

/** The check, tried on one case. Throws a RangeError if it knows no cases. */
export function onlyCase(check: Check, given: Case): Check {
  const { replay } = check;
  if (!replay) throw new RangeError(`${check.id} has no cases: run it with --only ${check.id}`);
  return { ...check, run: (subject) => replay(subject, given) };
}

/** Throws a CheckFailed with `message` unless `condition` holds. */
export function demand(condition: boolean, message: string, failing?: Case): void {
  if (!condition) throw new CheckFailed(message, failing);
}
