import { beforeAll, describe, expect, test, vi } from "vitest";
import { readAudioFile } from "../src/index.ts";
import { encodeFlac, encodeMp3, encodeVorbis } from "./encoded-audio.ts";
import { expectSamples } from "./expect-samples.ts";
import { concat, pack } from "./iff-bytes.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const rateHz = 44100;
const frames = rateHz;

/** A sweep with noise from a small linear congruential generator: busy enough for every coding path. */
function music(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, (_, frame) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const seconds = frame / rateHz;
    return 0.5 * Math.sin(2 * Math.PI * (200 + 2000 * seconds) * seconds) + (0.1 * state) / 2 ** 31;
  });
}

function codesOf(bits: number, seed: number): Int32Array {
  const scale = 2 ** (bits - 1) - 1;
  const codes = Int32Array.from(music(frames, seed), (sample) => Math.round(sample * scale));
  // Both ends of the scale and the smallest steps around zero.
  codes.set([-scale - 1, scale, -1, 0, 1, -scale, scale - 1]);
  return codes;
}

/** Energy of the difference against energy of the signal, in dB. */
function errorDb(actual: Float32Array, expected: Float32Array): number {
  let error = 0;
  let energy = 0;
  expected.forEach((sample, frame) => {
    error += (actual[frame] - sample) ** 2;
    energy += sample ** 2;
  });
  return 10 * Math.log10(error / energy);
}

const left = music(frames, 1);
const right = music(frames, 2);
let flac: Uint8Array;
let oggFlac: Uint8Array;
let mp3: Uint8Array;
let vorbis: Uint8Array;

beforeAll(async () => {
  flac = await encodeFlac([codesOf(24, 1), codesOf(24, 2)], 24, rateHz);
  oggFlac = await encodeFlac([codesOf(24, 1), codesOf(24, 2)], 24, rateHz, "ogg");
  mp3 = await encodeMp3([left, right], rateHz);
  vorbis = await encodeVorbis([left, right], rateHz);
});

describe("FLAC is exact to the bit", () => {
  test.each([8, 16, 24])("%i bits, stereo", async (bits) => {
    const codes = [codesOf(bits, 3), codesOf(bits, 4)];
    const path = folder.save(`${bits}.flac`, await encodeFlac(codes, bits, 96000));
    const { audio, info } = await readAudioFile(path);
    expect(info).toEqual({
      format: "flac",
      bitDepth: bits,
      sampleFormat: "int",
      channels: 2,
      sampleRateHz: 96000,
      frames,
      truncated: false,
      warnings: [],
    });
    codes.forEach((channel, index) => {
      expectSamples(
        audio.channels[index],
        Float32Array.from(channel, (code) => code / 2 ** (bits - 1)),
      );
    });
  });

  test("in Ogg, and behind an ID3 tag", async () => {
    const id3 = concat(
      pack(false, ["text", "ID3"], ["u16", 0x0300], ["u8", 0], ["u32", 20]),
      new Uint8Array(20),
    );
    const files = [folder.save("ogg-flac.oga", oggFlac), folder.save("id3.flac", concat(id3, flac))];
    for (const path of files) {
      const { audio, info } = await readAudioFile(path);
      expect(info).toMatchObject({ format: "flac", bitDepth: 24, truncated: false, warnings: [] });
      expectSamples(
        audio.channels[1],
        Float32Array.from(codesOf(24, 2), (code) => code / 2 ** 23),
      );
    }
  });

  test("12 and 20 bits, of which the decoder makes noise, are refused", async () => {
    for (const bits of [12, 20]) {
      const path = folder.save(`${bits}.flac`, await encodeFlac([codesOf(bits, 1)], bits, 48000));
      const reason = `its ${bits}-bit flac samples are not supported; convert it to 16 or 24 bits`;
      await expect(readAudioFile(path)).rejects.toMatchObject({ name: "InputError", reason });
    }
  });

  test("mono and 6 channels keep their count, on shared memory", async () => {
    for (const count of [1, 6]) {
      const codes = Array.from({ length: count }, (_, channel) => codesOf(16, channel));
      const path = folder.save(`${count}ch.flac`, await encodeFlac(codes, 16, 48000));
      const { audio } = await readAudioFile(path);
      expect(audio.channels.length).toBe(count);
      audio.channels.forEach((samples, channel) => {
        expect(samples.buffer).toBeInstanceOf(SharedArrayBuffer);
        expectSamples(
          samples,
          Float32Array.from(codes[channel], (code) => code / 32768),
        );
      });
    }
  });
});

