/**
 * Finds the drive into the limiter that brings the programme to its target.
 *
 * Loudness grows with drive, evenly while the limiter rests and ever less as it works, so the root of
 * loudness(drive) - target is bracketed and then closed in on by regula falsi with the Illinois step (Dowell &
 * Jarratt, BIT 11, 1971).
 */

export interface SearchResult {
  readonly driveDb: number;
  readonly loudnessLufs: number;
  readonly reached: boolean;
}

const TOLERANCE_LU = 0.01;
/** Trials lie on this grid, so that engines which round a logarithm otherwise still find the same drive. */
const GRID_DB = 1 / 1024;
const MAX_TRIALS = 14;

/** `loudnessAt` gives LUFS for a drive within `range`, or null for silence. `startDb` is the first guess. */
export async function searchDrive(
  loudnessAt: (driveDb: number) => Promise<number | null>,
  targetLufs: number,
  startDb: number,
  range: readonly [number, number],
): Promise<SearchResult> {
  const error = async (driveDb: number) => ((await loudnessAt(driveDb)) ?? -200) - targetLufs;
  const inside = (driveDb: number) =>
    Math.min(range[1], Math.max(range[0], Math.round(driveDb / GRID_DB) * GRID_DB));
  const settled = (driveDb: number, e: number): SearchResult => ({
    driveDb,
    loudnessLufs: targetLufs + e,
    reached: Math.abs(e) <= TOLERANCE_LU,
  });

  let a = inside(startDb);
  let ea = await error(a);
  if (Math.abs(ea) <= TOLERANCE_LU) return settled(a, ea);
  let b = a;
  let eb = ea;
  for (let step = Math.max(0.25, 1.2 * Math.abs(ea)); ea * eb > 0; step *= 2) {
    if (b === inside(b - Math.sign(ea) * step)) return settled(b, eb);
    a = b;
    ea = eb;
    b = inside(b - Math.sign(ea) * step);
    eb = await error(b);
  }
  for (let trial = 0; trial < MAX_TRIALS && Math.abs(eb) > TOLERANCE_LU; trial++) {
    const c = inside((a * eb - b * ea) / (eb - ea));
    if (c === a || c === b) break;
    const ec = await error(c);
    if (ec * eb < 0) {
      a = b;
      ea = eb;
    } else ea /= 2;
    b = c;
    eb = ec;
  }
  return settled(b, eb);
}
