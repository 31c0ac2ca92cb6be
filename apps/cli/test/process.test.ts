import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readAudioFile } from "@gainstage/audio-io";
import { createHost } from "@gainstage/host";
import { beforeAll, describe, expect, test } from "vitest";
import { gainstage, scratchFolder, writeMusic } from "./command.ts";

const folder = scratchFolder();
const music = join(folder, "music.wav");
const out = (name: string) => join(folder, name);
const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

beforeAll(() => writeMusic(music));

/** Every parameter of an effect that can move, moving. */
function automationOf(id: string): string[] {
  const { manifest } = createHost().catalog.find(id);
  return manifest.params
    .filter((p) => p.applies !== "restart")
    .slice(0, 12)
    .flatMap((p) => {
      const [a, b] = p.choices ? [p.choices[0].id, p.choices.at(-1)!.id] : [p.min, p.max];
      return ["--automate", `1.${p.id}=0.1:${a},0.45:${b},0.9:${a}`];
    });
}

describe("process", () => {
  test.each(["equalizer", "compressor", "reverb", "limiter", "stereo-imager", "chorus"])(
    "gives the same file for every block size, through the %s with its parameters moving",
    (effect) => {
      const run = (block: number) => {
        const path = out(`${effect}-${block}.wav`);
        const { code, stderr } = gainstage(
          "process",
          music,
          "-o",
          path,
          "--fx",
          effect,
          ...automationOf(effect),
          "--block",
          String(block),
        );
        expect(stderr).not.toContain("error");
        expect(code).toBe(0);
        return digest(path);
      };
      const expected = run(512);
      for (const block of [1, 7, 64, 128, 333, 1024]) expect(run(block), `block ${block}`).toBe(expected);
    },
  );

  test("without an effect keeps every sample", async () => {
    expect(gainstage("process", music, "-o", out("same.wav")).code).toBe(0);
    const [before, after] = [await readAudioFile(music), await readAudioFile(out("same.wav"))];
    expect(after.audio.frames).toBe(before.audio.frames);
    for (const [c, channel] of before.audio.channels.entries()) {
      for (let i = 0; i < channel.length; i++) {
        if (channel[i] !== after.audio.channels[c][i]) throw new Error(`channel ${c}, frame ${i} differs`);
      }
    }
  });

  test("removes a chain's latency: what is not compressed nulls against the source", async () => {
    const fx = "compressor:thresholdDb=0,ratio=1,lookaheadMs=20";
    expect(gainstage("process", music, "-o", out("late.wav"), "--fx", fx, "--fx", fx).code).toBe(0);
    const [before, after] = [await readAudioFile(music), await readAudioFile(out("late.wav"))];
    expect(after.audio.frames).toBe(before.audio.frames);
    for (const [c, channel] of before.audio.channels.entries()) {
      for (let i = 0; i < channel.length; i++) {
        if (Math.abs(channel[i] - after.audio.channels[c][i]) > 1e-6)
          throw new Error(`channel ${c}, frame ${i} differs`);
      }
    }
  });

  test("resamples, and writes the format asked for", async () => {
    const path = out("low.wav");
    expect(
      gainstage("process", music, "-o", path, "--rate", "44100", "--bits", "16", "--dither", "tpdf").code,
    ).toBe(0);
    const { info } = await readAudioFile(path);
    expect(info).toMatchObject({ sampleRateHz: 44_100, bitDepth: 16, sampleFormat: "int", frames: 44_100 });
  });
});

describe("what was typed wrong ends with 2, and says what would be right", () => {
  test.each([
    [["process", music], /required option '-o/],
    [["proces", music], /Did you mean process/],
    [
      ["process", music, "-o", out("x.wav"), "--fx", "compressor:tresholdDb=-20"],
      /no parameter "tresholdDb".*thresholdDb/,
    ],
    [
      ["process", music, "-o", out("x.wav"), "--fx", "compressor:thresholdDb=20"],
      /thresholdDb cannot be 20; it takes -60 to 0 dB/,
    ],
    [
      ["process", music, "-o", out("x.wav"), "--fx", "compressor:thresholdDb=-20Hz"],
      /thresholdDb cannot be "-20Hz"; it takes -60 to 0 dB/,
    ],
    [["process", music, "-o", out("x.wav"), "--fx", "compressor:detector=rmss"], /it takes one of peak, rms/],
    [["process", music, "-o", out("x.wav"), "--fx", "compressor:ratio"], /not of the form param=value/],
    [
      ["process", music, "-o", out("x.wav"), "--fx", "compressor", "--automate", "2.ratio=0:1"],
      /there is no effect 2/,
    ],
    [
      ["process", music, "-o", out("x.wav"), "--fx", "compressor", "--automate", "1.lookaheadMs=0:1"],
      /cannot be automated/,
    ],
    [["process", music, "-o", out("x.wav"), "--block", "0"], /whole number from 1 to 8192/],
    [["process", music, "-o", out("x.wav"), "--bits", "20"], /Allowed choices are 16, 24, 32f, 64f/],
    [["master", music, "-o", folder, "--preset", "balansed"], /Did you mean balanced/],
    [["master", music, "-o", folder, "--fx", "reverb:mix=3"], /no parameter "mix"/],
    [["master", music, "-o", folder, "--target", "3"], /a number from -40 to -5/],
  ] as const)("%j", (args, message) => {
    const { code, stderr, stdout } = gainstage(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});
