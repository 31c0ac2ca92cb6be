/**
 * From a case that fails to a small one that fails still: greedy descent over simpler neighbours, as in delta
 * debugging (Zeller and Hildebrandt, 2002). fast-check's own shrinking knows nothing of what belongs together here,
 * such as a change that lies behind the last frame, and takes no cases from outside.
 */
import { CASE_FRAMES, type Case, type Change, type Signal, type Song } from "./case.ts";

export interface Shrunk<T> {
  readonly smallest: Case;
  readonly failure: T;
}

/** `fails` gives what went wrong, or undefined; it is asked until `budgetMs` are over. */
export function shrink<T>(
  first: Case,
  failure: T,
  fails: (candidate: Case) => T | undefined,
  budgetMs: number,
): Shrunk<T> {
  const until = performance.now() + budgetMs;
  let found: Shrunk<T> = { smallest: first, failure };
  const seen = new Set([JSON.stringify(first)]);
  for (let progress = true; progress; ) {
    progress = false;
    for (const candidate of simpler(found.smallest)) {
      if (performance.now() > until) return found;
      const key = JSON.stringify(candidate);
      if (seen.has(key)) continue;
      seen.add(key);
      const failed = fails(candidate);
      if (failed === undefined) continue;
      found = { smallest: candidate, failure: failed };
      progress = true;
      break;
    }
  }
  return found;
}

/** Neighbours of a case, those that save most first. */
export function* simpler(given: Case): Generator<Case> {
  const { frames = CASE_FRAMES, changes = [], blocks = [128], params = {}, before = [] } = given;
  for (const fewer of smallerNumbers(frames, 1)) {
    yield {
      ...given,
      frames: fewer,
      ...(given.changes && { changes: changes.filter((change) => change.frame < fewer) }),
    };
  }
  for (const key of [
    "transport",
    "connected",
    "layout",
    "mode",
    "maxFrames",
    "sampleRateHz",
    "seed",
  ] as const)
    if (given[key] !== undefined) yield without(given, key);
  if (given.transport) for (const transport of simplerSongs(given.transport)) yield { ...given, transport };
  for (const fewer of smallerLists(changes)) yield { ...given, changes: fewer };
  for (const fewer of smallerLists(Object.keys(params)))
    yield { ...given, params: Object.fromEntries(fewer.map((id) => [id, params[id]])) };
  for (const fewer of smallerLists(before)) yield { ...given, before: fewer };
  for (const fewer of smallerLists(blocks)) if (fewer.length > 0) yield { ...given, blocks: fewer };
  for (const [k, block] of blocks.entries())
    for (const smaller of smallerNumbers(block, 1)) yield { ...given, blocks: blocks.with(k, smaller) };
  for (const [k, change] of changes.entries())
    for (const sooner of smallerChanges(change)) yield { ...given, changes: changes.with(k, sooner) };
  for (const [k, step] of before.entries()) {
    if (step.do !== "process") continue;
    for (const smaller of smallerNumbers(step.frames, 1))
      yield { ...given, before: before.with(k, { ...step, frames: smaller }) };
  }
  for (const [id, value] of Object.entries(params)) {
    const plain = Number(value.toPrecision(2));
    if (plain !== value) yield { ...given, params: { ...params, [id]: plain } };
  }
  if (given.signal) for (const signal of simplerSignals(given.signal)) yield { ...given, signal };
  if (given.stateHex !== undefined) {
    for (const bytes of smallerNumbers(given.stateHex.length / 2, 0))
      yield { ...given, stateHex: given.stateHex.slice(0, 2 * bytes) };
  }
}

function without(given: Case, key: keyof Case): Case {
  const { [key]: _, ...rest } = given;
  return rest;
}

/** Between `least` and `value`, most daring first. */
function* smallerNumbers(value: number, least: number): Generator<number> {
  if (value <= least) return;
  yield least;
  for (let step = (value - least) >> 1; step >= 1; step >>= 1) yield value - step;
}

/** All gone, a half gone, a quarter gone … one gone. */
function* smallerLists<T>(list: readonly T[]): Generator<readonly T[]> {
  if (list.length === 0) return;
  yield [];
  for (let size = list.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < list.length; at += size) yield list.toSpliced(at, size);
  }
}

function* smallerChanges(change: Change): Generator<Change> {
  for (const frame of smallerNumbers(change.frame, 0)) yield { ...change, frame };
  const plain = Number(change.value.toPrecision(2));
  if (plain !== change.value) yield { ...change, value: plain };
}

function* simplerSongs(song: Song): Generator<Song> {
  const { tempoChanges = [], jumps = [] } = song;
  for (const fewer of smallerLists(tempoChanges)) yield { ...song, tempoChanges: fewer };
  for (const fewer of smallerLists(jumps)) yield { ...song, jumps: fewer };
}

function* simplerSignals(signal: Signal): Generator<Signal> {
  const { kind, amplitude, until } = signal;
  const rest = { ...(amplitude !== undefined && { amplitude }), ...(until !== undefined && { until }) };
  if (kind !== "impulse" && kind !== "silence") yield { kind: "impulse", ...rest };
  if (kind === "noise" && signal.seed !== undefined) yield { kind, ...rest };
}
