/** The names that somebody may have meant. */

/** At most `count` of `names`, nearest first, none that is clearly something else. */
export function nearestNames(wanted: string, names: readonly string[], count = 3): string[] {
  const text = wanted.toLowerCase();
  return names
    .map((name) => ({ name, distance: closeness(text, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.ceil(name.length * 0.4)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);
}

/** Part of a name counts as near; else the number of single edits (Levenshtein 1966). */
function closeness(a: string, b: string): number {
  if (a.length >= 3 && b.includes(a)) return 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** " Did you mean a or b?", or nothing. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  const near = nearestNames(wanted, names);
  return near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
}
