/** One engine, set up for one workload: what takes turns with others. */
import type { Stereo } from "./material.ts";

/** What came of a run, for the check that all do the same work. */
export interface Outcome {
  readonly channels?: Stereo;
  readonly integratedLufs?: number | null;
  readonly truePeakDbtp?: number | null;
}

export interface FirstRun {
  readonly outcome: Outcome;
  readonly seconds: number;
}

export interface Entrant {
  readonly name: string;
  /** Not what a user would pick, but the limit of what the machine can do: shown, not compared with. */
  readonly isLimit?: boolean;
  /** Warms up, and shows what it makes. */
  firstRun(): Promise<FirstRun>;
  /** Seconds of its own processing, in one more run. */
  run(): Promise<number>;
  close?(): Promise<void>;
}

/** Seconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
