/**
 * `node src/pack.ts OUTDIR`: every published package as a tarball that npm installs.
 *
 * Node does not strip types below node_modules, so a tarball holds JavaScript. It stands where its source stood
 * (src/x.ts becomes src/x.js): every path that code forms from its own place, such as ../dist/engine.wasm, holds in both.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { stagePackage } from "./stage.ts";
import { isPlugin, publishedPackages, root, rootManifest } from "./workspace.ts";

/** Whoever installs the command gets Gainstage's own effects with it. */
const BRINGS_THE_EFFECTS = "@gainstage/cli";

const [target] = process.argv.slice(2);
if (target === undefined) {
  console.error("usage: npm run release:pack -- OUTDIR");
  process.exit(2);
}
// npm runs a script in the folder of its package.json, and says here where the user was.
const outFolder = resolve(process.env.INIT_CWD ?? ".", target);
const work = mkdtempSync(join(tmpdir(), "gainstage-pack-"));
try {
  for (const tarball of pack(outFolder, work)) process.stdout.write(`${tarball}\n`);
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Paths of the tarballs. Throws an Error that says which step failed. */
function pack(intoFolder: string, workFolder: string): string[] {
  const compiled = join(workFolder, "compiled");
  run(join(root, "node_modules/.bin/tsc"), [
    "-p",
    join(root, "tools/release/tsconfig.json"),
    "--outDir",
    compiled,
  ]);

  const packages = publishedPackages();
  const effects = Object.fromEntries(
    packages.filter(isPlugin).map(({ manifest }) => [manifest.name, manifest.version]),
  );
  const { engines } = rootManifest();
  const folders = packages.map((item) => {
    const staged = join(workFolder, "staged", item.folder);
    const dependencies = item.manifest.name === BRINGS_THE_EFFECTS ? effects : {};
    stagePackage(item, compiled, staged, { dependencies, engines });
    return staged;
  });

  mkdirSync(intoFolder, { recursive: true });
  const listed = run("npm", [
    "pack",
    "--ignore-scripts",
    "--json",
    "--pack-destination",
    intoFolder,
    ...folders,
  ]);
  const packed = JSON.parse(listed) as Record<string, { filename: string }>;
  return Object.values(packed).map(({ filename }) => join(intoFolder, filename));
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return stdout;
  throw new Error(`${basename(command)} ${args[0]} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
