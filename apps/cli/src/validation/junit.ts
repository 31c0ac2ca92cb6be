/** A validation as JUnit XML, in the form that GitLab, Jenkins and GitHub's actions read: a suite for each group. */
import type { CheckResult, ValidationReport } from "@gainstage/conformance/validate";
import { remarkOf } from "./outcome-text.ts";

export function junitXml({ plugin, results, ms }: ValidationReport): string {
  const groups = [...new Set(results.map((result) => result.group))];
  const suites = groups.map((group) => {
    const cases = results.filter((result) => result.group === group);
    const count = (outcome: CheckResult["outcome"]) =>
      cases.filter((result) => result.outcome === outcome).length;
    const seconds = cases.reduce((sum, result) => sum + result.ms, 0) / 1000;
    return [
      `  <testsuite name="${escaped(group)}" tests="${cases.length}" failures="${count("failed")}" skipped="${count("not-run")}" time="${seconds.toFixed(3)}">`,
      ...cases.map((result) => testCase(plugin.id, result)),
      "  </testsuite>",
    ].join("\n");
  });
  const failures = results.filter((result) => result.outcome === "failed").length;
  const head = `<testsuites name="${escaped(plugin.id)}" tests="${results.length}" failures="${failures}" time="${(ms / 1000).toFixed(3)}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...suites, "</testsuites>", ""].join("\n");
}

function testCase(plugin: string, result: CheckResult): string {
  const name = escaped(`${result.id} ${result.title}`);
  const open = `    <testcase classname="${escaped(plugin)}" name="${name}" time="${(result.ms / 1000).toFixed(3)}"`;
  const text = escaped(remarkOf(result));
  if (result.outcome === "failed")
    return `${open}><failure message="${text}">${escaped(result.reproduction ?? "")}</failure></testcase>`;
  if (result.outcome === "not-run") return `${open}><skipped message="${text}"/></testcase>`;
  return text === "" ? `${open}/>` : `${open}><system-out>${text}</system-out></testcase>`;
}

/** XML 1.0 has no way to write most control characters. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\uffff]/g, "\ufffd")
    .replace(/[&<>"'\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
