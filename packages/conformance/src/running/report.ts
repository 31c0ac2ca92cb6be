/** What a validation found, as plain data that goes into JSON as it is. */

import type { Case } from "../cases/case.ts";
import type { Level } from "../check.ts";
import type { MeasuredCard } from "../measuring/card.ts";

/** failed: a must is not kept. warned: a should is not. not-run: it does not apply, or cannot be decided here. */
export type Outcome = "passed" | "failed" | "warned" | "not-run";

export interface CheckResult {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly level: Level;
  readonly outcome: Outcome;
  /** What is wrong; of a check that passed, what it measured. */
  readonly message?: string;
  /** Why it was not run. */
  readonly reason?: string;
  /** Why the plugin's author lets it stand, from package.json. */
  readonly waived?: string;
  /** The smallest run in which it fails. */
  readonly case?: Case;
  /** The same, as a test to paste. */
  readonly reproduction?: string;
  readonly ms: number;
}

export interface ValidationReport {
  /** Of this format. */
  readonly version: 1;
  readonly plugin: {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    readonly api: string;
    readonly kind: "wasm" | "module";
    readonly folder: string;
    /** The content hash that a session pins; null where a file is missing. */
    readonly hash: string | null;
  };
  /** Gives the same random cases again. */
  readonly seed: number;
  /** Of Node, its V8 and this machine. */
  readonly engine: string;
  /** True if its code could be loaded. */
  readonly loads: boolean;
  /** True if no must failed. */
  readonly ok: boolean;
  readonly counts: Readonly<Record<Outcome | "waived", number>>;
  readonly results: readonly CheckResult[];
  /** Waivers that waive nothing: of a must, or of a check that passes. */
  readonly idleWaivers: readonly string[];
  readonly card: MeasuredCard | null;
  readonly ms: number;
}

export function countsOf(results: readonly CheckResult[]): ValidationReport["counts"] {
  const counts = { passed: 0, failed: 0, warned: 0, "not-run": 0, waived: 0 };
  for (const { outcome, waived } of results) {
    counts[outcome]++;
    if (waived !== undefined) counts.waived++;
  }
  return counts;
}
