export { CHECKS } from "./all-checks.ts";
export { bytesAllocatedBy } from "./allocation.ts";
export type { Curve, MeasuredCard } from "./card.ts";
export { type Case, type Change, readCase, type Signal, type Song, type Step } from "./case.ts";
export { type Check, GROUPS, type Level } from "./check.ts";
export { allFinite, CheckFailed, peakOf, sameBits, within } from "./compare.ts";
export { describePlugin } from "./describe-plugin.ts";
export { describeHost } from "./host-kit/describe-host.ts";
export type {
  HostBus,
  HostChange,
  HostNode,
  HostRender,
  HostRequest,
  HostUnderTest,
} from "./host-kit/host-under-test.ts";
export { loadFolder } from "./load-folder.ts";
export { reproduce } from "./replay.ts";
export type { CheckResult, Outcome, ValidationReport } from "./report.ts";
export { impulse, noise, random, sine } from "./signals.ts";
export { type ParamChange, type StreamOptions, start, stream } from "./stream.ts";
export { type ValidateOptions, validate } from "./validate.ts";
