import type { GraphDescription } from "@gainstage/graph";
import { createHost } from "@gainstage/host";
import { checkSession, type SessionInput } from "@gainstage/session";
import { describe, expect, test } from "vitest";
import { defaultSession, mixGraph, renderMix } from "../src/index.ts";

const RATE = 48_000;
const host = createHost();

type Partial = Omit<SessionInput, "format" | "formatVersion" | "types" | "title" | "sampleRateHz">;
const session = (parts: Partial) =>
  checkSession({
    format: "gainstage-session",
    formatVersion: 1,
    types: {},
    title: "Test",
    sampleRateHz: RATE,
    ...parts,
  });

const strip = (id: string, more: object = {}) => ({ id, name: id, source: `${id}.wav`, ...more });
const constant = (value: number, frames = 4800) => new Float32Array(frames).fill(value);

/** The last frame of a mix of constant stems, left and right: all ramps and delays have passed by then. */
async function settled(parts: Partial, stems: Record<string, number[]>): Promise<[number, number]> {
  const mix = await renderMix(host, {
    session: session({ master: { peakDbfs: null }, ...parts }),
    stems: new Map(Object.entries(stems).map(([id, values]) => [id, values.map((value) => constant(value))])),
  });
  return [mix.channels[0][4799], mix.channels[1][4799]];
}

const db = (value: number) => 10 ** (value / 20);

describe("a strip", () => {
  test("is trimmed, turned over, panned and faded", async () => {
    const strips = [strip("a", { trimDb: 6, invert: true, faderDb: -12, pan: -1 })];
    const [left, right] = await settled({ strips }, { a: [0.5] });
    expect(left).toBeCloseTo(-0.5 * db(-6), 6);
    expect(right).toBeCloseTo(0, 6);
  });

  test("in the middle is 3 dB down on each side when mono, and as it is when stereo", async () => {
    const [mono] = await settled({ strips: [strip("a")] }, { a: [0.5] });
    expect(mono).toBeCloseTo(0.5 * Math.SQRT1_2, 6);
    expect(await settled({ strips: [strip("a")] }, { a: [0.5, 0.25] })).toEqual([0.5, 0.25]);
  });

  test("muted is silent, and so are its sends", async () => {
    const buses = [{ id: "hall", name: "Hall", kind: "return" as const }];
    const sends = [{ id: "s", to: "hall", levelDb: 0, tap: "pre" as const }];
    const strips = [strip("a", { mute: true, sends })];
    expect(await settled({ strips, buses }, { a: [0.5, 0.5] })).toEqual([0, 0]);
  });

  test("muted stays silent when its fader is automated", async () => {
    const lanes = [{ of: "a", param: "faderDb", points: [{ at: 0, value: 0 }] }];
    expect(await settled({ strips: [strip("a", { mute: true })], lanes }, { a: [0.5, 0.5] })).toEqual([0, 0]);
  });

  test("soloed is heard alone, through the groups and returns it uses", async () => {
    const buses = [
      { id: "group", name: "Group", kind: "group" as const },
      { id: "hall", name: "Hall", kind: "return" as const },
    ];
    const strips = [
      strip("a", { solo: true, output: "group", sends: [{ id: "s", to: "hall", levelDb: -6 }] }),
      strip("b"),
    ];
    const [left] = await settled({ strips, buses }, { a: [0.25, 0.25], b: [0.5, 0.5] });
    expect(left).toBeCloseTo(0.25 * (1 + db(-6)), 6);
  });

  test("inside a soloed group is heard, others are not", async () => {
    const buses = [{ id: "group", name: "Group", kind: "group" as const, solo: true }];
    const strips = [strip("a", { output: "group" }), strip("b")];
    expect(await settled({ strips, buses }, { a: [0.25, 0.25], b: [0.5, 0.5] })).toEqual([0.25, 0.25]);
  });
});

describe("a send", () => {
  const buses = [{ id: "hall", name: "Hall", kind: "return" as const }];
  const send = (tap: "pre" | "post", enabled = true) => [
    strip("a", { faderDb: -20, sends: [{ id: "s", to: "hall", levelDb: -6, tap, enabled }] }),
  ];

  test("after the fader follows it; before the fader does not; switched off is not there", async () => {
    const dry = 0.5 * db(-20);
    expect((await settled({ strips: send("post"), buses }, { a: [0.5, 0.5] }))[0]).toBeCloseTo(
      dry + dry * db(-6),
      6,
    );
    expect((await settled({ strips: send("pre"), buses }, { a: [0.5, 0.5] }))[0]).toBeCloseTo(
      dry + 0.5 * db(-6),
      6,
    );
    expect((await settled({ strips: send("post", false), buses }, { a: [0.5, 0.5] }))[0]).toBeCloseTo(dry, 6);
  });
});

test("a drawn crescendo is exact in dB at every moment", async () => {
  const lanes = [
    {
      of: "a",
      param: "faderDb",
      points: [
        { at: 0.01, value: -30 },
        { at: 0.09, value: 0 },
      ],
    },
  ];
  const { channels } = await renderMix(host, {
    session: session({ strips: [strip("a")], lanes, master: { peakDbfs: null } }),
    stems: new Map([["a", [constant(0.5), constant(0.5)]]]),
  });
  for (const seconds of [0.005, 0.02, 0.05, 0.0725, 0.095]) {
    const expected = -30 + 30 * Math.min(1, Math.max(0, (seconds - 0.01) / 0.08));
    expect(20 * Math.log10(channels[0][Math.round(seconds * RATE)] / 0.5)).toBeCloseTo(expected, 4);
  }
});

