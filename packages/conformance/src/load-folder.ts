/** Reads a plugin from its folder as a host does: manifest first, then the entry. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkManifest, type LoadedPlugin, ModulePlugin, negotiate, WasmPlugin } from "@gainstage/plugin-api";

/**
 * A fresh instance at every call; only an ES module, which the runtime keeps, is evaluated once. Throws an Error that
 * lists everything wrong with the manifest.
 */
export async function loadFolder(folder: string): Promise<LoadedPlugin> {
  const check = checkManifest(JSON.parse(readFileSync(join(folder, "plugin.json"), "utf8")));
  if (!check.ok) {
    throw new Error(check.problems.map((p) => `${folder}/plugin.json: ${p.path} ${p.message}`).join("\n"));
  }
  const { manifest } = check;
  const negotiation = negotiate(manifest.api);
  if (!negotiation.ok) throw new Error(`${manifest.id}: ${negotiation.message}`);
  if ("wasm" in manifest.entry) {
    const bytes = readFileSync(join(folder, manifest.entry.wasm));
    return new WasmPlugin(manifest, new WebAssembly.Module(bytes));
  }
  const entry = await import(pathToFileURL(join(folder, manifest.entry.module)).href);
  return new ModulePlugin(manifest, entry.default);
}
