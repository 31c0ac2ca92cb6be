/** Sound that is delivered in pieces makes the file that it makes as a whole, byte for byte. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DspKernels, kernelsUrl } from "@gainstage/dsp";
import { afterAll, describe, expect, test } from "vitest";
import { type Delivery, deliver } from "../src/index.ts";

const kernels = DspKernels.instantiate(readFileSync(kernelsUrl));
const folder = mkdtempSync(join(tmpdir(), "gainstage-delivery-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FRAMES = 50_001;

function noise(seed: number, level: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: FRAMES }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (level * state) / 2 ** 31;
  });
}

const from = (x: Float32Array, frame: number) => x.map((sample, i) => (i < frame ? 0 : sample));
const steps16 = (x: Float32Array) => x.map((sample) => Math.round(sample * 16384) / 32768);

/** [left, right] by what they ask of a delivery. */
const sounds: Readonly<Record<string, readonly Float32Array[]>> = {
  "noise, too loud now and then": [noise(1, 1.05), noise(2, 0.3)],
  "sides that begin late, and not together": [from(noise(3, 0.5), 7001), from(noise(4, 0.5), 30_000)],
  "one side that is whole steps already": [steps16(noise(5, 0.9)), noise(6, 0.9)],
  "whole steps that end in the last frame": [steps16(noise(7, 0.9)), steps16(noise(8, 0.9))].map((x, c) =>
    x.map((sample, i) => (i === FRAMES - 1 && c === 1 ? 0.1 : sample)),
  ),
  silence: [new Float32Array(FRAMES), new Float32Array(FRAMES)],
};

type Kind = Pick<Delivery, "format" | "dither">;
const kinds: readonly Kind[] = [
  ...(["16", "24"] as const).flatMap((format) =>
    (["none", "tpdf", "shaped"] as const).map((dither) => ({ format, dither })),
  ),
  { format: "32f", dither: "none" },
  { format: "64f", dither: "tpdf" },
];

/** In pieces of changing length, odd ones among them. */
async function writePieces(
  channels: readonly Float32Array[],
  write: (piece: readonly Float32Array[]) => Promise<void>,
): Promise<void> {
  for (let at = 0, k = 0; at < FRAMES; k++) {
    const frames = [1, 4097, 333, 12_000, 2][k % 5];
    await write(channels.map((channel) => channel.subarray(at, at + frames)));
    at += frames;
  }
}

describe.each(Object.entries(sounds))("%s", (name, channels) => {
  test.each(kinds)("%j", async (kind) => {
    const path = (way: string) => join(folder, `${name}-${way}-${kind.format}-${kind.dither}.wav`);
    const delivery = { ...kind, force: false };
    const whole = await deliver(kernels, path("whole"), channels, 48_000, delivery);
    const writeTo = (write: (piece: readonly Float32Array[]) => Promise<void>) =>
      writePieces(channels, write);
    for (const length of [{ frames: FRAMES }, { mostFrames: FRAMES + 9 }]) {
      const sound = { channels: 2, writeTo, ...length };
      const inPieces = await deliver(kernels, path("pieces"), sound, 48_000, { ...delivery, force: true });
      expect(inPieces.clippedSamples).toBe(whole.clippedSamples);
      const [made, expected] = [readFileSync(path("pieces")), readFileSync(path("whole"))];
      expect(made.length).toBe(expected.length);
      const first = expected.findIndex((byte, i) => made[i] !== byte);
      expect(first, "the first byte that differs").toBe(-1);
    }
  });
});

test("a failure on the way leaves nothing behind", async () => {
  const before = readdirSync(folder);
  const writeTo = async (write: (piece: readonly Float32Array[]) => Promise<void>) => {
    await write([new Float32Array(100)]);
    throw new Error("the render failed");
  };
  const sound = { channels: 1, writeTo };
  const delivery = { format: "16", dither: "tpdf", force: true } as const;
  await expect(deliver(kernels, join(folder, "x.wav"), sound, 48_000, delivery)).rejects.toThrow(
    "the render failed",
  );
  expect(readdirSync(folder)).toEqual(before);
});
