/** Loads a plugin from the web. For browsers: nothing here, nor in what it imports, is Node's. */
import { type Manifest, PluginFault, reasonOf } from "@gainstage/plugin-api";
import {
  contentHash,
  entryFile,
  MANIFEST_FILE,
  type PackageFiles,
  packagePaths,
} from "../reading/content-hash.ts";
import { MAX_MANIFEST_BYTES, parseManifest } from "../reading/manifest-text.ts";
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

/** All files of a plugin together. */
const MAX_PACKAGE_BYTES = 64 * 1024 * 1024;

export interface FetchOptions extends Partial<LoadOptions> {
  /** What the content must be, "sha256-…": a session names it, the web is not asked to be honest. */
  readonly hash?: string;
  readonly signal?: AbortSignal;
}

/**
 * `url` is a plugin's folder or its plugin.json. Fetches the manifest, checks it, and only then the files that it names;
 * compiles, and runs nothing. Throws a PluginFault, and the signal's reason when it is aborted.
 */
export async function fetchPlugin(url: string | URL, options: FetchOptions = {}): Promise<PluginCode> {
  const { signal, trustModules = false } = options;
  const folder = folderOf(url);
  const name = folder.href;
  const text = await fetchBytes(new URL(MANIFEST_FILE, folder), name, MAX_MANIFEST_BYTES, signal);
  const manifest = parseManifest(text, new URL(MANIFEST_FILE, folder).href, name);
  requireTrust(manifest, name, { trustModules });
  const files = await fetchFiles(manifest, text, folder, signal);
  const hash = await contentHash(files);
  if (options.hash !== undefined && options.hash !== hash) {
    const what = `what is at ${name} has the hash ${hash}, not ${options.hash}: it is not the same plugin`;
    throw new PluginFault("integrity", manifest.id, what);
  }
  refuseQuarantined(manifest, hash, { ...options, trustModules });
  const common = { manifest, hash, resources: resourcesOf(manifest, files) };
  if ("module" in manifest.entry) {
    const path = entryFile(manifest);
    return { ...common, url: moduleUrl(files.get(path)!, new URL(path, folder).href) };
  }
  const bytes = checkedWasm(manifest, files);
  try {
    return { ...common, module: await WebAssembly.compile(bytes) };
  } catch (error) {
    throw uncompilable(manifest, error);
  }
}

function folderOf(url: string | URL): URL {
  let whole: URL;
  try {
    whole = new URL(url, (globalThis as { location?: { href: string } }).location?.href);
  } catch {
    throw new PluginFault("entry-unreadable", String(url), "is no URL");
  }
  whole.search = "";
  whole.hash = "";
  if (whole.pathname.endsWith(`/${MANIFEST_FILE}`)) return new URL(".", whole);
  if (!whole.pathname.endsWith("/")) whole.pathname += "/";
  return whole;
}

async function fetchFiles(
  manifest: Manifest,
  text: Uint8Array<ArrayBuffer>,
  folder: URL,
  signal: AbortSignal | undefined,
): Promise<PackageFiles> {
  const files = new Map([[MANIFEST_FILE, text]]);
  let left = MAX_PACKAGE_BYTES - text.length;
  for (const path of packagePaths(manifest)) {
    if (files.has(path)) continue;
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const bytes = await fetchBytes(new URL(encoded, folder), manifest.id, left, signal);
    files.set(path, bytes);
    left -= bytes.length;
  }
  return files;
}

/** Stops reading at `maxBytes`, whatever the server says of the length. */
async function fetchBytes(
  url: URL,
  plugin: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok) throw new Error(`the server says ${response.status} ${response.statusText}`);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (const reader = response.body!.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > maxBytes) {
        await reader.cancel();
        throw new Error(`it is larger than ${maxBytes} bytes`);
      }
      pieces.push(value);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  } catch (error) {
    signal?.throwIfAborted();
    throw new PluginFault("entry-unreadable", plugin, `${url.href} cannot be fetched: ${reasonOf(error)}`);
  }
}
