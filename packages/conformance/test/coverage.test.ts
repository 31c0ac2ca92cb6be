/** Every check that can fail has a plugin that breaks it, somewhere in these tests. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CHECKS } from "../src/all-checks.ts";
import { NotRun } from "../src/check.ts";
import type { Subject } from "../src/subject.ts";

/** Measured and shown, never wrong. */
const INFORMATIONAL = CHECKS.filter(({ level }) => level === "info").map(({ id }) => id);

/** A check that never runs throws its reason without looking at the plugin. */
function isUndecided(id: string): boolean {
  const check = CHECKS.find((c) => c.id === id)!;
  if (check.runsCode !== false || id[0] === "M" || id[0] === "L") return id === "M15";
  try {
    void check.run({} as Subject);
    return false;
  } catch (error) {
    return error instanceof NotRun;
  }
}

test("every check has a plugin that breaks it", () => {
  const folder = new URL("./", import.meta.url);
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith(".ts") && name !== "coverage.test.ts")
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n");
  const mentioned = new Set(texts.match(/\b[A-Z]\d\d\b/g));
  const alone = CHECKS.map(({ id }) => id).filter(
    (id) => !mentioned.has(id) && !INFORMATIONAL.includes(id) && !isUndecided(id),
  );
  expect(alone).toEqual([]);
});

test("the list holds every number of the plan once, and those that nobody can decide say why", () => {
  const ids = CHECKS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const counts = { M: 22, L: 12, C: 12, P: 17, E: 15, D: 10, T: 9, S: 12, G: 5, R: 8, V: 4, U: 4 };
  for (const [letter, count] of Object.entries(counts)) {
    const expected = Array.from({ length: count }, (_, i) => `${letter}${String(i + 1).padStart(2, "0")}`);
    expect(ids.filter((id) => id[0] === letter)).toEqual(expected);
  }
});
