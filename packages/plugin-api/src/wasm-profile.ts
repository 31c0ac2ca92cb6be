/**
 * Whether a .wasm file keeps the ABI (docs/wasm-abi.md), decided from its bytes alone, before anything compiles them.
 *
 * The sandbox is here: what imports nothing reaches nothing. So is "the same bits on every machine": what WebAssembly
 * leaves to the machine (relaxed SIMD, threads) is refused. Time and memory are linear in the bytes.
 */
import type { ManifestProblem } from "./fault.ts";
import type { Manifest } from "./plugin.ts";
import { MalformedWasm, WasmBytes } from "./wasm-profile-bytes.ts";
import { type FunctionType, type Limits, WasmSections } from "./wasm-profile-sections.ts";

export const MAX_WASM_BYTES: number = 64 * 1024 * 1024;
/** 256 MiB. */
const MAX_INITIAL_PAGES = 4096;
const MAX_PAGES = 65_536;
const MAX_TABLE_ELEMENTS = 65_536;
/** A module with more imports than these is told of the first. */
const IMPORTS_TOLD = 20;
const NAME_TOLD_LENGTH = 100;

export interface ProfileProblem extends ManifestProblem {
  readonly code: "entry-invalid" | "import-forbidden" | "export-missing";
}

const TYPES = { i32: 0x7f, f64: 0x7c } as const;
const NAMES = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

const { i32, f64 } = TYPES;
const signature = (params: readonly number[], results: readonly number[]): FunctionType => ({
  params,
  results,
});

const CORE: Readonly<Record<string, FunctionType>> = {
  api: signature([], [i32]),
  create: signature([], [i32]),
  activate: signature([i32, f64, i32, i32], [i32]),
  reset: signature([i32], []),
  process: signature([i32, i32], [i32]),
  destroy: signature([i32], []),
};
const ROOM: Readonly<Record<string, FunctionType>> = { room: signature([i32, i32], [i32]) };
const STATE: Readonly<Record<string, FunctionType>> = {
  ...ROOM,
  save: signature([i32], [i32]),
  load: signature([i32, i32, i32, i32], [i32]),
};
const CURVE: Readonly<Record<string, FunctionType>> = {
  ...ROOM,
  curve: signature([i32, i32, i32, i32], [i32]),
};
const RESOURCE: Readonly<Record<string, FunctionType>> = {
  ...ROOM,
  resource: signature([i32, i32, i32, i32], [i32]),
};

/** Every function that a module with this manifest must export, with its type. */
function neededExports({ extensions = [], uses = [], requires = [] }: Manifest): Map<string, FunctionType> {
  const offers = (id: string) => (extensions as readonly string[]).includes(id);
  const takes = [...uses, ...requires] as readonly string[];
  return new Map(
    Object.entries({
      ...CORE,
      ...(offers("state/1") ? STATE : {}),
      ...(offers("curve/1") ? CURVE : {}),
      ...(takes.includes("resource/1") ? RESOURCE : {}),
    }),
  );
}

/** Everything in `bytes` that the ABI does not allow, each with its place; none for a sound module. Never throws. */
export function checkWasmProfile(bytes: Uint8Array, manifest: Manifest): readonly ProfileProblem[] {
  const problems: ProfileProblem[] = [];
  const report = (code: ProfileProblem["code"], path: string, message: string) =>
    problems.push({ code, path, message });
  if (bytes.length > MAX_WASM_BYTES) {
    report("entry-invalid", "", `it has ${bytes.length} bytes, at most ${MAX_WASM_BYTES} are allowed`);
    return problems;
  }
  let sections: WasmSections;
  try {
    sections = new WasmSections(new WasmBytes(bytes));
  } catch (error) {
    if (!(error instanceof MalformedWasm)) throw error;
    report("entry-invalid", `byte ${error.at}`, error.message);
    return problems;
  }
  for (const name of sections.imports.slice(0, IMPORTS_TOLD))
    report(
      "import-forbidden",
      "imports",
      `it imports ${name.slice(0, NAME_TOLD_LENGTH)}; a wasm plugin may import nothing`,
    );
  for (const [name, type] of neededExports(manifest)) checkExport(sections, name, type, report);
  checkMemory(sections, report);
  checkTables(sections.tables, report);
  for (const { place, feature } of firstOfEach(sections.uses))
    report("entry-invalid", place, `it uses ${feature}`);
  return problems;
}

type Report = (code: ProfileProblem["code"], path: string, message: string) => void;

function checkExport(sections: WasmSections, name: string, wanted: FunctionType, report: Report): void {
  const found = sections.exports.get(name);
  if (found?.kind !== "function") {
    const instead = found ? `, which is a ${found.kind}` : "";
    report("export-missing", name, `it does not export a function ${name}${instead}`);
    return;
  }
  const type = sections.typeOf(found.index);
  if (type === undefined || textOf(type) !== textOf(wanted)) {
    const is = type ? textOf(type) : "unknown";
    report("export-missing", name, `its ${name} has the type ${is}; it must be ${textOf(wanted)}`);
  }
}

function textOf({ params, results }: FunctionType): string {
  const list = (types: readonly number[]) => `(${types.map((t) => NAMES.get(t)).join(", ")})`;
  return `${list(params)} -> ${list(results)}`;
}

function checkMemory({ memories, imports, exports }: WasmSections, report: Report): void {
  if (exports.get("memory")?.kind !== "memory")
    report("export-missing", "memory", "it does not export its memory as memory");
  // An imported one is refused as an import already.
  if (memories.length !== 1 && imports.length === 0)
    report("entry-invalid", "memory", `it has ${memories.length} memories; it must have one`);
  for (const memory of memories.slice(0, 1)) {
    const { initial, maximum, shared, wide } = memory;
    if (shared) report("entry-invalid", "memory", "its memory is shared; build it without threads");
    if (wide) {
      report("entry-invalid", "memory", "its memory has 64-bit addresses; build it for wasm32");
      continue;
    }
    if (initial > MAX_INITIAL_PAGES)
      report(
        "entry-invalid",
        "memory",
        `it starts with ${initial} pages, at most ${MAX_INITIAL_PAGES} are allowed`,
      );
    if (maximum === undefined) {
      const how = "--max-memory=268435456 for wasm-ld, --maximumMemory 4096 for asc";
      report("entry-invalid", "memory", `it has no maximum; give it one (${how})`);
    } else if (maximum > MAX_PAGES || maximum < initial)
      report(
        "entry-invalid",
        "memory",
        `its maximum of ${maximum} pages must be from ${initial} to ${MAX_PAGES}`,
      );
  }
}

function checkTables(tables: readonly Limits[], report: Report): void {
  const elements = tables.reduce((sum, { initial }) => sum + initial, 0);
  if (elements > MAX_TABLE_ELEMENTS)
    report(
      "entry-invalid",
      "tables",
      `they have ${elements} elements, at most ${MAX_TABLE_ELEMENTS} are allowed`,
    );
}

/** The same feature is told once, with the first place. */
function firstOfEach<T extends { readonly feature: string }>(uses: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return uses.filter(({ feature }) => !seen.has(feature) && seen.add(feature));
}
