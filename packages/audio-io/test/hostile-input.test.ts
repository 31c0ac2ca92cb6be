// Random and damaged bytes: an InputError or audio, nothing else, and no memory beyond what the file could fill.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InputError, readAudioFile } from "../src/index.ts";
import { encodeFlac } from "./encoded-audio.ts";
import { aiffBytes, concat, pack, wavBytes } from "./iff-bytes.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const path = join(folder.path, "hostile");

let sharedBytes = 0;
const RealSharedArrayBuffer = SharedArrayBuffer;

beforeEach(() => {
  globalThis.SharedArrayBuffer = class extends RealSharedArrayBuffer {
    constructor(byteLength: number) {
      sharedBytes += byteLength;
      super(byteLength);
    }
  } as SharedArrayBufferConstructor;
});
afterEach(() => {
  globalThis.SharedArrayBuffer = RealSharedArrayBuffer;
});

async function readsOrRefuses(bytes: Uint8Array, mostTimesItsSize: number): Promise<void> {
  writeFileSync(path, bytes);
  sharedBytes = 0;
  try {
    const { audio, info } = await readAudioFile(path);
    expect(audio.frames).toBeGreaterThan(0);
    expect(audio.channels.length).toBe(info.channels);
    for (const samples of audio.channels) {
      expect(samples.length).toBe(audio.frames);
      expect(samples.every(Number.isFinite)).toBe(true);
    }
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    expect(cause.message).toBe(`cannot read ${path}: ${cause.reason}`);
  }
  expect(sharedBytes).toBeLessThanOrEqual(mostTimesItsSize * bytes.length);
}

type Change = { at: number; value: number };
const changes = (within: number) =>
  fc.array(fc.record({ at: fc.nat(within - 1), value: fc.integer({ min: 0, max: 255 }) }), {
    minLength: 1,
    maxLength: 12,
  });
const damaged = (bytes: Uint8Array, edits: readonly Change[], keep: number) => {
  const copy = bytes.slice();
  for (const { at, value } of edits) copy[at] = value;
  return copy.subarray(0, Math.max(1, Math.round(keep * copy.length)));
};
const keepAll = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }));

const magics = [
  "",
  "RIFF\xff\xff\xff\xffWAVE",
  "RF64\xff\xff\xff\xffWAVEds64",
  "FORM\xff\xff\xff\xffAIFC",
  "fLaC\0\0\0\x22",
];
const laterMagics = [
  "OggS\0\x02",
  "\xff\xfb\x90\x00",
  "ID3\x04\0\0\0\0\0\x02",
  "\0\0\0\x20ftypM4A ",
  "caff\0\x01",
];

test("random bytes behind every signature", async () => {
  const start = fc.constantFrom(...magics, ...laterMagics);
  await fc.assert(
    fc.asyncProperty(start, fc.uint8Array({ minLength: 1, maxLength: 2000 }), (magic, rest) =>
      readsOrRefuses(Uint8Array.from([...Buffer.from(magic, "latin1"), ...rest]), 64),
    ),
    { numRuns: 300 },
  );
});

// One 8-bit sample becomes four bytes: the most that WAV and AIFF can ask for.
test("damaged WAV headers, and files cut anywhere", async () => {
  const samples = new Uint8Array(600).map((_, index) => (index * 37) & 255);
  const formats = [{}, { bits: 24, validBits: 24, channels: 2 }, { tag: 3, bits: 32 }, { bits: 8 }];
  const originals = formats.map((format) => wavBytes(format, samples));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...originals), changes(68), keepAll, (bytes, edits, keep) =>
      readsOrRefuses(damaged(bytes, edits, keep), 4),
    ),
    { numRuns: 600 },
  );
});

test("damaged AIFF headers, and files cut anywhere", async () => {
  const samples = new Uint8Array(600).map((_, index) => (index * 37) & 255);
  const originals = [
    aiffBytes({ frames: 300 }, samples),
    aiffBytes({ frames: 150, bits: 32, codec: "fl32" }, samples),
    aiffBytes({ frames: 300, channels: 2, bits: 8, codec: "sowt" }, samples),
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...originals), changes(60), keepAll, (bytes, edits, keep) =>
      readsOrRefuses(damaged(bytes, edits, keep), 4),
    ),
    { numRuns: 600 },
  );
});

test("damaged FLAC headers, and files cut anywhere", async () => {
  const noise = Int32Array.from(
    { length: 5000 },
    (_, index) => (Math.imul(index, 0x9e3779b1) >> 16) & 0x7fff,
  );
  const flac = await encodeFlac([noise, noise.toReversed()], 16, 44100);
  await fc.assert(
    fc.asyncProperty(changes(120), keepAll, (edits, keep) => readsOrRefuses(damaged(flac, edits, keep), 64)),
    { numRuns: 150 },
  );
});

test("a declared size of 4 GiB costs nothing", async () => {
  const bytes = wavBytes({ bits: 8, channels: 256 }, new Uint8Array(512), 0xfffffff0);
  await readsOrRefuses(bytes, 4);
  expect(sharedBytes).toBe(2 * 256 * 4);
});

test("a file of nothing but empty chunks ends early", async () => {
  const chunks = Buffer.alloc(80_000).fill("junk\0\0\0\0", "latin1");
  const bytes = Buffer.concat([wavBytes({}, new Uint8Array()).subarray(0, 12), chunks]);
  writeFileSync(path, bytes);
  await expect(readAudioFile(path)).rejects.toThrow("it has more than 4096 chunks");
});

test("MP4 tables that announce more than they hold, and boxes without end, never reach the decoder", async () => {
  const box = (type: string, ...body: Uint8Array[]) => {
    const content = concat(...body);
    return concat(pack(false, ["u32", 8 + content.length], ["text", type]), content);
  };
  const start = box("ftyp", pack(false, ["text", "M4A "], ["u32", 0]));
  const nested = (table: Uint8Array) =>
    concat(start, box("moov", box("trak", box("mdia", box("minf", box("stbl", table))))));
  const many = pack(false, ["u32", 0], ["u32", 0xffffffff]);
  const tables = [
    ...["stco", "co64", "stsc", "stts", "elst", "trun"].map((type) => box(type, many)),
    box("stsz", pack(false, ["u32", 0], ["u32", 0], ["u32", 0xffffffff])),
    box("stsz", pack(false, ["u32", 0], ["u32", 4], ["u32", 0xffffffff])),
  ];
  let deep: Uint8Array = new Uint8Array();
  for (let depth = 0; depth < 2000; depth++) deep = concat(box("moov", deep));
  for (const bytes of [...tables.map(nested), concat(start, deep)]) {
    writeFileSync(path, bytes);
    await expect(readAudioFile(path)).rejects.toMatchObject({
      name: "InputError",
      reason: "it ends inside its header, or its header is damaged",
    });
  }
});
