/** What npm takes into a package: each row was answered by `npm pack --dry-run --json` of npm 11. */
import { expect, test } from "vitest";
import { isPacked, packingRules } from "../src/loading/packed-files.ts";
import { pluginFolder } from "./plugin-folder.ts";

const PATHS = [
  "plugin.json",
  "dist/a.wasm",
  "dist/a.wasm.map",
  "dist/sub/b.wasm",
  "presets/one.json",
  "presets/deep/two.json",
  "sub/plugin.json",
  "a+b.json",
  "notes.orig",
];

const ROWS: readonly (readonly [
  what: string,
  files: readonly string[] | undefined,
  ignored: string,
  taken: string,
])[] = [
  ["no list", undefined, "", PATHS.slice(0, -1).join(" ")],
  ["an empty list", [], "", ""],
  ["a folder", ["dist"], "", "dist/a.wasm dist/a.wasm.map dist/sub/b.wasm"],
  ["a folder with a dot and a slash", ["./dist/"], "", "dist/a.wasm dist/a.wasm.map dist/sub/b.wasm"],
  ["what is in a folder", ["dist/*"], "", "dist/a.wasm dist/a.wasm.map dist/sub/b.wasm"],
  ["a folder but for one in it", ["dist", "!dist/sub"], "", "dist/a.wasm dist/a.wasm.map"],
  ["a folder but for a kind of file", ["dist", "!**/*.map"], "", "dist/a.wasm dist/sub/b.wasm"],
  ["a file", ["plugin.json"], "", "plugin.json"],
  ["a file that was left behind", ["notes.orig"], "", "notes.orig"],
  ["names at the top", ["*.json"], "", "plugin.json a+b.json"],
  [
    "names anywhere",
    ["**/*.json"],
    "",
    "plugin.json presets/one.json presets/deep/two.json sub/plugin.json a+b.json",
  ],
  ["kinds in folders", ["{dist,presets}/*.{wasm,json}"], "", "dist/a.wasm presets/one.json"],
  ["letters", ["[ps]*/?ne.json"], "", "presets/one.json"],
  ["a list, and .gitignore", ["dist"], "dist", "dist/a.wasm dist/a.wasm.map dist/sub/b.wasm"],
  [
    ".gitignore with a folder",
    undefined,
    "# built\n\ndist\n",
    "plugin.json presets/one.json presets/deep/two.json sub/plugin.json a+b.json",
  ],
  [
    ".gitignore with a kind, but for one of it",
    undefined,
    "*.wasm\n!a.wasm\n*.map\n/presets/deep\nsub/",
    "plugin.json dist/a.wasm presets/one.json a+b.json",
  ],
];

test.each(ROWS)("%s", (_, files, ignored, taken) => {
  const folder = pluginFolder(
    {},
    {
      ...Object.fromEntries(PATHS.map((path) => [path, "x"])),
      "package.json": JSON.stringify({ name: "x", version: "1.0.0", files }),
      ...(ignored !== "" && { ".gitignore": ignored }),
    },
  );
  const rules = packingRules(folder);
  expect(PATHS.filter((path) => isPacked(path, rules)).join(" ")).toBe(taken);
});

test("a folder that is not built yet is one all the same", () => {
  const rules = packingRules(pluginFolder({}, { "package.json": '{"files":["dist"]}' }));
  expect(isPacked("dist/a.wasm", rules)).toBe(true);
});

test("what is at the top and always taken, and what never is", () => {
  const rules = packingRules(pluginFolder({}, { "package.json": '{"files":["**"]}' }));
  const none = packingRules(pluginFolder({}, { "package.json": '{"files":[]}' }));
  expect(["README.md", "LICENSE", "package.json"].map((path) => isPacked(path, none))).toEqual([
    true,
    true,
    true,
  ]);
  expect(["node_modules/a.js", ".npmrc", "yarn.lock"].map((path) => isPacked(path, rules))).toEqual([
    false,
    false,
    false,
  ]);
});
