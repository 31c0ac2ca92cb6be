import { describe, expect, test } from "vitest";
import { checkSession, decodeSession, encodeSession, type SessionInput, unknownKeys } from "../src/index.ts";

/** With keys at every depth that no version knows. */
const song = {
  format: "gainstage-session",
  formatVersion: 1,
  types: {},
  title: "A song",
  sampleRateHz: 48_000,
  lane: [],
  "com.acme.colour": "red",
  tempo: [{ at: 0, bpm: 120, beats: 4 }],
  generator: { name: "Acme", version: "1", build: 7 },
  strips: [
    {
      id: "bass",
      name: "Bass",
      source: "bass.wav",
      fader: -10,
      inserts: [
        { id: "glue", plugin: "com.example.glue", side: "kick", enable: false, params: { anything: 1 } },
      ],
      sends: [{ id: "bass-hall", to: "hall", levelDb: -6, pre: true }],
    },
  ],
  buses: [{ id: "hall", name: "Hall", kind: "return", panLaw: "-6dB" }],
  master: { peak: -6 },
  lanes: [{ of: "bass", param: "pan", points: [{ at: 0, value: 0, shape: "hold" }] }],
} as SessionInput;

describe("keys that this version does not know", () => {
  test("are found at every depth, with what may stand there", () => {
    const found = unknownKeys(checkSession(song));
    expect(found.map(({ path, key }) => (path === "" ? key : `${path}.${key}`)).sort()).toEqual([
      "buses.0.panLaw",
      "lane",
      "lanes.0.points.0.shape",
      "master.peak",
      "strips.0.fader",
      "strips.0.inserts.0.enable",
      "strips.0.inserts.0.side",
      "strips.0.sends.0.pre",
      "tempo.0.beats",
    ]);
    expect(found.find(({ key }) => key === "side")!.known).toContain("sidechain");
  });

  test("are kept, and found again in what was written", () => {
    const back = decodeSession(encodeSession(song));
    expect(back.strips[0]).toMatchObject({ fader: -10 });
    expect(unknownKeys(back)).toHaveLength(9);
  });

  test("are not the names of parameters, the keys of a builder's graph, or those of somebody", () => {
    const derived = {
      builder: "x",
      builderVersion: 1,
      graph: { nodes: [{ id: "a", kind: "sum", channels: 2 }], edges: [] },
    };
    const plain = {
      ...song,
      derived,
      strips: [],
      buses: [],
      lanes: [],
      master: {},
      tempo: [{ at: 0, bpm: 1 }],
    };
    expect(unknownKeys(checkSession(plain)).map(({ key }) => key)).toEqual(["lane"]);
  });
});