describe("lossy codecs", () => {
  test("Vorbis: exact length, no delay", async () => {
    const { audio, info } = await readAudioFile(folder.save("a.ogg", vorbis));
    expect(info).toMatchObject({
      format: "vorbis",
      sampleFormat: "float",
      channels: 2,
      frames,
      truncated: false,
    });
    expect(info.bitDepth).toBeUndefined();
    expect(info.warnings).toEqual([]);
    // Shifted by a single frame the error would be far above: quality 6 alone stays below -15 dB on this noise.
    expect(errorDb(audio.channels[0], left)).toBeLessThan(-15);
    expect(errorDb(audio.channels[1], right)).toBeLessThan(-15);
  });

  test("MP3 with equal sides stays stereo, a mono one stays mono", async () => {
    const equal = await readAudioFile(folder.save("equal.mp3", await encodeMp3([left, left], rateHz)));
    expect(equal.info).toMatchObject({ format: "mp3", channels: 2, sampleRateHz: rateHz });
    expectSamples(equal.audio.channels[0], equal.audio.channels[1]);
    expect(equal.audio.channels[0].buffer).not.toBe(equal.audio.channels[1].buffer);
    const mono = await readAudioFile(folder.save("mono.mp3", await encodeMp3([left], rateHz)));
    expect(mono.info).toMatchObject({ channels: 1, truncated: false, warnings: [] });
  });

  test("stereo MP3 is whole, and not disturbed by tags around it", async () => {
    const id3 = concat(
      pack(false, ["text", "ID3"], ["u16", 0x0300], ["u8", 0], ["u32", 50]),
      new Uint8Array(50),
    );
    const id3v1 = concat(pack(false, ["text", "TAG"]), new Uint8Array(125));
    const plain = await readAudioFile(folder.save("plain.mp3", mp3));
    const tagged = await readAudioFile(folder.save("tagged.mp3", concat(id3, mp3, id3v1)));
    expect(plain.info).toMatchObject({ channels: 2, truncated: false, warnings: [] });
    expect(tagged.info).toMatchObject({ channels: 2, truncated: false, warnings: [] });
    expectSamples(tagged.audio.channels[0], plain.audio.channels[0]);
  });
});

