/** A validation's outcomes in words, the same on the terminal and on the page. */
import type { CheckResult, ValidationReport } from "@gainstage/conformance/validate";

/** "failed", "warned", "waived", "passed", "not run". */
export function outcomeText({ outcome, waived }: CheckResult): string {
  if (waived !== undefined) return "waived";
  return outcome === "not-run" ? "not run" : outcome;
}

/** What there is to say beside the title: what is wrong, what was measured, or why it was not run. */
export function remarkOf({ message, reason, waived }: CheckResult): string {
  const found = message ?? reason ?? "";
  return waived === undefined ? found : `${found} (waived: ${waived})`;
}

/** "87 passed, 1 failed, 2 warned, 35 not run" */
export function countsText({
  passed,
  failed,
  warned,
  waived,
  "not-run": notRun,
}: ValidationReport["counts"]): string {
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (warned > waived) parts.push(`${warned - waived} warned`);
  if (waived > 0) parts.push(`${waived} waived`);
  if (notRun > 0) parts.push(`${notRun} not run`);
  return parts.join(", ");
}

export function verdictText({ ok, loads, results }: ValidationReport): string {
  if (!loads) return "cannot be loaded";
  if (ok) return "keeps every promise that was checked";
  const broken = results.filter((result) => result.outcome === "failed").map((result) => result.id);
  return `breaks ${broken.join(", ")}`;
}
