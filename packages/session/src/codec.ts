/**
 * Sessions as bytes: canonical msgpack, and its JSON twin.
 *
 * The only place that imports msgpackr. Its defaults write uninitialised memory for typed arrays and accept
 * extensions that run code, so values are made canonical before they are packed, bytes are scanned before they are
 * unpacked, and what was unpacked must pack to the same bytes again.
 */
import { Packr, Unpackr } from "msgpackr/index-no-eval";
import { fromBase64, toBase64 } from "./base64.ts";
import { BYTES_KEY, type Canonical, canonical, MAX_DEPTH } from "./canonical.ts";
import { checkSession } from "./check-session.ts";
import type { Session, SessionInput } from "./document.ts";
import { scan } from "./scan.ts";
import { SessionError } from "./session-error.ts";

const OPTIONS = {
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  useFloat32: 0,
  moreTypes: false,
  structuredClone: false,
  bundleStrings: false,
  copyBuffers: true,
  int64AsType: "bigint",
} as const;

const packer = new Packr({ ...OPTIONS });
const unpacker = new Unpackr({ ...OPTIONS });

/** Throws a SessionError if it is not a session. */
export function encodeSession(session: SessionInput): Uint8Array {
  checkSession(session);
  return pack(session);
}

/** Safe with bytes from strangers. Throws a SessionError. */
export function decodeSession(bytes: Uint8Array): Session {
  scan(bytes);
  let value: unknown;
  try {
    value = unpacker.unpack(bytes);
  } catch (error) {
    throw new SessionError("unreadable", `it is damaged: ${(error as Error).message}`);
  }
  if (!sameBytes(pack(value), bytes)) {
    throw new SessionError(
      "unreadable",
      "it is not canonical: keys are unsorted or double, or text is not UTF-8",
    );
  }
  return checkSession(value);
}

/** Two spaces, keys sorted: equal sessions give equal text. Throws a SessionError. */
export function sessionToJson(session: SessionInput): string {
  checkSession(session);
  return `${JSON.stringify(toPlain(canonical(session)), null, 2)}\n`;
}

/** Safe with text from strangers. Throws a SessionError. */
export function sessionFromJson(text: string): Session {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SessionError("unreadable", `it is not JSON: ${(error as Error).message}`);
  }
  const revived = withBytes(value);
  canonical(revived);
  return checkSession(revived);
}

/** Either form, told apart by the first byte: JSON begins with a brace or white space, msgpack with a map. */
export function readSession(bytes: Uint8Array): Session {
  if (bytes.length === 0) throw new SessionError("unreadable", "the file is empty");
  // The byte order mark that some editors put before JSON looks like msgpack; decoding the text drops it.
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (bytes[0] >= 0x80 && !isMarked) return decodeSession(bytes);
  try {
    return sessionFromJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SessionError) throw error;
    throw new SessionError("unreadable", "it is neither JSON nor a packed session");
  }
}

function pack(value: unknown): Uint8Array {
  // The packer hands out a view of a pooled buffer.
  return Uint8Array.from(packer.pack(canonical(value)));
}

/** Plain objects again, with integer-like keys wherever JavaScript puts them. */
function toPlain(value: Canonical): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]));
  if (value instanceof Uint8Array) return { [BYTES_KEY]: toBase64(value) };
  return Array.isArray(value) ? value.map(toPlain) : value;
}

/** What toPlain() wrote for bytes, as bytes again. */
function withBytes(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => withBytes(item, depth + 1));
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0][0] === BYTES_KEY) {
    const [[, text]] = entries;
    const bytes = fromBase64(text);
    if (!bytes) throw new SessionError("invalid", `"${BYTES_KEY}" does not hold bytes in base64`);
    return bytes;
  }
  // Not fromEntries: "__proto__" must stay a key, to be refused as one.
  const plain = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of entries) plain[key] = withBytes(item, depth + 1);
  return plain;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
