/** From a package.json of the workspace, whose exports are TypeScript, to the one that npm gets. */
import type { PackageJson } from "./workspace.ts";

/** What only matters in the repository. */
const WORKSPACE_KEYS = ["scripts", "devDependencies", "nx", "exports", "dependencies"];

export interface PublishContext {
  /** Added to what the package declares. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** What Node the package runs on. */
  readonly engines: unknown;
  /** True if the package has a file of this path, "./src/index.js", once it is built. */
  readonly holds: (path: string) => boolean;
}

export function publishableManifest(manifest: PackageJson, context: PublishContext): Record<string, unknown> {
  const kept = Object.entries(manifest).filter(([key]) => !WORKSPACE_KEYS.includes(key));
  const dependencies = { ...manifest.dependencies, ...context.dependencies };
  return {
    ...Object.fromEntries(kept),
    engines: manifest.engines ?? context.engines,
    exports: builtExports(manifest.exports ?? {}, context.holds),
    dependencies: Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** "./src/index.ts" becomes the JavaScript and the declarations made of it; what was not built is left out. */
function builtExports(
  exports: Readonly<Record<string, string>>,
  holds: PublishContext["holds"],
): Record<string, unknown> {
  const built: Record<string, unknown> = {};
  for (const [name, target] of Object.entries(exports)) {
    const stem = /^(.*)\.ts$/.exec(target)?.[1];
    if (stem === undefined) built[name] = target;
    else if (holds(`${stem}.js`)) built[name] = { types: `${stem}.d.ts`, default: `${stem}.js` };
  }
  return built;
}
