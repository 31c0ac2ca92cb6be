/** Small measurements: several pieces of work in turn, the least time of each, since other work only ever adds to it. */

const WARM_UP_ROUNDS = 3;
/** What takes longer than this needs no second run to be known well enough. */
const LONG_MS = 500;

/** Nanoseconds of each piece of work, the least of the rounds, in which all take turns. */
export function inTurn(work: readonly (() => void)[], rounds: number): readonly number[] {
  const least = work.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
    for (const [i, piece] of work.entries()) {
      if (round > 0 && least[i] > LONG_MS * 1e6) continue;
      const started = performance.now();
      piece();
      least[i] = Math.min(least[i], (performance.now() - started) * 1e6);
    }
  }
  return least;
}
