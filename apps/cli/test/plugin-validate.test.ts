import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { tailText } from "../src/validation/terminal-report.ts";
import { gainstage, namesIn, scratchFolder } from "./command.ts";

const folder = scratchFolder();
const at = (...path: readonly string[]) => join(folder, ...path);
const compressor = fileURLToPath(new URL("../../../plugins/compressor/", import.meta.url));
const quick = ["--only", "M01,M17,L02,C05,P03,D01"];

/** A gain of a half, with `statements` after it. */
function writePlugin(name: string, statements = "", changes: object = {}): string {
  const path = at(name);
  mkdirSync(path, { recursive: true });
  const port = (id: string) => ({ id, name: id, role: "main", layouts: ["stereo"] });
  const manifest = {
    api: "1.0",
    id: `com.example.${name}`,
    name,
    vendor: "Example",
    version: "1.0.0",
    license: "MIT",
    features: ["utility"],
    entry: { module: "entry.mjs" },
    inputs: [port("in")],
    outputs: [port("out")],
    params: [{ id: "gainDb", name: "Gain", unit: "dB", min: -24, max: 0, default: -6 }],
    ...changes,
  };
  writeFileSync(join(path, "plugin.json"), JSON.stringify(manifest));
  writeFileSync(
    join(path, "entry.mjs"),
    `export default {
      activate: () => ({
        latencyFrames: 0,
        tailFrames: 0,
        reset() {},
        process({ frames, inputs: [input], outputs: [output], params }) {
          for (let c = 0; c < 2; c++)
            for (let i = 0; i < frames; i++) output[c][i] = input[c][i] * 10 ** (params[0] / 20);
          ${statements}
          return 0;
        },
      }),
    };`,
  );
  return path;
}

const sound = writePlugin("sound");
const cutter = writePlugin("cutter", "output[0][frames - 1] = 0;");

describe("plugin validate ends with", () => {
  test("0 for a plugin that keeps what is checked, by folder and by id", () => {
    for (const plugin of [compressor, "compressor"]) {
      const { code, stdout } = gainstage("plugin", "validate", plugin, ...quick);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^D01 {4}must {4}passed {3}gives the same bits however the stream is cut/m);
      expect(stdout).toMatch(/✓ dev\.gainstage\.compressor keeps every promise that was checked: \d passed/);
    }
  });

  test("1 where a must is not kept, with a test to paste", () => {
    const { code, stdout } = gainstage("plugin", "validate", cutter, "--trust-modules", ...quick);
    expect(code).toBe(1);
    expect(stdout).toContain("✗ com.example.cutter breaks D01");
    expect(stdout).toContain('reproduce(new URL("../", import.meta.url), {');
  });

  test("2 for a check, a level or a seed that there is not", () => {
    for (const wrong of [
      ["--only", "D99"],
      ["--level", "maybe"],
      ["--seed", "0"],
      ["--soak", "-1"],
    ])
      expect(gainstage("plugin", "validate", compressor, ...wrong).code, wrong.join(" ")).toBe(2);
  });

  test("3 for what cannot be read", () => {
    for (const path of [at("nowhere/"), at("nothing.tgz"), folder]) {
      const { code, stderr } = gainstage("plugin", "validate", path);
      expect([code, stderr], path).toEqual([3, expect.stringMatching(/^error: /)]);
    }
  });

  test("4 for code that cannot be loaded, and for JavaScript that nobody trusts", () => {
    const broken = writePlugin("unfinished", "}}}");
    const ran = gainstage("plugin", "validate", broken, "--trust-modules", "--only", "L01,D01");
    expect(ran.code).toBe(4);
    expect(ran.stdout).toMatch(/✗ com\.example\.unfinished cannot be loaded/);
    const untrusted = gainstage("plugin", "validate", sound, ...quick);
    expect(untrusted.code).toBe(4);
    expect(untrusted.stderr).toContain("allow it with --trust-modules");
  });
});

test("a plugin that is installed, by its id, is loaded as the host loads it", () => {
  const installed = writePlugin("installed", "", { entry: { module: "dist/effect.js" } });
  mkdirSync(join(installed, "dist"));
  renameSync(join(installed, "entry.mjs"), join(installed, "dist/effect.js"));
  const { code, stdout, stderr } = gainstage(
    ...["plugin", "validate", "com.example.installed", "--plugins", folder, "--trust-modules"],
    ...["--only", "L01,L12,P03"],
  );
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^L01 {4}must {4}passed/m);
});