describe("files cut in the middle are read as far as they go, and say so", () => {
  // Not one half: 20 of 40 MP3 frames would end on a frame, which nobody can tell from a whole file.
  const half = (bytes: Uint8Array) => bytes.subarray(0, Math.floor(bytes.length * 0.47));

  test("FLAC says how many frames are missing", async () => {
    const { audio, info } = await readAudioFile(folder.save("cut.flac", half(flac)));
    expect(info.truncated).toBe(true);
    const missing = frames - audio.frames;
    const percent = ((100 * missing) / frames).toFixed(1);
    expect(info.warnings[0]).toBe(
      `the file is cut short or damaged: ${missing} of ${frames} frames (${percent}%) are missing`,
    );
    expect(audio.frames).toBeGreaterThan(frames / 4);
    expectSamples(
      audio.channels[0],
      Float32Array.from(codesOf(24, 1).subarray(0, audio.frames), (code) => code / 2 ** 23),
    );
  });

  test("Ogg FLAC too", async () => {
    const { audio, info } = await readAudioFile(folder.save("cut-flac.oga", half(oggFlac)));
    expect(info.truncated).toBe(true);
    expect(info.warnings[0]).toContain(`${frames - audio.frames} of ${frames} frames`);
  });

  test("Vorbis misses its end-of-stream page", async () => {
    const { audio, info } = await readAudioFile(folder.save("cut.ogg", half(vorbis)));
    expect(info).toMatchObject({ truncated: true });
    expect(info.warnings).toEqual([
      "the file is cut short: its end-of-stream page is missing, so an unknown length is too",
    ]);
    expect(audio.frames).toBeLessThan(frames);
  });

  test("MP3 ends inside a frame", async () => {
    const { info } = await readAudioFile(folder.save("cut.mp3", half(mp3)));
    expect(info).toMatchObject({ truncated: true });
    expect(info.warnings).toEqual([
      "the file is cut short: its last frame is not whole, so an unknown length is missing",
    ]);
  });

  test("MP3 with a Xing tag counts what is missing", async () => {
    // A silent first frame whose tag announces all frames of the stream behind it (Xing Inc., flag 1: frame count).
    const frameBytes = Math.floor((144 * 192000) / rateHz);
    const tagFrame = concat(mp3.subarray(0, 4), new Uint8Array(frameBytes - 4));
    tagFrame[2] &= ~2;
    const promised = 1000;
    tagFrame.set(pack(false, ["text", "Xing"], ["u32", 1], ["u32", promised]), 36);
    const { info } = await readAudioFile(folder.save("xing.mp3", concat(tagFrame, mp3)));
    expect(info.truncated).toBe(true);
    expect(info.warnings[0]).toMatch(
      /^the file is cut short: \d+ of 1152000 frames \(9\d\.\d%\) are missing$/,
    );
  });

  test("nothing but a header is no audio", async () => {
    const reasons: [string, Uint8Array, string][] = [
      ["head.flac", flac.subarray(0, 42), "it holds no audio that can be decoded"],
      ["head-cut.flac", flac.subarray(0, 20), "it ends inside its header, or its header is damaged"],
      ["head.ogg", vorbis.subarray(0, 58), "the file is cut short: its end-of-stream page is missing"],
      [
        "head-cut.ogg",
        vorbis.subarray(0, 20),
        "it ends inside its header, or holds no Vorbis, Opus or FLAC stream",
      ],
      ["head.mp3", mp3.subarray(0, 40), "the file is cut short: its last frame is not whole"],
    ];
    for (const [name, bytes, reason] of reasons) {
      await expect(readAudioFile(folder.save(name, bytes))).rejects.toThrow(reason);
    }
  });
});

test("damage in the middle is a warning, not noise on the console", async () => {
  const spies = (["log", "warn", "error"] as const).map((method) => vi.spyOn(console, method));
  const damaged = oggFlac.slice();
  damaged.fill(0x55, damaged.length / 2, damaged.length / 2 + 100);
  const { info } = await readAudioFile(folder.save("damaged.oga", damaged));
  expect(info.truncated).toBe(true);
  expect(info.warnings[0]).toContain("the file is cut short or damaged");
  expect(info.warnings.join("\n")).toMatch(
    /the decoder reported damage: FLAC__STREAM_DECODER_ERROR_STATUS_LOST_SYNC/,
  );
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  spies[0].mockImplementation(() => {});
  console.log("heard again");
  expect(spies[0]).toHaveBeenCalledWith("heard again");
  vi.restoreAllMocks();
});

test("resampleTo brings the audio, and only the audio, to another rate", async () => {
  const path = folder.save("resample.flac", flac);
  const calls: unknown[] = [];
  const resample = (channels: readonly Float32Array[], fromHz: number, toHz: number) => {
    calls.push([channels.length, fromHz, toHz]);
    return channels.map((samples) => samples.slice(0, 100));
  };
  const { audio, info } = await readAudioFile(path, { resampleTo: { sampleRateHz: 48000, resample } });
  expect(calls).toEqual([[2, rateHz, 48000]]);
  expect(audio).toMatchObject({ sampleRateHz: 48000, frames: 100 });
  expect(audio.channels[0].buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(info).toMatchObject({ sampleRateHz: rateHz, frames });
  await readAudioFile(path, { resampleTo: { sampleRateHz: rateHz, resample } });
  expect(calls.length).toBe(1);
});
