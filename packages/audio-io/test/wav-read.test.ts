import { describe, expect, test } from "vitest";
import { readAudioFile } from "../src/index.ts";
import { expectSamples } from "./expect-samples.ts";
import { chunk, concat, formatBody, pack, wavBytes } from "./iff-bytes.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
let saved = 0;
const read = (bytes: Uint8Array) => readAudioFile(folder.save(`${saved++}.wav`, bytes));
const le = (...fields: Parameters<typeof pack>[1][]) => pack(true, ...fields);
const riff = (...chunks: Uint8Array[]) => {
  const body = concat(...chunks);
  return concat(le(["text", "RIFF"], ["u32", 4 + body.length], ["text", "WAVE"]), body);
};

describe("every integer n-bit sample reads as x / 2^(n-1)", () => {
  test("8 bits are unsigned around 128", async () => {
    const { audio, info } = await read(wavBytes({ bits: 8 }, Uint8Array.of(0, 1, 128, 129, 255)));
    expectSamples(audio.channels[0], [-1, -127 / 128, 0, 1 / 128, 127 / 128]);
    expect(info).toMatchObject({
      format: "wav",
      bitDepth: 8,
      sampleFormat: "int",
      truncated: false,
      warnings: [],
    });
  });

  test.each([true, false])("16 bits, little-endian: %s", async (littleEndian) => {
    const data = pack(littleEndian, ["u16", -32768], ["u16", -1], ["u16", 0], ["u16", 1], ["u16", 32767]);
    const { audio } = await read(wavBytes({ littleEndian }, data));
    expectSamples(audio.channels[0], [-1, -1 / 32768, 0, 1 / 32768, 32767 / 32768]);
  });

  test.each([true, false])("24 bits, little-endian: %s", async (littleEndian) => {
    const codes = [-8388608, -1, 0, 1, 8388607, 0x123456, -0x123456];
    const bytes = codes.flatMap((code) => {
      const three = [code & 255, (code >> 8) & 255, (code >> 16) & 255];
      return littleEndian ? three : three.reverse();
    });
    const { audio, info } = await read(wavBytes({ bits: 24, littleEndian }, Uint8Array.from(bytes)));
    expectSamples(
      audio.channels[0],
      codes.map((code) => code / 8388608),
    );
    expect(info.bitDepth).toBe(24);
  });

  test.each([true, false])("32 bits, little-endian: %s", async (littleEndian) => {
    const data = pack(littleEndian, ["u32", -2147483648], ["u32", 0], ["u32", 0x40000000], ["u32", -256]);
    const { audio } = await read(wavBytes({ bits: 32, littleEndian }, data));
    expectSamples(audio.channels[0], [-1, 0, 0.5, -256 / 2147483648]);
  });

  test("20 valid bits in 24-bit containers sit at the top", async () => {
    const data = Uint8Array.of(0x10, 0, 0, 0xf0, 0xff, 0x7f, 0, 0, 0x80);
    const { audio, info } = await read(wavBytes({ bits: 24, validBits: 20 }, data));
    expectSamples(audio.channels[0], [1 / 524288, 524287 / 524288, -1]);
    expect(info.bitDepth).toBe(20);
  });
});

describe("floats are taken as they are", () => {
  test.each([true, false])("32 bits, little-endian: %s", async (littleEndian) => {
    const data = pack(littleEndian, ["u32", 0x3f800000], ["u32", 0xc0200000], ["u32", 0x00000001]);
    const { audio, info } = await read(wavBytes({ tag: 3, bits: 32, littleEndian }, data));
    expectSamples(audio.channels[0], [1, -2.5, 2 ** -149]);
    expect(info).toMatchObject({ bitDepth: 32, sampleFormat: "float" });
  });

  test("64 bits round to the nearest 32-bit float", async () => {
    const data = new Uint8Array(new Float64Array([0.1, -1, 3]).buffer);
    const { audio } = await read(wavBytes({ tag: 3, bits: 64, validBits: 64 }, data));
    expectSamples(audio.channels[0], [Math.fround(0.1), -1, 3]);
  });

  test("NaN and infinities become silence and are counted", async () => {
    const frames = new Float32Array([0.5, 0.25, 1, Number.NaN, Number.NEGATIVE_INFINITY, 0.125]);
    const { audio, info } = await read(
      wavBytes({ tag: 3, bits: 32, channels: 2 }, new Uint8Array(frames.buffer)),
    );
    expectSamples(audio.channels[0], [0.5, 1, 0]);
    expectSamples(audio.channels[1], [0.25, 0, 0.125]);
    expect(info.warnings).toEqual([
      "2 samples were not finite (first at frame 1 of channel 1) and were read as silence",
    ]);
  });
});

