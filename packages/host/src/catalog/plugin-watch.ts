/**
 * Notices that plugins in a folder were built anew: their plugin.json, their code, or a file that the manifest names.
 *
 * It looks at the files ten times a second rather than being told: what file systems tell differs, and misses what is
 * put in place by a rename or comes over a network. A build is over when nothing has moved for 150 ms.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { PluginFault } from "@gainstage/plugin-api";
import { MANIFEST_FILE, packagePaths } from "../reading/content-hash.ts";
import { FolderSource, type PluginSource } from "../reading/plugin-source.ts";
import { sourcesAt } from "./catalog.ts";
import { CatalogEntry } from "./catalog-entry.ts";

const LOOK_MS = 50;
const QUIET_LOOKS = 3;

export class PluginWatch {
  readonly path: string;
  #known: string;

  /** A plugin's folder, or a folder of plugin folders. */
  constructor(path: string) {
    this.path = path;
    this.#known = this.#look();
  }

  /** The plugins there now. Throws a PluginFault for the first that cannot be read. */
  entries(): readonly CatalogEntry[] {
    return sourcesAt(this.path).map((source) => CatalogEntry.from(source));
  }

  /** True for what entries() of this folder are made of. */
  holds({ place }: PluginSource): boolean {
    return sourcesAt(this.path).some((source) => source.place === place);
  }

  /** Resolves when files have changed since the last call and then rested. Rejects with the reason of `signal`. */
  async changed(signal: AbortSignal): Promise<void> {
    let last = this.#known;
    for (let quiet = 0; last === this.#known || quiet < QUIET_LOOKS; ) {
      signal.throwIfAborted();
      await wait(LOOK_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      const now = this.#look();
      quiet = now === last ? quiet + 1 : 0;
      last = now;
    }
    this.#known = last;
  }

  /** The same text as long as no file has been written. */
  #look(): string {
    try {
      return sourcesAt(this.path).map(traceOf).join("\n");
    } catch (error) {
      if (error instanceof PluginFault) return "not there";
      throw error;
    }
  }
}

function traceOf(source: PluginSource): string {
  let paths: readonly string[] = [MANIFEST_FILE];
  try {
    paths = packagePaths(CatalogEntry.from(source).manifest);
  } catch (error) {
    // A manifest that cannot be read names nothing else; it will be written again.
    if (!(error instanceof PluginFault)) throw error;
  }
  const files =
    source instanceof FolderSource ? paths.map((path) => join(source.place, path)) : [source.place];
  return files.map((file) => `${file} ${stampOf(file)}`).join("\n");
}

function stampOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    // Not there yet, or not any more.
    return "none";
  }
}
