/** Reads JSON from a stranger: each function reports what is wrong with its place and never throws. */

export type Json = Record<string, unknown>;
export type Report = (path: string, message: string) => void;

const MAX_MEMBERS = 1024;
const MAX_TEXT_LENGTH = 4096;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Nothing in a manifest lies deeper. */
const MAX_DEPTH = 16;

/** True for what is nested so deeply that copying it could overflow the stack. Does not recurse itself. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((v) => (typeof v === "object" && v !== null ? Object.values(v) : []));
  }
  return false;
}

/** Escape sequences, line breaks and what turns the direction of writing: a terminal or a log would obey them. */
const CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
const NO_CONTROL = "must not hold control characters";

const placeOf = (path: string, key: string) => (path === "" ? key : `${path}.${key}`);

export function text(
  owner: Json,
  key: string,
  report: Report,
  path = "",
  rule: { readonly accepts: (text: string) => boolean; readonly message: string } = {
    accepts: (s) => s.trim() !== "",
    message: "must be a text that is not empty",
  },
): void {
  const value = owner[key];
  if (value === undefined) report(placeOf(path, key), "is missing");
  else if (typeof value !== "string" || value.length > MAX_TEXT_LENGTH || !rule.accepts(value))
    report(placeOf(path, key), rule.message);
  else if (CONTROL.test(value)) report(placeOf(path, key), NO_CONTROL);
}

export function optionalText(owner: Json, key: string, report: Report, path = ""): void {
  const value = owner[key];
  if (value !== undefined && (typeof value !== "string" || value.length > MAX_TEXT_LENGTH))
    report(placeOf(path, key), `must be a text of at most ${MAX_TEXT_LENGTH} characters`);
  else if (typeof value === "string" && CONTROL.test(value)) report(placeOf(path, key), NO_CONTROL);
}

export function optionalFlag(owner: Json, key: string, report: Report, path: string): void {
  const value = owner[key];
  if (value !== undefined && typeof value !== "boolean") report(placeOf(path, key), "must be true or false");
}

export function oneOf(
  owner: Json,
  key: string,
  allowed: readonly string[],
  report: Report,
  path = "",
): boolean {
  const value = owner[key];
  if (typeof value === "string" && allowed.includes(value)) return true;
  report(placeOf(path, key), `must be one of ${allowed.join(", ")}`);
  return false;
}

export function list(owner: Json, key: string, report: Report, path = ""): readonly unknown[] | undefined {
  const value = owner[key];
  const place = placeOf(path, key);
  if (!Array.isArray(value)) report(place, value === undefined ? "is missing" : "must be a list");
  else if (value.length > MAX_MEMBERS)
    report(place, `has ${value.length} entries, at most ${MAX_MEMBERS} are allowed`);
  // A copy has no holes, which every() would pass over.
  else return Array.from(value);
  return undefined;
}

/** A list of texts, none of them twice; undefined where there is none or it is not one. */
export function texts(
  owner: Json,
  key: string,
  report: Report,
  path: string,
  rule: { readonly accepts: (text: string) => boolean; readonly message: string },
): readonly string[] | undefined {
  if (owner[key] === undefined) return undefined;
  const items = list(owner, key, report, path);
  if (!items) return undefined;
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const place = `${placeOf(path, key)}[${index}]`;
    if (typeof item !== "string" || item.length > MAX_TEXT_LENGTH || !rule.accepts(item))
      report(place, rule.message);
    else if (seen.has(item)) report(place, `"${item}" is there twice`);
    else seen.add(item);
  }
  return items as readonly string[];
}

/** A list of objects with an id each, no id twice. */
export function members(
  owner: Json,
  key: string,
  report: Report,
  id: RegExp,
  check: (item: Json, path: string, report: Report) => void,
): readonly unknown[] | undefined {
  const items = list(owner, key, report);
  if (!items) return undefined;
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const path = `${key}[${index}]`;
    if (!isObject(item)) {
      report(path, "is not an object");
      continue;
    }
    if (typeof item.id !== "string" || !id.test(item.id) || item.id.length > MAX_TEXT_LENGTH) {
      report(`${path}.id`, `must match ${id.source.slice(1, -1)}`);
    } else if (seen.has(item.id)) report(`${path}.id`, `"${item.id}" is there twice`);
    else seen.add(item.id);
    check(item, path, report);
  }
  return items;
}

/** True if min and max are numbers and in order. */
export function range(item: Json, path: string, report: Report): boolean {
  const { min, max } = item;
  if (typeof min === "number" && typeof max === "number" && Number.isFinite(min) && Number.isFinite(max)) {
    if (min < max) return true;
    report(path, `min ${min} is not below max ${max}`);
  } else report(path, "needs numbers min and max");
  return false;
}
