export { CHECKS } from "./all-checks.ts";
export { bytesAllocatedBy } from "./allocation.ts";
export type { Check } from "./check.ts";
export { allFinite, CheckFailed, peakOf, sameBits, within } from "./compare.ts";
export { describePlugin } from "./describe-plugin.ts";
export { loadFolder } from "./load-folder.ts";
export { impulse, noise, random, sine } from "./signals.ts";
export { type ParamChange, type StreamOptions, start, stream } from "./stream.ts";
