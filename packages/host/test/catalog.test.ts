import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PluginFault } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import { PluginCatalog, readManifest, shortName } from "../src/index.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const folders = new PluginFolders();
const scan = (...paths: string[]) => {
  const catalog = new PluginCatalog();
  for (const path of paths) catalog.scan(path);
  return catalog;
};
const refusalOf = (folder: string): PluginFault => {
  const { entries, refused } = scan(folder);
  expect(entries).toEqual([]);
  expect(refused).toHaveLength(1);
  return refused[0];
};

describe("discovery", () => {
  test("reads manifests only: a module that would throw is listed and has not run", () => {
    const trap = `globalThis.gainstageRan = true; throw new Error("ran");`;
    const folder = folders.add("lazy", moduleManifest("com.example.lazy"), { "entry.js": trap });
    expect(scan(folder).entries.map((e) => e.manifest.id)).toEqual(["com.example.lazy"]);
    expect("gainstageRan" in globalThis).toBe(false);
  });

  test("takes a folder that is a plugin, and one that holds plugins; other things in it do not matter", () => {
    const shelf = join(folders.root, "shelf");
    folders.add("shelf/b", moduleManifest("com.example.b"));
    folders.add("shelf/a", moduleManifest("com.example.a"));
    mkdirSync(join(shelf, "empty"));
    writeFileSync(join(shelf, "README.md"), "no plugin");
    mkdirSync(join(shelf, "odd", "plugin.json"), { recursive: true });
    symlinkSync("loop", join(shelf, "loop"));
    symlinkSync("nowhere", join(shelf, "dangling"));
    expect(scan(shelf).entries.map((e) => e.manifest.id)).toEqual(["com.example.a", "com.example.b"]);
    expect(scan(join(shelf, "b")).entries.map((e) => e.manifest.id)).toEqual(["com.example.b"]);
    expect(scan(shelf).refused).toEqual([]);
  });

  test("where an id is there twice takes the first folder and says what it left out", () => {
    const first = folders.add("first/twin", moduleManifest("com.example.twin", { name: "First" }));
    const second = folders.add("second/twin", moduleManifest("com.example.twin", { name: "Second" }));
    const catalog = scan(join(folders.root, "first"), join(folders.root, "second"));
    expect(catalog.find("com.example.twin").manifest.name).toBe("First");
    expect(catalog.refused.map((f) => f.code)).toEqual(["duplicate"]);
    expect(catalog.refused[0].message).toContain(
      `version 1.0.0 is in ${first} already; ${second} is left out`,
    );
  });

  test("says which search folder is missing", () => {
    const missing = join(folders.root, "no-such-folder");
    expect(() => scan(missing)).toThrow(PluginFault);
    expect(() => scan(missing)).toThrow(`plugin ${missing}: the folder cannot be read: no such folder`);
  });
});

describe("a manifest is refused, and the others are taken:", () => {
  test("broken JSON, with its path and place", () => {
    const fault = refusalOf(folders.add("broken", '{"api": "1.0",}'));
    expect(fault.code).toBe("manifest-invalid");
    expect(fault.plugin).toBe("broken");
    expect(fault.message).toContain(join("broken", "plugin.json"));
    expect(fault.message).toMatch(/cannot be read: .*JSON/);
  });

  test.each(["null", "[]", "7", '"text"'])("JSON that is no object: %s", (text) => {
    expect(refusalOf(folders.add("no-object", text)).message).toContain("is not a JSON object");
  });

  test("one with three problems, all of them told", () => {
    const manifest = moduleManifest("com.example.wrong");
    const text = JSON.stringify({ ...manifest, vendor: 5, entry: { module: "../../x.js" }, params: [{}] });
    const fault = refusalOf(folders.add("wrong", text));
    expect(fault.plugin).toBe("com.example.wrong");
    const paths = fault.problems.map((p) => p.path);
    for (const path of [
      "vendor",
      "entry.module",
      "params[0].id",
      "params[0].name",
      "params[0].unit",
      "params[0]",
    ]) {
      expect(paths).toContain(path);
      expect(fault.message).toContain(path);
    }
  });

  test("one for a newer API, before anything else in it is looked at, with both versions", () => {
    const fault = refusalOf(
      folders.add("newer", '{"api": "9.3", "id": "com.example.newer", "shape": "other"}'),
    );
    expect(fault.code).toBe("api-too-new");
    expect(fault.plugin).toBe("com.example.newer");
    expect(fault.message).toContain("needs plugin API 9.3, this host has 1.0");
    expect(fault.problems).toEqual([]);
  });

  test("one of two megabytes, unread", () => {
    const fault = refusalOf(folders.add("large", `${" ".repeat(2 << 20)}{}`));
    expect(fault.message).toContain("it is larger than 1048576 bytes");
  });

  test("and readManifest throws the same", () => {
    expect(() => readManifest(join(folders.root, "broken"))).toThrow(/cannot be read/);
    expect(() => readManifest(folders.root)).toThrow(/plugin\.json cannot be read: no such file/);
  });
});

