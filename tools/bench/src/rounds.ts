/**
 * Rounds taken in turn: ours, peer A, peer B, and again, so that a machine that slows down slows all of them. The
 * figure of an engine is its median; a ratio is the median of the rounds' own ratios.
 */
import type { Entrant, FirstRun } from "./entrant.ts";

/** An engine so much slower than the fastest peer is not run again: it decides nothing, and takes long. */
export const PATIENCE = 8;

export interface Times {
  readonly entrant: Entrant;
  /** One a round; a single one, of the first run, for who was too slow to be run again. */
  readonly seconds: readonly number[];
}

/** The middle value; the mean of the two middle ones of an even number. Throws a RangeError if there is none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("the median of no values");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Ours over theirs, round by round. Where one has a single time, it stands for all of its rounds. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  const rounds = Math.max(ours.length, theirs.length);
  const at = (times: readonly number[], round: number) => times[Math.min(round, times.length - 1)];
  return median(Array.from({ length: rounds }, (_, round) => at(ours, round) / at(theirs, round)));
}

/** The entrants that are run in every round: ours all, of the others those that are not far behind. */
export function worthWaitingFor(first: ReadonlyMap<Entrant, FirstRun>, ours: readonly Entrant[]): Entrant[] {
  const others = [...first].filter(([entrant]) => !ours.includes(entrant) && !entrant.isLimit);
  const fastest = Math.min(...others.map(([, { seconds }]) => seconds));
  return [...first.keys()].filter(
    (entrant) =>
      ours.includes(entrant) || first.get(entrant)!.seconds <= PATIENCE * fastest || entrant.isLimit,
  );
}

/** `first` holds everybody's first run. `told` hears of each run before it is made. */
export async function takeTurns(
  first: ReadonlyMap<Entrant, FirstRun>,
  ours: readonly Entrant[],
  rounds: number,
  told: (round: number, entrant: Entrant) => void,
): Promise<readonly Times[]> {
  const staying = worthWaitingFor(first, ours);
  const seconds = new Map<Entrant, number[]>(staying.map((entrant) => [entrant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const entrant of staying) {
      told(round, entrant);
      seconds.get(entrant)!.push(await entrant.run());
    }
  }
  return [...first].map(([entrant, run]) => ({ entrant, seconds: seconds.get(entrant) ?? [run.seconds] }));
}
