import { describe, expect, test } from "vitest";
import { readExtended80 } from "../src/aiff-read.ts";
import { readAudioFile } from "../src/index.ts";
import { expectSamples } from "./expect-samples.ts";
import { aiffBytes, extended80, pack } from "./iff-bytes.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
let saved = 0;
const read = (bytes: Uint8Array) => readAudioFile(folder.save(`${saved++}.aiff`, bytes));
const be = (...fields: Parameters<typeof pack>[1][]) => pack(false, ...fields);

test("80-bit rates: the bytes of Apple's documentation and every usual rate", () => {
  // 44100 Hz is 400E AC44 0000 0000 0000 in every AIFF ever written.
  const bytes = Uint8Array.of(0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0);
  expect(readExtended80(new DataView(bytes.buffer), 0)).toBe(44100);
  for (const rate of [8000, 11025, 22050, 32000, 48000, 88200, 96000, 176400, 192000, 384000]) {
    expect(readExtended80(new DataView(extended80(rate).buffer), 0)).toBe(rate);
  }
});

describe("samples", () => {
  test("8 bits are signed", async () => {
    const { audio } = await read(aiffBytes({ frames: 3, bits: 8 }, Uint8Array.of(0x80, 0, 0x7f)));
    expectSamples(audio.channels[0], [-1, 0, 127 / 128]);
  });

  test("16, 24 and 32 bits are big-endian", async () => {
    const sixteen = await read(aiffBytes({ frames: 2 }, be(["u16", -32768], ["u16", 1])));
    expectSamples(sixteen.audio.channels[0], [-1, 1 / 32768]);
    const twentyFour = await read(aiffBytes({ frames: 2, bits: 24 }, Uint8Array.of(0x80, 0, 0, 0, 0, 1)));
    expectSamples(twentyFour.audio.channels[0], [-1, 1 / 8388608]);
    const thirtyTwo = await read(
      aiffBytes({ frames: 2, bits: 32 }, be(["u32", 0x80000000], ["u32", 0x40000000])),
    );
    expectSamples(thirtyTwo.audio.channels[0], [-1, 0.5]);
  });

  test("AIFF-C: NONE, twos, sowt, fl32, fl64", async () => {
    const cases: [string, number, Uint8Array][] = [
      ["NONE", 16, be(["u16", 0x4000])],
      ["twos", 16, be(["u16", 0x4000])],
      ["sowt", 16, pack(true, ["u16", 0x4000])],
      ["fl32", 32, be(["u32", 0x3f000000])],
      ["FL64", 64, be(["u64", 0x3fe0000000000000n])],
    ];
    for (const [codec, bits, data] of cases) {
      const { audio, info } = await read(aiffBytes({ frames: 1, bits, codec }, data));
      expectSamples(audio.channels[0], [0.5]);
      expect(info).toMatchObject({
        format: "aiff",
        bitDepth: bits,
        sampleFormat: bits > 16 ? "float" : "int",
      });
    }
  });

  test("the offset in SSND and two channels are respected", async () => {
    const { audio } = await read(
      aiffBytes({ frames: 1, channels: 2 }, be(["u16", 0x4000], ["u16", 0xc000]), 6),
    );
    expectSamples(audio.channels[0], [0.5]);
    expectSamples(audio.channels[1], [-0.5]);
  });
});

test("fewer frames than COMM promises is a cut file", async () => {
  const { info } = await read(aiffBytes({ frames: 10 }, new Uint8Array(8)));
  expect(info.truncated).toBe(true);
  expect(info.warnings).toEqual(["the file is cut short: 6 of 10 frames (60.0%) are missing"]);
});

test("zero sizes of a streaming encoder mean until the end", async () => {
  const bytes = aiffBytes({ frames: 0 }, be(["u16", 0x4000], ["u16", 0xc000]));
  bytes.set([0, 0, 0, 0], bytes.length - 4 - 8 - 4);
  const { audio, info } = await read(bytes);
  expectSamples(audio.channels[0], [0.5, -0.5]);
  expect(info.truncated).toBe(false);
});

test("what cannot be played is refused", async () => {
  const data = new Uint8Array(16);
  const reasons: [Uint8Array, string][] = [
    [
      aiffBytes({ frames: 4, codec: "ima4" }, data),
      "its AIFF-C codec 'ima4' is not supported; convert it to PCM",
    ],
    [aiffBytes({ frames: 4, bits: 40 }, data), "its header is not usable: 40-bit samples"],
    [aiffBytes({ frames: 4, channels: 0 }, data), "its header says 0 channels"],
    [
      aiffBytes({ frames: 4, rate: 7 }, data),
      "its header says a sample rate of 7 Hz; 1000 to 1536000 Hz are read",
    ],
    [aiffBytes({ frames: 4 }, new Uint8Array()), "it holds no audio (0 frames after its header)"],
    [aiffBytes({ frames: 4 }, data).subarray(0, 30), "it ends inside its header"],
    [aiffBytes({ frames: 4 }, data).subarray(0, 38), "it ends before its audio (no SSND chunk)"],
  ];
  for (const [bytes, reason] of reasons)
    await expect(read(bytes)).rejects.toMatchObject({ name: "InputError", reason });
});
