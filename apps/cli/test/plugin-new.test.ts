import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
