/**
 * Which plugins there are: folders with a plugin.json, found by reading manifests only. No code runs here.
 *
 * A search folder is a plugin itself, or holds plugin folders. Where an id is found twice, the folder searched
 * first wins and the other is refused.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkManifest, type Manifest, negotiate, PluginFault } from "@gainstage/plugin-api";
import { didYouMean } from "./nearest.ts";

/** A manifest of more bytes is not read. */
const MAX_MANIFEST_BYTES = 1 << 20;
const FIRST_PARTY = "dev.gainstage.";

/** The folder of the effects that come with Gainstage. */
export const firstPartyFolder: string = fileURLToPath(new URL("../../../plugins/", import.meta.url));

export interface CatalogEntry {
  readonly manifest: Manifest;
  readonly folder: string;
}

export class PluginCatalog {
  readonly #entries = new Map<string, CatalogEntry>();
  readonly #refused: PluginFault[] = [];

  /** Every plugin that may be loaded, by id. */
  get entries(): readonly CatalogEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.manifest.id < b.manifest.id ? -1 : 1));
  }

  /** What was found and not taken, with the reason. */
  get refused(): readonly PluginFault[] {
    return this.#refused;
  }

  /** Adds what `folder` holds. Throws a PluginFault if it cannot be read; a bad plugin in it is only refused. */
  scan(folder: string): void {
    if (isFile(join(folder, "plugin.json"))) {
      this.#add(folder);
      return;
    }
    let names: string[];
    try {
      names = readdirSync(folder).sort();
    } catch (error) {
      throw new PluginFault(
        "entry-unreadable",
        folder,
        `the folder cannot be read: ${whyUnread(error as NodeJS.ErrnoException)}`,
      );
    }
    for (const name of names) {
      if (isFile(join(folder, name, "plugin.json"))) this.#add(join(folder, name));
    }
  }

  /** By id, or by the short name of a first-party plugin ("equalizer"). Throws a PluginFault with near names. */
  find(name: string): CatalogEntry {
    const entry = this.#entries.get(name) ?? this.#entries.get(FIRST_PARTY + name);
    if (entry) return entry;
    const refused = this.#refused.find((f) => f.plugin === name || f.plugin === FIRST_PARTY + name);
    if (refused) throw refused;
    const names = this.entries.map(({ manifest }) => shortName(manifest.id));
    throw new PluginFault(
      "unknown",
      name,
      `there is no such plugin.${didYouMean(shortName(name), names)} \`gainstage plugin list\` shows what there is`,
    );
  }

  #add(folder: string): void {
    try {
      const manifest = readManifest(folder);
      const known = this.#entries.get(manifest.id);
      if (known) {
        throw new PluginFault(
          "duplicate",
          manifest.id,
          `is in ${known.folder} already; ${folder} is left out`,
        );
      }
      this.#entries.set(manifest.id, { manifest, folder });
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
      this.#refused.push(error);
    }
  }
}

/** "equalizer" for "dev.gainstage.equalizer"; other ids as they are. */
export function shortName(id: string): string {
  return id.startsWith(FIRST_PARTY) ? id.slice(FIRST_PARTY.length) : id;
}

/** The checked manifest of a plugin folder. Throws a PluginFault that lists every problem. */
export function readManifest(folder: string): Manifest {
  const path = join(folder, "plugin.json");
  const name = basename(folder);
  let value: unknown;
  try {
    if (statSync(path).size > MAX_MANIFEST_BYTES) {
      throw new Error(`it is larger than ${MAX_MANIFEST_BYTES} bytes`);
    }
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new PluginFault("manifest-invalid", name, `${path} cannot be read: ${(error as Error).message}`);
  }
  // A plugin for a newer API may have a manifest of another shape: its version is looked at first.
  const api = typeof value === "object" && value !== null ? (value as { api?: unknown }).api : undefined;
  const id = typeof value === "object" && value !== null ? (value as { id?: unknown }).id : undefined;
  if (typeof api === "string") {
    const negotiation = negotiate(api);
    if (!negotiation.ok) {
      throw new PluginFault(negotiation.code, typeof id === "string" ? id : name, negotiation.message);
    }
  }
  const check = checkManifest(value);
  if (check.ok) return check.manifest;
  const list = check.problems.map((p) => `${p.path} ${p.message}`).join("; ");
  throw new PluginFault(
    "manifest-invalid",
    typeof id === "string" ? id : name,
    `${path} is not a valid manifest: ${list}`,
    check.problems,
  );
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
