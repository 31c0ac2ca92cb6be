import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkManifest, checkWasmProfile } from "@gainstage/plugin-api";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

const bin = fileURLToPath(new URL("../bin/gainstage-faust.mjs", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "gainstage-faust-command-"));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const inFolder = (name: string) => join(folder, name);
const faust = (...args: string[]) =>
  spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: "utf8" });

describe("gainstage-faust build", () => {
  test("makes a folder that keeps the ABI, with libraries beside the file, and the same bytes again", () => {
    writeFileSync(inFolder("mine.lib"), "half = *(0.5);\n");
    writeFileSync(
      inFolder("quiet.dsp"),
      'import("mine.lib"); import("stdfaust.lib"); process = half : fi.dcblocker;\n',
    );
    const args = ["build", "quiet.dsp", "-o", "out", "--id", "com.example.quiet", "--features", "utility"];
    const first = faust(...args);
    expect([first.stderr, first.status]).toEqual([expect.stringContaining("com.example.quiet"), 0]);
    const check = checkManifest(JSON.parse(readFileSync(inFolder("out/plugin.json"), "utf8")));
    if (!check.ok) throw new Error(JSON.stringify(check.problems));
    const wasm = readFileSync(inFolder("out/quiet.wasm"));
    expect(checkWasmProfile(wasm, check.manifest)).toEqual([]);
    expect(readFileSync(inFolder("out/NOTICE"), "utf8")).toContain("filters.lib/");
    faust(...args);
    expect(readFileSync(inFolder("out/quiet.wasm")).equals(wasm)).toBe(true);
  });

  test("names the file and the line of a mistake, and writes nothing", () => {
    writeFileSync(inFolder("wrong.dsp"), "a = _;\nprocess = a : b;\n");
    const { status, stderr } = faust("build", "wrong.dsp", "-o", "out", "--id", "com.example.wrong");
    expect(stderr).toBe("error: wrong.dsp:2: undefined symbol : b\n");
    expect([status, existsSync(inFolder("out"))]).toEqual([3, false]);
  });

  test("says what a program without an id needs", () => {
    writeFileSync(inFolder("nameless.dsp"), "process = _;\n");
    const { status, stderr } = faust("build", "nameless.dsp", "-o", "out");
    expect([status, stderr]).toEqual([
      3,
      expect.stringContaining('declare gainstage_id "com.example.my-effect";'),
    ]);
  });

  test("warns of a library function under the GPL", () => {
    writeFileSync(
      inFolder("limit.dsp"),
      'import("stdfaust.lib"); process = co.limiter_lad_mono(0.001, 1, 0.001, 0.01, 0.1);\n',
    );
    const { stderr } = faust("build", "limit.dsp", "-o", "out", "--id", "com.example.limit");
    expect(stderr).toMatch(
      /warning: compressors\.lib\/limiter_lad\S* is under GPL-3\.0-only, and so is a plugin with it/,
    );
  });

  test("exits with 2 for a usage that it does not know, and 3 for a file that is not there", () => {
    expect(faust("build").status).toBe(2);
    expect(faust("build", "a.dsp", "-o", "out", "--loud").status).toBe(2);
    expect(faust("build", "a.dsp", "-o", "out").status).toBe(3);
    expect(faust("--help").stdout).toContain("usage: gainstage-faust build");
  });
});
