/** A file read in pieces holds what it holds when it is read whole, and says what was wrong with it. */
import { readdir, readFile, truncate, unlink } from "node:fs/promises";
import decode from "audio-decode";
import { beforeAll, describe, expect, test } from "vitest";
import { type AudioSource, openAudioFile, type Resample, readAudioFile, ScratchAudio } from "../src/index.ts";
import { encodeFlac, encodeMp3, encodeVorbis } from "./encoded-audio.ts";
import { expectSamples } from "./expect-samples.ts";
import { aiffBytes, concat, pack, wavBytes } from "./iff-bytes.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const RATE_HZ = 44_100;

function music(frames: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: frames }, (_, frame) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return 0.4 * Math.sin((frame * (seed + 3)) / 40) + (0.1 * state) / 2 ** 31;
  });
}

/** Reads to the end, `pieceFrames` at a time. */
async function readPieces(source: AudioSource, pieceFrames: number) {
  const stream = source.open();
  const channels: number[][] = Array.from({ length: source.channels }, () => []);
  for (;;) {
    const into = channels.map(() => new Float32Array(pieceFrames).fill(99));
    const count = await stream.read(into, pieceFrames);
    for (const [c, samples] of into.entries()) for (let i = 0; i < count; i++) channels[c].push(samples[i]);
    if (count < pieceFrames) break;
  }
  expect(
    await stream.read(
      channels.map(() => new Float32Array(1)),
      1,
    ),
  ).toBe(0);
  const { outcome } = stream;
  await stream.close();
  await stream.close();
  return { channels: channels.map((samples) => Float32Array.from(samples)), outcome };
}

async function expectAsWhole(path: string): Promise<void> {
  const { audio, info } = await readAudioFile(path);
  const source = await openAudioFile(path);
  expect(source).toMatchObject({ channels: info.channels, sampleRateHz: info.sampleRateHz });
  for (const pieceFrames of [1000, 4801, 2 * audio.frames]) {
    const { channels, outcome } = await readPieces(source, pieceFrames);
    expect(outcome).toEqual(info);
    for (const [c, samples] of channels.entries()) expectSamples(samples, audio.channels[c]);
  }
}

const long = 3 * RATE_HZ;
const stereo = [music(long, 1), music(long, 2)];
const files: Record<string, string> = {};
beforeAll(async () => {
  const codes = stereo.map((channel) => Int32Array.from(channel, (x) => Math.round(x * 32767)));
  const save = (name: string, bytes: Uint8Array) => {
    files[name] = folder.save(name, bytes);
    files[`cut ${name}`] = folder.save(`cut-${name}`, bytes.subarray(0, Math.floor(bytes.length * 0.47)));
  };
  save("a.flac", await encodeFlac(codes, 16, RATE_HZ));
  save("a.oga", await encodeFlac(codes, 16, RATE_HZ, "ogg"));
  save("a.mp3", await encodeMp3(stereo, RATE_HZ));
  save("mono.mp3", await encodeMp3([stereo[0]], RATE_HZ));
  save("a.ogg", await encodeVorbis(stereo, RATE_HZ));
});

