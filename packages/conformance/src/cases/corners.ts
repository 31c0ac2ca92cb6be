/**
 * Corners of a parameter space, few of them, in which every pair of parameters meets every pair of its ends: a binary
 * covering array of strength 2 (Kleitman and Spencer, "Families of k-independent sets", 1973). The first row is all
 * min; below it each parameter is another set of ⌈n/2⌉ out of n rows, so that any two of them meet in all ways.
 */
import type { Manifest } from "@gainstage/plugin-api";

export function cornersOf({ params }: Manifest): readonly Record<string, number>[] {
  const end = (k: "min" | "max") => Object.fromEntries(params.map((p) => [p.id, p[k]]));
  if (params.length < 2) return [end("min"), end("max")];
  let n = 3;
  while (binomial(n, Math.ceil(n / 2)) < params.length || n < 3) n++;
  const columns = subsets(n, Math.ceil(n / 2), params.length);
  const rows = Array.from({ length: n }, (_, row) =>
    Object.fromEntries(params.map((p, i) => [p.id, columns[i].has(row) ? p.max : p.min])),
  );
  return [end("min"), end("max"), ...rows];
}

function binomial(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i;
  return Math.round(count);
}

/** The first `count` subsets of k out of n, in lexical order. */
function subsets(n: number, k: number, count: number): readonly ReadonlySet<number>[] {
  const found: Set<number>[] = [];
  const chosen: number[] = [];
  const choose = (from: number): void => {
    if (chosen.length === k) {
      found.push(new Set(chosen));
      return;
    }
    for (let next = from; next <= n - (k - chosen.length) && found.length < count; next++) {
      chosen.push(next);
      choose(next + 1);
      chosen.pop();
    }
  };
  choose(0);
  return found;
}
