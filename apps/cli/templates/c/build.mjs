// Compiles src/*.c to the wasm file that plugin.json names. CC=/path/to/clang chooses another compiler.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const header = fileURLToPath(import.meta.resolve("@gainstage/plugin-api/include/gainstage.h"));
const { entry } = JSON.parse(readFileSync(join(folder, "plugin.json"), "utf8"));
const sources = readdirSync(join(folder, "src")).filter((name) => name.endsWith(".c"));

mkdirSync(join(folder, dirname(entry.wasm)), { recursive: true });
const compiler = process.env.CC ?? "clang";
const { status, error } = spawnSync(
  compiler,
  [
    "--target=wasm32",
    "-std=c17",
    "-O2",
    "-msimd128",
    "-mbulk-memory",
    // Otherwise __builtin_sqrt would call sqrt for negative numbers, to set errno.
    "-fno-math-errno",
    // There is no C library, and no entry besides what gainstage.h exports.
    "-nostdlib",
    "-Wl,--no-entry",
    // The host wants to know how far the memory may grow: 256 MiB.
    "-Wl,--max-memory=268435456",
    "-Wall",
    "-Wextra",
    "-I",
    dirname(header),
    "-o",
    entry.wasm,
    ...sources.map((name) => join("src", name)),
  ],
  { cwd: folder, stdio: "inherit" },
);
if (error) {
  console.error(`error: ${compiler} does not run: ${error.message}. Install clang with lld, or set CC`);
}
process.exitCode = status ?? 1;
