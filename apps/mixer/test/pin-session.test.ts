/** A pinned session plays on, in line and to the sample where it can, on a machine that lacks a plugin. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHost, installPlugins, type OtherContent } from "@gainstage/host";
import { decodeSession, encodeSession, readSession, type SessionInput } from "@gainstage/session";
import { afterAll, expect, test } from "vitest";
import { pinSession, renderMix } from "../src/index.ts";

const museum = fileURLToPath(new URL("../museum/1.0/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gainstage-pin-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PULSE = "dev.gainstage.museum.pulse";
const LOOKAHEAD_FRAMES = 240;

const song: SessionInput = {
  format: "gainstage-session",
  formatVersion: 1,
  types: {},
  title: "A song",
  sampleRateHz: 48_000,
  lengthSeconds: 0.25,
  strips: [
    {
      id: "pad",
      name: "Pad",
      source: "pad.wav",
      inserts: [
        { id: "pulse", plugin: PULSE, params: { lookaheadMs: 5 } },
        { id: "eq", plugin: "dev.gainstage.equalizer" },
        { id: "off", plugin: "com.example.gone", enabled: false },
      ],
    },
    { id: "dry", name: "Dry", source: "dry.wav" },
  ],
  buses: [],
};

const noise = (seed: number) => {
  let state = seed;
  return Float32Array.from({ length: 12_000 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 33;
  });
};
const stems = new Map([
  ["pad", [noise(1)]],
  ["dry", [noise(2)]],
]);
const decoded = decodeSession(encodeSession(song));

test("pinning writes version, hash and card, and pins nothing that is not there", async () => {
  const host = createHost({ pluginFolders: [museum] });
  const { session, missing } = await pinSession(host, decoded);
  expect(missing).toEqual([]);
  const [pulse, eq, off] = decodeSession(encodeSession(session)).strips[0].inserts;
  expect(pulse).toMatchObject({
    version: "1.0.0",
    integrity: host.catalog.find(PULSE).hash,
    card: { name: "Pulse", latencyFrames: LOOKAHEAD_FRAMES },
  });
  expect(eq).toMatchObject({ integrity: host.catalog.find("equalizer").hash, card: { latencyFrames: 0 } });
  expect(off).toEqual(decoded.strips[0].inserts[2]);
});

test("without the plugin its strip stays in line with the others, by the latency of the card", async () => {
  const { session } = await pinSession(createHost({ pluginFolders: [museum] }), decoded);
  const elsewhere = createHost();
  const pinned = await renderMix(elsewhere, { session, stems });
  expect(pinned.placeholders.map(({ plugin }) => plugin)).toEqual([PULSE]);
  expect(pinned.latencyFrames).toBe(LOOKAHEAD_FRAMES);
  const [strip, dry] = decoded.strips;
  const without = { ...decoded, strips: [{ ...strip, inserts: [] }, dry] };
  const bare = await renderMix(elsewhere, { session: without, stems });
  expect(bare.latencyFrames).toBe(0);
  for (const [c, channel] of bare.channels.entries()) {
    for (let i = 0; i < channel.length; i++)
      if (pinned.channels[c][i] !== channel[i]) expect.fail(`channel ${c} differs at frame ${i}`);
  }
});

test("a plugin of the same version with other content is used, and told", async () => {
  const { session } = await pinSession(createHost({ pluginFolders: [museum] }), decoded);
  const told: OtherContent[] = [];
  const [strip, dry] = session.strips;
  const [pulse, ...rest] = strip.inserts;
  const other = { ...pulse, integrity: `sha256-${"A".repeat(43)}=` };
  const changed = { ...session, strips: [{ ...strip, inserts: [other, ...rest] }, dry] };
  installPlugins(join(museum, "pulse"), folder);
  const host = createHost({ userFolder: folder });
  host.events.on("otherContent", (content) => told.push(content));
  const { placeholders } = await renderMix(host, { session: changed, stems });
  expect(placeholders).toEqual([]);
  expect(told).toEqual([
    { node: "pad/pulse", plugin: PULSE, version: "1.0.0", message: expect.stringContaining("other content") },
  ]);
});

test("opening a pinned session is reading it: nothing of it is looked for", async () => {
  const { session } = await pinSession(createHost({ pluginFolders: [museum] }), decoded);
  expect(readSession(encodeSession(session)).strips[0].inserts[0].card?.vendor).toBe("Gainstage");
});
