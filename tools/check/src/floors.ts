/** The import floors for AssemblyScript, which Biome cannot parse: what an assembly folder may import. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Packages whose assembly/ a group may use, besides files of its own folder. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "packages/plugin-api": [],
  "packages/dsp": [],
  "packages/graph": ["@gainstage/dsp/assembly/"],
  "packages/faust": ["@gainstage/plugin-api/assembly/"],
  plugins: ["@gainstage/dsp/assembly/", "@gainstage/plugin-api/assembly/"],
};

export function allowedFor(folder: string): readonly string[] {
  return ALLOWED[folder] ?? (folder.startsWith("plugins/") ? ALLOWED.plugins : []);
}

/** Imports in `source`, a file of `folder`'s assembly, that reach up, sideways or out of the folder. */
export function forbiddenImports(folder: string, source: string): string[] {
  const imports = [...source.matchAll(/^\s*(?:import|export)\b[^"';]*?from\s+"([^"]+)"/gms)].map(
    (match) => match[1],
  );
  const allowed = allowedFor(folder);
  return imports.filter((path) =>
    path.startsWith("./") ? false : !allowed.some((prefix) => path.startsWith(prefix)),
  );
}

/** Every forbidden import below `root`, as "file: import". */
export function floorProblems(root: string): string[] {
  const folders = ["packages", "plugins"].flatMap((group) =>
    readdirSync(join(root, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${group}/${entry.name}`),
  );
  return folders.flatMap((folder) =>
    assemblyFiles(root, folder).flatMap((file) =>
      forbiddenImports(folder, readFileSync(join(root, file), "utf8")).map((path) => `${file}: ${path}`),
    ),
  );
}

function assemblyFiles(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder, "assembly"))
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, "assembly", name));
  } catch {
    return [];
  }
}
