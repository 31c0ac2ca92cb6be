/** The files of a plugin: what a session pins, a host reads and npm packs. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "@gainstage/plugin-api";

/** Every file that the manifest names, and itself, in the order of their bytes. */
export function filesOf({ entry, presets = [], resources = [] }: Manifest): readonly string[] {
  const code = "wasm" in entry ? entry.wasm : entry.module;
  const plain = ["plugin.json", code, ...presets, ...resources].map((path) =>
    path.replace(/(^|\/)(\.\/)+/g, "$1"),
  );
  return [...new Set(plain)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/**
 * The content hash by which a session pins a plugin: SHA-256 over "gainstage-plugin-1", a line feed, and for each file
 * its path, a zero byte, its length, a line feed and its bytes. Throws if a file cannot be read.
 */
export function bundleHash(folder: string, manifest: Manifest): string {
  const hash = createHash("sha256").update("gainstage-plugin-1\n");
  for (const path of filesOf(manifest)) {
    const bytes = readFileSync(join(folder, path));
    hash.update(`${path}\0${bytes.length}\n`).update(bytes);
  }
  return `sha256-${hash.digest("base64")}`;
}
