/** What a soak comes to, in words. */
import type { Collections } from "./collections.ts";
import type { SoakResult } from "./soak.ts";

export interface Soaked extends Omit<SoakResult, "checks"> {
  /** Looks at the song from its start, and how many of them were what a render gives. */
  readonly checks: number;
  readonly verified: number;
  readonly largest: { readonly step: number; readonly peak: number };
  /** Of the process that plays, in bytes, every five seconds. */
  readonly memory: readonly number[];
  readonly collections: readonly Collections[];
}

/** A minute of warming up is not counted; then the first and the last third are compared. */
const WARM_UP_SAMPLES = 12;
const GROWTH_ALLOWED = 0.05;
/** Times as many dropouts a minute as without an edit, and a few: what is rare comes in heaps. */
const RATE_ALLOWED = 1.5;
const FEW = 3;
/** Waves below 500 Hz at their loudest, lifted by what effects may do, step by less. */
const CLICK = 0.25;

export function report(where: string, soaked: Soaked): { readonly text: string; readonly isGood: boolean } {
  const { memory, largest, checks, verified, dropouts, idleDropouts, idleSeconds } = soaked;
  const warm = memory.slice(Math.min(WARM_UP_SAMPLES, Math.floor(memory.length / 3)));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const [early, late] = [median(warm.slice(0, third)), median(warm.slice(-third))];
  const growth = late / early - 1;
  const editedSeconds = soaked.seconds - idleSeconds;
  const editedDropouts = dropouts - idleDropouts;
  const perMinute = [(60 * idleDropouts) / idleSeconds, (60 * editedDropouts) / editedSeconds];
  const byEdits = editedDropouts > RATE_ALLOWED * (idleDropouts / idleSeconds) * editedSeconds + FEW;
  const byCollections = soaked.collections.some(
    ({ dropoutsNear, dropoutsByChance }) =>
      dropoutsNear > dropoutsByChance + 3 * Math.sqrt(dropoutsByChance) + FEW,
  );
  const isGood =
    verified === checks &&
    checks > 0 &&
    growth < GROWTH_ALLOWED &&
    largest.step < CLICK &&
    !byEdits &&
    !byCollections;
  const lines = [
    `${where}: ${Math.round(soaked.seconds)} s, ${soaked.edits} edits asked for, ${soaked.settled} heard, ${soaked.superseded} passed over, ${soaked.values} single values`,
    `the song from its start, ${checks} times: ${verified} the bits of an offline render`,
    `largest step between samples ${largest.step.toFixed(3)} at a peak of ${largest.peak.toFixed(3)}`,
    `dropouts: ${dropouts}, ${soaked.droppedFrames} frames; a minute ${perMinute[0].toFixed(1)} without an edit, ${perMinute[1].toFixed(1)} with them`,
    `memory: ${megabytes(early)} early, ${megabytes(late)} late (${(100 * growth).toFixed(1)} %)`,
    ...soaked.collections.map(
      ({ isolate, count, longestMs, totalMs, dropoutsNear, dropoutsByChance }) =>
        `collections in isolate ${isolate}: ${count}, the longest ${longestMs.toFixed(1)} ms, ${totalMs.toFixed(0)} ms in all; ${dropoutsNear} dropouts near one, ${dropoutsByChance.toFixed(1)} by chance`,
    ),
    isGood ? "good" : "NOT GOOD",
  ];
  return { text: lines.join("\n"), isGood };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
