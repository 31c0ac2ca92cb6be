/** `process --watch` and `play`: rounds after each build, and live sound to nobody. */
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readAudioFile, writeWavFile } from "@gainstage/audio-io";
import { defaultSession } from "@gainstage/mixer";
import { sessionToJson } from "@gainstage/session";
import { beforeAll, describe, expect, test } from "vitest";
import { gainstage, namesIn, scratchFolder, tone, writeMusic } from "./command.ts";
import { RunningCommand } from "./running-command.ts";

const scratch = scratchFolder();
const at = (path: string) => join(scratch, path);
const plugins = fileURLToPath(new URL("../../../plugins/", import.meta.url));
const RATE_HZ = 48_000;
const interruptible = process.platform !== "win32";

beforeAll(async () => {
  await writeMusic(at("in.wav"), RATE_HZ, 1);
  // Long enough to be played while plugins are built.
  const minute = [220, 330].map((hz) => tone(60 * RATE_HZ, hz, RATE_HZ));
  await writeWavFile(at("minute.wav"), minute, { sampleRateHz: RATE_HZ, format: "32f", force: true });
});

const port = (id: string) => ({ id, name: id, role: "main", layouts: ["stereo", "mono"] });

/** Builds a plugin that multiplies: JavaScript in one file, with a state that is the gain it was built with. */
function buildGain(folder: string, version: string, gain: number, code?: string): string {
  mkdirSync(at(folder), { recursive: true });
  const manifest = {
    api: "1.0",
    id: "com.example.gain",
    name: "Gain",
    vendor: "Example",
    version,
    features: ["utility"],
    entry: { module: "gain.js" },
    inputs: [port("in")],
    outputs: [port("out")],
    params: [],
    extensions: ["state/1"],
    stateVersion: 1,
  };
  const own = `export default {
    activate: () => ({
      latencyFrames: 0,
      tailFrames: 0,
      reset() {},
      process({ frames, inputs, outputs }) {
        for (const [c, channel] of outputs[0].entries())
          for (let i = 0; i < frames; i++) channel[i] = ${gain} * inputs[0][c][i];
        return 0;
      },
      extension: (id) => (id === "state/1" ? { save: () => new Uint8Array(1) } : undefined),
    }),
  };`;
  writeFileSync(at(`${folder}/gain.js`), code ?? own);
  writeFileSync(at(`${folder}/plugin.json`), JSON.stringify(manifest));
  return at(folder);
}

/** The wasm of one of our own effects under one name. */
function buildWasm(folder: string, effect: string): string {
  mkdirSync(at(folder), { recursive: true });
  const manifest = JSON.parse(readFileSync(`${plugins}${effect}/plugin.json`, "utf8"));
  // As compilers do: beside it, then in its place.
  cpSync(`${plugins}${effect}/${manifest.entry.wasm}`, at(`${folder}/new.wasm`));
  renameSync(at(`${folder}/new.wasm`), at(`${folder}/effect.wasm`));
  const own = { ...manifest, id: "com.example.effect", entry: { wasm: "effect.wasm" }, presets: [] };
  writeFileSync(at(`${folder}/plugin.json`), JSON.stringify(own));
  return at(folder);
}

/** Throws an Error that names the first frame at which a file is not `gain` times another. */
async function expectGain(found: string, source: string, gain: number): Promise<void> {
  const [y, x] = [await readAudioFile(at(found)), await readAudioFile(at(source))];
  for (const [c, channel] of x.audio.channels.entries()) {
    for (let i = 0; i < channel.length; i++) {
      if (y.audio.channels[c][i] !== Math.fround(gain * channel[i]))
        throw new Error(`channel ${c}, frame ${i} is ${y.audio.channels[c][i]}, wanted ${gain * channel[i]}`);
    }
  }
}

