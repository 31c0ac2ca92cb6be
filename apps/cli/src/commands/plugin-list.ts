/** `gainstage plugin list`: what there is, from manifests alone. */
import { type CatalogEntry, type Duplicate, type Origin, type Quarantine, shortName } from "@gainstage/host";
import { PluginFault } from "@gainstage/plugin-api";
import type { Command } from "commander";
import { collect, PLUGINS_HELP } from "../option-values.ts";
import { table, warn } from "../terminal.ts";
import { type HostFlags, hostFor, userQuarantine } from "../workplace.ts";

/** Where a plugin was found, for people. */
export const ORIGINS: Readonly<Record<Origin, string>> = {
  named: "named",
  user: "installed",
  package: "npm package",
  "first-party": "Gainstage",
};

interface Flags extends HostFlags {
  readonly json?: boolean;
}

export function registerPluginList(plugin: Command): void {
  plugin
    .command("list")
    .description("every plugin that can be used, and where it comes from")
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--json", "print one JSON object")
    .action(list);
}

function list(flags: Flags): void {
  const { catalog } = hostFor(flags);
  const quarantine = userQuarantine();
  if (quarantine.isBroken) warn(`${quarantine.path} cannot be read: nothing counts as quarantined`);
  const found = catalog.entries.map((entry) => ({ entry, quarantined: isQuarantined(entry, quarantine) }));
  if (flags.json) {
    const plugins = found.map(({ entry, quarantined }) => jsonOf(entry, quarantined));
    const refused = catalog.refused.map(({ plugin, code, message }) => ({ plugin, code, message }));
    const duplicates = catalog.duplicates.map(duplicateJson);
    process.stdout.write(`${JSON.stringify({ plugins, refused, duplicates })}\n`);
    return;
  }
  const rows = found.map(({ entry: { manifest, origin }, quarantined }) => [
    shortName(manifest.id),
    manifest.version,
    "wasm" in manifest.entry ? "wasm" : "module",
    ORIGINS[origin],
    `${quarantined ? "in quarantine: " : ""}${manifest.description ?? manifest.name}${replacedText(manifest)}`,
  ]);
  const titles = ["plugin", "version", "kind", "source", "what it is"];
  process.stdout.write(
    `${table(
      titles.map((title) => ({ title })),
      rows,
    )}\n`,
  );
  for (const duplicate of catalog.duplicates) warn(duplicateText(duplicate));
}

function jsonOf({ manifest, source, origin }: CatalogEntry, quarantined: boolean): Record<string, unknown> {
  return {
    id: manifest.id,
    name: manifest.name,
    version: manifest.version,
    api: manifest.api,
    features: manifest.features,
    kind: "wasm" in manifest.entry ? "wasm" : "module",
    folder: source.place,
    source: origin,
    quarantined,
    replaces: manifest.replaces?.map(({ id }) => id) ?? [],
  };
}

function replacedText({ replaces = [] }: CatalogEntry["manifest"]): string {
  return replaces.length === 0 ? "" : ` (replaces ${replaces.map(({ id }) => id).join(", ")})`;
}

/** Only what may be meant is read as a whole, to compare its hash. */
function isQuarantined(entry: CatalogEntry, quarantine: Quarantine): boolean {
  const { id, version } = entry.manifest;
  const hashes = quarantine.entries.filter((e) => e.id === id && e.version === version).map((e) => e.hash);
  return hashes.length > 0 && hashes.includes(hashOf(entry) ?? "");
}

function duplicateJson(duplicate: Duplicate): Record<string, unknown> {
  const { taken, leftOut } = duplicate;
  const { id, version } = taken.manifest;
  return { id, version, taken: taken.source.place, leftOut: leftOut.source.place, same: isSame(duplicate) };
}

function duplicateText(duplicate: Duplicate): string {
  const { taken, leftOut } = duplicate;
  const { id, version } = taken.manifest;
  const same = isSame(duplicate) ? "the same content" : "other content";
  return `${id} ${version} is there twice: ${taken.source.place} is used, ${leftOut.source.place} is left out (${same})`;
}

function isSame({ taken, leftOut }: Duplicate): boolean {
  const hash = hashOf(taken);
  return hash !== undefined && hash === hashOf(leftOut);
}

/** Undefined for a plugin that lacks a file. */
function hashOf(entry: CatalogEntry): string | undefined {
  try {
    return entry.hash;
  } catch (error) {
    if (error instanceof PluginFault) return undefined;
    throw error;
  }
}
