import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { API_VERSION, checkManifest } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import { templateNames } from "../src/plugin-template.ts";
import { gainstage, gainstageIn, namesIn, scratchFolder } from "./command.ts";

const folder = scratchFolder();
const at = (...path: readonly string[]) => join(folder, ...path);
const jsonAt = (...path: readonly string[]) => JSON.parse(readFileSync(at(...path), "utf8"));

function textsBelow(path: string): Map<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [
      join(parentPath, name),
      readFileSync(join(parentPath, name), "utf8"),
    ]),
  );
}

describe.each(templateNames())("plugin new --template %s", (template) => {
  const name = `warm-${template}`;
  const ran = gainstage("plugin", "new", at(name), "--template", template, "--id", `com.acme.${name}`);

  test("ends well and says what to do next", () => {
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain("npm test");
  });

  test("makes a manifest that the contract accepts, at its present version", () => {
    const check = checkManifest(jsonAt(name, "plugin.json"));
    expect(check).toMatchObject({ ok: true, manifest: { api: API_VERSION, vendor: "Acme" } });
  });

  test("leaves no placeholder in any file, and nothing of the template itself", () => {
    const texts = textsBelow(at(name));
    expect(texts.size).toBeGreaterThanOrEqual(6);
    for (const [path, text] of texts) expect(text.match(/__[A-Z]+__/), path).toBeNull();
    expect(namesIn(at(name))).not.toContain("template.json");
    expect(namesIn(at(name))).toContain(".gitignore");
  });

  test("makes a package that builds, tests and draws, and that hosts find", () => {
    const { scripts, gainstage: found } = jsonAt(name, "package.json");
    for (const script of ["build", "test", "picture"]) expect(scripts[script], script).toMatch(/\w/);
    expect(found).toEqual({ plugins: ["."] });
  });

  test("makes a package with a changelog, presets and picture in it", () => {
    const { files } = jsonAt(name, "package.json");
    for (const path of ["plugin.json", "dist", "presets", "curve.svg", "CHANGELOG.md"])
      expect(files).toContain(path);
    expect(readFileSync(at(name, "CHANGELOG.md"), "utf8")).toContain("## 1.0.0");
  });
});

describe("picture.mjs, which npm pack runs, draws when the author has made the effect another one:", () => {
  const gainDb = { id: "gainDb", name: "Gain <out>", unit: "dB", min: -24, max: 24, default: 0 };
  const lookahead = { ...gainDb, id: "lookMs", unit: "ms", min: 0, applies: "restart" };
  const kind = { id: "kind", name: "Kind", unit: "none", min: 0, max: 1, default: 0 };
  const choices = [
    { id: "soft", label: "Soft" },
    { id: "hard", label: "Hard" },
  ];
  const port = { id: "in", name: "Input", role: "main", layouts: ["mono"] };
  const key = { ...port, id: "key", role: "sidechain" };
  test.each<[string, object, number, string]>([
    ["no parameter at all", { params: [] }, 1, "at the defaults"],
    [
      "no parameter that moves by degrees",
      { params: [{ ...kind, choices }, lookahead] },
      1,
      "at the defaults",
    ],
    // Five places of a knob, of which the middle one is the default.
    ["another first parameter", { params: [{ ...kind, choices }, gainDb] }, 5, "by gain &#60;out&#62;"],
    ["one channel and a sidechain", { params: [gainDb], inputs: [port, key] }, 5, "by gain"],
  ])("%s", (_, change, curves, title) => {
    const name = `drawn-${namesIn(folder).length}`;
    gainstage("plugin", "new", at(name), "--template", "typescript", "--id", "com.acme.drawn");
    symlinkSync(fileURLToPath(new URL("../../../node_modules", import.meta.url)), at(name, "node_modules"));
    const manifest = { ...jsonAt(name, "plugin.json"), ...change };
    writeFileSync(at(name, "plugin.json"), JSON.stringify(manifest));
    mkdirSync(at(name, "dist"));
    // Half the input, 3 frames late; NaN for full scale.
    const effect = `export default { activate({ inputs: [{ channels }] }) {
      const lines = Array.from({ length: channels }, () => [0, 0, 0]);
      return { latencyFrames: 3, tailFrames: 0, reset() {}, process({ frames, inputs: [input], outputs: [output] }) {
        for (const [c, line] of lines.entries()) for (let i = 0; i < frames; i++) {
          line.push(input[c][i] === 1 ? NaN : input[c][i] / 2);
          output[c][i] = line.shift();
        }
        return 3;
      } };
    } };`;
    writeFileSync(at(name, "dist", "effect.js"), effect);
    const drawn = spawnSync(process.execPath, ["picture.mjs"], { cwd: at(name), encoding: "utf8" });
    expect(drawn.status, drawn.stderr).toBe(0);
    const svg = readFileSync(at(name, "curve.svg"), "utf8");
    expect(svg.match(/<polyline /g)).toHaveLength(curves);
    expect(svg.match(/stroke="#0a7"/g), "the curve at the defaults").toHaveLength(1);
    expect(svg).toContain(`level out over level in, ${title}`);
    expect(svg).not.toMatch(/NaN|undefined/);
    // -1 is left below at 40,400; half of that is at a quarter of the height.
    expect(svg).toContain('points="40.0,310.0 ');
  });
});

