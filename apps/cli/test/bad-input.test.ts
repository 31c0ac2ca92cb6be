import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, cpSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readAudioFile, writeWavFile } from "@gainstage/audio-io";
import { beforeAll, describe, expect, test } from "vitest";
import { gainstage, namesIn, plainEnvironment, scratchFolder, tone, writeMusic } from "./command.ts";

const folder = scratchFolder();
const at = (name: string) => join(folder, name);
const results = at("results");

beforeAll(async () => {
  mkdirSync(results);
  await writeMusic(at("music.wav"));
  writeFileSync(at("notes.wav"), "these are not the samples you are looking for");
  writeFileSync(at("empty.flac"), "");
  mkdirSync(at("folder.wav"));
  const whole = readFileSync(at("music.wav"));
  writeFileSync(at("cut.wav"), whole.subarray(0, whole.length / 2));
  const poisoned = tone(4800, 440, 48_000);
  poisoned[100] = Number.NaN;
  poisoned[101] = Number.POSITIVE_INFINITY;
  // The writer refuses such samples, so they are put where it left others.
  const clean = tone(4800, 440, 48_000);
  await writeWavFile(at("nan.wav"), [clean], { sampleRateHz: 48_000, format: "32f", force: true });
  const bytes = readFileSync(at("nan.wav"));
  const data = bytes.indexOf("data") + 8;
  for (const i of [100, 101]) bytes.writeFloatLE(poisoned[i], data + 4 * i);
  writeFileSync(at("nan.wav"), bytes);
});

/** Refused with one line and the code, nothing on stdout, nothing left behind. */
function refused(code: number, message: RegExp, ...args: readonly string[]): void {
  const before = namesIn(results);
  const ran = gainstage(...args);
  expect(ran.stderr).toMatch(message);
  expect(ran.stderr).not.toMatch(/\n\s+at /);
  expect(ran.stdout).toBe("");
  expect(ran.code).toBe(code);
  expect(namesIn(results)).toEqual(before);
}

const to = join(results, "out.wav");

describe("a file that is no sound ends with 3", () => {
  test.each([
    ["missing.wav", /cannot read .*missing\.wav: no such file/],
    ["notes.wav", /cannot read .*notes\.wav: .*not an audio file/],
    ["empty.flac", /cannot read .*empty\.flac: the file is empty/],
    ["folder.wav", /cannot read .*folder\.wav: it is a directory/],
  ])("%s", (name, message) => {
    refused(3, message, "process", at(name), "-o", to);
    refused(3, message, "analyze", at(name), "--json");
    refused(3, message, "master", at(name), "-o", results);
  });

  test("a folder without audio", () => {
    mkdirSync(at("nothing"));
    refused(3, /holds no audio file/, "mix", at("nothing"), "-o", to);
  });
});

describe("a file that is damaged is used as far as it goes, and said to be", () => {
  test("truncated", () => {
    const { code, stderr, stdout } = gainstage("analyze", at("cut.wav"), "--json");
    expect(code).toBe(0);
    expect(stderr).toMatch(/cut\.wav: .*frames.*missing/);
    expect(JSON.parse(stdout).files[0].frames).toBeLessThan(48_000);
  });

  test("with samples that are not numbers", async () => {
    const { code, stderr } = gainstage(
      "process",
      at("nan.wav"),
      "-o",
      at("healed.wav"),
      "--fx",
      "equalizer",
      "--fx",
      "reverb",
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/2 samples were not finite \(first at frame 100 of channel 0\)/);
    const { audio } = await readAudioFile(at("healed.wav"));
    for (const channel of audio.channels) expect(channel.every(Number.isFinite)).toBe(true);
  });
});

test("one bad file of several: the others are measured, the end is 6", () => {
  const { code, stdout, stderr } = gainstage("analyze", at("music.wav"), at("missing.wav"), "--json");
  expect(code).toBe(6);
  expect(JSON.parse(stdout).files).toHaveLength(1);
  expect(stderr).toContain("no such file");
});

