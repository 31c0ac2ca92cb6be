/** Which of several versions a lookup gives, and what stands in for a plugin that is not there. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PluginCatalog } from "../src/index.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const folders = new PluginFolders();
const scan = (...paths: string[]) => {
  const catalog = new PluginCatalog();
  for (const path of paths) catalog.scan(path);
  return catalog;
};

describe("several versions of a plugin", () => {
  const shelf = join(folders.root, "versions");
  for (const version of ["1.0.0", "1.2.0", "1.10.0", "2.0.0-beta.1", "2.0.0-beta.2", "0.9.0"])
    folders.add(`versions/${version}`, moduleManifest("com.example.many", { version }));
  const versionOf = (name: string, range?: string) => scan(shelf).find(name, range).manifest.version;

  test("are all there, newest first", () => {
    const versions = scan(shelf).entries.map((e) => e.manifest.version);
    expect(versions).toEqual(["2.0.0-beta.2", "2.0.0-beta.1", "1.10.0", "1.2.0", "1.0.0", "0.9.0"]);
    expect(scan(shelf).refused).toEqual([]);
  });

  test.each([
    ["com.example.many", "1.10.0"],
    ["com.example.many@*", "1.10.0"],
    ["com.example.many@^1.0", "1.10.0"],
    ["com.example.many@~1.2.0", "1.2.0"],
    ["com.example.many@1.0.0", "1.0.0"],
    ["com.example.many@<1", "0.9.0"],
    ["com.example.many@^2.0.0-beta.1", "2.0.0-beta.2"],
    ["com.example.many@2.0.0-beta.1", "2.0.0-beta.1"],
  ])("give for %s the version %s", (name, version) => {
    expect(versionOf(name)).toBe(version);
  });

  test("that differ in their build alone can be asked for by name", () => {
    for (const version of ["1.0.0+a", "1.0.0+b"])
      folders.add(`builds/${version}`, moduleManifest("com.example.builds", { version }));
    const catalog = scan(join(folders.root, "builds"));
    for (const version of ["1.0.0+a", "1.0.0+b"])
      expect(catalog.find(`com.example.builds@${version}`).manifest.version).toBe(version);
  });

  test("may be asked for by a range of its own", () => {
    expect(versionOf("com.example.many", ">=1 <1.5")).toBe("1.2.0");
  });

  test("none of which will do are told", () => {
    expect(() => versionOf("com.example.many@^3")).toThrow(
      "plugin com.example.many: no version of it satisfies ^3; there is 2.0.0-beta.2, 2.0.0-beta.1, 1.10.0, 1.2.0, 1.0.0, 0.9.0",
    );
    expect(() => versionOf("com.example.many@^2.0.0")).toThrow("no version of it satisfies ^2.0.0");
  });

  test.each(["com.example.many@", "com.example.many@new", `com.example.many@${"1".repeat(300)}`])(
    "are not looked for by %s",
    (name) => {
      expect(() => versionOf(name)).toThrow("is no range of versions, as in com.example.many@^1.2");
    },
  );

  test("that are all unfinished are given only to who asks for one", () => {
    const folder = folders.add("beta", moduleManifest("com.example.beta", { version: "1.0.0-rc.1" }));
    expect(() => scan(folder).find("com.example.beta")).toThrow(
      "ask for that as com.example.beta@1.0.0-rc.1",
    );
    expect(scan(folder).find("com.example.beta@1.0.0-rc.1").manifest.version).toBe("1.0.0-rc.1");
  });

  test("with numbers that nobody can compare are refused", () => {
    const manifest = moduleManifest("com.example.huge", { version: "99999999999999999999.0.0" });
    const { refused } = scan(folders.add("huge", manifest));
    expect(refused[0].message).toContain("semver");
  });
});

describe("a plugin that is not there", () => {
  const params = { amountOld: "amount" };
  const replaces = [{ id: "com.example.old", params }, { id: "com.example.older" }];
  folders.add("heirs/heir", moduleManifest("com.example.heir", { replaces }));
  folders.add("heirs/old-api", '{"api": "0.1", "id": "com.example.older"}');
  const heirs = join(folders.root, "heirs");

  test("is replaced by one that says so, with what its parameters are called now", () => {
    const entry = scan(heirs).find("com.example.old@^1");
    expect(entry.manifest.id).toBe("com.example.heir");
    expect(entry.standsInFor).toEqual({ id: "com.example.old", params });
    expect(scan(heirs).find("com.example.heir").standsInFor).toBeUndefined();
  });

  test("is replaced too where it was refused", () => {
    expect(scan(heirs).find("com.example.older").standsInFor).toEqual({
      id: "com.example.older",
      params: {},
    });
  });

  test("is not replaced where it is there", () => {
    const old = folders.add("old-itself", moduleManifest("com.example.old"));
    expect(scan(heirs, old).find("com.example.old").manifest.id).toBe("com.example.old");
  });
});
