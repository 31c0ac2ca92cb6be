import * as fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import {
  decodeSession,
  encodeSession,
  readSession,
  SessionError,
  type SessionInput,
  sessionFromJson,
  sessionToJson,
} from "../src/index.ts";

const song: SessionInput = {
  format: "gainstage-session",
  formatVersion: 1,
  types: { strip: 1, bus: 1 },
  title: "A song",
  sampleRateHz: 48_000,
  strips: [
    {
      id: "kick",
      name: "Kick",
      source: "stems/kick.flac",
      inserts: [
        { id: "kick-eq", plugin: "dev.gainstage.equalizer", params: { "band1.gainDb": -3, mode: "bell" } },
      ],
      sends: [{ id: "kick-hall", to: "hall", levelDb: null }],
    },
  ],
  buses: [{ id: "hall", name: "Hall", kind: "return" }],
  lanes: [
    {
      of: "kick",
      param: "faderDb",
      points: [
        { at: 0, value: null },
        { at: 4.5, value: -0.1 },
      ],
    },
  ],
};

const bytesOf = (...values: number[]) => Uint8Array.from(values);

function refusal(read: () => unknown): SessionError {
  try {
    read();
  } catch (error) {
    if (error instanceof SessionError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a session", () => {
  test("comes back from msgpack and from JSON as it was, with defaults filled in", () => {
    const packed = decodeSession(encodeSession(song));
    expect(packed).toEqual(sessionFromJson(sessionToJson(song)));
    expect(packed.strips[0].sends[0]).toMatchObject({ levelDb: null, tap: "post", enabled: true });
    expect(packed.master.peakDbfs).toBe(-6);
  });

  test("has the same bytes whatever the order of its keys", () => {
    const shuffled = Object.fromEntries(Object.entries(song).reverse()) as SessionInput;
    expect(encodeSession(shuffled)).toEqual(encodeSession(song));
    expect(sessionToJson(shuffled)).toBe(sessionToJson(song));
  });

  test("keeps fields that this version does not know", () => {
    const extended = { ...song, "com.acme.colour": { scheme: "dark", 10: 1, 9: 2 } };
    expect(decodeSession(encodeSession(extended))).toMatchObject({ "com.acme.colour": { scheme: "dark" } });
    expect(encodeSession(decodeSession(encodeSession(extended)))).toEqual(
      encodeSession(sessionFromJson(sessionToJson(extended))),
    );
  });

  test("may begin with the byte order mark that editors put before text", () => {
    const marked = new TextEncoder().encode(`\uFEFF${sessionToJson(song)}`);
    expect(readSession(marked)).toEqual(sessionFromJson(sessionToJson(song)));
  });

  test("is told apart by its first byte", () => {
    expect(readSession(encodeSession(song))).toEqual(
      readSession(new TextEncoder().encode(sessionToJson(song))),
    );
  });
});

describe("a stranger's bytes", () => {
  test.each([
    [
      "a record definition, which msgpackr would compile",
      [0xd4, 0x72, 0x40, 0x92, 0xa1, 0x61, 0xa1, 0x62, 1, 2],
    ],
    ["a regular expression", [0xd4, 0x78, 0, 0x92, 0xa1, 0x61, 0xa0]],
    ["the token that does not exist", [0xc1]],
    ["a list of four thousand million", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["nesting a hundred deep", [...new Array(100).fill(0x91), 1]],
    ["a byte too many", [0x80, 1]],
    ["a key that is a number", [0x81, 1, 1]],
    ["NaN", [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
    ["a float32", [0xca, 0, 0, 0, 0]],
    ["a 64-bit integer", [0xcf, 0, 0, 0, 0, 0, 0, 0, 5]],
    ["a long form of a short text", [0xd9, 1, 0x61]],
    ["unsorted keys", [0x82, 0xa1, 0x62, 1, 0xa1, 0x61, 1]],
    ["a key twice", [0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 1]],
    ["the key __proto__", [0x81, 0xa9, ...Buffer.from("__proto__"), 0x80]],
  ])("with %s are refused as unreadable", (_name, bytes) => {
    expect(["unreadable", "invalid"]).toContain(refusal(() => decodeSession(bytesOf(...bytes))).code);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("of a nested bomb of list heads are refused without the memory they ask for", () => {
    const bomb = new Uint8Array(24_000 * 3);
    for (let i = 0; i < bomb.length; i += 3) bomb.set([0xdc, 0xff, 0xff], i);
    const before = process.memoryUsage().rss;
    refusal(() => decodeSession(bomb));
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
  });

  test("never do more than be refused: random bytes, and sound sessions with bytes changed", () => {
    const sound = encodeSession(song);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.uint8Array({ maxLength: 200 }),
        (changes, noise) => {
          const mutated = sound.slice();
          for (const [at, value] of changes) mutated[at] = value;
          for (const bytes of [mutated, noise]) {
            try {
              readSession(bytes);
            } catch (error) {
              if (!(error instanceof SessionError)) throw error;
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("packed by another program in another order are refused, not misread", () => {
    const other = new Packr({ useRecords: false, variableMapSize: true });
    expect(refusal(() => decodeSession(Uint8Array.from(other.pack(song)))).message).toContain("canonical");
  });
});

describe("a refusal says what and where", () => {
  test("for a newer format, with both versions", () => {
    const error = refusal(() => sessionFromJson(JSON.stringify({ ...song, formatVersion: 7 })));
    expect(error.code).toBe("newer");
    expect(error.message).toMatch(/format 7.*up to 1.*update/);
  });

  test("for a newer record, with its kind", () => {
    const error = refusal(() => sessionFromJson(JSON.stringify({ ...song, types: { strip: 3 } })));
    expect(error.message).toMatch(/strip records have version 3.*up to 1/);
  });

  test("for every wrong field at once", () => {
    const wrong = structuredClone(song) as unknown as { strips: { pan?: number; faderDb?: string }[] };
    Object.assign(wrong.strips[0], { pan: 3, faderDb: "loud" });
    const error = refusal(() => sessionFromJson(JSON.stringify(wrong)));
    expect(error.message).toContain("strips.0.pan");
    expect(error.message).toContain("strips.0.faderDb");
  });

  test("for what refers to nothing", () => {
    const wrong = structuredClone(song);
    wrong.buses = [];
    expect(refusal(() => encodeSession(wrong)).message).toContain('sends to "hall", which is no bus');
    const lost = { ...song, lanes: [{ of: "snare", param: "faderDb", points: [{ at: 0, value: 0 }] }] };
    expect(refusal(() => encodeSession(lost)).message).toContain('no strip or bus "snare"');
  });

  test("for numbers that JSON cannot hold, before they are written", () => {
    expect(refusal(() => encodeSession({ ...song, sampleRateHz: Number.NaN })).code).toBe("invalid");
    expect(refusal(() => encodeSession({ ...song, note: new Float32Array(3) } as SessionInput)).code).toBe(
      "invalid",
    );
  });

  const lane = (param: string, value: number | null) => ({ of: "kick", param, points: [{ at: 0, value }] });
  const withLanes = (...lanes: SessionInput["lanes"] & object) => sessionToJson({ ...song, lanes });

  test("for automation beyond what a fader, a pan or a send takes", () => {
    expect(() => withLanes(lane("faderDb", 1e300))).toThrow(
      "automation of kick faderDb: point 1 cannot be 1e+300; it takes -200 to 60 dB, or null for silence",
    );
    expect(() => withLanes(lane("kick-hall.levelDb", 61))).toThrow(/point 1 cannot be 61; it takes -200/);
    expect(() => withLanes(lane("pan", 5))).toThrow("point 1 cannot be 5; it takes -1 to 1");
    expect(() => withLanes(lane("pan", null))).toThrow("point 1 cannot be null");
    expect(() => withLanes(lane("faderDb", null), lane("pan", -1))).not.toThrow();
  });

  test("for two lanes of one thing", () => {
    expect(() => withLanes(lane("pan", 0), lane("pan", 1))).toThrow(/automation of kick pan is there twice/);
  });

  test("for a rate that no file has, and a strip without a file", () => {
    expect(() => sessionToJson({ ...song, sampleRateHz: 44_100.5 })).toThrow(/sampleRateHz/);
    const strips = [{ ...song.strips[0], source: "" }];
    expect(() => sessionToJson({ ...song, strips })).toThrow("strips.0.source: names no file");
  });

  test("for sound that comes back to where it started, with the way round", () => {
    const [kick] = song.strips;
    const hall = { id: "hall", name: "Hall", kind: "return" as const };
    const back = { id: "back", to: "hall", levelDb: 0 };
    const plate = { id: "plate", name: "Plate", kind: "return" as const, sends: [back] };
    const far = { id: "far", to: "plate", levelDb: 0 };
    expect(() => sessionToJson({ ...song, buses: [{ ...hall, sends: [far] }, plate] })).toThrow(
      /a cycle: Hall -> Plate -> Hall/,
    );
    const off = { ...hall, sends: [{ ...far, enabled: false }] };
    expect(() => sessionToJson({ ...song, buses: [off, plate] })).not.toThrow();
    const duck = { id: "duck", plugin: "dev.gainstage.compressor", sidechain: "hall" };
    const ducked = { ...kick, inserts: [...(kick.inserts ?? []), duck] };
    expect(() => sessionToJson({ ...song, strips: [ducked] })).toThrow(/a cycle: Kick -> Hall -> Kick/);
  });

  test("not for a chain of 4000 buses that ends at the master", () => {
    const buses = Array.from({ length: 4000 }, (_, i) => ({
      id: i === 0 ? "hall" : `b${i}`,
      name: `B${i}`,
      kind: "group" as const,
      output: i === 3999 ? "master" : `b${i + 1}`,
    }));
    expect(() => sessionToJson({ ...song, buses })).not.toThrow();
  });
});
