/**
 * libfaust, the Faust compiler (LGPL-3.0), as @grame/faustwasm brings it: loaded when the first program is compiled.
 *
 * It compiles to a module that imports its memory and finds its state by a pointer, so that any number of instances live
 * in one memory. What the package offers beyond the compiler (runners, Web Audio nodes) is not used.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import { FaustError, faustErrorOf } from "./faust-error.ts";
import type { FaustDescription } from "./faust-json.ts";

export interface FaustCode {
  readonly wasm: Uint8Array;
  readonly description: FaustDescription;
}

export interface FaustCompileOptions {
  /** The program's name in messages. */
  readonly fileName: string;
  /** Computes in f64 instead of f32. */
  readonly double: boolean;
  /** Sources that the program may import, by file name. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** What is used of libfaust's own interface, and of the file system that emscripten gives it. */
interface LibFaust {
  createDSPFactory(
    name: string,
    code: string,
    args: string,
    internalMemory: boolean,
  ): {
    readonly cfactory: number;
    readonly data: { size(): number; get(index: number): number; delete(): void };
    readonly json: string;
  };
  deleteDSPFactory(factory: number): void;
  getErrorAfterException(): string;
  cleanupAfterException(): void;
}
interface FaustModule {
  readonly libFaustWasm: new () => LibFaust;
  readonly FS: {
    writeFile(path: string, text: string): void;
    unlink(path: string): void;
    mkdirTree(path: string): void;
  };
}
type FaustModuleFactory = (options: object) => Promise<FaustModule>;

const LIBRARY_FOLDER = "/gainstage";

let loaded: Promise<{ readonly module: FaustModule; readonly compiler: LibFaust }> | undefined;

async function load() {
  const folder = dirname(
    fileURLToPath(import.meta.resolve("@grame/faustwasm/libfaust-wasm/libfaust-wasm.js")),
  );
  const [js, wasm, data] = await Promise.all(
    ["js", "wasm", "data"].map((end) => readFile(join(folder, `libfaust-wasm.${end}`))),
  );
  const module = await factoryOf(
    js.toString(),
    folder,
  )({
    wasmBinary: wasm,
    getPreloadedPackage: () => data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
  });
  return { module, compiler: new module.libFaustWasm() };
}

/** libfaust-wasm.js is CommonJS in a package that calls all its files ES modules, so that neither way of importing takes it. */
function factoryOf(js: string, folder: string): FaustModuleFactory {
  const filename = join(folder, "libfaust-wasm.js");
  const module: { exports: unknown } = { exports: {} };
  // It prints what it also throws.
  const quiet = { log() {}, warn() {}, error() {} };
  const names = ["exports", "require", "module", "__filename", "__dirname", "console"];
  const run = compileFunction(js, names, { filename });
  run(module.exports, createRequire(filename), module, filename, folder, quiet);
  return module.exports as FaustModuleFactory;
}

/** Throws a FaustError with what the compiler says. The same source and options give the same bytes. */
export async function compileProgram(source: string, options: FaustCompileOptions): Promise<FaustCode> {
  const { fileName, double, libraries } = options;
  loaded ??= load();
  const { module, compiler } = await loaded;
  const paths = Object.keys(libraries).map((name) => `${LIBRARY_FOLDER}/${name}`);
  module.FS.mkdirTree(LIBRARY_FOLDER);
  for (const [i, text] of Object.values(libraries).entries()) module.FS.writeFile(paths[i], text);
  try {
    const args = `-ftz 2 ${double ? "-double" : "-single"} -I ${LIBRARY_FOLDER}`;
    const { cfactory, data, json } = compiler.createDSPFactory(fileName, source, args, false);
    const wasm = Uint8Array.from({ length: data.size() }, (_, i) => data.get(i));
    data.delete();
    compiler.deleteDSPFactory(cfactory);
    return { wasm, description: JSON.parse(json) };
  } catch (error) {
    const said = compiler.getErrorAfterException();
    compiler.cleanupAfterException();
    if (said) throw faustErrorOf(said, fileName);
    throw error instanceof Error ? error : new FaustError(`the Faust compiler failed: ${error}`, fileName);
  } finally {
    for (const path of paths) module.FS.unlink(path);
  }
}
