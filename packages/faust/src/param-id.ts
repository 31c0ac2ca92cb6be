/** Ids from labels: of the whole path, so that a widget added elsewhere never renames one that sessions know. */

/** "HF Damping" → "hfDamping", "mixPercent" as it is, "2nd" → "p2nd". */
function camelCase(label: string): string {
  const words = label.normalize("NFKD").match(/[A-Za-z0-9]+/g) ?? [];
  const joined = words
    .map((word, i) => {
      const small = word === word.toUpperCase() ? word.toLowerCase() : word;
      return i === 0 ? small[0].toLowerCase() + small.slice(1) : small[0].toUpperCase() + small.slice(1);
    })
    .join("");
  return /^[a-z]/.test(joined) ? joined : `p${joined}`;
}

/** "band1.gain" for the label "Gain" in the group "Band 1"; a number is added to an id that is in `taken`. */
export function paramId(path: readonly string[], taken: ReadonlySet<string>): string {
  const id = path.map(camelCase).join(".");
  if (!taken.has(id)) return id;
  let n = 2;
  while (taken.has(`${id}${n}`)) n++;
  return `${id}${n}`;
}