describe("read in pieces, as it is whole:", () => {
  test.each(["a.flac", "a.oga", "a.mp3", "mono.mp3", "a.ogg"])("%s, whole and cut", async (name) => {
    await expectAsWhole(files[name]);
    await expectAsWhole(files[`cut ${name}`]);
  });

  test.each(["a.mp3", "a.ogg"])(
    "%s, with the samples that its decoder makes of all of it at once",
    async (name) => {
      const whole = await decode(await readFile(files[name]));
      const { channels } = await readPieces(await openAudioFile(files[name]), 10_000);
      expect(channels.length).toBe(whole.channelData.length);
      for (const [c, samples] of channels.entries()) expectSamples(samples, whole.channelData[c]);
    },
  );

  test("FLAC, wherever in the header of a frame a piece of the file ends", async () => {
    const flac = new Uint8Array(await readFile(files["a.flac"]));
    // Sync code, and the number of the frame in its fifth byte: RFC 9639, 9.1.
    const frameAt = (number: number, from: number) =>
      flac.findIndex(
        (byte, i) => i >= from && byte === 0xff && (flac[i + 1] & 0xfe) === 0xf8 && flac[i + 4] === number,
      );
    const second = frameAt(1, frameAt(0, 42) + 5);
    const expected = Float32Array.from(stereo[1], (x) => Math.round(x * 32767) / 32768);
    for (const inHeader of [0, 1, 2, 4, 5, 8, 15]) {
      // The second frame is moved to where the first piece ends, by a block of padding behind STREAMINFO.
      const paddingBytes = 16_384 - inHeader - second - 4;
      const padding = pack(false, ["u32", 0x0100_0000 + paddingBytes], ["raw", new Uint8Array(paddingBytes)]);
      const moved = concat(flac.subarray(0, 42), padding, flac.subarray(42));
      const path = folder.save(`moved-${inHeader}.flac`, moved);
      const { channels, outcome } = await readPieces(await openAudioFile(path), 20_000);
      expect(outcome?.warnings).toEqual([]);
      expectSamples(channels[1], expected);
    }
  });

  test("WAV and AIFF, of one frame too", async () => {
    const data = new Uint8Array(6000).map((_, i) => (i * 37) % 256);
    await expectAsWhole(folder.save("a.aiff", aiffBytes({ frames: 3000 }, data)));
    await expectAsWhole(folder.save("a24.wav", wavBytes({ bits: 24, channels: 2 }, data)));
    await expectAsWhole(folder.save("one.wav", wavBytes({}, data.subarray(0, 2))));
    await expectAsWhole(folder.save("cut.wav", wavBytes({}, data.subarray(0, 5001), 6000)));
  });

  test("a length is told beforehand where the header gives it for certain", async () => {
    const wav = await openAudioFile(folder.save("l.wav", wavBytes({}, new Uint8Array(400))));
    expect(wav.frames).toBe(wav.likelyFrames);
    expect(wav.frames).toBeGreaterThan(0);
    const flac = await openAudioFile(files["cut a.flac"]);
    expect([flac.frames, flac.likelyFrames]).toEqual([undefined, long]);
  });
});

describe("MP3 whose sides begin equal", () => {
  const side = music(8 * RATE_HZ, 5);
  const other = (from: number) => side.map((x, i) => (i < from ? x : -x / 2));

  test.each([
    ["for a second", RATE_HZ],
    ["for six seconds", 6 * RATE_HZ],
    ["to the end", side.length],
  ])("%s keeps both, as its decoder gives them for the whole", async (_, from) => {
    const bytes = await encodeMp3([side, other(from)], RATE_HZ);
    const path = folder.save(`equal-${from}.mp3`, bytes);
    const whole = await decode(bytes);
    const { channels } = await readPieces(await openAudioFile(path), 20_000);
    expect(channels.length).toBe(2);
    for (const [c, samples] of channels.entries())
      expectSamples(samples, whole.channelData[c % whole.channelData.length]);
  });

  test("in silence does so too", async () => {
    const silent = (x: Float32Array) => x.map((sample, i) => (i < 3 * RATE_HZ ? 0 : sample));
    const bytes = await encodeMp3([silent(side), silent(other(0))], RATE_HZ);
    const whole = await decode(bytes);
    const { channels } = await readPieces(await openAudioFile(folder.save("silent.mp3", bytes)), 20_000);
    for (const [c, samples] of channels.entries()) expectSamples(samples, whole.channelData[c]);
  });
});

test("samples that are not finite are counted across pieces", async () => {
  const samples = music(3000, 1);
  samples[1500] = Number.NaN;
  samples[2999] = Number.POSITIVE_INFINITY;
  const data = new Uint8Array(samples.buffer);
  const path = folder.save("nan.wav", wavBytes({ tag: 3, bits: 32 }, data));
  const { channels, outcome } = await readPieces(await openAudioFile(path), 700);
  expect(outcome?.warnings).toEqual([
    "2 samples were not finite (first at frame 1500 of channel 0) and were read as silence",
  ]);
  expect([channels[0][1500], channels[0][2999]]).toEqual([0, 0]);
});