describe("a plugin that cannot be had ends with 4", () => {
  test("an unknown one, with near names", () => {
    refused(
      4,
      /no such plugin\. Did you mean compressor\?/,
      "process",
      at("music.wav"),
      "-o",
      to,
      "--fx",
      "compresor",
    );
    refused(4, /no such plugin/, "plugin", "info", "wah-wah");
  });

  const plugin = (name: string, change: (manifest: Record<string, unknown>) => void) => {
    const source = fileURLToPath(new URL("../../../plugins/compressor/plugin.json", import.meta.url));
    const manifest = JSON.parse(readFileSync(source, "utf8"));
    manifest.id = `com.acme.${name}`;
    change(manifest);
    mkdirSync(at(`plugins/${name}`), { recursive: true });
    writeFileSync(at(`plugins/${name}/plugin.json`), JSON.stringify(manifest));
  };

  test("one that needs a newer API, with both versions and the remedy", () => {
    plugin("newer", (m) => {
      m.api = "7.2";
    });
    refused(
      4,
      /com\.acme\.newer: it needs plugin API 7\.2, this host has 1\.0: update the host/,
      "process",
      at("music.wav"),
      "-o",
      to,
      "--plugins",
      at("plugins"),
      "--fx",
      "com.acme.newer",
    );
  });

  test("one whose manifest is wrong, with every place", () => {
    plugin("wrong", (m) => {
      m.version = "one";
      (m.params as { min: number }[])[1].min = 500;
    });
    refused(
      4,
      /version must be semver.*params\[1\] min 500 is not below max/,
      "process",
      at("music.wav"),
      "-o",
      to,
      "--plugins",
      at("plugins"),
      "--fx",
      "com.acme.wrong",
    );
  });

  test("one whose code is missing, and one that is JavaScript without trust", () => {
    plugin("hollow", () => {});
    refused(
      4,
      /dist\/compressor\.wasm is missing: build the plugin/,
      "process",
      at("music.wav"),
      "-o",
      to,
      "--plugins",
      at("plugins"),
      "--fx",
      "com.acme.hollow",
    );
    plugin("script", (m) => {
      m.entry = { module: "script.js" };
    });
    refused(
      4,
      /is JavaScript.*--trust-modules/,
      "process",
      at("music.wav"),
      "-o",
      to,
      "--plugins",
      at("plugins"),
      "--fx",
      "com.acme.script",
    );
  });

  test("a search folder that is not there", () => {
    refused(
      4,
      /the folder cannot be read/,
      "process",
      at("music.wav"),
      "-o",
      to,
      "--plugins",
      at("nowhere"),
      "--fx",
      "limiter",
    );
  });
});

describe("a plugin that fails while it runs", () => {
  const folderOf = (name: string, body: string, onFault: string) => {
    const folderPath = at(`faulty/${name}`);
    mkdirSync(folderPath, { recursive: true });
    const port = { id: "in", name: "In", role: "main", layouts: ["stereo"] };
    const manifest = {
      api: "1.0",
      id: `com.acme.${name}`,
      name,
      vendor: "Acme",
      version: "1.0.0",
      features: ["utility"],
      entry: { module: "faulty.js" },
      inputs: [port],
      outputs: [{ ...port, id: "out", name: "Out" }],
      params: [],
      onFault,
    };
    writeFileSync(join(folderPath, "plugin.json"), JSON.stringify(manifest));
    writeFileSync(
      join(folderPath, "faulty.js"),
      `export default { activate: () => { let n = 0; return { latencyFrames: 0, tailFrames: 0, reset() { n = 0; },
        process({ frames, inputs: [[l, r]], outputs: [[ol, or]] }) {
          for (let i = 0; i < frames; i++, n++) { ol[i] = l[i]; or[i] = r[i]; if (n === 12000) { ${body} } } return 0; } }; } };`,
    );
  };

  test.each([
    [
      "thrower",
      'throw new Error("out of luck");',
      "bypass",
      /out of luck.*its input is heard instead until it is built anew[\s\S]*out of luck.*switched off/,
    ],
    [
      "poisoner",
      "ol[i] = NaN;",
      "silence",
      /not a finite number.*silence is heard instead until[\s\S]*it is switched off and silence/,
    ],
  ] as const)(
    "%s: the render is finished without it, and the user is told",
    async (name, body, onFault, message) => {
      folderOf(name, body, onFault);
      const path = at(`${name}.wav`);
      const { code, stderr } = gainstage(
        "process",
        at("music.wav"),
        "-o",
        path,
        "--plugins",
        at("faulty"),
        "--trust-modules",
        "--block",
        "512",
        "--fx",
        `com.acme.${name}`,
      );
      expect(stderr).toMatch(message);
      expect(code).toBe(0);
      const [source, made] = [await readAudioFile(at("music.wav")), await readAudioFile(path)];
      const [dry, wet] = [source.audio.channels[0], made.audio.channels[0]];
      // Good before the block that failed, good again when it is built anew, and after the second failure of it what
      // the manifest says.
      for (let i = 0; i < 24_000; i++) {
        if (i >= 11_500 && i < 13_000) continue;
        if (wet[i] !== dry[i]) throw new Error(`frame ${i} differs before the second fault`);
      }
      for (let i = 25_000; i < 48_000; i++) {
        if (wet[i] !== (onFault === "bypass" ? dry[i] : 0))
          throw new Error(`frame ${i} is ${wet[i]} after the fault`);
      }
    },
  );
});

