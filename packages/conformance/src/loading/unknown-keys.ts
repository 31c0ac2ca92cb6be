/** Keys of a plugin.json that mean nothing to the API, most of them misspelt. */
import type { Manifest } from "@gainstage/plugin-api";

/** What the API reads of an object, or of each object in a list; `true` where it looks no deeper. */
interface Known {
  readonly [key: string]: true | Known;
}
/** The compiler sees to it that a type's keys are all there, and no others. */
type KeysOf<T> = Record<keyof T, true | Known>;

type Param = Manifest["params"][number];

const PORT = { id: true, name: true, role: true, layouts: true } satisfies KeysOf<Manifest["inputs"][number]>;

const PARAM = {
  id: true,
  name: true,
  group: true,
  unit: true,
  min: true,
  max: true,
  default: true,
  scale: { power: true },
  step: true,
  format: { digits: true, si: true, sign: true, atMin: true, atMax: true } satisfies KeysOf<
    NonNullable<Param["format"]>
  >,
  choices: { id: true, label: true },
  applies: true,
  automatable: true,
  hidden: true,
  role: true,
  aliases: true,
  since: true,
  legacy: true,
} satisfies KeysOf<Param>;

const METER = { id: true, name: true, kind: true, unit: true, min: true, max: true } satisfies KeysOf<
  NonNullable<Manifest["meters"]>[number]
>;

const MANIFEST = {
  api: true,
  id: true,
  name: true,
  vendor: true,
  version: true,
  description: true,
  license: true,
  url: true,
  features: true,
  entry: true,
  inputs: PORT,
  outputs: PORT,
  params: PARAM,
  meters: METER,
  presets: true,
  resources: true,
  extensions: true,
  uses: true,
  requires: true,
  stateVersion: true,
  replaces: { id: true, params: true },
  onFault: true,
} satisfies KeysOf<Manifest>;

export interface UnknownKey {
  /** "params[0].apply" */
  readonly place: string;
  /** The key that may have been meant. */
  readonly near: string | undefined;
}

/** Of what JSON.parse gave, whatever it is. Keys that begin with "x-" are the author's own. */
export function unknownKeys(document: unknown): readonly UnknownKey[] {
  return unknownIn(document, MANIFEST, "");
}

function unknownIn(value: unknown, known: Known, path: string): UnknownKey[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => unknownIn(item, known, `${path}[${i}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key.startsWith("x-")) return [];
    const place = path === "" ? key : `${path}.${key}`;
    if (!Object.hasOwn(known, key)) return [{ place, near: nearest(key, Object.keys(known)) }];
    const deeper = known[key];
    return deeper === true ? [] : unknownIn(inner, deeper, place);
  });
}

/** By single edits, of which as many as two fifths of the name may be needed. */
function nearest(key: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, edits: editsBetween(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.ceil(name.length * 0.4))
    .sort((a, b) => a.edits - b.edits);
  return best?.name;
}

/** Characters put in, taken out or replaced (Levenshtein 1966). */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (character === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
