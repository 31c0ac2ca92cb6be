/** What lies in a plugin's folder, read and not run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkManifest, PluginFault } from "@gainstage/plugin-api";

export interface PluginFolder {
  /** plugin.json, parsed. */
  readonly document: unknown;
  /** The bytes of a wasm entry; undefined where there is none, or it cannot be read. */
  readonly wasm: Uint8Array | undefined;
}

/** Throws a PluginFault if there is no plugin.json that can be read as JSON. */
export function readFolder(folder: string): PluginFolder {
  const path = join(folder, "plugin.json");
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new PluginFault("entry-unreadable", folder, `${path} cannot be read: ${(error as Error).message}`);
  }
  const check = checkManifest(document);
  if (!check.ok || !("wasm" in check.manifest.entry)) return { document, wasm: undefined };
  try {
    return { document, wasm: readFileSync(join(folder, check.manifest.entry.wasm)) };
  } catch {
    // Loading it, which comes later, says what is wrong.
    return { document, wasm: undefined };
  }
}
