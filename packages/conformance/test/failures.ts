/** Runs checks on plugins in memory, as the thread of a validation does on those in folders. */
import { ModulePlugin } from "@gainstage/plugin-api";
import { CHECKS } from "../src/all-checks.ts";
import type { CheckResult } from "../src/running/report.ts";
import { runCheck } from "../src/running/run-check.ts";
import { subjectOf } from "../src/subject.ts";
import type { MemoryPlugin } from "./sound-plugin.ts";

/** Few random cases, since a hundred plugins are checked. */
const EFFORT = 0.5;
const SOAK_MINUTES = 0.02;
/** Where only the message counts. */
const SHRINK_MS = 100;

export async function resultsOf(
  { manifest, activate }: MemoryPlugin,
  ids: readonly string[],
  shrinkMs?: number,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of CHECKS.filter(({ id }) => ids.includes(id))) {
    const code = {
      manifest,
      instantiate: () => new ModulePlugin(manifest, { activate }),
      atImport: { changed: [], used: [] },
    };
    const subject = subjectOf({
      document: manifest,
      code,
      effort: EFFORT,
      soakMinutes: SOAK_MINUTES,
      shrinkMs,
    });
    results.push(await runCheck(check, subject));
  }
  return results;
}

/** Check id to what it said, of the checks that a plugin does not pass. */
export async function failuresOf(plugin: MemoryPlugin, ids: readonly string[]): Promise<Map<string, string>> {
  const results = await resultsOf(plugin, ids, SHRINK_MS);
  const wrong = results.filter(({ outcome }) => outcome === "failed" || outcome === "warned");
  return new Map(wrong.map(({ id, message }) => [id, message ?? ""]));
}