test("a plugin that is not built is told to be, and one that refuses is told so once", () => {
  const unbuilt = writePlugin("unbuilt", "", { entry: { wasm: "dist/unbuilt.wasm" } });
  const ran = gainstage("plugin", "validate", unbuilt);
  expect(ran.code).toBe(4);
  expect(ran.stdout).toContain("dist/unbuilt.wasm is missing: build the plugin first");
  expect(ran.stdout).toMatch(/cannot be loaded: \d+ passed, 1 failed/);
  const refusing = writePlugin("refusing");
  writeFileSync(join(refusing, "entry.mjs"), 'export default { activate() { throw new Error("no"); } };');
  const { code, stdout } = gainstage("plugin", "validate", refusing, "--trust-modules");
  expect([code, stdout.match(/breaks .*: \d+ passed, 1 failed/)?.[0]]).toEqual([
    1,
    expect.stringMatching(/^breaks L12:/),
  ]);
});

test.each([
  [4800, 2400, "at most 0.100 s; rings for 0.050 s"],
  [4800, null, "at most 0.100 s; rings for more than 20 s"],
  [null, 0, "declared endless; does not ring at its defaults"],
  [null, 2400, "declared endless; rings for 0.050 s at its defaults"],
  [null, null, "declared endless; rings for more than 20 s at its defaults"],
])("a tail of %s frames that rings for %s reads as %j", (tailFrames, ringFrames, text) => {
  expect(tailText({ sampleRateHz: 48_000, tailFrames, ringFrames })).toBe(text);
});

test("--json prints one object, whose failing case runs again by --case", () => {
  const { stdout, stderr } = gainstage("plugin", "validate", cutter, "--trust-modules", "--json", ...quick);
  expect(stderr).toBe("");
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ version: 1, ok: false, loads: true, seed: 1, plugin: { kind: "module" } });
  expect(report.counts).toMatchObject({ failed: 1 });
  const failed = report.results.find(({ id }: { id: string }) => id === "D01");
  expect(failed).toMatchObject({ outcome: "failed", case: { check: "D01", frames: 2 } });
  writeFileSync(at("case.json"), JSON.stringify(failed.case));
  const again = gainstage(
    "plugin",
    "validate",
    cutter,
    "--trust-modules",
    "--case",
    at("case.json"),
    "--json",
  );
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout).results).toHaveLength(1);
  const mended = gainstage("plugin", "validate", sound, "--trust-modules", "--case", at("case.json"));
  expect(mended.code).toBe(0);
});

test("a case that is none is refused with its file", () => {
  writeFileSync(at("wrong.json"), '{"check":"D01","params":{"warmth":1}}');
  const { code, stderr } = gainstage("plugin", "validate", compressor, "--case", at("wrong.json"));
  expect(code).toBe(3);
  expect(stderr).toMatch(/wrong\.json: the case names a parameter "warmth", which is not there/);
});

test("the same seed finds the same case", () => {
  const find = (seed: string) => {
    const args = ["--trust-modules", "--json", "--only", "D01", "--seed", seed];
    return JSON.parse(gainstage("plugin", "validate", cutter, ...args).stdout).results[0].case;
  };
  expect(find("7")).toEqual(find("7"));
});

test("--junit and --report write files, whole and without replacing others", () => {
  const args = [
    "plugin",
    "validate",
    cutter,
    "--trust-modules",
    "--junit",
    at("j.xml"),
    "--report",
    at("r.html"),
    ...quick,
  ];
  expect(gainstage(...args).code).toBe(1);
  const xml = readFileSync(at("j.xml"), "utf8");
  expect(xml).toMatch(/<testsuites name="com\.example\.cutter" tests="6" failures="1"/);
  expect(xml).toMatch(
    /<testcase classname="com\.example\.cutter" name="D01 [^"]+" time="[\d.]+"><failure message="against blocks/,
  );
  const page = readFileSync(at("r.html"), "utf8");
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).toContain("D01 gives the same bits however the stream is cut");
  expect(page).not.toMatch(/https?:/);
  expect(gainstage(...args)).toMatchObject({ code: 5, stdout: "" });
  expect(gainstage(...args, "--force").code).toBe(1);
  expect(namesIn(folder).filter((name) => name.includes(".tmp"))).toEqual([]);
});

test("a plugin's own words are text on the page", () => {
  const named = writePlugin("markup", "", { name: "<b>Loud & clear</b>" });
  gainstage("plugin", "validate", named, "--trust-modules", "--report", at("markup.html"), "--only", "M01");
  expect(readFileSync(at("markup.html"), "utf8")).not.toContain("<b>Loud");
});

test("a .tgz as npm packs it is unpacked, checked and taken away again", () => {
  mkdirSync(at("packed"), { recursive: true });
  execFileSync("tar", ["-czf", at("sound.tgz"), "--transform", "s,^,package/,", "plugin.json", "entry.mjs"], {
    cwd: sound,
  });
  const { code, stdout } = gainstage("plugin", "validate", at("sound.tgz"), "--trust-modules", ...quick);
  expect([code, stdout.includes("com.example.sound keeps every promise")]).toEqual([0, true]);
});
