/** The committed files, by their headers, and the sound of those stems that render quickly. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import createFlac from "libflacjs";
import { Decoder } from "libflacjs/lib/decoder.js";
import { describe, expect, test } from "vitest";
import { encode } from "../src/encode.ts";
import { SONG_SECONDS } from "../src/score/form.ts";
import { renderStem, STEMS } from "../src/stems.ts";
import { readStemHeader } from "./stem-headers.ts";

const FOLDER = join(import.meta.dirname, "../stems");
const FILES = readdirSync(FOLDER).filter((name) => !name.startsWith("."));
const HEADERS = new Map(FILES.map((name) => [name, readStemHeader(readFileSync(join(FOLDER, name)))]));
const stemCalled = (name: string) => STEMS.find((stem) => stem.name === name)!;

const rendered = new Map<string, Float64Array[]>();
/** A stem as rendered for the first time, which takes up to a second. */
function stemSound(name: string): Float64Array[] {
  const sound = rendered.get(name) ?? renderStem(stemCalled(name));
  rendered.set(name, sound);
  return sound;
}

describe("the stems folder", () => {
  test("holds exactly the stems of the table, each in its format, rate and channels", () => {
    expect(FILES.sort()).toEqual(STEMS.map((stem) => `${stem.name}.${stem.format.codec}`));
    for (const stem of STEMS) {
      const header = HEADERS.get(`${stem.name}.${stem.format.codec}`)!;
      expect(header, stem.name).toMatchObject({
        codec: stem.format.codec,
        rateHz: stem.rateHz,
        channels: stem.channels,
        ...("bits" in stem.format ? { bits: stem.format.bits } : {}),
      });
    }
  });

  test("mixes formats: 4 FLAC of both widths, 2 WAV one of 24 bit, 4 Ogg, 3 MP3, both rates, mono and stereo", () => {
    const headers = [...HEADERS.values()];
    const count = (codec: string) => headers.filter((header) => header.codec === codec).length;
    const bitsOf = (codec: string) => new Set(headers.filter((h) => h.codec === codec).map((h) => h.bits));
    expect(count("flac")).toBeGreaterThanOrEqual(4);
    expect(bitsOf("flac")).toEqual(new Set([16, 24]));
    expect(count("wav")).toBeGreaterThanOrEqual(2);
    expect(bitsOf("wav")).toContain(24);
    expect(count("ogg")).toBeGreaterThanOrEqual(4);
    expect(count("mp3")).toBeGreaterThanOrEqual(3);
    expect(new Set(headers.map((h) => h.rateHz))).toEqual(new Set([44_100, 48_000]));
    expect(new Set(headers.map((h) => h.channels))).toEqual(new Set([1, 2]));
  });

  test("weighs less than 10 MB, and no stem outlasts the song", () => {
    const bytes = FILES.reduce((sum, name) => sum + readFileSync(join(FOLDER, name)).length, 0);
    expect(bytes).toBeLessThan(10e6);
    for (const [name, header] of HEADERS) {
      expect(header.frames / header.rateHz, name).toBeLessThanOrEqual(SONG_SECONDS + 1 / header.rateHz);
    }
  });

  test.each(["02-snare", "07-bass", "10-arp", "09-music-box", "17-fx"])(
    "%s is as long as what the synthesizer renders, to the frame",
    (name) => {
      const stem = stemCalled(name);
      const header = HEADERS.get(`${name}.${stem.format.codec}`)!;
      expect(header.frames).toBe(stemSound(name)[0]!.length);
    },
  );
});

describe("rendering", () => {
  test("a stem rendered twice has identical samples", () => {
    for (const name of ["10-arp", "07-bass"]) {
      const first = stemSound(name);
      const second = renderStem(stemCalled(name));
      for (const [c, channel] of first.entries()) {
        const other = second[c]!;
        expect(other.length).toBe(channel.length);
        const differing = channel.findIndex((x, i) => !Object.is(x, other[i]));
        expect(differing, `${name}, channel ${c}: first differing frame`).toBe(-1);
      }
    }
  });

  test.each(["01-kick", "02-snare", "03-hats", "06-sub", "07-bass", "10-arp", "15-lead", "17-fx"])(
    "%s is finite, peaks at its level under full scale and has no offset",
    (name) => {
      const stem = stemCalled(name);
      let peak = 0;
      for (const channel of stemSound(name)) {
        let sum = 0;
        for (const x of channel) {
          sum += x; // a NaN anywhere makes the sum one
          peak = Math.max(peak, Math.abs(x));
        }
        expect(Math.abs(sum / channel.length)).toBeLessThan(0.005);
      }
      expect(20 * Math.log10(peak)).toBeCloseTo(stem.peakDb, 6);
      expect(peak).toBeLessThan(1);
    },
  );

  test("the music box is in tune: its first note is A5, 880 Hz, within 2 cents", () => {
    const stem = stemCalled("09-music-box");
    const [sound] = stemSound(stem.name);
    const window = sound!.subarray(0, Math.round(0.7 * stem.rateHz));
    let best = 0;
    let bestCents = Number.NaN;
    for (let cents = -60; cents <= 60; cents++) {
      const step = (2 * Math.PI * 880 * 2 ** (cents / 1200)) / stem.rateHz;
      let re = 0;
      let im = 0;
      for (const [i, x] of window.entries()) {
        re += x * Math.cos(step * i);
        im += x * Math.sin(step * i);
      }
      if (Math.hypot(re, im) > best) {
        best = Math.hypot(re, im);
        bestCents = cents;
      }
    }
    expect(Math.abs(bestCents)).toBeLessThanOrEqual(2);
  });
});

describe("encoding", () => {
  const ramp = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i * 0.05) * (i / 5000));

  test.each([16, 24] as const)(
    "FLAC of %i bit gives back every sample, and says its length",
    async (bits) => {
      const bytes = await encode([ramp], 48_000, { codec: "flac", bits });
      expect(readStemHeader(bytes)).toEqual({
        codec: "flac",
        rateHz: 48_000,
        channels: 1,
        bits,
        frames: 5000,
      });
      const decoder = new Decoder(createFlac("release"), { verify: true });
      expect(decoder.decode(bytes)).toBe(true); // with verify, false if the MD5 in STREAMINFO is not that of the samples
      // The decoder gives 24-bit samples in words of 32.
      const pcm = decoder.getSamples(false)[0]!;
      const view = new DataView(pcm.buffer, pcm.byteOffset);
      for (const [i, x] of ramp.entries()) {
        const decoded = bits === 16 ? view.getInt16(2 * i, true) : (view.getInt32(4 * i, true) << 8) >> 8;
        if (decoded !== Math.round(x * (2 ** (bits - 1) - 1))) expect.fail(`frame ${i} is ${decoded}`);
      }
      decoder.destroy();
    },
  );

  test("MP3 and Ogg say the length that went in", async () => {
    for (const codec of ["mp3", "ogg"] as const) {
      const bytes = await encode([ramp, ramp], 44_100, { codec, quality: 4 });
      expect(readStemHeader(bytes)).toEqual({ codec, rateHz: 44_100, channels: 2, frames: 5000 });
    }
  });

  test("a sample above full scale is refused, with its place", async () => {
    const hot = [new Float64Array([0, 0.5, -1.25])];
    await expect(encode(hot, 48_000, { codec: "wav", bits: 16 })).rejects.toThrow(
      "Channel 0 is -1.25 at frame 2",
    );
  });
});