describe("find", () => {
  const shelf = join(folders.root, "named");
  folders.add("named/equalizer", moduleManifest("dev.gainstage.equalizer"));
  folders.add("named/compressor", moduleManifest("dev.gainstage.compressor"));
  folders.add("named/tilt", moduleManifest("com.example.tilt"));
  folders.add("named/future", '{"api": "7.0", "id": "com.example.future"}');

  test("takes ids, and short names of what comes with Gainstage", () => {
    const catalog = scan(shelf);
    expect(catalog.find("equalizer")).toBe(catalog.find("dev.gainstage.equalizer"));
    expect(catalog.find("com.example.tilt").manifest.id).toBe("com.example.tilt");
    expect(() => catalog.find("tilt")).toThrow(/there is no such plugin.*com\.example\.tilt/);
    expect(shortName("dev.gainstage.equalizer")).toBe("equalizer");
    expect(shortName("com.example.tilt")).toBe("com.example.tilt");
  });

  test.each([
    ["equaliser", "Did you mean equalizer?"],
    ["Compresor", "Did you mean compressor?"],
    ["dev.gainstage.equalixer", "Did you mean equalizer?"],
    ["com.example.tlit", "Did you mean com.example.tilt?"],
  ])("for %s suggests a near name", (name, suggestion) => {
    expect(() => scan(shelf).find(name)).toThrow(suggestion);
    expect(() => scan(shelf).find(name)).toThrow("`gainstage plugin list` shows what there is");
  });

  test("suggests nothing for a word that is like nothing", () => {
    expect(() => scan(shelf).find("zzz")).toThrow(/there is no such plugin\. `gainstage/);
  });

  test("of a plugin that was refused says why", () => {
    expect(() => scan(shelf).find("com.example.future")).toThrow("needs plugin API 7.0, this host has 1.0");
  });
});

describe("the same id and version twice", () => {
  const same = { "entry.js": "// same" };
  folders.add("shelf1/twin", moduleManifest("com.example.twin2"), same);
  folders.add("shelf2/twin", moduleManifest("com.example.twin2"), same);
  folders.add("shelf3/twin", moduleManifest("com.example.twin2"), { "entry.js": "// other" });

  test("tell by their hashes whether they are the same", () => {
    const catalog = scan(...[1, 2, 3].map((i) => join(folders.root, `shelf${i}`)));
    const isSame = catalog.duplicates.map(({ taken, leftOut }) => taken.hash === leftOut.hash);
    expect(isSame).toEqual([true, false]);
    expect(catalog.duplicates.map((d) => d.leftOut.source.place)).toEqual(
      [2, 3].map((i) => join(folders.root, `shelf${i}`, "twin")),
    );
  });

  test("are no duplicate where two ways lead to one folder", () => {
    symlinkSync(join(folders.root, "shelf1"), join(folders.root, "shelf-link"));
    const catalog = scan(join(folders.root, "shelf1"), join(folders.root, "shelf-link"));
    expect(catalog.duplicates).toEqual([]);
    expect(catalog.refused).toEqual([]);
  });
});

describe("a manifest that requires an extension of the host", () => {
  test("is refused where the host does not offer it, with the ids", () => {
    const manifest = moduleManifest("com.example.needs", {
      requires: ["log/1", "com.acme.moon/2", "note/1"],
    });
    const fault = refusalOf(folders.add("needs", manifest));
    expect(fault.code).toBe("extension-missing");
    expect(fault.message).toContain(
      "it requires com.acme.moon/2, note/1, which this host does not offer (it offers log/1, resource/1)",
    );
  });

  test("is taken where the host does", () => {
    const manifest = moduleManifest("com.example.modest", { requires: ["log/1"], uses: ["com.acme.moon/2"] });
    expect(scan(folders.add("modest", manifest)).entries).toHaveLength(1);
  });
});
