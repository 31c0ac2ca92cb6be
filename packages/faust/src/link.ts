/**
 * Links Faust's code and the adapter to one module that imports nothing.
 *
 *   faust:    compute, init, instanceInit    ◀── imports ──  adapter: create, activate, process …
 *   env:      memory, _sinf, _powf …         ── imports ──▶  adapter: memory, libm
 *
 * Binaryen's wasm-merge, a program for Node that comes with the package `binaryen`, ties the two together. Then the exports
 * that no host calls go, and what only they used.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PROGRAM_AT } from "./program-block.ts";
import { withData } from "./wasm-data.ts";

const ADAPTER = new URL("../dist/adapter.wasm", import.meta.url);
/** What WebAssembly 2.0 has and a plugin may use: nothing newer is to come out of the optimiser. */
const FEATURES = [
  "MutableGlobals",
  "NontrappingFPToInt",
  "SignExt",
  "BulkMemory",
  "BulkMemoryOpt",
  "SIMD128",
] as const;
const ABI_EXPORTS = new Set(["memory", "api", "create", "activate", "reset", "process", "destroy"]);

/** Both as one module, with all exports. `program` comes from programBytes(). The same input gives the same bytes. */
export async function merge(faust: Uint8Array, program: Uint8Array): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "gainstage-faust-"));
  try {
    const [faustPath, adapterPath, mergedPath] = ["faust", "adapter", "merged"].map((name) =>
      join(folder, `${name}.wasm`),
    );
    await writeFile(faustPath, withData(faust, PROGRAM_AT, program));
    await writeFile(adapterPath, await readFile(ADAPTER));
    await wasmMerge([adapterPath, "env", faustPath, "faust", "--all-features", "-o", mergedPath]);
    return await readFile(mergedPath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function wasmMerge(args: readonly string[]): Promise<void> {
  const tool = fileURLToPath(new URL("bin/wasm-merge", import.meta.resolve("binaryen")));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tool, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`wasm-merge failed with ${code}: ${said.trim()}`));
    });
  });
}

/** What merge() gave, with another program block of the same length in it. */
export function withProgram(merged: Uint8Array, before: Uint8Array, after: Uint8Array): Uint8Array {
  const at = Buffer.from(merged.buffer, merged.byteOffset, merged.length).indexOf(before);
  if (at < 0 || before.length !== after.length)
    throw new Error("the linked module does not hold its program block");
  const patched = merged.slice();
  patched.set(after, at);
  return patched;
}

/** What merge() gave, with the exports of the ABI alone and nothing that only others used. */
export async function finish(merged: Uint8Array, optimize: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const { default: binaryen } = await import("binaryen");
  const module = binaryen.readBinary(merged);
  try {
    module.setFeatures(FEATURES.reduce((all: number, name) => all | binaryen.Features[name], 0));
    const names = Array.from(
      { length: module.getNumExports() },
      (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)).name,
    );
    for (const name of names) if (!ABI_EXPORTS.has(name)) module.removeExport(name);
    if (optimize) {
      binaryen.setOptimizeLevel(3);
      binaryen.setShrinkLevel(0);
      module.optimize();
    } else module.runPasses(["remove-unused-module-elements"]);
    return Uint8Array.from(module.emitBinary());
  } finally {
    module.dispose();
  }
}
