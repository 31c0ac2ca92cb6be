/** What V8 says with --trace-gc: the collections of each isolate, and how long each stood still. */

export interface Collections {
  readonly isolate: string;
  readonly count: number;
  readonly longestMs: number;
  readonly totalMs: number;
}

// "[4711:0x7f3a4c000000]    12345 ms: Scavenge 5.1 (6.2) -> 4.3 (6.2) MB, pooled: 0 MB, 0.61 / 0.00 ms  (…) …"
const LINE = /^\[\d+:(0x[0-9a-f]+)[^\]]*\]\s+\d+ ms: .*?, ([\d.]+) \/ [\d.]+ ms/;

export class CollectionLog {
  readonly #byIsolate = new Map<string, number[]>();

  /** True if the line is one of them. */
  take(line: string): boolean {
    const found = LINE.exec(line);
    if (!found) return false;
    const [, isolate, ms] = found;
    this.#byIsolate.set(isolate, [...(this.#byIsolate.get(isolate) ?? []), Number(ms)]);
    return true;
  }

  /** In the order in which they first collected. */
  get isolates(): readonly Collections[] {
    return [...this.#byIsolate].map(([isolate, all]) => ({
      isolate,
      count: all.length,
      longestMs: Math.max(...all),
      totalMs: all.reduce((sum, ms) => sum + ms, 0),
    }));
  }
}
