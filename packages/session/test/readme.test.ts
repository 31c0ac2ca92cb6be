/** The README, held against the document that the code knows. */
import { readFileSync } from "node:fs";
import { CURVES, PAN_LAWS } from "@gainstage/graph";
import { expect, test } from "vitest";
import { sessionSchema } from "../src/document.ts";
import { decodeSession, encodeSession, sessionFromJson, unknownKeys } from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("its example is a session, in both forms, in which every key is known", () => {
  const [, example] = /^```json\n([\s\S]*?)^```$/m.exec(readme)!;
  const session = sessionFromJson(example);
  expect(decodeSession(encodeSession(session))).toEqual(session);
  expect(unknownKeys(session)).toEqual([]);
  expect(session.strips[1].inserts[0]).toMatchObject({ sidechain: "kick", enabled: true });
  expect(session.lanes.map(({ points }) => points.at(-1))).toEqual([
    { at: 60, value: -30, curve: "linear" },
    { at: 180, value: null, curve: "linear" },
  ]);
});

interface SchemaNode {
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly item?: SchemaNode;
  readonly wrapped?: SchemaNode;
}

function keysOf({ entries = {}, item, wrapped }: SchemaNode): string[] {
  const within = item ?? wrapped;
  const own = Object.entries(entries).flatMap(([key, value]) => [key, ...keysOf(value)]);
  return [...own, ...(within ? keysOf(within) : [])];
}

test("it names every key that a document may have", () => {
  // The graph within `derived` is its builder's.
  const { derived: _, ...entries } = sessionSchema.entries;
  const keys = new Set(keysOf({ entries } as unknown as SchemaNode));
  expect(keys.size).toBeGreaterThan(45);
  for (const key of keys) expect(readme).toContain(`\`${key}\``);
});

test("it names every curve and pan law", () => {
  for (const name of [...CURVES, ...PAN_LAWS]) expect(readme).toContain(`\`"${name}"\``);
});