describe.runIf(interruptible)("process --watch", () => {
  test("makes the file anew after each build of a module, keeps it while a build is broken, and ends with Ctrl+C", async () => {
    const folder = buildGain("watched", "1.0.0", 0.5);
    const args = ["--fx", "com.example.gain", "--watch", folder, "--trust-modules"];
    const running = new RunningCommand("process", at("in.wav"), "-o", at("out.wav"), ...args);
    await running.says(/✓ process .*out\.wav: 1\.00 s/);
    await running.says(/watching .*watched; Ctrl\+C ends/);
    await expectGain("out.wav", "in.wav", 0.5);

    buildGain("watched", "1.0.1", 0.25);
    await running.says(
      /✓ process .*out\.wav.* with com\.example\.gain 1\.0\.1 \(plugin\.json, gain\.js\) \(\d+\.\d s\)/,
    );
    await expectGain("out.wav", "in.wav", 0.25);

    buildGain("watched", "1.0.1", 0.25, "export default { activate: () => (");
    await running.says(
      /warning: plugin com\.example\.gain: gain\.js cannot be loaded: .*What was there before stays/,
    );
    writeFileSync(at("watched/plugin.json"), '{ "api": "1.0", "id"');
    await running.says(/warning: .*plugin\.json.*What was there before stays/);
    await expectGain("out.wav", "in.wav", 0.25);

    buildGain("watched", "1.0.2", 0.125);
    await running.says(/with com\.example\.gain 1\.0\.2/);
    await expectGain("out.wav", "in.wav", 0.125);
    const { code, stderr } = await running.end(true);
    expect(code).toBe(130);
    expect(stderr).not.toContain("error:");
    expect(namesIn(scratch).filter((name) => name.includes("out.wav"))).toEqual(["out.wav"]);
  });

  test("takes a new build of a wasm plugin", async () => {
    const folder = buildWasm("wasm", "chorus");
    const running = new RunningCommand(
      ...["process", at("in.wav"), "-o", at("wasm.wav"), "--fx", "com.example.effect", "--watch", folder],
    );
    await running.says(/watching/);
    const asBuilt = (name: string) => readFileSync(at(name));
    const wanted = (effect: string) => {
      const path = at(`${effect}.wav`);
      expect(gainstage("process", at("in.wav"), "-o", path, "-f", "--fx", effect).code).toBe(0);
      return readFileSync(path);
    };
    expect(asBuilt("wasm.wav").equals(wanted("chorus"))).toBe(true);
    buildWasm("wasm", "compressor");
    await running.says(/with com\.example\.effect .*effect\.wasm/);
    expect(asBuilt("wasm.wav").equals(wanted("compressor"))).toBe(true);
    expect((await running.end(true)).code).toBe(130);
  });

  test("says so where nothing of what is watched is in use", async () => {
    const folder = buildGain("unused", "1.0.0", 0.5);
    const args = ["--fx", "chorus", "--watch", folder];
    const running = new RunningCommand("process", at("in.wav"), "-o", at("unused.wav"), ...args);
    await running.says(
      /warning: .*unused holds com\.example\.gain@1\.0\.0, and nothing of it is in use here/,
    );
    expect((await running.end(true)).code).toBe(130);
  });
});

