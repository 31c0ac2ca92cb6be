/** The packages of this repository that are published: those of packages, plugins and apps that are not private. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

const GROUPS = ["packages", "plugins", "apps"] as const;

/** The parts of a package.json that matter here. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

export interface WorkspacePackage {
  /** From the root: "packages/graph". */
  readonly folder: string;
  readonly manifest: PackageJson;
}

export function isPlugin({ folder }: WorkspacePackage): boolean {
  return folder.startsWith("plugins/");
}

export function rootManifest(): PackageJson {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

export function publishedPackages(): WorkspacePackage[] {
  return GROUPS.flatMap((group) =>
    readdirSync(join(root, group))
      .sort()
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(join(root, folder, "package.json")))
      .map((folder) => ({
        folder,
        manifest: JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as PackageJson,
      }))
      .filter(({ manifest }) => manifest.private !== true),
  );
}