describe("a session that cannot be used ends with 3", () => {
  const good = {
    format: "gainstage-session",
    formatVersion: 1,
    types: { strip: 1 },
    title: "Song",
    sampleRateHz: 48_000,
    strips: [{ id: "a", name: "A", source: "music.wav" }],
  };
  const write = (name: string, value: unknown) => {
    writeFileSync(at(name), typeof value === "string" ? value : JSON.stringify(value));
    return at(name);
  };

  test.each([
    [
      "newer.json",
      { ...good, formatVersion: 9 },
      /cannot open .*newer\.json: it has session format 9, this version reads up to 1: update/,
    ],
    ["foreign.json", { hello: "world" }, /not a Gainstage session/],
    ["broken.json", "{ not json", /it is not JSON/],
    ["binary.gainstage", "\u0081\u00ff\u00fe", /damaged|not a session|neither/],
    [
      "lost.json",
      { ...good, strips: [{ ...good.strips[0], output: "nowhere" }] },
      /goes to "nowhere", which is no bus/,
    ],
    [
      "far.json",
      { ...good, strips: [{ ...good.strips[0], source: "../../etc/passwd" }] },
      /outside the session's folder/,
    ],
    [
      "gone.json",
      { ...good, strips: [{ ...good.strips[0], source: "gone.wav" }] },
      /cannot read .*gone\.wav: no such file/,
    ],
  ])("%s", (name, value, message) => {
    refused(3, message, "mix", write(name, value), "-o", to);
  });

  const compressed = (more: object, lanes: readonly object[] = []) => ({
    ...good,
    strips: [{ ...good.strips[0], inserts: [{ id: "x", plugin: "dev.gainstage.compressor", ...more }] }],
    lanes,
  });
  const ratioLane = (value: number | null) => [{ of: "a", param: "x.ratio", points: [{ at: 0, value }] }];

  test.each([
    ["param.json", compressed({ params: { ratio: 1000 } }), /param\.json: "A", insert "x": .* 1 to 100/],
    ["value.json", compressed({}, ratioLane(1e6)), /"A", automation of x\.ratio: .* cannot be 1000000/],
    ["hole.json", compressed({}, ratioLane(null)), /"A", automation of x\.ratio: .*point 1 has no value/],
    [
      "start.json",
      compressed({}, [{ of: "a", param: "x.lookaheadMs", points: [{ at: 0, value: 1 }] }]),
      /lookaheadMs takes effect only at the start/,
    ],
    ["void.json", { ...good, strips: [] }, /there is nothing to mix in .*void\.json/],
  ])("%s, which asks for what cannot be", (name, value, message) => {
    refused(3, message, "mix", write(name, value), "-o", to);
  });

  test("but a missing plugin has a stand-in, and the user is told, unless it is switched off", () => {
    const missing = { plugin: "com.example.lost" };
    const on = gainstage("mix", write("on.json", compressed(missing)), "-o", at("on.wav"));
    expect(on.code).toBe(0);
    expect(on.stderr).toMatch(
      /com\.example\.lost: there is no such plugin.*Its input is heard in its place \(node a\/x\)/,
    );
    const off = gainstage(
      "mix",
      write("off.json", compressed({ ...missing, enabled: false })),
      "-o",
      at("off.wav"),
    );
    expect(off.code).toBe(0);
    expect(off.stderr).not.toContain("lost");
    expect(readFileSync(at("on.wav")).equals(readFileSync(at("off.wav")))).toBe(true);
    const checked = gainstage("session", "validate", at("on.json"));
    expect(checked.code).toBe(1);
    expect(checked.stdout + checked.stderr).toMatch(/"A", insert "x": .*no such plugin/);
  });

  test("and validate says 1 with every problem, or 0", () => {
    const inserts = [{ id: "x", plugin: "dev.gainstage.compressor", params: { ratio: 1000 } }];
    const bad = gainstage(
      "session",
      "validate",
      write("bad.json", { ...good, strips: [{ ...good.strips[0], inserts }] }),
      "--json",
    );
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.stdout).problems[0]).toMatch(/ratio cannot be 1000; it takes 1 to 100/);
    expect(gainstage("session", "validate", write("good.json", good)).code).toBe(0);
  });

  test("what is packed comes back: from-json, inspect, to-json", () => {
    const packed = at("song.gainstage");
    expect(gainstage("session", "from-json", write("good.json", good), "-o", packed).code).toBe(0);
    expect(JSON.parse(gainstage("session", "inspect", packed, "--json").stdout)).toMatchObject({
      title: "Song",
      strips: 1,
    });
    expect(JSON.parse(gainstage("session", "to-json", packed).stdout)).toMatchObject(good);
    expect(gainstage("session", "from-json", at("good.json"), "-o", packed).code).toBe(5);
  });
});

