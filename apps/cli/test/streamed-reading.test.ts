/** What the commands read in pieces, brought to another rate by the real resampler, is what a whole read gives. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWavFile } from "@gainstage/audio-io";
import { afterAll, describe, expect, test } from "vitest";
import { openAudio } from "../src/stems.ts";
import { readAudio } from "../src/workplace.ts";

const folder = mkdtempSync(join(tmpdir(), "gainstage-reading-"));
afterAll(() => rmSync(folder, { recursive: true }));

function noise(seed: number, frames: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: frames }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 32;
  });
}

describe("a recording read in pieces at another rate", () => {
  // Rational ratios of windows and, the last two, ones that are resampled whole.
  test.each([
    [44_100, 48_000, 600_000],
    [48_000, 44_100, 262_240],
    [96_000, 44_100, 400_003],
    [44_100, 192_000, 270_000],
    [192_000, 8000, 700_001],
    [48_000, 44_100, 1],
    [44_056, 48_000, 150_000],
    [44_100, 48_001, 150_000],
  ])("%d to %d Hz, %d frames, is the same to the bit", async (fromHz, toHz, frames) => {
    const path = join(folder, `${fromHz}-${toHz}-${frames}.wav`);
    const channels = [noise(frames, frames), noise(frames + 1, frames), noise(frames + 2, frames)];
    await writeWavFile(path, channels, { sampleRateHz: fromHz, format: "32f" });
    const { audio } = await readAudio(path, toHz);
    const source = await openAudio(path, toHz);
    expect(source.frames).toBe(audio.frames);
    const stream = source.open();
    const piece = channels.map(() => new Float32Array(12_000));
    let at = 0;
    for (;;) {
      const count = await stream.read(piece, 12_000);
      for (const [c, samples] of piece.entries())
        for (let i = 0; i < count; i++)
          if (samples[i] !== audio.channels[c][at + i])
            throw new Error(`frame ${at + i} of channel ${c} differs`);
      at += count;
      if (count < 12_000) break;
    }
    await stream.close();
    expect(at).toBe(audio.frames);
  });
});
