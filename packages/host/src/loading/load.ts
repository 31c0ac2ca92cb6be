/** From a plugin in the catalog to code that can be activated; nothing of it runs yet. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type CatalogEntry, hashOf } from "../catalog/catalog-entry.ts";
import { entryFile } from "../reading/content-hash.ts";
import {
  checkedWasm,
  type LoadOptions,
  moduleUrl,
  type PluginCode,
  refuseQuarantined,
  requireTrust,
  resourcesOf,
  uncompilable,
} from "./plugin-code.ts";

/** Reads, checks and compiles. Throws a PluginFault. */
export function readCode(entry: CatalogEntry, options: LoadOptions): PluginCode {
  const { manifest, source } = entry;
  requireTrust(manifest, source.place, options);
  const files = entry.readFiles();
  const hash = hashOf(files);
  refuseQuarantined(manifest, hash, options);
  const common = { manifest, hash, resources: resourcesOf(manifest, files) };
  const path = entryFile(manifest);
  if ("module" in manifest.entry) {
    const place = source.kind === "folder" ? pathToFileURL(join(source.place, path)).href : path;
    return { ...common, url: moduleUrl(files.get(path)!, place) };
  }
  const bytes = checkedWasm(manifest, files);
  try {
    return { ...common, module: new WebAssembly.Module(bytes) };
  } catch (error) {
    throw uncompilable(manifest, error);
  }
}

/** Reads the code of each entry once: a song that plays goes on with the code that it began with, however often its graph is edited. */
export class CodeStore {
  readonly #known = new WeakMap<CatalogEntry, PluginCode>();

  /** Throws a PluginFault, also for code that is known and not allowed any more. */
  read(entry: CatalogEntry, options: LoadOptions): PluginCode {
    const known = this.#known.get(entry);
    if (!known) {
      const code = readCode(entry, options);
      this.#known.set(entry, code);
      return code;
    }
    requireTrust(known.manifest, entry.source.place, options);
    refuseQuarantined(known.manifest, known.hash, options);
    return known;
  }
}