test("a parameter that is automated twice, or after the end of time, ends with 2", () => {
  const fx = ["process", at("music.wav"), "-o", to, "--fx", "limiter"];
  const move = (points: string) => ["--automate", `1.ceilingDbtp=${points}`];
  refused(2, /automated already; put all its points into one/, ...fx, ...move("0:-1"), ...move("1:-2"));
  refused(2, /1e99 s is later than 360000 s/, ...fx, ...move("1e99:-1"));
});

describe("what cannot be written ends with 5", () => {
  test("an existing file without --force, which stays as it was", () => {
    writeFileSync(at("precious.wav"), "precious");
    refused(5, /precious\.wav: it exists already/, "process", at("music.wav"), "-o", at("precious.wav"));
    expect(readFileSync(at("precious.wav"), "utf8")).toBe("precious");
    expect(gainstage("process", at("music.wav"), "-o", at("precious.wav"), "--force").code).toBe(0);
  });

  test("a folder that is not there, or is a file", () => {
    refused(5, /cannot write .*out\.wav/, "process", at("music.wav"), "-o", join(results, "no/such/out.wav"));
    refused(5, /cannot write/, "master", at("music.wav"), "-o", join(at("music.wav"), "masters"));
  });

  test("a folder that cannot be written to", () => {
    // The superuser may write anywhere but where the kernel makes the names.
    const locked = process.getuid?.() === 0 ? "/proc" : at("locked");
    if (locked !== "/proc") {
      mkdirSync(locked);
      chmodSync(locked, 0o500);
    }
    refused(5, /cannot write/, "process", at("music.wav"), "-o", join(locked, "out.wav"));
  });

  test("a device or a folder, whether forced or not", () => {
    for (const force of [[], ["--force"]]) {
      refused(5, /it is not a regular file/, "process", at("music.wav"), "-o", "/dev/full", ...force);
      refused(5, /it is a directory/, "process", at("music.wav"), "-o", results, ...force);
    }
  });

  test("a master of nothing, which leaves no folder behind", async () => {
    await writeWavFile(at("hush.wav"), [new Float32Array(48_000)], {
      sampleRateHz: 48_000,
      format: "32f",
      force: true,
    });
    refused(3, /hush\.wav is silent/, "master", at("hush.wav"), "-o", join(results, "masters"));
  });

  test("a standard output that is full", () => {
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [main, "analyze", at("music.wav")], {
      encoding: "utf8",
      env: plainEnvironment,
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    expect(stderr).toMatch(/^error: cannot write to the standard output: .*no space left/m);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(5);
  });

  test("a disk that is full before the file is done, where nothing half-written stays", () => {
    // What the shell limits a file to meets the writer as a full disk does, in the middle of its work.
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
    const before = namesIn(results);
    const { status, stderr } = spawnSync(
      "bash",
      ["-c", 'ulimit -f 64; exec "$@"', "bash", process.execPath, main, "process", at("music.wav"), "-o", to],
      { encoding: "utf8", env: plainEnvironment },
    );
    expect(stderr).toMatch(/cannot write .*out\.wav: the file is larger than the file system allows/);
    expect(status).toBe(5);
    expect(namesIn(results)).toEqual(before);
  });
});

test("every stem folder mixes: files of other rates and widths, in natural order", async () => {
  mkdirSync(at("stems"));
  cpSync(at("music.wav"), at("stems/2 music.wav"));
  await writeMusic(at("stems/10 low.wav"), 44_100);
  await writeWavFile(at("stems/1 mono.wav"), [tone(24_000, 110, 48_000)], {
    sampleRateHz: 48_000,
    format: "32f",
  });
  const { code } = gainstage("mix", at("stems"), "-o", at("stems-mix.wav"), "--jobs", "2");
  expect(code).toBe(0);
  const { audio } = await readAudioFile(at("stems-mix.wav"));
  expect(audio.frames).toBe(48_000);
  expect(gainstage("mix", at("stems"), "-o", at("stems-mix-1.wav"), "--jobs", "1", "--block", "7").code).toBe(
    0,
  );
  expect(readFileSync(at("stems-mix-1.wav")).equals(readFileSync(at("stems-mix.wav")))).toBe(true);
});