describe("play, to nobody", () => {
  test("plays a file through a chain, and ends after so many seconds", () => {
    const args = ["--fx", "compressor", "--fx", "limiter", "--sink", "none", "--seconds", "2"];
    const { code, stderr, stdout } = gainstage("play", at("minute.wav"), ...args);
    expect(stderr).toMatch(/✓ play .*minute\.wav: 2\.00 s at 48000 Hz, peak −\d+\.\d dBFS/);
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });

  test("plays a file to its end, at its level", () => {
    const { code, stderr } = gainstage("play", at("in.wav"), "--sink", "none");
    // Half of full scale would be -6.0; the music of the tests has 0.25.
    expect(stderr).toMatch(/✓ play .*in\.wav: 1\.\d\d s at 48000 Hz, peak −12\.\d dBFS/);
    expect(code).toBe(0);
  });

  test("plays a folder of stems as a session", () => {
    mkdirSync(at("stems"), { recursive: true });
    for (const name of ["bass", "drums"]) cpSync(at("in.wav"), at(`stems/${name}.wav`));
    const { code, stderr } = gainstage("play", at("stems"), "--sink", "none", "--seconds", "0.5");
    // Two of the same are 6 dB louder.
    expect(stderr).toMatch(/✓ play .*stems: 0\.50 s at 48000 Hz, peak −6\.\d dBFS/);
    expect(code).toBe(0);
  });

  test("plays a session with its inserts", () => {
    const session = sessionToJson({
      ...defaultSession("two", RATE_HZ, ["in.wav"]),
      strips: [
        {
          id: "a",
          name: "a",
          source: "in.wav",
          faderDb: -6,
          inserts: [{ id: "comp", plugin: "dev.gainstage.compressor", params: { thresholdDb: 0, ratio: 1 } }],
        },
      ],
    });
    writeFileSync(at("song.json"), session);
    const { code, stderr } = gainstage("play", at("song.json"), "--sink", "none", "--seconds", "0.5");
    expect(stderr).toMatch(/✓ play .*song\.json: 0\.50 s at 48000 Hz, peak −18\.\d dBFS/);
    expect(code).toBe(0);
  });

  test("ends, with the plugin's name, where one does not return", () => {
    const hang =
      "export default { activate: () => ({ latencyFrames: 0, tailFrames: 0, reset() {}, process() { for (;;); } }) };";
    const folder = buildGain("hanging", "1.0.0", 1, hang);
    const args = ["--fx", "com.example.gain", "--plugins", folder, "--trust-modules", "--sink", "none"];
    const { code, stderr } = gainstage("play", at("in.wav"), ...args);
    expect(stderr).toMatch(/error: plugin com\.example\.gain: its process\(\) does not return/);
    expect(code).toBe(4);
    const again = gainstage("play", at("in.wav"), ...args);
    expect(again.stderr).toMatch(/com\.example\.gain: is in quarantine because it failed before/);
    expect(again.code).toBe(4);
    expect(gainstage("plugin", "release", "com.example.gain").code).toBe(0);
  });

  test.each([
    [["play", at("stems"), "--fx", "chorus"], 2, /--fx is for a file/],
    [["play", at("in.wav"), "--fx", "chorsu"], 4, /Did you mean chorus/],
    [["play", at("none.wav")], 3, /no such file/],
    [["play", at("in.wav"), "--sink", "some"], 2, /Allowed choices are default, none/],
  ] as const)("%j ends with %d", (args, code, message) => {
    const ran = gainstage(...args);
    expect(ran.stderr).toMatch(message);
    expect(ran.code).toBe(code);
  });
});

describe.runIf(interruptible)("play --watch", () => {
  test("goes to a new build while it plays, keeps on playing through a broken one, and ends with Ctrl+C", async () => {
    const folder = buildGain("live", "1.0.0", 0.5);
    const args = ["--fx", "com.example.gain", "--watch", folder, "--trust-modules", "--sink", "none"];
    const running = new RunningCommand("play", at("minute.wav"), ...args);
    await running.says(/watching .*live; Ctrl\+C ends/);
    buildGain("live", "1.0.1", 2);
    await running.says(
      /com\.example\.gain 1\.0\.1 \(plugin\.json, gain\.js\): heard from \d+:\d\d on, state kept in fx1/,
    );
    buildGain("live", "1.0.2", 1, "export default 3;");
    await running.says(
      /warning: .*its default export has no function activate.* What was there before stays/,
    );
    buildGain("live", "1.0.3", 1);
    await running.says(/com\.example\.gain 1\.0\.3 .*: heard from/);
    const { code, stderr } = await running.end(true);
    // The tone has 0.25, twice that was heard.
    expect(stderr).toMatch(/✓ play .*minute\.wav: \d+\.\d\d s at 48000 Hz, peak −6\.0 dBFS/);
    expect(code).toBe(130);
  });
});
