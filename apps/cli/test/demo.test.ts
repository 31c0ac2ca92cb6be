/**
 * The main job, end to end: `npm start` on the demo song, its master measured by a meter that is not ours, and its
 * mix rendered in blocks of every size.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readAudioFile } from "@gainstage/audio-io";
import { createHost, sharedChannel } from "@gainstage/host";
import { renderMix } from "@gainstage/mixer";
import { decodeSession, type Session } from "@gainstage/session";
import { beforeAll, describe, expect, test } from "vitest";
import { readSessionFile, readStems } from "../src/stems.ts";
import { gainstage, namesIn, type Ran, scratchFolder } from "./command.ts";

const song = fileURLToPath(new URL("../../../tools/demo-song/", import.meta.url));
const results = join(scratchFolder(), "results");
const at = (name: string) => join(results, name);

describe("npm start", () => {
  let ran: Ran;
  beforeAll(() => {
    ran = gainstage("demo", "--out", results, "--jobs", "2");
  }, 180_000);

  test("ends well and leaves mix, master, session and report, and nothing else", () => {
    expect(ran.stderr).not.toMatch(/error|warning/);
    expect(ran.code).toBe(0);
    expect(namesIn(results)).toEqual([
      "master-16bit.wav",
      "master.wav",
      "mix.wav",
      "report.html",
      "song.gainstage",
    ]);
  });

  test("shows a row for each stem, the mix and the master, and plain lines when nobody watches", () => {
    const rows = ran.stdout.split("\n").filter((line) => /\s−?\d+\.\d\s/.test(line));
    expect(rows.length).toBe(20);
    expect(ran.stdout).toContain("report.html");
    const escapeCode = String.fromCharCode(27);
    expect(ran.stdout + ran.stderr).not.toContain(escapeCode);
    expect(ran.stderr).not.toContain("\r");
  });

  test("leaves 6 dB of headroom in the mix", async () => {
    const { audio, info } = await readAudioFile(at("mix.wav"));
    expect(info).toMatchObject({ bitDepth: 24, channels: 2, sampleRateHz: 48_000 });
    let peak = 0;
    for (const channel of audio.channels) for (const x of channel) peak = Math.max(peak, Math.abs(x));
    expect(20 * Math.log10(peak)).toBeLessThanOrEqual(-6);
    expect(20 * Math.log10(peak)).toBeGreaterThan(-12);
  });

  test("writes a session that holds the graph it was rendered by", () => {
    const session = decodeSession(readFileSync(at("song.gainstage")));
    expect(session.strips.length).toBeGreaterThanOrEqual(14);
    expect(session.derived?.graph.nodes.length).toBeGreaterThan(100);
  });
});

const hasFfmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
// CI installs ffmpeg and must not skip; elsewhere the name of the test says what to install.
describe.skipIf(!hasFfmpeg && !process.env.CI)("ffmpeg's ebur128 (apt-get install ffmpeg) confirms", () => {
  test.each(["master.wav", "master-16bit.wav"])("%s at -14.0 LUFS ±0.1, under -1 dBTP", (name) => {
    const filter = "ebur128=peak=true:metadata=1,ametadata=print:file=-";
    const { stdout, stderr } = spawnSync(
      "ffmpeg",
      ["-hide_banner", "-nostats", "-i", at(name), "-af", filter, "-f", "null", "-"],
      { encoding: "utf8", maxBuffer: 1 << 28 },
    );
    const summary = stderr.slice(stderr.lastIndexOf("Summary:"));
    const integrated = Number(/I:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1]);
    expect(Math.abs(integrated + 14)).toBeLessThanOrEqual(0.1);
    // The summary has one decimal; the frames carry the running maximum, linear, with three.
    const peaks = [...stdout.matchAll(/true_peaks_ch\d=([\d.]+)/g)].map((match) => Number(match[1]));
    expect(peaks.length).toBeGreaterThan(100);
    expect(20 * Math.log10(Math.max(...peaks))).toBeLessThanOrEqual(-1);
  });
});

describe("the whole mix, with its automation running", () => {
  const SECONDS = 1.5;
  const FROM_SECONDS = 45.2;
  /** The song's automation, run through thirty times as fast. */
  const HASTE = 30;
  let session: Session;
  let stems: Map<string, Float32Array[]>;

  beforeAll(async () => {
    const read = await readSessionFile(join(song, "song.session.json"));
    const lanes = read.lanes.map((lane) => ({
      ...lane,
      points: lane.points.map((point) => ({ ...point, at: point.at / HASTE })),
    }));
    session = { ...read, lanes, lengthSeconds: SECONDS };
    const whole = await readStems(read, song);
    const from = FROM_SECONDS * read.sampleRateHz;
    const frames = SECONDS * read.sampleRateHz;
    stems = new Map(
      whole.map(({ strip, channels }) => [
        strip.id,
        channels.map((channel) => {
          const part = sharedChannel(frames);
          part.set(channel.subarray(from, from + frames));
          return part;
        }),
      ]),
    );
  }, 120_000);

  const digest = async (blockFrames: number, jobs: number): Promise<string> => {
    const { channels, frames } = await renderMix(createHost(), { session, stems, blockFrames, jobs });
    expect(frames).toBeGreaterThanOrEqual(SECONDS * session.sampleRateHz);
    const hash = createHash("sha256");
    for (const channel of channels) hash.update(new Uint8Array(channel.slice().buffer));
    return hash.digest("hex");
  };

  test("has the same bits in blocks of 1, 7, 64, 128, 333, 512 and 1024, for one job and two, and twice", async () => {
    const expected = await digest(512, 1);
    for (const block of [1, 7, 64, 128, 333, 512, 1024])
      expect(await digest(block, 1), `block ${block}`).toBe(expected);
    for (const block of [128, 512]) expect(await digest(block, 2), `block ${block}, two jobs`).toBe(expected);
  }, 240_000);
});
