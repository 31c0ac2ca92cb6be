/** A plugin that is no part of Gainstage, from a folder that is nowhere listed, loaded while the program runs. */
import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describePlugin } from "@gainstage/conformance";
import type { GraphDescription } from "@gainstage/graph";
import { type Manifest, PluginFault } from "@gainstage/plugin-api";
import { passThrough } from "@gainstage/plugin-api/test/wasm-bytes.ts";
import { describe, expect, test } from "vitest";
import {
  CatalogEntry,
  createHost,
  FolderSource,
  firstPartyFolder,
  instantiate,
  type LoadOptions,
  readCode,
  sharedChannel,
} from "../src/index.ts";
import { CodeStore } from "../src/loading/load.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const RATE_HZ = 48_000;
const FRAMES = 24_000;
const examples = fileURLToPath(new URL("../examples/plugins/", import.meta.url));
const temporary = new PluginFolders();

describe("the example plugin tilt", () => {
  describePlugin(`${examples}tilt`);
});

const tiltGraph = (tiltDb: number, pivotHz: number): GraphDescription => ({
  nodes: [
    { kind: "input", id: "in", channels: 2 },
    { kind: "plugin", id: "tilt", plugin: "com.example.tilt", channels: 2, params: { tiltDb, pivotHz } },
    { kind: "output", id: "out", channels: 2 },
  ],
  edges: [
    { from: { node: "in", port: "out" }, to: { node: "tilt", port: "in" } },
    { from: { node: "tilt", port: "out" }, to: { node: "out", port: "in" } },
  ],
});

const impulse = sharedChannel(FRAMES);
impulse[0] = 1;
const request = (tiltDb: number, pivotHz: number) => ({
  graph: tiltGraph(tiltDb, pivotHz),
  sampleRateHz: RATE_HZ,
  frames: FRAMES,
  sources: new Map([["in", [impulse]]]),
});

/** Of an impulse response, by the DFT at one frequency. */
function gainDbAt(frequencyHz: number, response: Float32Array): number {
  const step = (2 * Math.PI * frequencyHz) / RATE_HZ;
  let re = 0;
  let im = 0;
  for (let i = 0; i < response.length; i++) {
    re += response[i] * Math.cos(step * i);
    im -= response[i] * Math.sin(step * i);
  }
  return 20 * Math.log10(Math.hypot(re, im));
}

/** |(A s + 1) / (s + A)| at the frequency that the bilinear transform puts there. */
function tiltFormulaDb(frequencyHz: number, tiltDb: number, pivotHz: number): number {
  const warped = (hz: number) => Math.tan((Math.PI * hz) / RATE_HZ);
  const omega = warped(frequencyHz) / warped(pivotHz);
  const a = 10 ** (tiltDb / 20);
  return 10 * Math.log10(((a * omega) ** 2 + 1) / (omega ** 2 + a ** 2));
}

describe("run-time loading", () => {
  test("finds the plugin in a folder of the user's, outside those of Gainstage", () => {
    expect(examples.startsWith(firstPartyFolder)).toBe(false);
    expect(() => createHost().catalog.find("com.example.tilt")).toThrow(/there is no such plugin/);
    const entry = createHost({ pluginFolders: [examples] }).catalog.find("com.example.tilt");
    expect(entry.manifest.name).toBe("Tilt");
  });

  test("does not run it without trust, and says how to give it", async () => {
    const { renderer } = createHost({ pluginFolders: [examples] });
    const fault = await renderer.render(request(6, 800)).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(PluginFault);
    expect((fault as PluginFault).code).toBe("untrusted");
    expect((fault as PluginFault).message).toContain("allow it with --trust-modules");
  });

  test.each([
    [6, 800, 1],
    [-9, 2000, 1],
    [6, 800, 2],
  ])(
    "with trust renders through it: %d dB about %d Hz as the formula says, jobs %d",
    async (tiltDb, pivotHz, jobs) => {
      const { renderer } = createHost({ pluginFolders: [examples], trustModules: true });
      const { outputs } = await renderer.render({ ...request(tiltDb, pivotHz), jobs });
      for (const channel of outputs.get("out")!) {
        for (const frequencyHz of [100, pivotHz, 9000]) {
          const expected = tiltFormulaDb(frequencyHz, tiltDb, pivotHz);
          expect(gainDbAt(frequencyHz, channel), `${frequencyHz} Hz`).toBeCloseTo(expected, 4);
        }
      }
    },
  );
});