/** Linear interpolation: what it gives for a part that begins on a frame of both rates is what it gives for the whole. */
const interpolate: Resample = (channels, fromHz, toHz) =>
  channels.map((x) =>
    Float32Array.from({ length: Math.round((x.length * toHz) / fromHz) }, (_, n) => {
      const at = Math.floor((n * fromHz) / toHz);
      const fraction = ((n * fromHz) % toHz) / toHz;
      return (1 - fraction) * (x[at] ?? 0) + fraction * (x[at + 1] ?? 0);
    }),
  );

describe("brought to another rate in pieces, as whole:", () => {
  const source = [music(400_001, 7), music(400_001, 8)];
  const data = new Uint8Array(Float32Array.from({ length: 800_002 }, (_, i) => source[i % 2][i >> 1]).buffer);
  const path = folder.save("long.wav", wavBytes({ tag: 3, bits: 32, channels: 2, rate: RATE_HZ }, data));

  test.each([48_000, 22_050, 96_000, 44_101])("%d Hz", async (sampleRateHz) => {
    const whole = interpolate(source, RATE_HZ, sampleRateHz);
    let parts = 0;
    const resample: Resample = (...args) => {
      parts++;
      return interpolate(...args);
    };
    const options = { resampleTo: { sampleRateHz, resample, reachFrames: () => 300 } };
    const opened = await openAudioFile(path, options);
    expect(opened).toMatchObject({ sampleRateHz, frames: whole[0].length });
    for (const pieceFrames of [12_000, 10_007]) {
      const { channels, outcome } = await readPieces(opened, pieceFrames);
      for (const [c, samples] of channels.entries()) expectSamples(samples, whole[c]);
      expect(outcome).toMatchObject({ sampleRateHz: RATE_HZ, frames: 400_001 });
    }
    expect(parts).toBeGreaterThanOrEqual(2 * 2);
  });

  test("whole, where a part would not give the same", async () => {
    let parts = 0;
    const resample: Resample = (...args) => {
      parts++;
      return interpolate(...args);
    };
    const options = { resampleTo: { sampleRateHz: 48_000, resample, reachFrames: () => undefined } };
    const { channels } = await readPieces(await openAudioFile(path, options), 10_000);
    expect(parts).toBe(1);
    for (const [c, samples] of channels.entries())
      expectSamples(samples, interpolate(source, RATE_HZ, 48_000)[c]);
  });
});

describe("a stream fails as a whole read does", () => {
  test("where the file goes away, or has become shorter", async () => {
    const path = folder.save("going.wav", wavBytes({}, new Uint8Array(40_000)));
    const source = await openAudioFile(path);
    await truncate(path, 10_000);
    const into = [new Float32Array(20_000)];
    const shorter = source.open();
    await expect(shorter.read(into, 20_000)).rejects.toMatchObject({
      name: "InputError",
      reason: "the file became shorter while it was read",
    });
    await shorter.close();
    await unlink(path);
    await expect(source.open().read(into, 100)).rejects.toThrow("no such file");
  });
});

describe("sound in a scratch file", () => {
  test("comes back to the bit as often as it is wanted, and leaves nothing", async () => {
    const before = await readdir(folder.path);
    const scratch = await ScratchAudio.create(`${folder.path}/mix.wav`, 2);
    const sound = [music(150_000, 1), music(150_000, 2)];
    sound[1][70_000] = Number.NaN;
    for (let at = 0; at < 150_000; at += 11_111)
      await scratch.write(sound.map((samples) => samples.subarray(at, at + 11_111)));
    expect(scratch.frames).toBe(150_000);
    for (let pass = 0; pass < 2; pass++) {
      let at = 0;
      for await (const piece of scratch.pieces()) {
        for (const [c, samples] of piece.entries())
          expectSamples(samples, sound[c].slice(at, at + samples.length));
        at += piece[0].length;
      }
      expect(at).toBe(150_000);
    }
    await scratch.discard();
    await scratch.discard();
    expect(await readdir(folder.path)).toEqual(before);
  });

  test("cannot be where there is no folder", async () => {
    await expect(ScratchAudio.create(`${folder.path}/none/mix.wav`, 2)).rejects.toMatchObject({
      name: "OutputError",
    });
  });
});
