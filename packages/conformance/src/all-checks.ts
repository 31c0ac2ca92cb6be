/** Every check, in the order in which an author meets them. */
import { type Check, GROUPS, undecided } from "./check.ts";
import { AUTOMATION_CHECKS } from "./checks/automation.ts";
import { CURVE_CHECKS } from "./checks/curves.ts";
import { DENORMAL_CHECKS } from "./checks/denormals.ts";
import { DETERMINISM_CHECKS } from "./checks/determinism.ts";
import { EXTREME_CHECKS } from "./checks/extremes.ts";
import { HOSTILE_STATE_CHECKS } from "./checks/hostile-state.ts";
import { LATENCY_CHECKS } from "./checks/latency.ts";
import { LIFECYCLE_CHECKS } from "./checks/lifecycle.ts";
import { LOADING_CHECKS } from "./checks/loading.ts";
import { MANIFEST_CHECKS } from "./checks/manifest.ts";
import { METER_CHECKS } from "./checks/meters.ts";
import { MODULE_CHECKS } from "./checks/modules.ts";
import { PACKAGE_CHECKS } from "./checks/package.ts";
import { PARAM_CHECKS } from "./checks/params.ts";
import { PRESET_CHECKS } from "./checks/presets.ts";
import { PROCESSING_CHECKS } from "./checks/processing.ts";
import { REALTIME_CHECKS } from "./checks/realtime.ts";
import { SETUP_CHECKS } from "./checks/setups.ts";
import { STATE_CHECKS } from "./checks/state.ts";
import { TAIL_CHECKS } from "./checks/tail.ts";
import { VERSION_CHECKS } from "./checks/versioning.ts";
import { ZIPPER_CHECKS } from "./checks/zipper.ts";

const unordered: readonly Check[] = [
  ...MANIFEST_CHECKS,
  ...PACKAGE_CHECKS,
  ...PRESET_CHECKS,
  ...LOADING_CHECKS,
  ...MODULE_CHECKS,
  ...LIFECYCLE_CHECKS,
  ...SETUP_CHECKS,
  ...PROCESSING_CHECKS,
  ...EXTREME_CHECKS,
  ...DENORMAL_CHECKS,
  undecided(
    "P17",
    "must",
    "has an identity preset that passes its input",
    "a preset cannot say that it is one; the plugin's own tests can",
  ),
  ...PARAM_CHECKS,
  ...AUTOMATION_CHECKS,
  ...ZIPPER_CHECKS,
  ...DETERMINISM_CHECKS,
  ...LATENCY_CHECKS,
  ...TAIL_CHECKS,
  ...STATE_CHECKS,
  ...HOSTILE_STATE_CHECKS,
  ...METER_CHECKS,
  ...CURVE_CHECKS,
  ...REALTIME_CHECKS,
  ...VERSION_CHECKS,
];

const rank = ({ id }: Check) => Object.keys(GROUPS).indexOf(id[0]) * 100 + Number(id.slice(1));

export const CHECKS: readonly Check[] = unordered.toSorted((a, b) => rank(a) - rank(b));

/** The check of an id. Throws a RangeError that names the id if there is none. */
export function checkOf(id: string): Check {
  const check = CHECKS.find((c) => c.id === id);
  if (!check)
    throw new RangeError(`there is no check ${id}; they are ${CHECKS[0].id} to ${CHECKS.at(-1)!.id}`);
  return check;
}
