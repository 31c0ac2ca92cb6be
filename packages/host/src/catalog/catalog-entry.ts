/** A plugin that was found: what its manifest says, and where its files are. */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { type Manifest, PluginFault, reasonOf } from "@gainstage/plugin-api";
import {
  entryFile,
  listing,
  MANIFEST_FILE,
  type PackageFiles,
  packagePaths,
} from "../reading/content-hash.ts";
import { MAX_MANIFEST_BYTES, parseManifest } from "../reading/manifest-text.ts";
import { FolderSource, MAX_PACKAGE_BYTES, type PluginSource } from "../reading/plugin-source.ts";

/** Where a search came upon it: what the user named, installed for the user, in node_modules, with Gainstage. */
export type Origin = "named" | "user" | "package" | "first-party";

/** Stands in for a plugin that is not there. */
export interface Replacement {
  readonly id: string;
  /** From its parameter ids to those of the plugin that is there; an id left out keeps its name. */
  readonly params: Readonly<Record<string, string>>;
}

export class CatalogEntry {
  readonly manifest: Manifest;
  readonly source: PluginSource;
  readonly origin: Origin;
  /** Set where a lookup asked for another plugin, which this one says that it replaces. */
  readonly standsInFor: Replacement | undefined;
  #hash: string | undefined;

  constructor(manifest: Manifest, source: PluginSource, origin: Origin = "named", standsInFor?: Replacement) {
    this.manifest = manifest;
    this.source = source;
    this.origin = origin;
    this.standsInFor = standsInFor;
  }

  /** Reads plugin.json and nothing else. Throws a PluginFault. */
  static from(source: PluginSource, origin: Origin = "named"): CatalogEntry {
    return new CatalogEntry(readManifestOf(source), source, origin);
  }

  insteadOf(replaced: Replacement): CatalogEntry {
    return new CatalogEntry(this.manifest, this.source, this.origin, replaced);
  }

  /** Of the package's content, see content-hash.ts. Read at the first call. Throws a PluginFault. */
  get hash(): string {
    this.#hash ??= hashOf(this.readFiles());
    return this.#hash;
  }

  /** plugin.json and every file that it names. Throws a PluginFault that says which one cannot be had. */
  readFiles(): PackageFiles {
    const { manifest, source } = this;
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    let left = MAX_PACKAGE_BYTES;
    for (const path of packagePaths(manifest)) {
      const bytes = this.#read(path, left);
      if (!bytes) {
        const place = source.kind === "folder" ? join(source.place, path) : `${path} of ${source.place}`;
        throw new PluginFault(
          "entry-unreadable",
          manifest.id,
          path === entryFile(manifest)
            ? `its code ${place} is missing: build the plugin first`
            : `its file ${place} is missing, though the manifest names it`,
        );
      }
      left -= bytes.length;
      files.set(path, bytes);
    }
    return files;
  }

  #read(path: string, maxBytes: number): Uint8Array<ArrayBuffer> | undefined {
    try {
      return this.source.read(path, maxBytes);
    } catch (error) {
      const why = `${path} in ${this.source.place} cannot be read: ${reasonOf(error)}`;
      throw new PluginFault("entry-unreadable", this.manifest.id, why);
    }
  }
}

/** The same as contentHash(), without waiting. */
export function hashOf(files: PackageFiles): string {
  const hash = createHash("sha256");
  for (const piece of listing(files)) hash.update(piece);
  return `sha256-${hash.digest("base64")}`;
}

/** The checked manifest of a plugin folder. Throws a PluginFault that lists every problem. */
export function readManifest(folder: string): Manifest {
  return readManifestOf(new FolderSource(folder));
}

function readManifestOf(source: PluginSource): Manifest {
  const path = join(source.place, MANIFEST_FILE);
  const name = basename(source.place);
  let bytes: Uint8Array | undefined;
  let why = "no such file";
  try {
    bytes = source.read(MANIFEST_FILE, MAX_MANIFEST_BYTES);
  } catch (error) {
    why = reasonOf(error);
  }
  if (!bytes) throw new PluginFault("manifest-invalid", name, `${path} cannot be read: ${why}`);
  return parseManifest(bytes, path, name);
}
