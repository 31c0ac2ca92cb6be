/** What `session validate` says of keys that it does not know. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gainstage, scratchFolder } from "./command.ts";

const folder = scratchFolder();
const readme = readFileSync(new URL("../../../packages/session/README.md", import.meta.url), "utf8");

function validated(session: object, ...flags: readonly string[]) {
  const path = join(folder, "song.json");
  writeFileSync(path, JSON.stringify(session));
  return gainstage("session", "validate", path, ...flags);
}

const bass = { id: "bass", name: "Bass", source: "bass.wav" };
const glue = { id: "glue", plugin: "dev.gainstage.compressor" };
const song = {
  format: "gainstage-session",
  formatVersion: 1,
  types: {},
  title: "A song",
  sampleRateHz: 48_000,
  strips: [{ ...bass, inserts: [glue] }],
};

test("the example of @gainstage/session's README is valid, plugins and parameters too, without a warning", () => {
  const { code, stderr } = validated(JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(readme)![1]));
  expect(stderr).toMatch(/is valid\n$/);
  expect(stderr).not.toContain("warning");
  expect(code).toBe(0);
});

describe("a key that is not known is warned of, and the session is valid all the same:", () => {
  test.each<[string, object, string]>([
    ["lane", { ...song, lane: [] }, 'the document: "lane" .* Did you mean lanes'],
    ["fader", { ...song, strips: [{ ...bass, fader: -10 }] }, 'strips.0: "fader" .* Did you mean faderDb'],
    [
      "side",
      { ...song, strips: [{ ...bass, inserts: [{ ...glue, side: "kick" }] }] },
      'strips.0.inserts.0: "side" .* Did you mean sidechain',
    ],
    [
      "enable",
      { ...song, master: { inserts: [{ ...glue, id: "gluer", enable: false }] } },
      '"enable" .* enabled',
    ],
  ])("%s", (_, session, text) => {
    const { code, stdout, stderr } = validated(session);
    expect(stderr).toMatch(new RegExp(text));
    expect(stderr).toContain("is valid");
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });

  test("and told with --json", () => {
    const { code, stdout, stderr } = validated({ ...song, lane: [], "com.acme.colour": 1 }, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      problems: [],
      warnings: [expect.stringContaining('"lane"')],
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });
});
