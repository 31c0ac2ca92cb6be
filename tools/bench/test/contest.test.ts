import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { contest, resultOf } from "../src/contest.ts";
import type { Entrant, Outcome } from "../src/entrant.ts";
import { Material, type Stereo } from "../src/material.ts";
import { elementary } from "../src/peers/elementary.ts";
import type { Peer } from "../src/peers/peer.ts";
import { runProgram } from "../src/peers/program.ts";
import { reportText } from "../src/report.ts";
import { differentWork, levelDb } from "../src/same-work.ts";
import { WORKLOADS } from "../src/workloads.ts";

const FRAMES = 4800;

function tone(amplitude: number): Stereo {
  const channel = Float32Array.from(
    { length: FRAMES },
    (_, i) => amplitude * Math.sin((2 * Math.PI * i) / 48),
  );
  return [channel, channel.slice()];
}

function entrant(name: string, outcome: Outcome, seconds = 1): Entrant {
  return { name, firstRun: async () => ({ outcome, seconds }), run: async () => seconds };
}

function peer(name: string, enter: () => Entrant): Peer {
  return { name, workloads: ["W1"], install: "", version: async () => "1", enter: async () => enter() };
}

function material(): Material {
  const made = new Material(0.1, { withTracks: false, withConvolution: false });
  onTestFinished(() => made.dispose());
  return made;
}

test("the level of a sine is 3.01 dB below its peak", () => {
  expect(levelDb(tone(0.5))).toBeCloseTo(20 * Math.log10(0.5) - 10 * Math.log10(2), 4);
});

test.each([
  ["silence", { channels: tone(0) }, /its level is -Infinity dBFS, ours -9\.03 dBFS/],
  ["nothing", {}, /its level is not known/],
  ["one channel of two", { channels: [tone(0.5)[0], tone(0)[0]] as const }, /its level is -12\.04/],
  ["what is no number", { channels: [tone(0.5)[0], tone(Number.NaN)[0]] as const }, /its level is NaN/],
  ["2 dB too much", { channels: tone(0.63) }, /its level/],
])("a peer that puts out %s does not do the same work", (_, theirs: Outcome, message) => {
  expect(differentWork({ channels: tone(0.5) }, theirs)).toMatch(message);
});

test("a tenth of a decibel and a law of panning make no difference", () => {
  expect(differentWork({ channels: tone(0.5) }, { channels: tone(0.506) })).toBeUndefined();
  const panned = [tone(0.5 * Math.SQRT2)[0], tone(0)[0]] as const;
  expect(differentWork({ channels: tone(0.5) }, { channels: panned })).toBeUndefined();
});

test("a meter that reads silence does not do the same work", () => {
  const ours = { integratedLufs: -14, truePeakDbtp: -1 };
  expect(differentWork(ours, { integratedLufs: -14.4, truePeakDbtp: -0.9 })).toBeUndefined();
  expect(differentWork(ours, { integratedLufs: null, truePeakDbtp: -1 })).toBe(
    "its loudness is that of silence, ours -14.00 LUFS",
  );
  expect(differentWork(ours, { integratedLufs: -14 })).toMatch(/its true peak is not known/);
});

test("peers that do nothing or fail are left out with a reason, and the others are compared with", async () => {
  const work = { channels: tone(0.5) };
  const peers = [
    peer("idle", () => entrant("idle", { channels: tone(0) }, 1e-6)),
    peer("broken", () => {
      throw new Error("it does not start");
    }),
    peer("slow", () => entrant("slow", work, 4)),
    peer("fast", () => entrant("fast", work, 2)),
    peer("limit", () => ({ ...entrant("limit", work, 0.5), isLimit: true })),
  ];
  const { results, absences } = await contest(
    WORKLOADS[0],
    [entrant("W1", work)],
    peers,
    material(),
    3,
    () => {},
  );
  expect(absences).toEqual([
    {
      peer: "idle",
      workload: "W1",
      reason: expect.stringMatching(/^it does not do the same work: its level is -Inf/),
    },
    { peer: "broken", workload: "W1", reason: "it does not start" },
  ]);
  expect(results).toHaveLength(1);
  expect(results[0].peers.map((each) => [each.peer, each.ratio])).toEqual([
    ["limit", 2],
    ["fast", 0.5],
    ["slow", 0.25],
  ]);
  expect(results[0].best?.peer).toBe("fast");
  expect(results[0]).toMatchObject({ aim: 0.4, met: false });
});

test("entrants of ours that differ are an error, not a figure", async () => {
  const ours = [entrant("W3", { channels: tone(0.5) }), entrant("W3 on two cores", { channels: tone(0.1) })];
  await expect(contest(WORKLOADS[2], ours, [], material(), 1, () => {})).rejects.toThrow(
    /two cores is not W3/,
  );
});

test("the table says what was met, who was left out and why", () => {
  const [work] = [{ channels: tone(0.5) }];
  const won = resultOf(
    { entrant: entrant("W1", work), seconds: [1, 1, 1] },
    [{ entrant: entrant("a peer", work), seconds: [4, 4, 4] }],
    "equalizer",
    48_000,
  );
  const alone = resultOf({ entrant: entrant("W5", work), seconds: [1] }, [], "gains", 48_000);
  const text = reportText({
    seconds: 1,
    rounds: 3,
    results: [won, alone],
    absences: [{ peer: "sox", workload: "W1", reason: "sox is not on this machine (apt-get install sox)" }],
    peers: [{ name: "a peer", version: "1.2" }],
    emptyPassSeconds: null,
    notes: [],
  });
  expect(text).toMatch(/^W1 +1 s +1\.000 s +20833\.3 ns\/frame +a peer +4\.000 s +0\.250 +0\.40 +met$/m);
  // A second in blocks of 128 is 375 blocks, by a thousand nodes.
  expect(text).toMatch(/^W5 +1 s +1\.000 s +2666\.7 ns\/node·block +– +0\.60 +no peer$/m);
  expect(text).toContain("skipped: sox, W1: sox is not on this machine (apt-get install sox)");
});

test("what is not installed says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gainstage-bench-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await expect(elementary(folder).version()).rejects.toThrow(`@elemaudio/core is not installed in ${folder}`);
  await expect(runProgram("gainstage-no-such-program", [])).rejects.toThrow(
    "gainstage-no-such-program is not on this machine",
  );
});
