import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PluginFault } from "@gainstage/plugin-api";
import { passThrough } from "@gainstage/plugin-api/test/wasm-bytes.ts";
import { describe, expect, test } from "vitest";
import { CatalogEntry, createHost, FolderSource, installPlugins, uninstallPlugin } from "../src/index.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";
import { tgz } from "./tar-bytes.ts";

const folders = new PluginFolders();
const userFolder = (name: string) => join(folders.root, "users", name, "plugins");
const plugin = (name: string, version = "1.0.0") =>
  folders.add(
    `made/${name}-${version}`,
    moduleManifest(`com.example.${name}`, {
      version,
      entry: { wasm: "dist/code.wasm" },
      presets: ["presets/warm.json"],
    }),
    {
      "dist/code.wasm": passThrough(),
      "dist/code.wat": "(module)",
      "presets/warm.json": "{}",
      "README.md": "read me",
      LICENSE: "MIT",
      "package.json": "{}",
    },
  );
const faultOf = (work: () => unknown): PluginFault => {
  try {
    work();
  } catch (error) {
    if (error instanceof PluginFault) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("a plugin that is installed", () => {
  test("is found by a host that looks there, is the same, and consists of what its manifest names and its papers", () => {
    const from = plugin("whole");
    const [{ folder }] = installPlugins(from, userFolder("a"));
    expect(folder).toBe(join(userFolder("a"), "com.example.whole@1.0.0"));
    expect(readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()).toEqual(
      [
        "LICENSE",
        "README.md",
        "dist",
        join("dist", "code.wasm"),
        "plugin.json",
        "presets",
        join("presets", "warm.json"),
      ].sort(),
    );
    const entry = createHost({ userFolder: userFolder("a") }).catalog.find("com.example.whole");
    expect(entry.origin).toBe("user");
    expect(entry.hash).toBe(CatalogEntry.from(new FolderSource(from)).hash);
  });

  test("may be there in several versions", () => {
    for (const version of ["1.0.0", "1.1.0"]) installPlugins(plugin("several", version), userFolder("b"));
    const { catalog } = createHost({ userFolder: userFolder("b") });
    expect(catalog.find("com.example.several").manifest.version).toBe("1.1.0");
    expect(catalog.find("com.example.several@1.0.0").manifest.version).toBe("1.0.0");
  });

  test("is replaced only by force, and then as a whole", () => {
    const user = userFolder("c");
    const [{ folder }] = installPlugins(plugin("forced"), user);
    writeFileSync(join(folder, "old.txt"), "of the old one");
    const fault = faultOf(() => installPlugins(plugin("forced"), user));
    expect(fault.code).toBe("duplicate");
    expect(fault.message).toContain("is there already; --force puts this one in its place");
    expect(existsSync(join(folder, "old.txt"))).toBe(true);
    installPlugins(plugin("forced"), user, { force: true });
    expect(existsSync(join(folder, "old.txt"))).toBe(false);
    expect(readdirSync(user)).toEqual(["com.example.forced@1.0.0"]);
  });

  test("is not guessed where a folder holds the same version twice", () => {
    for (const name of ["one", "two"])
      folders.add(`twice/${name}`, moduleManifest("com.example.twice", { description: name }), {
        "entry.js": "",
      });
    const user = userFolder("twice");
    const fault = faultOf(() => installPlugins(join(folders.root, "twice"), user));
    expect([fault.code, fault.message]).toEqual([
      "duplicate",
      expect.stringContaining("twice; install one of"),
    ]);
    expect(existsSync(user)).toBe(false);
  });

  test("may come from an archive", () => {
    const manifest = moduleManifest("com.example.packed");
    const path = join(folders.root, "packed-1.0.0.tgz");
    const files = {
      "plugin.json": JSON.stringify(manifest),
      "entry.js": "export default {}",
      LICENSE: "MIT",
    };
    const entries = Object.entries(files).map(([name, content]) => ({ path: `package/${name}`, content }));
    writeFileSync(path, tgz(...entries));
    const [{ folder }] = installPlugins(path, userFolder("d"));
    expect(readdirSync(folder).sort()).toEqual(["LICENSE", "entry.js", "plugin.json"]);
  });
});

describe("what cannot be loaded is not installed:", () => {
  const user = userFolder("bad");
  const bad = (name: string, bytes: Uint8Array) =>
    folders.add(`bad/${name}`, moduleManifest(`com.bad.${name}`, { entry: { wasm: "code.wasm" } }), {
      "code.wasm": bytes,
    });

  test.each<[string, () => string, PluginFault["code"], RegExp]>([
    ["a folder without one", () => folders.empty("none"), "unknown", /there is no plugin in it/],
    ["nothing", () => join(folders.root, "nowhere"), "entry-unreadable", /no such folder/],
    [
      "a bad manifest",
      () => folders.add("bad/m", '{"api": "1.0"}'),
      "manifest-invalid",
      /id is missing; name is/,
    ],
    ["a newer API", () => folders.add("bad/n", '{"api": "1.7"}'), "api-too-new", /needs plugin API 1\.7/],
    [
      "a module that breaks the ABI twice",
      () => bad("twice", passThrough({ imports: [["env", "now"]], without: "reset" })),
      "import-forbidden",
      /it imports env\.now; .*does not export a function reset/,
    ],
    [
      "a module of no types",
      () => bad("types", passThrough({ inProcess: [0x6a] })),
      "entry-invalid",
      /cannot be used/,
    ],
    [
      "a preset that is missing",
      () => folders.add("bad/p", moduleManifest("com.bad.p", { presets: ["a.json"] }), { "entry.js": "" }),
      "entry-unreadable",
      /a\.json is missing, though the manifest names it/,
    ],
  ])("%s", (_name, from, code, message) => {
    const fault = faultOf(() => installPlugins(from(), user));
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
    expect(existsSync(user)).toBe(false);
  });

  test("what is in quarantine", () => {
    const quarantine = { has: () => true };
    expect(faultOf(() => installPlugins(plugin("trapped"), user, { quarantine })).code).toBe("quarantined");
  });
});

describe("a plugin is uninstalled", () => {
  test("by its id, or by id and version where there are several", () => {
    const user = userFolder("e");
    for (const version of ["1.0.0", "1.1.0"]) installPlugins(plugin("going", version), user);
    installPlugins(plugin("staying"), user);
    const fault = faultOf(() => uninstallPlugin("com.example.going", user));
    expect(fault.message).toContain("say which: com.example.going@1.0.0, com.example.going@1.1.0");
    uninstallPlugin("com.example.going@1.0.0", user);
    uninstallPlugin("com.example.going", user);
    expect(readdirSync(user)).toEqual(["com.example.staying@1.0.0"]);
  });

  test("only if it is there, and nothing beside the user's folder is touched", () => {
    const user = userFolder("f");
    installPlugins(plugin("here"), user);
    for (const name of [
      "com.example.gone",
      "..",
      "../plugins",
      "",
      "com.example.her",
      "com.example.here@1",
    ]) {
      expect(faultOf(() => uninstallPlugin(name, user)).message).toContain("nothing of it is installed");
    }
    expect(readFileSync(join(user, "com.example.here@1.0.0", "README.md"), "utf8")).toBe("read me");
    expect(faultOf(() => uninstallPlugin("com.example.here", userFolder("never"))).code).toBe("unknown");
  });
});
