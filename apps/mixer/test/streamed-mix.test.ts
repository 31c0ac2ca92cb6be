/** A mix whose stems are read on the way, and which is handed over as it is made, is the mix in memory to the bit. */
import { createHost, type StreamedSource } from "@gainstage/host";
import { checkSession, type SessionInput } from "@gainstage/session";
import { describe, expect, test } from "vitest";
import { type MixRequest, renderMix, renderMixTo, type Stems } from "../src/index.ts";

const RATE_HZ = 48_000;
const host = createHost();

const session = (parts: Partial<SessionInput> = {}) =>
  checkSession({
    format: "gainstage-session",
    formatVersion: 1,
    types: {},
    title: "Test",
    sampleRateHz: RATE_HZ,
    strips: ["a", "b", "c"].map((id, i) => ({
      id,
      name: id,
      source: `${id}.wav`,
      pan: 0.4 * (i - 1),
      inserts: [{ id: `squeeze-${id}`, plugin: "dev.gainstage.compressor", params: { lookaheadMs: 3 * i } }],
    })),
    ...parts,
  });

const tone = (seed: number, frames: number) =>
  Float32Array.from({ length: frames }, (_, i) => 0.7 * Math.sin(i * i * seed * 1e-7));

const whole: Stems = new Map([
  ["a", [tone(1, 170_000)]],
  ["b", [tone(2, 200_123), tone(3, 200_123)]],
  ["c", [tone(4, 5), tone(5, 5)]],
]);

function streamed(channels: readonly Float32Array[], tellsLength: boolean): StreamedSource {
  const frames = channels[0].length;
  return {
    channels: channels.length,
    ...(tellsLength && { frames }),
    async open() {
      let at = 0;
      return {
        async read(into, most) {
          const count = Math.min(most, 9999, frames - at);
          for (const [c, channel] of into.entries()) channel.set(channels[c].subarray(at, at + count));
          at += count;
          return count;
        },
        async close() {},
      };
    },
  };
}

const streams = (tellsLength: boolean): Stems =>
  new Map(
    [...whole].map(([id, channels]) => [id, streamed(channels as readonly Float32Array[], tellsLength)]),
  );

describe.each([
  ["of known lengths", true],
  ["of lengths that only reading tells", false],
])("stems %s", (_, tellsLength) => {
  test.each<Omit<MixRequest, "session" | "stems"> & { lengthSeconds?: number; peakDbfs?: null }>([
    {},
    { jobs: 2, blockFrames: 480 },
    { rangeSeconds: [1, 2.5] },
    { rangeSeconds: [3, 99], jobs: 2 },
    { lengthSeconds: 2 },
    { lengthSeconds: 6, peakDbfs: null },
  ])("%j", async ({ lengthSeconds, peakDbfs, ...asked }) => {
    const request = {
      ...asked,
      session: session({
        ...(lengthSeconds !== undefined && { lengthSeconds }),
        ...(peakDbfs === null && { master: { peakDbfs } }),
      }),
    };
    const expected = await renderMix(host, { ...request, stems: whole });
    const pieces: Float32Array[][] = [];
    const mix = await renderMixTo(host, { ...request, stems: streams(tellsLength) }, (channels) => {
      pieces.push(channels.map((channel) => channel.slice()));
    });
    expect(mix.frames).toBe(expected.frames);
    expect(mix.headroomTrimDb).toBe(expected.headroomTrimDb);
    let at = 0;
    for (const piece of pieces) {
      mix.trim(piece);
      for (const [c, channel] of piece.entries())
        for (let i = 0; i < channel.length; i++)
          if (channel[i] !== expected.channels[c][at + i]) throw new Error(`frame ${at + i} of channel ${c}`);
      at += piece[0].length;
    }
    expect(at).toBe(expected.frames);
  });

  test("that end before the range begins are refused in the same words", async () => {
    const request = { session: session(), stems: streams(tellsLength), rangeSeconds: [100, 200] as const };
    await expect(renderMixTo(host, request, () => {})).rejects.toThrow(
      "the range begins at 100 s, and the song ends at 4.17 s",
    );
  });
});
