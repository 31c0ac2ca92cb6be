/** Puts plugins into the user's folder and takes them out again. What cannot be loaded is not installed; nothing of it runs. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PluginFault, reasonOf } from "@gainstage/plugin-api";
import { sourcesAt } from "../catalog/catalog.ts";
import { CatalogEntry } from "../catalog/catalog-entry.ts";
import { MAX_PACKAGE_BYTES } from "../reading/plugin-source.ts";
import { idsOf } from "../reading/short-names.ts";
import { readCode } from "./load.ts";
import type { LoadOptions } from "./plugin-code.ts";

/** Copied where they are, besides plugin.json and what it names. */
const PAPERS = ["README.md", "README", "LICENSE", "LICENSE.md", "LICENSE.txt", "NOTICE"];

export interface Installed {
  readonly entry: CatalogEntry;
  readonly folder: string;
}

/**
 * Installs what a plugin folder or a .tgz holds into `userFolder` as ID@VERSION. Throws a PluginFault with everything that is
 * wrong, and then installs none; throws one too for a version that is there already, unless `force`.
 */
export function installPlugins(
  from: string,
  userFolder: string,
  options: { readonly force?: boolean; readonly quarantine?: NonNullable<LoadOptions["quarantine"]> } = {},
): readonly Installed[] {
  const entries = sourcesAt(from).map((source) => CatalogEntry.from(source));
  if (entries.length === 0) throw new PluginFault("unknown", from, "there is no plugin in it");
  const folders = new Set<string>();
  for (const entry of entries) {
    const { manifest } = entry;
    const { id, version } = manifest;
    if (folders.has(folderOf(entry, userFolder)))
      throw new PluginFault(
        "duplicate",
        id,
        `version ${version} is in ${from} twice; install one of the two`,
      );
    folders.add(folderOf(entry, userFolder));
    // To copy JavaScript is not to run it.
    const { quarantine } = options;
    readCode(entry, { trustModules: true, ...(quarantine ? { quarantine } : {}) });
    const folder = folderOf(entry, userFolder);
    if (existsSync(folder) && !options.force)
      throw new PluginFault(
        "duplicate",
        manifest.id,
        `${folder} is there already; --force puts this one in its place`,
      );
  }
  return entries.map((entry) => ({ entry, folder: put(entry, userFolder) }));
}

function folderOf({ manifest }: CatalogEntry, userFolder: string): string {
  return join(userFolder, `${manifest.id}@${manifest.version}`);
}

/** Written beside its place and moved there when it is whole. */
function put(entry: CatalogEntry, userFolder: string): string {
  const folder = folderOf(entry, userFolder);
  const fresh = hidden(userFolder);
  const old = hidden(userFolder);
  try {
    const papers = PAPERS.flatMap((name) => {
      const bytes = entry.source.read(name, MAX_PACKAGE_BYTES);
      return bytes ? [[name, bytes] as const] : [];
    });
    for (const [path, bytes] of [...papers, ...entry.readFiles()]) {
      mkdirSync(dirname(join(fresh, path)), { recursive: true });
      writeFileSync(join(fresh, path), bytes);
    }
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(fresh, folder);
    return folder;
  } catch (error) {
    throw new PluginFault("entry-unreadable", entry.manifest.id, `cannot be installed: ${reasonOf(error)}`);
  } finally {
    for (const left of [fresh, old]) rmSync(left, { recursive: true, force: true });
  }
}

/** A search passes over names with a dot in front. */
function hidden(folder: string): string {
  return join(folder, `.${randomBytes(9).toString("hex")}`);
}

/**
 * Removes "ID" or "ID@VERSION" from `userFolder`; returns the folder that was removed. Throws a PluginFault for what is not
 * there, and for an id of which several versions are.
 */
export function uninstallPlugin(name: string, userFolder: string): string {
  const installed = existsSync(userFolder) ? readdirSync(userFolder) : [];
  const found = idsOf(name).flatMap((wanted) =>
    installed.filter((folder) => folder === wanted || folder.startsWith(`${wanted}@`)),
  );
  const plugin = name.split("@")[0];
  if (found.length === 0)
    throw new PluginFault("unknown", plugin, `nothing of it is installed in ${userFolder}`);
  if (found.length > 1)
    throw new PluginFault(
      "unknown",
      plugin,
      `several versions are installed; say which: ${found.join(", ")}`,
    );
  const removed = hidden(userFolder);
  const folder = join(userFolder, found[0]);
  try {
    renameSync(folder, removed);
    rmSync(removed, { recursive: true, force: true });
  } catch (error) {
    throw new PluginFault("entry-unreadable", plugin, `${folder} cannot be removed: ${reasonOf(error)}`);
  }
  return folder;
}
