/** From what a user names to a folder with a plugin in it: a folder, a .tgz as npm packs it, or an id. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CatalogEntry, PluginCatalog, packagePaths } from "@gainstage/host";
import { PluginFault } from "@gainstage/plugin-api";
import { CommandError, ExitCode } from "../exit-code.ts";
import { type HostFlags, hostFor } from "../workplace.ts";

/** Read with the plugin, though its manifest does not name them. */
const PAPERS = ["package.json", "README.md", "CHANGELOG.md", "LICENSE"];
const MAX_PAPER_BYTES = 1 << 20;

export interface FoundFolder extends Disposable {
  readonly folder: string;
}

/** Throws a CommandError for what cannot be read, a PluginFault for an id or an archive without a plugin. */
export function folderOf(what: string, flags: HostFlags): FoundFolder {
  if (isFolder(what)) {
    if (existsSync(join(what, "plugin.json"))) return { folder: what, [Symbol.dispose]() {} };
    throw new CommandError(ExitCode.BadInput, `${what} has no plugin.json: it is no plugin's folder`);
  }
  if (/\.t(ar\.)?gz$/.test(what) || what.includes("/")) {
    if (!existsSync(what)) throw new CommandError(ExitCode.BadInput, `${what} is not there`);
    const catalog = new PluginCatalog();
    catalog.scan(what);
    const [entry] = catalog.entries;
    if (!entry) throw catalog.refused[0] ?? new PluginFault("unknown", what, "there is no plugin in it");
    return unpacked(entry);
  }
  const entry = hostFor(flags).catalog.find(what);
  return entry.source.kind === "folder"
    ? { folder: entry.source.place, [Symbol.dispose]() {} }
    : unpacked(entry);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A copy that lasts until it is disposed of. */
function unpacked({ manifest, source }: CatalogEntry): FoundFolder {
  const folder = mkdtempSync(join(tmpdir(), "gainstage-plugin-"));
  for (const path of [...packagePaths(manifest), ...PAPERS]) {
    const bytes = source.read(path, PAPERS.includes(path) ? MAX_PAPER_BYTES : Number.POSITIVE_INFINITY);
    if (!bytes) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
