/** From a plugin folder to code that can be activated; the first moment at which any of it runs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type LoadedPlugin,
  type Manifest,
  ModulePlugin,
  PluginFault,
  reasonOf,
  WasmPlugin,
} from "@gainstage/plugin-api";
import type { CatalogEntry } from "./catalog.ts";

/** Code that was read and may be sent to another thread. */
export type PluginCode =
  | { readonly manifest: Manifest; readonly module: WebAssembly.Module }
  | { readonly manifest: Manifest; readonly url: string };

export interface LoadOptions {
  /** A plugin of kind "module" can do whatever this program can: only with the user's word. */
  readonly trustModules: boolean;
}

/** Reads and compiles; nothing runs yet. Throws a PluginFault. */
export function readCode({ manifest, folder }: CatalogEntry, options: LoadOptions): PluginCode {
  if ("module" in manifest.entry) {
    if (!options.trustModules) {
      throw new PluginFault(
        "untrusted",
        manifest.id,
        `is JavaScript from ${folder}, which can do whatever this program can; allow it with --trust-modules if you trust it`,
      );
    }
    return { manifest, url: pathToFileURL(join(folder, manifest.entry.module)).href };
  }
  const path = join(folder, manifest.entry.wasm);
  try {
    return { manifest, module: new WebAssembly.Module(readFileSync(path)) };
  } catch (error) {
    const why = (error as Error).message;
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new PluginFault(
      "entry-unreadable",
      manifest.id,
      missing
        ? `its code ${path} is missing: build the plugin first`
        : `its code ${path} cannot be used: ${why}`,
    );
  }
}

/** A fresh instance of the code, good for any number of processors on this thread. Throws a PluginFault. */
export async function instantiate(code: PluginCode): Promise<LoadedPlugin> {
  if ("module" in code) return new WasmPlugin(code.manifest, code.module);
  let exported: { readonly default?: unknown };
  try {
    exported = await import(code.url);
  } catch (error) {
    throw new PluginFault(
      "entry-unreadable",
      code.manifest.id,
      `${code.url} cannot be loaded: ${reasonOf(error)}`,
    );
  }
  return new ModulePlugin(code.manifest, exported.default);
}
