/** Versions of the API and of the plugin, and its editor: what there is nothing yet to be held against. */
import { type Check, undecided } from "../check.ts";

const FIRST = "API 1.0 is the first: there is no older host and no newer one to run on";

export const VERSION_CHECKS: readonly Check[] = [
  undecided("V01", "must", "runs on the oldest and the newest host of its major version", FIRST),
  undecided("V02", "must", "sounds the same on all of them", FIRST),
  undecided("V03", "must", "passes the checks of its major version through a shim", FIRST),
  undecided(
    "V04",
    "should",
    "takes over the sessions of what it replaces",
    "the plugin that it replaces is not here to compare with",
  ),
  undecided("U01", "must", "has an editor that loads in a frame without network", "API 1.0 has no editors"),
  undecided("U02", "must", "has an editor that opens twice, and at any time", "API 1.0 has no editors"),
  undecided(
    "U03",
    "must",
    "has an editor whose parameters come back as they were set",
    "API 1.0 has no editors",
  ),
  undecided("U04", "must", "has an editor that changes no sample when it closes", "API 1.0 has no editors"),
];
