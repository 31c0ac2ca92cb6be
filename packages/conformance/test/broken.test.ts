/** The checks checked: each is shown plugins that break its one promise, and must say so; the rest of its group must not. */
import { describe, expect, test } from "vitest";
import { CHECKS } from "../src/all-checks.ts";
import type { Broken } from "./broken.ts";
import { BROKEN_IN_BITS, BROKEN_IN_TIME } from "./broken-in-time.ts";
import { BROKEN_LATE } from "./broken-late.ts";
import { BROKEN_IN_LIFE, BROKEN_IN_LOADING } from "./broken-lifecycle.ts";
import { BROKEN_IN_PARAMS } from "./broken-params.ts";
import { BROKEN_IN_PROCESSING } from "./broken-processing.ts";
import { BROKEN_IN_METERS, BROKEN_IN_REAL_TIME, BROKEN_IN_STATE } from "./broken-state.ts";
import { failuresOf } from "./failures.ts";

const PLUGINS: readonly Broken[] = [
  ...BROKEN_IN_LOADING,
  ...BROKEN_IN_LIFE,
  ...BROKEN_IN_PROCESSING,
  ...BROKEN_IN_PARAMS,
  ...BROKEN_IN_BITS,
  ...BROKEN_IN_TIME,
  ...BROKEN_IN_STATE,
  ...BROKEN_IN_METERS,
  ...BROKEN_IN_REAL_TIME,
  ...BROKEN_LATE,
];

/** Decided with a clock or a profiler: asked only of plugins that break them, since the others' wrappers disturb both. */
const TIMED = ["R01", "R02", ...CHECKS.filter(({ timed }) => timed).map(({ id }) => id)];

describe("a plugin is found out that", () => {
  test.each(PLUGINS)("$what ($breaks)", async ({ breaks, plugin, also = [], alone, says }) => {
    const group = CHECKS.map(({ id }) => id).filter((id) => id[0] === breaks[0]);
    const asked = group.filter((id) => id === breaks || !(alone || TIMED.includes(id)));
    const failures = await failuresOf(plugin, asked);
    expect(failures.get(breaks)).toMatch(says);
    const others = [...failures].filter(([id]) => id !== breaks && !also.includes(id));
    expect(others).toEqual([]);
  });
});
