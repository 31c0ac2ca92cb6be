/** From the files of a plugin to code that can be activated. Runs in browsers too. */
import {
  checkWasmProfile,
  type LoadedPlugin,
  type Manifest,
  ModulePlugin,
  PluginFault,
  reasonOf,
  WasmPlugin,
} from "@gainstage/plugin-api";
import { entryFile, type PackageFiles, plainPath } from "../reading/content-hash.ts";

/** Code that was read and checked, and may be sent to another thread. */
export type PluginCode = {
  readonly manifest: Manifest;
  /** Of the package's content, see content-hash.ts. */
  readonly hash: string;
  /** What "resource/1" reads, by path. */
  readonly resources: ReadonlyMap<string, Uint8Array>;
} & ({ readonly module: WebAssembly.Module } | { readonly url: string });

export interface LoadOptions {
  /** A plugin of kind "module" can do whatever this program can: only with the user's word. */
  readonly trustModules: boolean;
  /** Plugins that failed before, by hash, and are not loaded. */
  readonly quarantine?: { has(hash: string): boolean };
}

/** Throws a PluginFault if the plugin is JavaScript and nobody trusts it. */
export function requireTrust(manifest: Manifest, place: string, { trustModules }: LoadOptions): void {
  if (!("module" in manifest.entry) || trustModules) return;
  throw new PluginFault(
    "untrusted",
    manifest.id,
    `is JavaScript from ${place}, which can do whatever this program can; allow it with --trust-modules if you trust it`,
  );
}

/** Throws a PluginFault if the plugin with this hash failed before. */
export function refuseQuarantined({ id }: Manifest, hash: string, { quarantine }: LoadOptions): void {
  if (!quarantine?.has(hash)) return;
  throw new PluginFault(
    "quarantined",
    id,
    `is in quarantine because it failed before; let it go with \`gainstage plugin release ${id}\``,
  );
}

/** The bytes of a wasm entry, found to keep the ABI. Throws a PluginFault that lists everything that is wrong. */
export function checkedWasm(manifest: Manifest, files: PackageFiles): Uint8Array<ArrayBuffer> {
  const path = entryFile(manifest);
  const bytes = files.get(path)!;
  const problems = checkWasmProfile(bytes, manifest);
  if (problems.length === 0) return bytes;
  const codes = problems.map(({ code }) => code);
  const worst = (["import-forbidden", "export-missing"] as const).find((code) => codes.includes(code));
  throw new PluginFault(
    worst ?? "entry-invalid",
    manifest.id,
    `its code ${path} cannot be used: ${problems.map((p) => `${p.path === "" ? "" : `${p.path}: `}${p.message}`).join("; ")}`,
    problems,
  );
}

/** What an engine says against bytes that keep the ABI: types that do not match, and the like. */
export function uncompilable(manifest: Manifest, error: unknown): PluginFault {
  return new PluginFault(
    "entry-invalid",
    manifest.id,
    `its code ${entryFile(manifest)} cannot be used: ${reasonOf(error)}`,
  );
}

export function resourcesOf({ resources = [] }: Manifest, files: PackageFiles): Map<string, Uint8Array> {
  return new Map(resources.map(plainPath).map((path) => [path, files.get(path)!]));
}

/**
 * JavaScript as a URL that can be imported: exactly these bytes, which the hash covers, whatever happens to where they
 * came from. `place` is what a debugger shows.
 */
export function moduleUrl(bytes: Uint8Array, place: string): string {
  const named = new Uint8Array([
    ...bytes,
    ...new TextEncoder().encode(`\n//# sourceURL=${encodeURI(place)}\n`),
  ]);
  let text = "";
  for (let at = 0; at < named.length; at += 8192)
    text += String.fromCharCode(...named.subarray(at, at + 8192));
  return `data:text/javascript;base64,${btoa(text)}`;
}

/** A fresh instance of the code, good for any number of processors on this thread. Throws a PluginFault. */
export async function instantiate(code: PluginCode): Promise<LoadedPlugin> {
  if ("module" in code) return new WasmPlugin(code.manifest, code.module);
  let exported: { readonly default?: unknown };
  try {
    exported = await import(code.url);
  } catch (error) {
    const from = entryFile(code.manifest);
    const why = reasonOf(error);
    // What engines say of an import in a module that has no place of its own.
    const alone = /relative|hierarchical|bare|specifier|resolve module/i.test(why)
      ? `. It imports another file: the entry of a plugin is one file, so bundle it`
      : "";
    throw new PluginFault("entry-unreadable", code.manifest.id, `${from} cannot be loaded: ${why}${alone}`);
  }
  return new ModulePlugin(code.manifest, exported.default);
}
