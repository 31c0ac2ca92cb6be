import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  OutputError,
  readAudioFile,
  type WavSampleFormat,
  WavWriter,
  wavHeader,
  writeWavFile,
} from "../src/index.ts";
import { expectSamples } from "./expect-samples.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
let made = 0;
const emptyFolder = () => {
  const path = join(folder.path, `${made++}`);
  mkdirSync(path);
  return path;
};
const text = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));
const ramp = (frames: number) => Float64Array.from({ length: frames }, (_, frame) => Math.sin(frame) / 3);

afterEach(() => {
  vi.restoreAllMocks();
});

describe("what is written reads back exactly", () => {
  test("16 bits: every code there is", async () => {
    const path = join(emptyFolder(), "a.wav");
    const codes = Int32Array.from({ length: 65536 }, (_, index) => index - 32768);
    await writeWavFile(path, [codes, codes.toReversed()], { sampleRateHz: 44100, format: "16" });
    const { audio, info } = await readAudioFile(path);
    expect(info).toMatchObject({
      bitDepth: 16,
      sampleFormat: "int",
      channels: 2,
      sampleRateHz: 44100,
      warnings: [],
    });
    expectSamples(
      audio.channels[0],
      Float32Array.from(codes, (code) => code / 32768),
    );
    expectSamples(
      audio.channels[1],
      Float32Array.from(codes.toReversed(), (code) => code / 32768),
    );
  });

  test("24 bits, an odd number of bytes", async () => {
    const path = join(emptyFolder(), "a.wav");
    const codes = Int32Array.from([-8388608, -8388607, -65537, -65536, -256, -255, -1, 0, 1, 65535, 8388607]);
    await writeWavFile(path, [codes], { sampleRateHz: 48000, format: "24" });
    const { audio } = await readAudioFile(path);
    expectSamples(
      audio.channels[0],
      Float32Array.from(codes, (code) => code / 8388608),
    );
    const bytes = readFileSync(path);
    expect(bytes.length % 2).toBe(0);
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  });

  test("32 bits float, in pieces, above full scale", async () => {
    const path = join(emptyFolder(), "a.wav");
    const samples = Float32Array.from({ length: 200_001 }, (_, frame) => Math.tan(frame));
    const writer = await WavWriter.create(path, { sampleRateHz: 48000, channels: 1, format: "32f" });
    for (let at = 0; at < samples.length; at += 77_777)
      await writer.write([samples.subarray(at, at + 77_777)]);
    expect(writer.frames).toBe(samples.length);
    await writer.finish();
    const { audio, info } = await readAudioFile(path);
    expectSamples(audio.channels[0], samples);
    expect(info).toMatchObject({ truncated: false, warnings: [] });
  });

  test("64 bits float, to the last bit of every double", async () => {
    const path = join(emptyFolder(), "a.wav");
    const samples = [ramp(1000), ramp(1000).map((sample) => -sample * 1e-300)];
    await writeWavFile(path, samples, { sampleRateHz: 48000, format: "64f" });
    const bytes = readFileSync(path);
    const start = bytes.length - 16_000;
    expect(text(bytes, start - 8, 4)).toBe("data");
    for (let frame = 0; frame < 1000; frame++) {
      expect(bytes.readDoubleLE(start + 16 * frame)).toBe(samples[0][frame]);
      expect(bytes.readDoubleLE(start + 16 * frame + 8)).toBe(samples[1][frame]);
    }
  });
});

