/**
 * What a plugin package is, in one text: "sha256-" and the base64 of the SHA-256 of its canonical listing. The same for
 * a folder, an archive and a URL. Runs in browsers too.
 *
 * The listing is "gainstage-plugin-1", a line feed, and then for plugin.json and each file that the manifest names, in
 * the order of their paths' UTF-8 bytes: the path, a zero byte, the length in decimal, a line feed, and the bytes.
 */
import type { Manifest } from "@gainstage/plugin-api";

export const MANIFEST_FILE = "plugin.json";

/** The bytes of each file of a package, by its path with "/". */
export type PackageFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** "./presets//../x" is refused with the manifest; what may be left are single dots. */
export function plainPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== ".")
    .join("/");
}

export function entryFile({ entry }: Manifest): string {
  return plainPath("wasm" in entry ? entry.wasm : entry.module);
}

/** Every file of the package, each once: plugin.json, and what it names. */
export function packagePaths(manifest: Manifest): readonly string[] {
  const { presets = [], resources = [] } = manifest;
  return [...new Set([MANIFEST_FILE, entryFile(manifest), ...[...presets, ...resources].map(plainPath)])];
}

/** The listing in pieces, to be hashed one after the other. */
export function* listing(files: PackageFiles): Generator<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder();
  yield text.encode("gainstage-plugin-1\n");
  const named = [...files].map(([path, bytes]) => ({ path, name: text.encode(path), bytes }));
  for (const { path, bytes } of named.sort((a, b) => compareBytes(a.name, b.name))) {
    yield text.encode(`${path}\0${bytes.length}\n`);
    yield bytes;
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** The hash of a package. Throws an Error on a page that browsers do not call secure. */
export async function contentHash(files: PackageFiles): Promise<string> {
  if (!globalThis.crypto?.subtle)
    throw new Error("this page cannot check plugins: serve it by https, or from localhost");
  const pieces = [...listing(files)];
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}
