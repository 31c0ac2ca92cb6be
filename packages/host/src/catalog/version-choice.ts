/** Which of several versions of a plugin is meant, by the rules of semver and npm. */

import compareBuild from "semver/functions/compare-build.js";
import maxSatisfying from "semver/ranges/max-satisfying.js";
import validRange from "semver/ranges/valid.js";

/** Text beyond this is no range that anybody wrote. */
const MAX_RANGE_LENGTH = 256;

/** True for "^1.2", "1.0.0", ">=1 <3", "*". */
export function isVersionRange(text: string): boolean {
  return text.length <= MAX_RANGE_LENGTH && text.trim() !== "" && validRange(text) !== null;
}

/** Highest first. */
export function newestFirst(a: string, b: string): number {
  return compareBuild(b, a);
}

/** The highest that satisfies `range`; one that is a prerelease only if the range names a prerelease of that version. */
export function chooseVersion(versions: readonly string[], range = "*"): string | undefined {
  // To semver two builds of a version are the same; who names one means it.
  if (versions.includes(range)) return range;
  return maxSatisfying(versions, range) ?? undefined;
}
