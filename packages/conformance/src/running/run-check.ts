/** One check on one plugin, and what came of it. */
import { PluginFault, reasonOf } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { type Check, groupOf, NotRun } from "../check.ts";
import type { Subject } from "../subject.ts";
import type { CheckResult } from "./report.ts";
import { reproductionOf } from "./reproduction.ts";

export async function runCheck(check: Check, subject: Omit<Subject, "measured">): Promise<CheckResult> {
  const before = performance.now();
  let measured: string | undefined;
  // Not a copy: what needs the plugin's code gets it when it asks.
  const own: Subject = Object.assign(subject, {
    measured: (text: string) => {
      measured = text;
    },
  });
  const ended = () => Number((performance.now() - before).toFixed(1));
  try {
    await check.run(own);
    return {
      ...said(check),
      outcome: "passed",
      ...(measured !== undefined && { message: measured }),
      ms: ended(),
    };
  } catch (error) {
    if (error instanceof NotRun) return notRun(check, error.message, ended());
    return failed(check, messageOf(error), error instanceof CheckFailed ? error.failing : undefined, ended());
  }
}

function messageOf(error: unknown): string {
  if (error instanceof CheckFailed || error instanceof PluginFault) return error.message;
  const stack = error instanceof Error ? (error.stack ?? "").split("\n")[1]?.trim() : "";
  return `the check itself failed: ${reasonOf(error)} ${stack}`;
}

export function said({ id, title, level }: Check): Pick<CheckResult, "id" | "group" | "title" | "level"> {
  return { id, group: groupOf(id), title, level };
}

export function notRun(check: Check, reason: string, ms = 0): CheckResult {
  return { ...said(check), outcome: "not-run", reason, ms };
}

export function failed(check: Check, message: string, failing: Case | undefined, ms: number): CheckResult {
  return {
    ...said(check),
    outcome: check.level === "must" ? "failed" : "warned",
    message,
    ...(failing && { case: { ...failing, check: check.id }, reproduction: reproductionOf(check, failing) }),
    ms,
  };
}
