/** The plugins among a project's npm packages: those whose package.json says `"gainstage": {"plugins": ["."]}`. */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { PluginFault } from "@gainstage/plugin-api";
import { isWithin } from "../reading/plugin-source.ts";

const MAX_PACKAGE_JSON_BYTES = 1 << 20;

export interface InstalledPlugins {
  /** The nearest node_modules first. */
  readonly folders: readonly string[];
  readonly refused: readonly PluginFault[];
}

/** Looks into node_modules of `project` and of every folder above it. Reads package.json files only. */
export function installedPlugins(project: string): InstalledPlugins {
  const folders: string[] = [];
  const refused: PluginFault[] = [];
  for (const folder of upwards(resolve(project))) {
    for (const packageFolder of packagesIn(join(folder, "node_modules"))) {
      const found = pluginsOf(packageFolder);
      folders.push(...found.folders);
      refused.push(...found.refused);
    }
  }
  return { folders, refused };
}

function* upwards(from: string): Generator<string> {
  for (let folder = from; ; folder = dirname(folder)) {
    yield folder;
    if (dirname(folder) === folder) return;
  }
}

function packagesIn(nodeModules: string): string[] {
  return namesIn(nodeModules).flatMap((name) => {
    const path = join(nodeModules, name);
    return name.startsWith("@") ? namesIn(path).map((scoped) => join(path, scoped)) : [path];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .sort();
  } catch {
    // Not there, not a folder, or somebody else's.
    return [];
  }
}

/** What a package's package.json says are its plugins. */
function pluginsOf(packageFolder: string): InstalledPlugins {
  const folders: string[] = [];
  const refused: PluginFault[] = [];
  try {
    for (const path of listedPlugins(readPackageJson(packageFolder), packageFolder)) {
      const folder = resolve(packageFolder, path);
      if (isInside(packageFolder, folder)) {
        folders.push(folder);
      } else {
        const why = `its package.json names ${path}, which is not in it`;
        refused.push(new PluginFault("manifest-invalid", packageFolder, why));
      }
    }
  } catch (error) {
    if (!(error instanceof PluginFault)) throw error;
    refused.push(error);
  }
  return { folders, refused };
}

/** Of the value of a package.json; empty for packages that have nothing to do with Gainstage. Throws a PluginFault. */
export function listedPlugins(packageJson: unknown, place: string): readonly string[] {
  const { gainstage } = (packageJson ?? {}) as { gainstage?: { plugins?: unknown } };
  const plugins = gainstage?.plugins;
  if (plugins === undefined) return [];
  if (Array.isArray(plugins) && plugins.every((path) => typeof path === "string" && path !== ""))
    return plugins.map((path) => path.replace(/(?<=.)\/+$/, ""));
  const rule = 'must be a list of folders, as in ["."]';
  throw new PluginFault("manifest-invalid", place, `"gainstage.plugins" of its package.json ${rule}`);
}

function readPackageJson(folder: string): unknown {
  const path = join(folder, "package.json");
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MAX_PACKAGE_JSON_BYTES) return undefined;
    const text = readFileSync(path, "utf8");
    // Of hundreds of packages hardly one is a plugin.
    return text.includes('"gainstage"') ? JSON.parse(text) : undefined;
  } catch {
    // What npm itself would not take is no plugin.
    return undefined;
  }
}

function isInside(packageFolder: string, folder: string): boolean {
  try {
    return isWithin(realpathSync(packageFolder), realpathSync(folder));
  } catch {
    return false;
  }
}
