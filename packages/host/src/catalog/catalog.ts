/**
 * Which plugins there are: folders and archives with a plugin.json, found by reading JSON only. No code runs here.
 *
 * Several versions of one plugin live side by side. What is searched first wins where an id and version are found twice.
 */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { PluginFault, reasonOf } from "@gainstage/plugin-api";
import { MANIFEST_FILE, plainPath } from "../reading/content-hash.ts";
import { didYouMean } from "../reading/nearest.ts";
import { ArchiveSource, FolderSource, isWithin, type PluginSource } from "../reading/plugin-source.ts";
import { idsOf, shortName } from "../reading/short-names.ts";
import { readTarball } from "../reading/tarball.ts";
import { CatalogEntry, type Origin } from "./catalog-entry.ts";
import { installedPlugins, listedPlugins } from "./installed-packages.ts";
import { firstPartyFolder } from "./plugin-paths.ts";
import { chooseVersion, isVersionRange, newestFirst } from "./version-choice.ts";

/** An archive of more bytes is not read. */
const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;

/** The same id and version twice. Compare their `hash` to learn whether they are the same plugin. */
export interface Duplicate {
  readonly taken: CatalogEntry;
  readonly leftOut: CatalogEntry;
}

export class PluginCatalog {
  /** By id, in the order of the search. */
  readonly #entries = new Map<string, CatalogEntry[]>();
  readonly #refused: PluginFault[] = [];
  readonly #duplicates: Duplicate[] = [];
  readonly #seen = new Set<string>();