test("the templates differ in the entry alone of what a host is told", () => {
  const manifests = templateNames().map((template) => {
    gainstage("plugin", "new", at(`same-${template}`), "--template", template, "--id", "com.acme.same");
    return { ...jsonAt(`same-${template}`, "plugin.json"), entry: undefined, name: undefined };
  });
  for (const manifest of manifests) expect(manifest).toEqual(manifests[0]);
});

test("takes names as they are written, whatever is in them", () => {
  const ran = gainstage("plugin", "new", at("Über Glue 2"), "--name", 'The "Über" \\ Glue', "--vendor", "É");
  expect(ran.code, ran.stderr).toBe(0);
  const { name, vendor, id } = jsonAt("Über Glue 2", "plugin.json");
  expect({ name, vendor, id }).toEqual({
    name: 'The "Über" \\ Glue',
    vendor: "É",
    id: "com.example.ber-glue-2",
  });
});

test("fills an empty folder, and makes the folders above it", () => {
  mkdirSync(at("empty"));
  expect(gainstage("plugin", "new", at("empty")).code).toBe(0);
  expect(gainstage("plugin", "new", at("deep", "down", "glue")).code).toBe(0);
  expect(namesIn(at("deep", "down"))).toEqual(["glue"]);
});

test("fills the working folder, if it is empty", () => {
  mkdirSync(at("here"));
  expect(gainstageIn(at("here"), "plugin", "new", ".").code).toBe(0);
  expect(namesIn(at("here"))).toEqual(namesIn(at("deep", "down", "glue")));
  expect(JSON.parse(readFileSync(at("here", "plugin.json"), "utf8")).id).toBe("com.example.here");
});

describe("plugin new refuses, and leaves everything as it was:", () => {
  test("a folder that holds something", () => {
    mkdirSync(at("taken"));
    writeFileSync(at("taken", "song.txt"), "la la");
    const ran = gainstage("plugin", "new", at("taken"));
    expect(ran.code).toBe(5);
    expect(ran.stderr).toContain("not empty");
    expect(namesIn(at("taken"))).toEqual(["song.txt"]);
  });

  test("a file in the place of the folder", () => {
    writeFileSync(at("file"), "la la");
    expect(gainstage("plugin", "new", at("file")).code).toBe(5);
    expect(gainstage("plugin", "new", at("file", "below")).code).toBe(5);
    expect(readFileSync(at("file"), "utf8")).toBe("la la");
  });

  test.each([
    ["an id that is not reverse DNS", ["refused", "--id", "glue"], "reverse DNS"],
    ["a name that is empty", ["refused", "--name", " "], "the name"],
    ["a folder whose name no id can hold", ["…"], "letter"],
    ["a template that is not there", ["refused", "--template", "typscript"], "Did you mean typescript"],
  ])("%s", (_, [dir, ...flags], text) => {
    const before = namesIn(folder);
    const ran = gainstage("plugin", "new", at(dir), ...flags);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(text);
    expect(namesIn(folder)).toEqual(before);
  });
});
