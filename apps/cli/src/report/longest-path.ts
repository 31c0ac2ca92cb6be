/** The longest path to each node of a directed graph: its column in a layered drawing. */

export interface Arc {
  readonly from: string;
  readonly to: string;
}

/**
 * By id: 0 for what nothing leads to, else one more than the most of what leads to it. Kahn's algorithm; a graph with
 * a cycle is cut open at its first node in the order of `ids`, so that there is an answer for any graph.
 */
export function longestPaths(ids: readonly string[], arcs: readonly Arc[]): ReadonlyMap<string, number> {
  const depths = new Map(ids.map((id) => [id, 0]));
  const waitingFor = new Map(ids.map((id) => [id, 0]));
  const successors = new Map(ids.map((id): [string, string[]] => [id, []]));
  for (const { from, to } of arcs) {
    if (from === to || !waitingFor.has(from) || !waitingFor.has(to)) continue;
    successors.get(from)!.push(to);
    waitingFor.set(to, waitingFor.get(to)! + 1);
  }
  const done = new Set<string>();
  const ready = ids.filter((id) => waitingFor.get(id) === 0);
  let cut = 0;
  while (done.size < depths.size) {
    let id = ready.pop();
    while (id === undefined) {
      if (!done.has(ids[cut])) id = ids[cut];
      cut++;
    }
    if (done.has(id)) continue;
    done.add(id);
    for (const next of successors.get(id)!) {
      if (done.has(next)) continue;
      depths.set(next, Math.max(depths.get(next)!, depths.get(id)! + 1));
      waitingFor.set(next, waitingFor.get(next)! - 1);
      if (waitingFor.get(next) === 0) ready.push(next);
    }
  }
  return depths;
}
