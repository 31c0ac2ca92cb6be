// Set-up before `npm start` and `npm test`: installs what package-lock.json says and compiles the kernels.
// Plain JavaScript for any Node from 18, because it runs before our own Node is there.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pathWithOurNode } from "./node-path.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Runs `work` unless its results are there and the stamp in node_modules says they are of exactly these inputs. */
function once(name, hash, results, work) {
  const stamp = join(root, "node_modules", `.gainstage-${name}`);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash && results.every(existsSync)) return;
  work();
  writeFileSync(stamp, hash);
}

function must(what, result) {
  if (result.status === 0) return;
  process.stderr.write(result.stdout ?? "");
  process.stderr.write(result.stderr ?? "");
  console.error(`[setup] ${what} failed${result.error ? `: ${result.error.message}` : ""}`);
  process.exit(result.status || 1);
}

function install() {
  console.error("[setup] installing locked dependencies (first run only) …");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const options = { cwd: root, stdio: ["ignore", "ignore", "inherit"] };
  must(
    "npm ci",
    npm
      ? spawnSync(process.execPath, [npm, ...args], options)
      : spawnSync("npm", args, { ...options, shell: process.platform === "win32" }),
  );
}

/** Every folder with a `wasm` script: packages and plugins that compile a kernel into dist. */
function kernelFolders() {
  return ["packages", "plugins"].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => join(group, name))
      .filter((folder) => wasmScript(folder) !== undefined),
  );
}

function wasmScript(folder) {
  const manifest = join(root, folder, "package.json");
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).scripts?.wasm : undefined;
}

function kernelHash() {
  const hash = createHash("sha256");
  // plugin-api compiles nothing of its own, but what the plugins compile includes its assembly.
  for (const folder of [...kernelFolders(), "packages/plugin-api"]) {
    hash.update(folder).update(wasmScript(folder) ?? "");
    for (const file of readdirSync(join(root, folder, "assembly"), { recursive: true }).sort()) {
      if (file.endsWith(".ts")) hash.update(file).update(readFileSync(join(root, folder, "assembly", file)));
    }
  }
  return hash.digest("hex");
}

function compileKernels() {
  console.error("[setup] compiling the WebAssembly kernels …");
  const nx = join(root, "node_modules", "nx", "dist", "bin", "nx.js");
  const bin = existsSync(nx) ? nx : join(root, "node_modules", "nx", "bin", "nx.js");
  const env = { ...process.env, PATH: pathWithOurNode(root), NX_TUI: "false" };
  const options = { cwd: root, env, encoding: "utf8" };
  must("compiling the kernels", spawnSync("node", [bin, "run-many", "-t", "wasm"], options));
}

const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .update(process.platform + process.arch)
  .digest("hex");
once("installed", lock, [], install);
once(
  "kernels",
  kernelHash(),
  kernelFolders().map((folder) => join(root, folder, "dist")),
  compileKernels,
);