describe("the master", () => {
  test("leaves 6 dB of headroom by default, and says what it took", async () => {
    const { channels, headroomTrimDb } = await renderMix(host, {
      session: session({ strips: [strip("a"), strip("b")] }),
      stems: new Map(["a", "b"].map((id) => [id, [constant(0.9), constant(0.8)]])),
    });
    expect(Math.max(...channels[0])).toBeCloseTo(db(-6), 5);
    expect(Math.max(...channels[0])).toBeLessThanOrEqual(db(-6));
    expect(headroomTrimDb).toBeCloseTo(-6 - 20 * Math.log10(1.8), 4);
  });

  test("does not touch a mix that leaves it already", async () => {
    const { headroomTrimDb } = await renderMix(host, {
      session: session({ strips: [strip("a")] }),
      stems: new Map([["a", [constant(0.3), constant(0.3)]]]),
    });
    expect(headroomTrimDb).toBe(0);
  });
});

test("a range is the same samples as that part of the whole", async () => {
  const noise = Float32Array.from({ length: 48_000 }, (_, i) => Math.sin(i * i * 1e-5) * 0.3);
  const inserts = [
    { id: "c", plugin: "dev.gainstage.compressor", params: { thresholdDb: -40, lookaheadMs: 3 } },
  ];
  const request = {
    session: session({ strips: [strip("a", { inserts })] }),
    stems: new Map([["a", [noise, noise]]]),
  };
  const whole = await renderMix(host, request);
  const part = await renderMix(host, { ...request, rangeSeconds: [0.25, 0.5] });
  expect(part.frames).toBe(12_000);
  for (let i = 0; i < 12_000; i++) {
    if (part.channels[0][i] !== whole.channels[0][12_000 + i]) throw new Error(`frame ${i} differs`);
  }
});

describe("what a session asks for and cannot have", () => {
  const build = (inserts: object[]) =>
    renderMix(host, {
      session: session({ strips: [strip("a", { inserts }), strip("b")] }),
      stems: new Map(["a", "b"].map((id) => [id, [constant(0)]])),
    });

  test("an unknown plugin, with near names, though the mix goes on without it", async () => {
    const { placeholders } = await build([{ id: "x", plugin: "dev.gainstage.compresor" }]);
    expect(placeholders[0].message).toMatch(/Did you mean compressor/);
  });

  test("a parameter out of range, with range and unit", async () => {
    const insert = { id: "x", plugin: "dev.gainstage.compressor", params: { thresholdDb: 12 } };
    await expect(build([insert])).rejects.toThrow(/thresholdDb cannot be 12; it takes -60 to 0 dB/);
  });

  test("a bus that feeds itself, with the way round", () => {
    const buses = [
      { id: "x", name: "X", kind: "group" as const, output: "y" },
      { id: "y", name: "Y", kind: "group" as const, output: "x" },
    ];
    expect(() => session({ strips: [strip("a", { output: "x" })], buses })).toThrow(/a cycle: X -> Y -> X/);
  });

  test("a range that begins after the song has ended", async () => {
    const request = {
      session: session({ strips: [strip("a")] }),
      stems: new Map([["a", [constant(0)]]]),
      rangeSeconds: [100, 200] as const,
    };
    await expect(renderMix(host, request)).rejects.toThrow(/begins at 100 s, and the song ends at 0\.10 s/);
  });
});

test("points of automation closer than a frame stay apart and in order", () => {
  const points = [
    { at: 1, value: 0 },
    { at: 1.000001, value: -6 },
    { at: 1.000002, value: -12 },
    { at: 2, value: 0 },
  ];
  const { lanes } = mixGraph(
    session({ strips: [strip("a")], lanes: [{ of: "a", param: "faderDb", points }] }),
    {
      plugin: ({ plugin }) => plugin,
      paramId: (_, id) => id,
      params: () => ({}),
      sidechainPort: () => "sidechain",
      sourceChannels: () => 1,
    },
  );
  expect(lanes?.[0].points.map(({ frame }) => frame)).toEqual([RATE, RATE + 1, RATE + 2, 2 * RATE]);
});

test("a sidechain from another strip is wired and aligned", () => {
  const inserts = [{ id: "duck", plugin: "dev.gainstage.compressor", params: {}, sidechain: "kick" }];
  const graph: GraphDescription = mixGraph(session({ strips: [strip("kick"), strip("bass", { inserts })] }), {
    plugin: ({ plugin }) => plugin,
    paramId: (_, id) => id,
    params: () => ({}),
    sidechainPort: () => "sidechain",
    sourceChannels: () => 1,
  });
  expect(graph.edges).toContainEqual({
    from: { node: "kick/pan", port: "out" },
    to: { node: "bass/duck", port: "sidechain" },
  });
});

test("a folder's files become strips with ids of their own", () => {
  const { strips } = checkSession(
    defaultSession("My song", 48_000, ["01 kick.wav", "01-kick.flac", "ü.mp3", "master.wav"]),
  );
  expect(strips.map((s) => s.source)).toEqual(["01 kick.wav", "01-kick.flac", "ü.mp3", "master.wav"]);
  expect(new Set(strips.map((s) => s.id)).size).toBe(4);
});
