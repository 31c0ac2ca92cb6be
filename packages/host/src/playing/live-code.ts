/** Which code is let go of: both sides say the same. */
import type { NodeCode } from "../running/resolve-plugins.ts";

/**
 * Numbers of code that nobody runs and in whose place there is later code of the same plugin: another build. What was taken out
 * of a graph is often put in again, and a new instance is a new memory, whose garbage the thread that plays would have to collect.
 */
export function outdated(codes: ReadonlyMap<number, NodeCode>, used: Iterable<number>): readonly number[] {
  const running = new Set(used);
  const latest = new Map<string, number>();
  for (const [code, { manifest }] of codes)
    latest.set(manifest.id, Math.max(code, latest.get(manifest.id) ?? 0));
  return [...codes.keys()].filter((code) => {
    const { manifest } = codes.get(code)!;
    return !running.has(code) && latest.get(manifest.id) !== code;
  });
}
