/** What a session keeps of a plugin: bytes of state, card, hash; and the song's tempo. */
import { cardOf, type Manifest } from "@gainstage/plugin-api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeSession,
  encodeSession,
  type Session,
  SessionError,
  type SessionInput,
  sessionFromJson,
  sessionToJson,
} from "../src/index.ts";

const manifest: Manifest = {
  api: "1.0",
  id: "com.example.glue",
  name: "Glue",
  vendor: "Example",
  version: "1.2.3",
  features: ["compressor"],
  entry: { wasm: "glue.wasm" },
  inputs: [{ id: "in", name: "Input", role: "main", layouts: ["stereo"] }],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo"] }],
  params: [{ id: "amount", name: "Amount", unit: "percent", min: 0, max: 100, default: 50 }],
};

type InsertInput = NonNullable<SessionInput["strips"][number]["inserts"]>[number];

function songWith(insert: Partial<InsertInput>, more: Partial<SessionInput> = {}): SessionInput {
  return {
    format: "gainstage-session",
    formatVersion: 1,
    types: { strip: 1 },
    title: "A song",
    sampleRateHz: 48_000,
    strips: [
      {
        id: "bass",
        name: "Bass",
        source: "bass.wav",
        inserts: [{ id: "glue", plugin: "com.example.glue", ...insert }],
      },
    ],
    ...more,
  };
}
const insertOf = (session: Session) => session.strips[0].inserts[0];
const refusal = (song: SessionInput) => {
  try {
    encodeSession(song);
  } catch (error) {
    expect(error).toBeInstanceOf(SessionError);
    return (error as SessionError).message;
  }
  throw new Error("it was accepted");
};

describe("the state of a plugin", () => {
  test("comes back byte for byte from both forms", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
        const song = songWith({ state: { version: 3, bytes } });
        for (const back of [decodeSession(encodeSession(song)), sessionFromJson(sessionToJson(song))]) {
          const state = insertOf(back).state!;
          expect(state.version).toBe(3);
          expect(Buffer.compare(state.bytes, bytes)).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("stands in JSON as base64, by RFC 4648", () => {
    const json = sessionToJson(songWith({ state: { version: 1, bytes: new TextEncoder().encode("foob") } }));
    expect(json).toContain('"base64": "Zm9vYg=="');
  });

  test.each(["Zm9vYg", "Zm9vYh==", "Zm9v Yg==", "####", 5, null])("in JSON is not %j", (base64) => {
    const json = sessionToJson(songWith({ state: { version: 1, bytes: Uint8Array.of(1) } }));
    const spoilt = json.replace('"AQ=="', JSON.stringify(base64));
    expect(spoilt).not.toBe(json);
    expect(() => sessionFromJson(spoilt)).toThrow("does not hold bytes in base64");
  });

  test("has a version and bytes", () => {
    expect(refusal(songWith({ state: { version: 0, bytes: Uint8Array.of(1) } }))).toContain("state.version");
    expect(refusal(songWith({ state: { version: 1, bytes: "AQ==" as never } }))).toContain("must be bytes");
    const large = new Uint8Array(16 * 1024 * 1024 + 1);
    expect(refusal(songWith({ state: { version: 1, bytes: large } }))).toContain("at most 16777216 bytes");
  });

  test("is the only thing that an object with base64 alone can be", () => {
    expect(refusal({ ...songWith({}), extra: { base64: "AQ==" } } as SessionInput)).toContain(
      "stands for bytes",
    );
  });
});

describe("the card of a plugin", () => {
  test("comes back from both forms", () => {
    const card = cardOf(manifest, 128);
    const song = songWith({ card });
    expect(insertOf(decodeSession(encodeSession(song))).card).toEqual(card);
    expect(insertOf(sessionFromJson(sessionToJson(song))).card).toEqual(card);
  });

  test.each<[string, object, string]>([
    ["a negative latency", { latencyFrames: -1 }, "latencyFrames must be a whole number"],
    ["no ports", { inputs: [] }, "inputs must have exactly one port"],
    [
      "a parameter of no range",
      { params: [{ id: "x", name: "X", unit: "dB" }] },
      "needs numbers min and max",
    ],
  ])("is refused with %s", (_name, change, message) => {
    expect(refusal(songWith({ card: { ...cardOf(manifest, 0), ...change } as never }))).toContain(message);
  });
});

test("a hash is one of sha256", () => {
  const integrity = `sha256-${Buffer.alloc(32, 7).toString("base64")}`;
  expect(insertOf(decodeSession(encodeSession(songWith({ integrity })))).integrity).toBe(integrity);
  expect(refusal(songWith({ integrity: "md5-abc" }))).toContain("must be a hash as sha256-…");
});

describe("the tempo", () => {
  test("is kept with its changes and signature", () => {
    const tempo = [
      { at: 0, bpm: 96 },
      { at: 12.5, bpm: 98.5 },
    ];
    const back = decodeSession(encodeSession(songWith({}, { tempo, timeSignature: [6, 8] })));
    expect([back.tempo, back.timeSignature]).toEqual([tempo, [6, 8]]);
  });

  test.each<[string, Partial<SessionInput>, string]>([
    ["late", { tempo: [{ at: 1, bpm: 96 }] }, "the tempo does not begin at 0"],
    [
      "back",
      {
        tempo: [
          { at: 0, bpm: 96 },
          { at: 0, bpm: 90 },
        ],
      },
      "tempo 2 does not come after",
    ],
    ["without speed", { tempo: [{ at: 0, bpm: 0 }] }, "tempo.0.bpm"],
    ["in sevenths", { timeSignature: [3, 7 as 8] }, "timeSignature.1"],
  ])("does not go %s", (_name, more, message) => {
    expect(refusal(songWith({}, more))).toContain(message);
  });
});
