/** Reads a plugin from its folder as a host does: manifest first, then the entry. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  checkManifest,
  type LoadedPlugin,
  type Manifest,
  ModulePlugin,
  negotiate,
  WasmPlugin,
} from "@gainstage/plugin-api";
import { globalsChangedSince, snapshotGlobals, spyOnGlobals } from "./globals.ts";
import { importAlone } from "./module-alone.ts";

/** Code that makes any number of plugins, each with a memory of its own. */
export interface LoadedCode {
  readonly manifest: Manifest;
  /** The bytes of a wasm entry. */
  readonly wasm: Uint8Array | undefined;
  readonly instantiate: () => LoadedPlugin;
  /** What an ES module did to shared objects, and took of clocks and chance, while it was first evaluated. */
  readonly atImport: { readonly changed: readonly string[]; readonly used: readonly string[] };
}

/**
 * A fresh instance at every call; only an ES module, which the runtime keeps, is evaluated once. Throws an Error that
 * lists everything wrong with the manifest.
 */
export async function loadFolder(folder: string): Promise<LoadedPlugin> {
  return (await loadCode(folder)).instantiate();
}

/** Runs a module's top level; a wasm entry is compiled and runs when it is instantiated. */
export async function loadCode(folder: string): Promise<LoadedCode> {
  const check = checkManifest(JSON.parse(readFileSync(join(folder, "plugin.json"), "utf8")));
  if (!check.ok) {
    throw new Error(check.problems.map((p) => `${folder}/plugin.json: ${p.path} ${p.message}`).join("\n"));
  }
  const { manifest } = check;
  const negotiation = negotiate(manifest.api);
  if (!negotiation.ok) throw new Error(`${manifest.id}: ${negotiation.message}`);
  if ("wasm" in manifest.entry) {
    const wasm = entryBytes(folder, manifest.entry.wasm);
    const module = new WebAssembly.Module(wasm);
    const atImport = { changed: [], used: [] };
    return { manifest, wasm, instantiate: () => new WasmPlugin(manifest, module), atImport };
  }
  const source = entryBytes(folder, manifest.entry.module);
  const before = snapshotGlobals();
  const spy = spyOnGlobals();
  let entry: { readonly default?: unknown };
  try {
    entry = await importAlone(source, join(folder, manifest.entry.module));
  } finally {
    spy.restore();
  }
  const atImport = { changed: globalsChangedSince(before), used: [...spy.used] };
  return {
    manifest,
    wasm: undefined,
    instantiate: () => new ModulePlugin(manifest, entry.default),
    atImport,
  };
}

/** Throws an Error that says what to do where the file is not there. */
function entryBytes(folder: string, path: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(join(folder, path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(`${path} is missing: build the plugin first`);
  }
}
