export { CHECKS } from "./all-checks.ts";
export { type Case, type Change, readCase, type Signal, type Song, type Step } from "./cases/case.ts";
export { CheckFailed } from "./cases/check-failed.ts";
export { type Check, GROUPS, type Level } from "./check.ts";
export { describeHost } from "./host-kit/describe-host.ts";
export type {
  HostBus,
  HostChange,
  HostDocument,
  HostNode,
  HostRender,
  HostRequest,
  HostUnderTest,
} from "./host-kit/host-under-test.ts";
export { loadFolder } from "./loading/load-folder.ts";
export { bytesAllocatedBy } from "./measuring/allocation.ts";
export type { Curve, MeasuredCard } from "./measuring/card.ts";
export { allFinite, peakOf, sameBits, within } from "./measuring/compare.ts";
export { reverberationTimeS } from "./measuring/decay.ts";
export { nsPerFrame } from "./measuring/speed.ts";
export { impulse, noise, random, sine } from "./playing/signals.ts";
export { type ParamChange, type StreamOptions, start, stream } from "./playing/stream.ts";
export { describePlugin } from "./running/describe-plugin.ts";
export { reproduce } from "./running/replay.ts";
export type { CheckResult, Outcome, ValidationReport } from "./running/report.ts";
export { type ValidateOptions, validate } from "./running/validate.ts";
