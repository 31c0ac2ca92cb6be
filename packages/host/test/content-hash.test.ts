import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CatalogEntry, contentHash, FolderSource } from "../src/index.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const folders = new PluginFolders();
const sha256 = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
const bytes = (text: string) => new TextEncoder().encode(text);

describe("the hash of a package", () => {
  test("is that of the listing as its definition says, in the order of UTF-8 bytes", async () => {
    // U+10000 comes after U+FFFD in UTF-8, and before it in UTF-16.
    const files = new Map([
      ["plugin.json", bytes("{}")],
      ["\u{10000}.json", bytes("é")],
      ["\u{fffd}.json", bytes("")],
      ["a/b.wasm", bytes("\0\n")],
    ]);
    const expected = `gainstage-plugin-1\na/b.wasm\x002\n\0\nplugin.json\x002\n{}\u{fffd}.json\x000\n\u{10000}.json\x002\né`;
    expect(await contentHash(files)).toBe(sha256(expected));
  });

  test("of a folder counts what the manifest names, each file once, and nothing else", () => {
    const manifest = moduleManifest("com.example.counted", {
      entry: { module: "./entry.js" },
      presets: ["presets/warm.json"],
      resources: ["table.bin", "presets/./warm.json"],
    });
    const files = { "entry.js": "//", "presets/warm.json": "{}", "table.bin": "12345", "README.md": "hello" };
    const folder = folders.add("counted", manifest, files);
    const text = JSON.stringify(manifest);
    const expected = `gainstage-plugin-1\nentry.js\x002\n//plugin.json\x00${text.length}\n${text}presets/warm.json\x002\n{}table.bin\x005\n12345`;
    expect(CatalogEntry.from(new FolderSource(folder)).hash).toBe(sha256(expected));
  });

  test("changes with every byte of every file", () => {
    const manifest = moduleManifest("com.example.changing", { resources: ["table.bin"] });
    const hashOf = (name: string, entry: string, table: string, space = "") =>
      CatalogEntry.from(
        new FolderSource(
          folders.add(name, JSON.stringify(manifest) + space, { "entry.js": entry, "table.bin": table }),
        ),
      ).hash;
    const hashes = [
      hashOf("h1", "//", "1"),
      hashOf("h2", "// ", "1"),
      hashOf("h3", "//", "2"),
      hashOf("h4", "//1", ""),
      hashOf("h5", "//", "1", "\n"),
    ];
    expect(new Set(hashes).size).toBe(5);
    expect(hashOf("h6", "//", "1")).toBe(hashes[0]);
  });
});

describe("of a file that cannot be had the hash says which:", () => {
  test("one that is missing", () => {
    const manifest = moduleManifest("com.example.hole", { presets: ["presets/none.json"] });
    const entry = CatalogEntry.from(new FolderSource(folders.add("hole", manifest, { "entry.js": "" })));
    expect(() => entry.hash).toThrow(/its file .*none\.json is missing, though the manifest names it/);
  });

  test("one larger than a package may be", () => {
    const manifest = moduleManifest("com.example.large", { resources: ["large.bin"] });
    const files = { "entry.js": "", "large.bin": new Uint8Array(64 * 1024 * 1024) };
    const entry = CatalogEntry.from(new FolderSource(folders.add("large", manifest, files)));
    expect(() => entry.hash).toThrow(/large\.bin in .* cannot be read: it is larger than \d+ bytes/);
  });
});