describe("headers", () => {
  const header = (format: WavSampleFormat, channels: number, frames = 100, reserve = false) =>
    wavHeader({ sampleRateHz: 48000, channels, format }, frames, reserve);

  test("16 bits up to stereo is the classic 44 bytes", () => {
    const bytes = header("16", 2);
    const view = new DataView(bytes.buffer);
    expect(bytes.length).toBe(44);
    expect([text(bytes, 0, 4), text(bytes, 8, 8), text(bytes, 36, 4)]).toEqual(["RIFF", "WAVEfmt ", "data"]);
    expect(view.getUint32(4, true)).toBe(36 + 400);
    expect(view.getUint32(16, true)).toBe(16);
    expect([20, 22, 32, 34].map((at) => view.getUint16(at, true))).toEqual([1, 2, 4, 16]);
    expect(view.getUint32(24, true)).toBe(48000);
    expect(view.getUint32(28, true)).toBe(192000);
    expect(view.getUint32(40, true)).toBe(400);
  });

  test("24 bits and more than 2 channels are EXTENSIBLE with a speaker mask", () => {
    const cases: [WavSampleFormat, number, number, number][] = [
      ["24", 1, 0x4, 1],
      ["24", 2, 0x3, 1],
      ["16", 6, 0x3f, 1],
      ["32f", 8, 0x63f, 3],
      ["16", 12, 0, 1],
    ];
    for (const [format, channels, mask, tag] of cases) {
      const view = new DataView(header(format, channels).buffer);
      expect(view.getUint32(16, true)).toBe(40);
      expect(view.getUint16(20, true)).toBe(0xfffe);
      expect(view.getUint32(40, true)).toBe(mask);
      expect(view.getUint16(44, true)).toBe(tag);
    }
  });

  test("float has a fact chunk with the frame count", () => {
    const bytes = header("32f", 2, 12345);
    const view = new DataView(bytes.buffer);
    expect(view.getUint16(20, true)).toBe(3);
    expect(text(bytes, 38, 4)).toBe("fact");
    expect(view.getUint32(46, true)).toBe(12345);
  });

  test("RF64 starts exactly where 32 bits end, and is as long as the header with JUNK", () => {
    // RIFF size = header + data - 8. The largest that is not the marker 0xffffffff, even: 0xfffffffe.
    const headerBytes = header("16", 1, 0, true).length;
    const frames = (0xfffffffe + 8 - headerBytes) / 2;
    const short = header("16", 1, frames, true);
    const long = header("16", 1, frames + 1, true);
    expect(long.length).toBe(short.length);
    const shortView = new DataView(short.buffer);
    expect([text(short, 0, 4), text(short, 12, 4)]).toEqual(["RIFF", "JUNK"]);
    expect(shortView.getUint32(4, true)).toBe(0xfffffffe);
    const view = new DataView(long.buffer);
    expect([text(long, 0, 4), text(long, 12, 4)]).toEqual(["RF64", "ds64"]);
    expect(view.getUint32(4, true)).toBe(0xffffffff);
    expect(view.getUint32(16, true)).toBe(28);
    expect(view.getBigUint64(20, true)).toBe(BigInt(long.length + 2 * (frames + 1) - 8));
    expect(view.getBigUint64(28, true)).toBe(BigInt(2 * (frames + 1)));
    expect(view.getBigUint64(36, true)).toBe(BigInt(frames + 1));
    expect(view.getUint32(44, true)).toBe(0);
    expect(view.getUint32(long.length - 4, true)).toBe(0xffffffff);
  });

  test("a length known beforehand switches to RF64 without room kept for it", () => {
    const bytes = header("32f", 2, 2 ** 33);
    expect(text(bytes, 0, 4)).toBe("RF64");
    expect(new DataView(bytes.buffer).getBigUint64(28, true)).toBe(2n ** 36n);
    expect(new DataView(bytes.buffer).getUint32(bytes.length - 12, true)).toBe(0xffffffff);
  });

  test("bext carries version 2 with loudness in hundredths, and no clock", async () => {
    const path = join(emptyFolder(), "a.wav");
    const bext = {
      description: "Für Elise",
      originator: "Gainstage",
      originationDate: "2026-01-02",
      timeReferenceFrames: 2 ** 33,
      integratedLufs: -23.006,
      loudnessRangeLu: 7.5,
      maxTruePeakDbtp: -1.04,
      maxMomentaryLufs: Number.NEGATIVE_INFINITY,
      codingHistory: ["A=PCM,F=48000,W=16,M=stereo,T=Gainstage"],
    };
    await writeWavFile(path, [new Int32Array(10)], { sampleRateHz: 48000, format: "16", bext });
    const bytes = readFileSync(path);
    expect(text(bytes, 12, 4)).toBe("bext");
    const body = bytes.subarray(20, 20 + bytes.readUInt32LE(16));
    expect(text(body, 0, 9)).toBe("F?r Elise");
    expect(text(body, 256, 9)).toBe("Gainstage");
    expect(text(body, 320, 10)).toBe("2026-01-02");
    expect(text(body, 330, 8)).toBe("\0".repeat(8));
    expect(body.readBigUInt64LE(338)).toBe(2n ** 33n);
    expect(body.readUInt16LE(346)).toBe(2);
    // Hundredths, rounded to the nearest; what is not known, or silent, is 0x7fff.
    const loudness = [412, 414, 416, 418, 420].map((at) => body.readInt16LE(at));
    expect(loudness).toEqual([-2301, 750, -104, 0x7fff, 0x7fff]);
    expect(text(body, 602, 41)).toBe("A=PCM,F=48000,W=16,M=stereo,T=Gainstage\r\n");
    expect((await readAudioFile(path)).audio.frames).toBe(10);
  });
});

