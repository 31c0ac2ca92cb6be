/**
 * One value, one form: keys in the order of their code points, -0 as 0, nothing that msgpack and JSON do not both
 * hold. Equal documents then have equal bytes, and equal hashes.
 */
import { SessionError } from "./session-error.ts";

export const MAX_DEPTH = 32;
/** How JSON writes bytes: an object with this key alone. */
export const BYTES_KEY = "base64";
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

export type Canonical =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Canonical[]
  | Map<string, Canonical>;

/** Objects become Maps, since plain objects put keys that look like integers first. Throws a SessionError. */
export function canonical(value: unknown, path = "", depth = 0): Canonical {
  const refuse = (why: string): never => {
    throw new SessionError("invalid", `${path === "" ? "the document" : path} ${why}`);
  };
  if (depth > MAX_DEPTH) refuse(`is nested deeper than ${MAX_DEPTH}`);
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value.isWellFormed() ? value : refuse("holds half a character");
    case "number":
      if (!Number.isFinite(value)) refuse(`is ${value}`);
      return Object.is(value, -0) ? 0 : value;
    case "object":
      break;
    default:
      refuse(`is a ${typeof value}`);
  }
  if (value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    return Array.from(value, (item, i) => canonical(item, `${path}[${i}]`, depth + 1));
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) refuse("is not plain data");
  const map = new Map<string, Canonical>();
  const entries = Object.entries(value as object).filter(([, item]) => item !== undefined);
  if (entries.length === 1 && entries[0][0] === BYTES_KEY)
    refuse(`has "${BYTES_KEY}" alone, which stands for bytes`);
  for (const [key, item] of entries.sort(([a], [b]) => byCodePoints(a, b))) {
    if (FORBIDDEN_KEYS.has(key)) refuse(`has the key "${key}"`);
    if (!key.isWellFormed()) refuse("has a key with half a character");
    map.set(key, canonical(item, path === "" ? key : `${path}.${key}`, depth + 1));
  }
  return map;
}

/** The order of UTF-8 bytes is that of code points. */
function byCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = left[i].codePointAt(0)! - right[i].codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
