/**
 * Keys that this version does not know. They are kept, since a newer version may have written them; but in a session written
 * by hand they are mostly typing errors, and nobody hears what they say.
 */
import { type Session, sessionSchema } from "./document.ts";

export interface UnknownKey {
  /** Of the record that has it, as in "strips.0.inserts.2"; "" for the document. */
  readonly path: string;
  readonly key: string;
  /** What such a record may have. */
  readonly known: readonly string[];
}

/** The parts of a schema that lead to other schemas. */
interface SchemaNode {
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly item?: SchemaNode;
  readonly wrapped?: SchemaNode;
}

/** Their builder may write there what it likes. */
const OPEN = new Set(["derived", "generator"]);

/** In the document's order. A key with a dot, such as "com.acme.colour", belongs to somebody, and is left alone. */
export function unknownKeys(session: Session): UnknownKey[] {
  return [...unknownWithin(sessionSchema as unknown as SchemaNode, session, "")];
}

function* unknownWithin(schema: SchemaNode, value: unknown, path: string): Generator<UnknownKey> {
  if (typeof value !== "object" || value === null) return;
  if (schema.wrapped) return yield* unknownWithin(schema.wrapped, value, path);
  const below = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
  if (schema.item && Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* unknownWithin(schema.item, item, below(i));
  }
  if (!schema.entries) return;
  for (const [key, item] of Object.entries(value)) {
    if (Object.hasOwn(schema.entries, key)) {
      if (!OPEN.has(key)) yield* unknownWithin(schema.entries[key], item, below(key));
    } else if (!key.includes(".")) yield { path, key, known: Object.keys(schema.entries) };
  }
}
