/** One plugin by every way that it can come: a folder, what npm packs of it, what npm installs, a web server. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Manifest, processSetup } from "@gainstage/plugin-api";
import { passThrough } from "@gainstage/plugin-api/test/wasm-bytes.ts";
import { describe, expect, test } from "vitest";
import {
  createHost,
  fetchPlugin,
  instantiate,
  PluginCatalog,
  type PluginCode,
  readCode,
  userPluginFolder,
} from "../src/index.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";
import { PluginServer } from "./plugin-server.ts";
import { tgz } from "./tar-bytes.ts";

const folders = new PluginFolders();
const NO_TRUST = { trustModules: false };
const scan = (path: string) => {
  const catalog = new PluginCatalog();
  catalog.scan(path);
  return catalog;
};

const packageJson = { name: "acme-pass", version: "1.2.0", gainstage: { plugins: ["."] } };
const manifest: Manifest = moduleManifest("com.acme.pass", {
  version: "1.2.0",
  entry: { wasm: "dist/pass.wasm" },
  presets: ["presets/warm & wide.json"],
  resources: ["tables/100%.bin"],
  meters: [{ id: "level", name: "Level", kind: "level", unit: "dB", min: -120, max: 12 }],
  params: ["a", "b", "c", "d"].map((id) => ({ id, name: id, unit: "none", min: 0, max: 1, default: 0 })),
});
const folder = folders.add("acme/pass", manifest, {
  "package.json": JSON.stringify(packageJson),
  "dist/pass.wasm": passThrough(),
  "presets/warm & wide.json": "{}",
  "tables/100%.bin": Uint8Array.from([1, 2, 3]),
  "notes.txt": "not named by the manifest",
});

const server = new PluginServer(folders.root);

async function runs(code: PluginCode): Promise<void> {
  const setup = processSetup(code.manifest, { sampleRateHz: 48_000, maxFrames: 64 });
  const processor = (await instantiate(code)).activate(setup);
  const { block } = processor;
  block.inputs[0][0].fill(0.25);
  block.frames = 64;
  processor.process();
  expect(block.outputs[0][0][63]).toBe(0.25);
}

describe("a plugin is the same, to its hash, from", () => {
  const fromFolder = readCode(scan(folder).find("com.acme.pass"), NO_TRUST);

  test("its folder, and it runs", async () => {
    expect(fromFolder.hash).toMatch(/^sha256-[A-Za-z0-9+/]{43}=$/);
    await runs(fromFolder);
  });

  test("the archive that npm packs of it", async () => {
    const packed = spawnSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folders.root], {
      cwd: folder,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    expect(packed.status, packed.stderr).toBe(0);
    const entry = scan(join(folders.root, "acme-pass-1.2.0.tgz")).find("com.acme.pass@^1.2");
    expect(entry.source.kind).toBe("archive");
    const code = readCode(entry, NO_TRUST);
    expect(code.hash).toBe(fromFolder.hash);
    expect(code.resources.get("tables/100%.bin")).toEqual(Uint8Array.from([1, 2, 3]));
    await runs(code);
  });

  test("a web server, by its folder and by its plugin.json; only what the manifest names is asked for", async () => {
    server.asked = [];
    const code = await fetchPlugin(`${server.origin}/acme/pass`);
    expect(code.hash).toBe(fromFolder.hash);
    expect(code.resources).toEqual(fromFolder.resources);
    expect(server.asked.sort()).toEqual(
      ["dist/pass.wasm", "plugin.json", "presets/warm & wide.json", "tables/100%.bin"].map(
        (path) => `/acme/pass/${path}`,
      ),
    );
    await runs(code);
    const again = await fetchPlugin(new URL(`${server.origin}/acme/pass/plugin.json?v=2`), {
      hash: code.hash,
    });
    expect(again.hash).toBe(code.hash);
  });

  test("the project in which npm installed it, whoever starts it there or further down", () => {
    const project = join(folders.root, "project");
    const deep = join(project, "songs", "one");
    mkdirSync(deep, { recursive: true });
    mkdirSync(join(project, "node_modules", "@acme"), { recursive: true });
    symlinkSync(folder, join(project, "node_modules", "@acme", "pass"));
    const { catalog } = createHost({ project: deep });
    const entry = catalog.find("com.acme.pass");
    expect(entry.origin).toBe("package");
    expect(entry.hash).toBe(fromFolder.hash);
  });
});

describe("among installed packages", () => {
  const project = join(folders.root, "packages");
  const install = (name: string, json: unknown) => {
    const place = join(project, "node_modules", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), typeof json === "string" ? json : JSON.stringify(json));
    return place;
  };
  install("left-pad", { name: "left-pad" });
  install("broken", '{"gainstage": ');
  install("many", { gainstage: { plugins: ["./effects/a", "effects/b", "effects/none"] } });
  folders.add("packages/node_modules/many/effects/a", moduleManifest("com.many.a"));
  folders.add("packages/node_modules/many/effects/b", moduleManifest("com.many.b"));
  folders.add("packages/node_modules/many/effects/c", moduleManifest("com.many.c"));
  install("escaping", { gainstage: { plugins: ["../many/effects/c"] } });
  install("@scope/odd", { gainstage: { plugins: "." } });
  install(".hidden", { gainstage: { plugins: ["."] } });
  writeFileSync(join(project, "node_modules", "file"), "no package");

  test("those that say so are found, with the folders that they name and no others", () => {
    const catalog = new PluginCatalog();
    catalog.scanInstalled(project);
    expect(catalog.entries.map((e) => e.manifest.id)).toEqual(["com.many.a", "com.many.b"]);
    const refused = catalog.refused.map((fault) => fault.message).sort();
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatch(
      /@scope.odd: "gainstage\.plugins" of its package\.json must be a list of folders/,
    );
    expect(refused[1]).toMatch(
      /escaping: its package\.json names \.\.\/many\/effects\/c, which is not in it/,
    );
    expect(refused[2]).toMatch(/many: its package\.json names effects\/none, which is not in it/);
  });

  test("the effects of Gainstage, which are packages too, are still Gainstage's and there once", () => {
    const { catalog } = createHost({ project: dirname(fileURLToPath(import.meta.url)) });
    expect(catalog.find("equalizer").origin).toBe("first-party");
    expect(catalog.refused).toEqual([]);
  });
});

test("what is searched first wins: named, the user's, the project's, Gainstage's", () => {
  const twin = (where: string) =>
    folders.add(`${where}/twin`, moduleManifest("com.example.order", { name: where }), {
      "package.json": '{"gainstage": {"plugins": ["."]}}',
    });
  for (const where of ["named", "user", "order/node_modules"]) twin(where);
  const [named, userFolder, project] = ["named", "user", "order"].map((name) => join(folders.root, name));
  const nameIn = (options: Parameters<typeof createHost>[0]) =>
    createHost(options).catalog.find("com.example.order").manifest.name;
  expect(nameIn({ pluginFolders: [named], userFolder, project })).toBe("named");
  expect(nameIn({ userFolder, project })).toBe("user");
  expect(nameIn({ project })).toBe("order/node_modules");
  expect(() => createHost({ userFolder: join(folders.root, "never-made") })).not.toThrow();
});

test("the user's folder is where each platform has it", () => {
  const home = "/home/x";
  expect(userPluginFolder({ platform: "linux", env: {}, home })).toBe(
    join(home, ".local/share/gainstage/plugins"),
  );
  expect(userPluginFolder({ platform: "linux", env: { XDG_DATA_HOME: "/data" }, home })).toBe(
    join("/data", "gainstage/plugins"),
  );
  expect(userPluginFolder({ platform: "darwin", env: {}, home })).toBe(
    join(home, "Library/Application Support/Gainstage/plugins"),
  );
  expect(userPluginFolder({ platform: "win32", env: { APPDATA: "/roaming" }, home })).toBe(
    join("/roaming", "Gainstage/plugins"),
  );
});

describe("an archive", () => {
  const write = (name: string, bytes: Uint8Array) => {
    const path = join(folders.root, name);
    writeFileSync(path, bytes);
    return path;
  };
  const text = (id: string) => JSON.stringify(moduleManifest(id));
  const ENTRY = "export default { activate() { throw new Error('it ran') } }";

  test("may hold several plugins, where its package.json says so", () => {
    const path = write(
      "several.tgz",
      tgz(
        { path: "package/package.json", content: '{"gainstage": {"plugins": ["./a", "b/"]}}' },
        { path: "package/a/plugin.json", content: text("com.pack.a") },
        { path: "package/b/plugin.json", content: text("com.pack.b") },
        { path: "package/b/entry.js", content: ENTRY },
      ),
    );
    const catalog = scan(path);
    expect(catalog.entries.map((e) => e.manifest.id)).toEqual(["com.pack.a", "com.pack.b"]);
    expect(() => catalog.find("com.pack.a").hash).toThrow(
      /its code entry\.js of .*several\.tgz#a is missing/,
    );
    expect(catalog.find("com.pack.b").hash).toMatch(/^sha256-/);
  });

  test("of JavaScript is loaded from memory, with the user's trust", async () => {
    const files = [
      { path: "package/plugin.json", content: text("com.pack.script") },
      { path: "package/entry.js", content: ENTRY },
    ];
    const entry = scan(write("script.tgz", tgz(...files))).find("com.pack.script");
    expect(() => readCode(entry, NO_TRUST)).toThrow("allow it with --trust-modules");
    const plugin = await instantiate(readCode(entry, { trustModules: true }));
    const setup = processSetup(plugin.manifest, { sampleRateHz: 48_000, maxFrames: 64 });
    expect(() => plugin.activate(setup)).toThrow("it ran");
  });

  test("that cannot be read is told as a search folder is", () => {
    const refusal = (path: string) => expect(() => scan(path));
    refusal(write("text.txt", Buffer.from("hello"))).toThrow("it is neither a folder nor a .tgz");
    refusal(write("text.tgz", Buffer.from("hello"))).toThrow("cannot be read: it is not gzipped");
    const escaping = tgz({ path: "package/../../x", content: "x" });
    refusal(write("escaping.tgz", escaping)).toThrow("is not a path inside the archive");
  });

  test("without a plugin is refused", () => {
    const catalog = scan(write("empty.tgz", tgz({ path: "package/x", content: "x" })));
    expect(catalog.refused[0].message).toContain("plugin.json cannot be read: no such file");
  });
});
