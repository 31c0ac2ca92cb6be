/** The shape of the house: what stands at the top, and names that say nothing. */

const TOP = new Set([
  "package.json",
  "package-lock.json",
  "nx.json",
  "tsconfig.base.json",
  "packages",
  "plugins",
  "apps",
  "tools",
  "README.md",
  "LICENSE",
  "NOTICE",
]);
const DRAWERS = /(^|\/)(utils?|helpers?|common|misc|types|core)(\.ts|\/)/;
const LARGEST_BYTES = 10 * 1024 * 1024;

/** `files` are those that git tracks, with their sizes. */
export function houseProblems(files: readonly { readonly path: string; readonly bytes: number }[]): string[] {
  const problems: string[] = [];
  const top = new Set(files.map(({ path }) => path.split("/")[0]));
  for (const name of top) {
    if (!name.startsWith(".") && !TOP.has(name)) problems.push(`${name} does not belong at the top level`);
  }
  for (const { path, bytes } of files) {
    if (DRAWERS.test(path)) problems.push(`${path} is named for nothing that it holds`);
    if (bytes > LARGEST_BYTES) problems.push(`${path} has ${bytes} bytes, more than ${LARGEST_BYTES}`);
    // What the museum keeps was built by compilers of its time.
    if (/\.(wasm|node|map)$/.test(path) && !path.includes("/museum/"))
      problems.push(`${path} can be built and does not belong in git`);
  }
  return problems;
}