describe("code that cannot be loaded is a fault that says why:", () => {
  const trust = { trustModules: true };
  const faultOf = async (work: () => unknown): Promise<PluginFault> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof PluginFault) return error;
      throw error;
    }
    throw new Error("nothing was thrown");
  };
  const entryOf = (name: string, source: string | undefined) => {
    const files = source === undefined ? {} : { "entry.js": source };
    const folder = temporary.add(name, moduleManifest(`com.example.${name}`), files);
    return CatalogEntry.from(new FolderSource(folder));
  };
  const wasmEntry = (name: string, bytes?: string | Uint8Array, changes: Partial<Manifest> = {}) => {
    const manifest = moduleManifest(`com.example.${name}`, { entry: { wasm: "code.wasm" }, ...changes });
    const folder = temporary.add(name, manifest, bytes === undefined ? {} : { "code.wasm": bytes });
    return CatalogEntry.from(new FolderSource(folder));
  };

  test.each<[string, string | undefined, PluginFault["code"], RegExp]>([
    ["no file", undefined, "entry-unreadable", /entry\.js is missing: build the plugin first/],
    ["bad syntax", "export default {", "entry-unreadable", /entry\.js cannot be loaded: /],
    ["it throws", "throw new Error('no sound card')", "entry-unreadable", /cannot be loaded: no sound card/],
    ["it throws null", "throw null", "entry-unreadable", /cannot be loaded: it threw a value of type object/],
    ["no default", "export const activate = 1", "export-missing", /default export has no function activate/],
  ])("%s", async (name, source, code, message) => {
    const entry = entryOf(name.replaceAll(" ", "-"), source);
    const fault = await faultOf(() => instantiate(readCode(entry, trust)));
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
  });

  test("a wasm file that is not there, which the author has to build", async () => {
    const fault = await faultOf(() => readCode(wasmEntry("unbuilt"), { trustModules: false }));
    expect(fault.code).toBe("entry-unreadable");
    expect(fault.message).toMatch(/code\.wasm is missing: build the plugin first/);
  });

  test.each<[string, string | Uint8Array, PluginFault["code"], string]>([
    ["text", "hello", "entry-invalid", "byte 0: it does not begin as WebAssembly 1 does"],
    ["import", passThrough({ imports: [["env", "now"]] }), "import-forbidden", "it imports env.now"],
    ["export", passThrough({ without: "reset" }), "export-missing", "it does not export a function reset"],
    ["shared", passThrough({ shared: true }), "entry-invalid", "its memory is shared"],
    // i32.add on an empty stack keeps the profile; only the compiler looks at types.
    ["types", passThrough({ inProcess: [0x6a, 0x1a] }), "entry-invalid", "not enough arguments"],
  ])("a wasm file that breaks the ABI: %s", async (name, bytes, code, message) => {
    const fault = await faultOf(() => readCode(wasmEntry(`abi-${name}`, bytes), { trustModules: false }));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain("its code code.wasm cannot be used: ");
    expect(fault.message).toContain(message);
  });

  test("all that is wrong with a wasm file at once", async () => {
    const bytes = passThrough({ imports: [["a", "b"]], without: "process", inProcess: [0xfe, 3, 0] });
    const fault = await faultOf(() => readCode(wasmEntry("worst", bytes), { trustModules: false }));
    expect(fault.problems.map((p) => p.path)).toEqual(["imports", "process"]);
    expect(fault.message).toMatch(/it imports a\.b; .*; process: it does not export a function process/);
  });

  test("code in quarantine, with how to let it go", async () => {
    const entry = wasmEntry("trapped", passThrough());
    const options: LoadOptions = { trustModules: false, quarantine: { has: (hash) => hash === entry.hash } };
    const fault = await faultOf(() => readCode(entry, options));
    expect(fault.code).toBe("quarantined");
    expect(fault.message).toContain("let it go with `gainstage plugin release com.example.trapped`");
    expect(readCode(entry, { ...options, quarantine: { has: () => false } }).hash).toBe(entry.hash);
  });

  const withSecret = (name: string) => {
    const manifest = moduleManifest(`com.example.${name}`, { resources: ["secret.txt"] });
    const folder = temporary.add(name, manifest, { "entry.js": "" });
    return { secret: join(folder, "secret.txt"), entry: CatalogEntry.from(new FolderSource(folder)) };
  };

  test("a file that leads out of the plugin's folder by a link", async () => {
    const { secret, entry } = withSecret("linked");
    symlinkSync(fileURLToPath(import.meta.url), secret);
    const fault = await faultOf(() => readCode(entry, trust));
    expect(fault.message).toContain("secret.txt leads out of the plugin's folder");
  });

  test.skipIf(process.platform === "win32")("a pipe that nobody writes to, without waiting", async () => {
    const { secret, entry } = withSecret("piped");
    spawnSync("mkfifo", [secret]);
    expect((await faultOf(() => readCode(entry, trust))).message).toContain("secret.txt is not a file");
  });
});

describe("code that was read", () => {
  test("by a store is read once, goes on as it was, and is refused once it is not allowed any more", () => {
    const folder = temporary.add("stored", moduleManifest("com.example.stored"), {
      "entry.js": "export default 1;",
    });
    const entry = CatalogEntry.from(new FolderSource(folder));
    const store = new CodeStore();
    const code = store.read(entry, { trustModules: true });
    temporary.add("stored", moduleManifest("com.example.stored"), { "entry.js": "export default 2;" });
    expect(store.read(entry, { trustModules: true })).toBe(code);
    expect(readCode(entry, { trustModules: true }).hash).not.toBe(code.hash);
    expect(() => store.read(entry, { trustModules: false })).toThrow("--trust-modules");
    const quarantine = { has: (hash: string) => hash === code.hash };
    expect(() => store.read(entry, { trustModules: true, quarantine })).toThrow("is in quarantine");
  });

  test("can be sent to another thread, with its hash and resources", () => {
    const manifest = moduleManifest("com.example.sent", {
      entry: { wasm: "code.wasm" },
      uses: ["log/1"],
      resources: ["./table.bin"],
    });
    const folder = temporary.add("sent", manifest, { "code.wasm": passThrough(), "table.bin": "12" });
    const entry = CatalogEntry.from(new FolderSource(folder));
    const code = structuredClone(readCode(entry, { trustModules: false }));
    expect(code.manifest).toEqual(manifest);
    expect(code.hash).toBe(entry.hash);
    expect(code.resources).toEqual(new Map([["table.bin", Uint8Array.from([0x31, 0x32])]]));
    expect("module" in code && code.module).toBeInstanceOf(WebAssembly.Module);
  });
});
