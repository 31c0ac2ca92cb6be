/** The package.json beside plugin.json. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PluginFault } from "@gainstage/plugin-api";

export interface PackageJson {
  readonly version?: string;
  readonly license?: string;
  /** What npm packs: globs and folders. */
  readonly files?: unknown;
  readonly main?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly gainstage?: { readonly waivers?: Readonly<Record<string, string>> };
}

/** Empty where there is none; the manifest is what counts. Throws a PluginFault if it cannot be read. */
export function packageJson(folder: string): PackageJson {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null ? value : {};
  } catch (error) {
    throw new PluginFault(
      "manifest-invalid",
      folder,
      `package.json cannot be read: ${(error as Error).message}`,
    );
  }
}