  /** Every plugin that may be loaded, by id, its newest version first. */
  get entries(): readonly CatalogEntry[] {
    const all = [...this.#entries.values()].flat();
    return all.sort(({ manifest: a }, { manifest: b }) =>
      a.id === b.id ? newestFirst(a.version, b.version) : a.id < b.id ? -1 : 1,
    );
  }

  /** What was found and not taken, with the reason. */
  get refused(): readonly PluginFault[] {
    return this.#refused;
  }

  get duplicates(): readonly Duplicate[] {
    return this.#duplicates;
  }

  /**
   * Adds what a plugin folder, a folder of plugin folders or a .tgz holds. Throws a PluginFault if it cannot be read; a bad
   * plugin in it is only refused.
   */
  scan(path: string, origin: Origin = "named"): void {
    for (const source of sourcesAt(path)) this.#add(source, origin);
  }

  /** Adds the plugins among the npm packages of a project and of the folders above it. */
  scanInstalled(project: string): void {
    const { folders, refused } = installedPlugins(project);
    for (const folder of folders) this.#add(new FolderSource(folder), "package");
    this.#refused.push(...refused);
  }

  /**
   * By id, or by the short name of a first-party plugin, either with a range of versions: "com.acme.glue@^1.2". The highest
   * version that satisfies it, or what replaces a plugin that is not there: see `standsInFor`. Throws a PluginFault with
   * near names, or with the versions that there are.
   */
  find(name: string, range?: string): CatalogEntry {
    const at = name.indexOf("@");
    const plugin = at < 0 ? name : name.slice(0, at);
    const wanted = range ?? (at < 0 ? undefined : name.slice(at + 1));
    if (wanted !== undefined && !isVersionRange(wanted))
      throw new PluginFault("unknown", plugin, `"${wanted}" is no range of versions, as in ${plugin}@^1.2`);
    const ids = idsOf(plugin);
    for (const id of ids) {
      const versions = this.#entries.get(id);
      if (versions) return choose(versions, wanted);
    }
    const replacement = this.#replacementOf(ids);
    if (replacement) return replacement;
    const refused = this.#refused.find((fault) => ids.includes(fault.plugin));
    if (refused) throw refused;
    const names = [...this.#entries.keys()].map(shortName);
    throw new PluginFault(
      "unknown",
      plugin,
      `there is no such plugin.${didYouMean(shortName(plugin), names)} \`gainstage plugin list\` shows what there is`,
    );
  }

  #replacementOf(ids: readonly string[]): CatalogEntry | undefined {
    for (const versions of this.#entries.values()) {
      const entry = newestOf(versions);
      const replaced = entry?.manifest.replaces?.find(({ id }) => ids.includes(id));
      if (entry && replaced) return entry.insteadOf({ id: replaced.id, params: replaced.params ?? {} });
    }
    return undefined;
  }

  #add(source: PluginSource, origin: Origin): void {
    const place = realPlace(source);
    // Reached by two ways it is still one plugin.
    if (this.#seen.has(place)) return;
    this.#seen.add(place);
    try {
      const entry = CatalogEntry.from(source, isFirstParty(place) ? "first-party" : origin);
      const { id, version } = entry.manifest;
      const versions = this.#entries.get(id) ?? [];
      const taken = versions.find((e) => e.manifest.version === version);
      if (taken) {
        this.#duplicates.push({ taken, leftOut: entry });
        const already = `version ${version} is in ${taken.source.place} already`;
        throw new PluginFault("duplicate", id, `${already}; ${source.place} is left out`);
      }
      this.#entries.set(id, [...versions, entry]);
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
      this.#refused.push(error);
    }
  }
}

function choose(versions: readonly CatalogEntry[], range: string | undefined): CatalogEntry {
  const entry = newestOf(versions, range);
  if (entry) return entry;
  const { id } = versions[0].manifest;
  const numbers = versions.map((e) => e.manifest.version).sort(newestFirst);
  const there = numbers.join(", ");
  throw new PluginFault(
    "unknown",
    id,
    range === undefined
      ? `of it there is only what is not finished (${there}); ask for that as ${id}@${numbers[0]}`
      : `no version of it satisfies ${range}; there is ${there}`,
  );
}

function newestOf(versions: readonly CatalogEntry[], range?: string): CatalogEntry | undefined {
  const chosen = chooseVersion(
    versions.map((entry) => entry.manifest.version),
    range,
  );
  return versions.find((entry) => entry.manifest.version === chosen);
}

/** Every plugin at a path. Throws a PluginFault if the path itself cannot be read. */
export function sourcesAt(path: string): readonly PluginSource[] {
  if (isFile(path)) return archiveSources(path);
  if (isFile(join(path, MANIFEST_FILE))) return [new FolderSource(path)];
  let names: string[];
  try {
    names = readdirSync(path).sort();
  } catch (error) {
    const why = whyUnread(error as NodeJS.ErrnoException);
    throw new PluginFault("entry-unreadable", path, `the folder cannot be read: ${why}`);
  }
  return names
    .filter((name) => !name.startsWith(".") && isFile(join(path, name, MANIFEST_FILE)))
    .map((name) => new FolderSource(join(path, name)));
}

function archiveSources(path: string): readonly PluginSource[] {
  try {
    if (!/\.(tgz|tar\.gz)$/i.test(path)) throw new Error("it is neither a folder nor a .tgz");
    if (statSync(path).size > MAX_ARCHIVE_BYTES)
      throw new Error(`it is larger than ${MAX_ARCHIVE_BYTES} bytes`);
    const files = readTarball(readFileSync(path));
    const packageJson = files.get("package.json");
    const listed = packageJson ? listedPlugins(JSON.parse(new TextDecoder().decode(packageJson)), path) : [];
    const folders = listed.length > 0 ? listed.map(plainPath) : [""];
    return folders.map(
      (folder) => new ArchiveSource(folder === "" ? path : `${path}#${folder}`, files, folder),
    );
  } catch (error) {
    if (error instanceof PluginFault) throw error;
    throw new PluginFault("entry-unreadable", path, `cannot be read: ${reasonOf(error)}`);
  }
}

function realPlace({ place }: PluginSource): string {
  try {
    return realpathSync(place);
  } catch {
    // Gone since it was listed; or a folder within an archive, which has no other name.
    return place;
  }
}

function isFirstParty(place: string): boolean {
  try {
    return isWithin(realpathSync(firstPartyFolder), place);
  } catch {
    return false;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Not there, or not to be reached: a loop of links, a folder of somebody else's.
    return false;
  }
}

function whyUnread({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "no such folder";
  if (code === "ENOTDIR") return "it is not a folder";
  return code === "EACCES" || code === "EPERM" ? "permission denied" : message;
}
