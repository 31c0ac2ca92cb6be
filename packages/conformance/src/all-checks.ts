import type { Check } from "./check.ts";
import { independence, partition, reset } from "./checks/cutting.ts";
import { allocation, extremes, inputs, jumps, meters, rates, recovery } from "./checks/robustness.ts";
import { latency, remaining, silenceStaysSilent, tail } from "./checks/timing.ts";

/** Every check, in the order in which an author meets them. */
export const CHECKS: readonly Check[] = [
  inputs,
  partition,
  reset,
  independence,
  latency,
  tail,
  remaining,
  silenceStaysSilent,
  extremes,
  jumps,
  rates,
  recovery,
  meters,
  allocation,
];