test("channels are de-interleaved onto shared memory", async () => {
  const data = pack(true, ...[1, 2, 3, 4, 5, 6].map((code) => ["u16", code * 4096] as const));
  const { audio, info } = await read(wavBytes({ channels: 3, rate: 96000 }, data));
  expect(audio.frames).toBe(2);
  expect(audio.sampleRateHz).toBe(96000);
  expect(info.channels).toBe(3);
  [
    [1, 4],
    [2, 5],
    [3, 6],
  ].forEach((codes, channel) => {
    expectSamples(
      audio.channels[channel],
      codes.map((code) => code / 8),
    );
    expect(audio.channels[channel].buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

test("a file longer than one read block keeps its order", async () => {
  const codes = Int16Array.from({ length: 1_200_000 }, (_, index) => (index * 7919) & 0x7fff);
  const { audio } = await read(wavBytes({}, new Uint8Array(codes.buffer)));
  expectSamples(
    audio.channels[0],
    Float32Array.from(codes, (code) => code / 32768),
  );
});

describe("chunks", () => {
  const data = le(["u16", 16384], ["u16", -16384]);

  test("unknown and odd-sized chunks before fmt and data are passed over", async () => {
    const odd = chunk(true, "LIST", Uint8Array.of(1, 2, 3));
    const bytes = riff(odd, chunk(true, "fmt ", formatBody()), odd, chunk(true, "data", data), odd);
    expectSamples((await read(bytes)).audio.channels[0], [0.5, -0.5]);
  });

  test("a forgotten pad byte is forgiven", async () => {
    const unpadded = concat(le(["text", "LIST"], ["u32", 3]), Uint8Array.of(1, 2, 3));
    const bytes = riff(chunk(true, "fmt ", formatBody()), unpadded, chunk(true, "data", data));
    expectSamples((await read(bytes)).audio.channels[0], [0.5, -0.5]);
  });

  test.each([0, 0xffffffff, 0x7ffff000])(
    "data size %i of a streaming encoder means until the end",
    async (size) => {
      const { audio, info } = await read(wavBytes({}, data, size));
      expectSamples(audio.channels[0], [0.5, -0.5]);
      expect(info).toMatchObject({ truncated: false, warnings: [] });
    },
  );

  test("data size 0 before further chunks means no audio", async () => {
    const list = chunk(true, "LIST", Uint8Array.of(1, 2));
    const bytes = riff(chunk(true, "fmt ", formatBody()), chunk(true, "data", new Uint8Array()), list);
    await expect(read(bytes)).rejects.toThrow("it holds no audio (0 frames after its header)");
  });

  test.each(["RF64", "BW64"])("%s takes the data size from ds64", async (magic) => {
    const ds64 = chunk(true, "ds64", le(["u64", 0], ["u64", data.length], ["u64", 2], ["u32", 0]));
    const bytes = concat(
      le(["text", magic], ["u32", 0xffffffff], ["text", "WAVE"]),
      ds64,
      chunk(true, "fmt ", formatBody()),
      chunk(true, "data", data, 0xffffffff),
      chunk(true, "LIST", Uint8Array.of(9, 9)),
    );
    const { audio, info } = await read(bytes);
    expectSamples(audio.channels[0], [0.5, -0.5]);
    expect(info.truncated).toBe(false);
  });

  test("ds64 of a cut file gives the full length that is missed", async () => {
    const ds64 = chunk(
      true,
      "ds64",
      le(["u64", 0], ["u64", 8_000_000_000], ["u64", 4_000_000_000], ["u32", 0]),
    );
    const head = le(["text", "RF64"], ["u32", 0xffffffff], ["text", "WAVE"]);
    const { audio, info } = await read(
      concat(head, ds64, chunk(true, "fmt ", formatBody()), chunk(true, "data", data, 0xffffffff)),
    );
    expect(audio.frames).toBe(2);
    expect(info.truncated).toBe(true);
    expect(info.warnings[0]).toBe(
      "the file is cut short: 3999999998 of 4000000000 frames (100.0%) are missing",
    );
  });

  test("a data size past the end is a cut file", async () => {
    const { audio, info } = await read(wavBytes({}, data, 8));
    expect(audio.frames).toBe(2);
    expect(info.truncated).toBe(true);
    expect(info.warnings).toEqual(["the file is cut short: 2 of 4 frames (50.0%) are missing"]);
  });

  test("half a frame at the end is left out with a warning", async () => {
    const { audio, info } = await read(wavBytes({}, Uint8Array.of(0, 64, 9)));
    expectSamples(audio.channels[0], [0.5]);
    expect(info.warnings).toEqual(["1 bytes after the last whole frame were left out"]);
  });
});

describe("headers that make no sense are refused with what they say", () => {
  const data = new Uint8Array(64);
  test.each([
    [{ channels: 0 }, "its header says 0 channels"],
    [{ channels: 60000 }, "its header says 60000 channels; at most 256 are read"],
    [{ rate: 0 }, "its header says a sample rate of 0 Hz; 1000 to 1536000 Hz are read"],
    [{ rate: 0xffffffff }, "its header says a sample rate of 4294967295 Hz; 1000 to 1536000 Hz are read"],
    [{ bits: 0 }, "its header is not usable: 1 channels of 0-bit integer samples in frames of 0 bytes"],
    [{ bits: 64 }, "its header is not usable: 1 channels of 64-bit integer samples in frames of 8 bytes"],
    [
      { channels: 2, blockAlign: 3 },
      "its header is not usable: 2 channels of 16-bit integer samples in frames of 3 bytes",
    ],
    [{ tag: 3 }, "its header is not usable: 1 channels of 16-bit float samples in frames of 2 bytes"],
    [{ tag: 0x55 }, "its WAV codec 0x0055 is not supported; convert it to PCM"],
  ])("%j", async (format, reason) => {
    await expect(read(wavBytes(format, data))).rejects.toMatchObject({ name: "InputError", reason });
  });

  test("no fmt, no data, a header that breaks off", async () => {
    const fmt = chunk(true, "fmt ", formatBody());
    await expect(read(riff(chunk(true, "LIST", data)))).rejects.toThrow(
      "it ends inside its header (no fmt chunk)",
    );
    await expect(read(riff(fmt))).rejects.toThrow("it ends before its audio (no data chunk)");
    await expect(read(riff(fmt).subarray(0, 26))).rejects.toThrow("it ends inside its header");
    await expect(read(riff(fmt).subarray(0, 6))).rejects.toThrow("it ends inside its header");
  });

  test("blockAlign 0 is worked out", async () => {
    const { audio, info } = await read(wavBytes({ blockAlign: 0 }, Uint8Array.of(0, 64)));
    expectSamples(audio.channels[0], [0.5]);
    expect(info.warnings).toEqual(["its header gives no block size; it was worked out from the bit depth"]);
  });
});

test("mu-law goes through the general decoder and keeps its channels", async () => {
  // ITU-T G.711: 0xff and 0x7f are the two zeros, 0x80 the largest positive code (32124 of 32768).
  const { audio, info } = await read(
    wavBytes({ tag: 7, bits: 8, channels: 2 }, Uint8Array.of(255, 255, 128, 128)),
  );
  expectSamples(audio.channels[1], [0, 32124 / 32768]);
  expect(info.channels).toBe(2);
});
