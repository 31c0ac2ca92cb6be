/** What V8 says with --trace-gc: the collections of each isolate, how long each stood still, and whether dropouts come with them. */

export interface Collections {
  readonly isolate: string;
  readonly count: number;
  readonly longestMs: number;
  readonly totalMs: number;
  /** Dropouts that were told within WINDOW_MS of one, and how many that would be if the two had nothing to do with each other. */
  readonly dropoutsNear: number;
  readonly dropoutsByChance: number;
}

/** Levels, and dropouts with them, are told twenty times a second; what V8 prints comes at once. */
const WINDOW_MS = 100;

// "[4711:0x7f3a4c000000]    12345 ms: Scavenge 5.1 (6.2) -> 4.3 (6.2) MB, pooled: 0 MB, 0.61 / 0.00 ms  (…) …"
const LINE = /^\[\d+:(0x[0-9a-f]+)[^\]]*\]\s+\d+ ms: .*?, ([\d.]+) \/ [\d.]+ ms/;

interface Collection {
  readonly atMs: number;
  readonly tookMs: number;
}

export class CollectionLog {
  readonly #byIsolate = new Map<string, Collection[]>();
  readonly #dropouts: { readonly atMs: number; readonly count: number }[] = [];
  readonly #begunMs: number;

  constructor(nowMs: number) {
    this.#begunMs = nowMs;
  }

  /** True if the line is a collection. */
  take(line: string, nowMs: number): boolean {
    const found = LINE.exec(line);
    if (!found) return false;
    const [, isolate, ms] = found;
    const known = this.#byIsolate.get(isolate);
    const collection = { atMs: nowMs, tookMs: Number(ms) };
    if (known) known.push(collection);
    else this.#byIsolate.set(isolate, [collection]);
    return true;
  }

  dropped(count: number, nowMs: number): void {
    this.#dropouts.push({ atMs: nowMs, count });
  }

  /** In the order in which they first collected. */
  isolates(nowMs: number): readonly Collections[] {
    return [...this.#byIsolate].map(([isolate, all]) => ({
      isolate,
      count: all.length,
      longestMs: Math.max(...all.map(({ tookMs }) => tookMs)),
      totalMs: all.reduce((sum, { tookMs }) => sum + tookMs, 0),
      ...this.#coincidence(all, nowMs),
    }));
  }

  #coincidence(all: readonly Collection[], nowMs: number) {
    const covered = coveredMs(all) / (nowMs - this.#begunMs);
    let [total, near] = [0, 0];
    for (const { atMs, count } of this.#dropouts) {
      total += count;
      if (all.some((collection) => Math.abs(collection.atMs - atMs) <= WINDOW_MS)) near += count;
    }
    return { dropoutsNear: near, dropoutsByChance: total * covered };
  }
}

/** How much of the time is within WINDOW_MS of a collection. */
function coveredMs(all: readonly Collection[]): number {
  let [covered, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { atMs } of all) {
    covered += atMs + WINDOW_MS - Math.max(until, atMs - WINDOW_MS);
    until = atMs + WINDOW_MS;
  }
  return covered;
}