describe("a file appears complete or not at all", () => {
  const options = { sampleRateHz: 48000, channels: 1, format: "32f" } as const;

  test("nothing but a hidden part file is there before finish, nothing after abort", async () => {
    const directory = emptyFolder();
    const writer = await WavWriter.create(join(directory, "a.wav"), options);
    await writer.write([new Float32Array(10)]);
    expect(readdirSync(directory).every((name) => /^\.a\.wav\..*\.part$/.test(name))).toBe(true);
    await writer.abort();
    await writer.abort();
    expect(readdirSync(directory)).toEqual([]);
    await expect(writer.write([new Float32Array(1)])).rejects.toThrow("it is finished or aborted already");
  });

  test("a name as long as file systems allow can be written", async () => {
    const options = { sampleRateHz: 48000, format: "32f" } as const;
    const directory = emptyFolder();
    for (const name of [`${"x".repeat(251)}.wav`, `${"日".repeat(83)}.wav`]) {
      await writeWavFile(join(directory, name), [Float32Array.of(0)], options);
      expect(readdirSync(directory)).toContain(name);
    }
  });

  test("a symbolic link stays one, and what it points to is replaced", async () => {
    const options = { sampleRateHz: 48000, format: "32f", force: true } as const;
    const [links, files] = [emptyFolder(), emptyFolder()];
    writeFileSync(join(files, "a.wav"), "before");
    symlinkSync(join(files, "a.wav"), join(links, "link.wav"));
    await writeWavFile(join(links, "link.wav"), [Float32Array.of(0.5)], options);
    expect(lstatSync(join(links, "link.wav")).isSymbolicLink()).toBe(true);
    expect((await readAudioFile(join(files, "a.wav"))).audio.channels[0][0]).toBe(0.5);
    expect([readdirSync(links), readdirSync(files)]).toEqual([["link.wav"], ["a.wav"]]);
  });

  test("a process that ends while it writes leaves nothing behind", () => {
    const directory = emptyFolder();
    const script = `
      import { ReplacingFile } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
      const file = await ReplacingFile.create(process.argv[1], false);
      await file.write(new Uint8Array(1000), 0);
      process.exit(130);`;
    const args = ["--input-type=module", "-e", script, join(directory, "a.wav")];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect([status, stderr]).toEqual([130, ""]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("an existing file stays unless force is set", async () => {
    const directory = emptyFolder();
    const path = join(directory, "a.wav");
    writeFileSync(path, "mine");
    const samples = [new Float32Array(4)];
    const refused = writeWavFile(path, samples, { sampleRateHz: 48000, format: "32f" });
    await expect(refused).rejects.toThrow(`cannot write ${path}: it exists already; force replaces it`);
    expect(readFileSync(path, "utf8")).toBe("mine");
    await writeWavFile(path, samples, { sampleRateHz: 48000, format: "32f", force: true });
    expect((await readAudioFile(path)).audio.frames).toBe(4);
    expect(readdirSync(directory)).toEqual(["a.wav"]);
  });

  test("a file that appears meanwhile is not overwritten", async () => {
    const directory = emptyFolder();
    const path = join(directory, "a.wav");
    const writer = await WavWriter.create(path, options);
    writeFileSync(path, "mine");
    await expect(writer.finish()).rejects.toBeInstanceOf(OutputError);
    expect(readFileSync(path, "utf8")).toBe("mine");
    expect(readdirSync(directory)).toEqual(["a.wav"]);
  });

  test("a directory in the way fails, at the start or at the rename", async () => {
    const directory = emptyFolder();
    const path = join(directory, "a.wav");
    const writer = await WavWriter.create(path, { ...options, force: true });
    mkdirSync(path);
    await expect(writer.finish()).rejects.toMatchObject({ name: "OutputError", reason: "it is a directory" });
    await expect(WavWriter.create(path, { ...options, force: true })).rejects.toThrow("it is a directory");
    await expect(WavWriter.create("/dev/null", { ...options, force: true })).rejects.toThrow(
      "not a regular file",
    );
    expect(readdirSync(directory)).toEqual(["a.wav"]);
  });

  test("a missing directory is named", async () => {
    const directory = emptyFolder();
    const path = join(directory, "gone", "a.wav");
    const reason = `the directory ${join(directory, "gone")} does not exist`;
    await expect(WavWriter.create(path, options)).rejects.toMatchObject({
      name: "OutputError",
      path,
      reason,
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(["ENOSPC", "EIO"])("%s in the middle leaves nothing", async (code) => {
    const directory = emptyFolder();
    const writer = await WavWriter.create(join(directory, "a.wav"), options);
    await writer.write([new Float32Array(10)]);
    const probe = await open(join(directory, "probe"), "w");
    const prototype = Object.getPrototypeOf(probe) as FileHandle;
    await probe.close();
    vi.spyOn(prototype, "write").mockRejectedValue(Object.assign(new Error(code), { code }));
    await expect(writer.write([new Float32Array(10)])).rejects.toBeInstanceOf(OutputError);
    expect(readdirSync(directory)).toEqual(["probe"]);
  });

  test("samples that do not fit end the file with their place", async () => {
    const directory = emptyFolder();
    const create = (format: WavSampleFormat, frames?: number) =>
      WavWriter.create(join(directory, "a.wav"), {
        ...options,
        format,
        ...(frames === undefined ? {} : { frames }),
      });
    const integers = await create("16");
    await integers.write([new Int32Array(100)]);
    await expect(integers.write([Int32Array.of(0, 0, 32768)])).rejects.toThrow(
      "frame 102 of channel 0 is 32768, which the format 16 cannot hold",
    );
    const floats = await create("32f");
    await expect(floats.write([Float32Array.of(0, Number.NaN)])).rejects.toThrow(
      "frame 1 of channel 0 is NaN",
    );
    const large = await create("32f");
    await expect(large.write([Float64Array.of(1e39)])).rejects.toThrow("frame 0 of channel 0 is 1e+39");
    const wrongType = await create("16");
    await expect(wrongType.write([new Float32Array(1)])).rejects.toThrow(
      "the format 16 takes Int32Array samples",
    );
    const wrongCount = await create("16");
    await expect(wrongCount.write([])).rejects.toThrow("1 channels of one length were announced");
    const tooMany = await create("32f", 1);
    await expect(tooMany.write([new Float32Array(2)])).rejects.toThrow(
      "more than the 1 frames announced came",
    );
    const tooFew = await create("32f", 1);
    await expect(tooFew.finish()).rejects.toThrow("1 frames were announced, 0 came");
    expect(readdirSync(directory)).toEqual([]);
  });
});

test("any shape of file, written in any pieces, reads back", async () => {
  const directory = emptyFolder();
  const path = join(directory, "a.wav");
  const shape = fc.record({
    channels: fc.integer({ min: 1, max: 9 }),
    frames: fc.integer({ min: 1, max: 300 }),
    piece: fc.integer({ min: 1, max: 300 }),
    format: fc.constantFrom<WavSampleFormat>("16", "24", "32f", "64f"),
    sampleRateHz: fc.constantFrom(8000, 44100, 192000),
    isKnown: fc.boolean(),
    description: fc.option(fc.string(), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      shape,
      async ({ channels, frames, piece, format, sampleRateHz, isKnown, description }) => {
        const isInteger = format === "16" || format === "24";
        const scale = isInteger ? 2 ** (Number(format) - 1) : 1;
        const planar = Array.from({ length: channels }, (_, channel) => {
          const exact = ramp(frames).map((sample) => Math.fround(sample + channel / 100));
          return isInteger ? Int32Array.from(exact, (sample) => Math.round(sample * scale)) : exact;
        });
        const writer = await WavWriter.create(path, {
          channels,
          sampleRateHz,
          format,
          force: true,
          ...(isKnown ? { frames } : {}),
          ...(description === undefined ? {} : { bext: { description } }),
        });
        for (let at = 0; at < frames; at += piece) {
          await writer.write(planar.map((samples) => samples.subarray(at, at + piece)));
        }
        await writer.finish();
        const { audio, info } = await readAudioFile(path);
        expect(info).toMatchObject({ channels, sampleRateHz, frames, truncated: false, warnings: [] });
        planar.forEach((samples, channel) => {
          expectSamples(
            audio.channels[channel],
            Float64Array.from(samples, (sample) => sample / scale),
          );
        });
      },
    ),
    { numRuns: 150 },
  );
  expect(readdirSync(directory)).toEqual(["a.wav"]);
});
