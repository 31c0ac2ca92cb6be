/**
 * What a wasm binary declares, section by section (WebAssembly Core 2.0, chapter 5.5), in one pass over its bytes.
 *
 * Types, indices and the stack are not checked: the engine does so when it compiles. This finds what an engine would
 * take and a plugin may not have.
 */
import type { WasmBytes } from "./wasm-profile-bytes.ts";
import { referenceType, valueType, walkExpression } from "./wasm-profile-code.ts";

/** Who has more of anything is no effect. */
const MAX_ITEMS = 100_000;
const MAX_TYPES = 10_000;
const MAX_OF_A_TYPE = 1000;
const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const FUNCTION_TYPE = 0x60;
const PLACES = ["function", "table", "memory", "global", "tag"] as const;
const TAGS = 13;
/** In the order in which sections stand; 0, custom sections, may be anywhere. */
const ORDER = [1, 2, 3, 4, 5, TAGS, 6, 7, 8, 9, 12, 10, 11];

export interface Limits {
  readonly initial: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  /** 64-bit addresses, or something newer. */
  readonly wide: boolean;
}

export interface FunctionType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** Something that is used and must not be. */
export interface Use {
  readonly place: string;
  readonly feature: string;
}

interface Vector {
  readonly what: string;
  readonly read: (content: WasmBytes, index: number) => unknown;
}

export class WasmSections {
  readonly imports: string[] = [];
  readonly tables: Limits[] = [];
  readonly memories: Limits[] = [];
  readonly uses: Use[] = [];
  /** By name: what it is, and its index among those. */
  readonly exports: Map<string, { readonly kind: string; readonly index: number }> = new Map();
  readonly #types: FunctionType[] = [];
  /** The type of each function, imported ones first. */
  readonly #functions: number[] = [];
  #imported = 0;
  #bodies = 0;

  /** The sections that are a list of one kind of thing. */
  readonly #vectors: Readonly<Record<number, Vector | undefined>> = {
    1: { what: "types", read: (content) => this.#types.push(functionType(content)) },
    2: { what: "imports", read: (content) => this.#import(content) },
    3: { what: "functions", read: (content) => this.#functions.push(content.u32()) },
    4: { what: "tables", read: (content) => this.tables.push(tableType(content)) },
    5: { what: "memories", read: (content) => this.memories.push(limits(content)) },
    6: { what: "globals", read: (content, i) => this.#global(content, `global ${i}`) },
    7: { what: "exports", read: (content) => this.#export(content) },
    9: { what: "element segments", read: (content, i) => this.#elements(content, `element segment ${i}`) },
    10: { what: "function bodies", read: (content, i) => this.#body(content.part(), this.#imported + i) },
    11: { what: "data segments", read: (content, i) => this.#data(content, `data segment ${i}`) },
  };

  /** Throws MalformedWasm. */
  constructor(bytes: WasmBytes) {
    for (const byte of HEADER) {
      if (bytes.left === 0 || bytes.byte() !== byte)
        bytes.fail("it does not begin as WebAssembly 1 does (00 61 73 6d 01 00 00 00)", 0);
    }
    let reached = -1;
    while (bytes.left > 0) {
      const { at } = bytes;
      const id = bytes.byte();
      const content = bytes.part();
      if (id === 0) continue;
      const place = ORDER.indexOf(id);
      if (place < 0) bytes.fail(`there is no section ${id}`, at);
      if (place <= reached) bytes.fail(`section ${id} is there twice or too late`, at);
      reached = place;
      this.#section(id, content);
      if (content.left > 0) content.fail(`section ${id} has bytes that belong to nothing`);
    }
    const declared = this.#functions.length - this.#imported;
    if (declared !== this.#bodies) bytes.fail(`it declares ${declared} functions and has ${this.#bodies}`);
  }

  typeOf(functionIndex: number): FunctionType | undefined {
    return this.#types[this.#functions[functionIndex]];
  }

  #section(id: number, content: WasmBytes): void {
    const items = this.#vectors[id];
    if (items) {
      each(content, items.what, (i) => items.read(content, i));
    } else if (id === TAGS) {
      this.uses.push({ place: "section 13", feature: "exceptions: build it without them" });
      content.skip(content.left);
    } else {
      // The start function, or the number of data segments.
      content.u32();
    }
  }

  #import(content: WasmBytes): void {
    this.imports.push(`${content.name()}.${content.name()}`);
    const { at } = content;
    switch (PLACES[content.byte()]) {
      case "function":
        this.#functions.push(content.u32());
        this.#imported++;
        return;
      case "table":
        tableType(content);
        return;
      case "memory":
        limits(content);
        return;
      case "global":
        globalType(content);
        return;
      case "tag":
        content.skip(1);
        content.u32();
        return;
      default:
        content.fail("an import is of no kind", at);
    }
  }

  #global(content: WasmBytes, place: string): void {
    globalType(content);
    this.#expression(content, place);
  }

  #export(content: WasmBytes): void {
    const name = content.name();
    const { at } = content;
    const kind = PLACES[content.byte()] ?? content.fail("an export is of no kind", at);
    this.exports.set(name, { kind, index: content.u32() });
  }

  #expression(content: WasmBytes, place: string): void {
    const use = walkExpression(content);
    if (use) content.fail(`${place} uses ${use.feature}`, use.at);
  }

  #body(body: WasmBytes, index: number): void {
    this.#bodies++;
    for (let groups = body.count(MAX_ITEMS, "groups of locals"); groups > 0; groups--) {
      body.u32();
      valueType(body);
    }
    const use = walkExpression(body);
    if (use) this.uses.push({ place: `function ${index}`, feature: use.feature });
    else if (body.left > 0) body.fail(`function ${index} goes on after its end`);
  }

  /** Bit 0: passive or declared. Bit 1: with a table, or declared. Bit 2: expressions instead of functions. */
  #elements(content: WasmBytes, place: string): void {
    const { at } = content;
    const flags = content.u32();
    if (flags > 7) content.fail(`${place} is of no kind`, at);
    if ((flags & 3) === 2) content.u32();
    if ((flags & 1) === 0) this.#expression(content, place);
    const expressions = (flags & 4) !== 0;
    if ((flags & 3) !== 0) {
      if (expressions) referenceType(content);
      else content.skip(1);
    }
    each(content, "elements", () => (expressions ? this.#expression(content, place) : content.u32()));
  }

  #data(content: WasmBytes, place: string): void {
    const { at } = content;
    const kind = content.u32();
    if (kind > 2) content.fail(`${place} is of no kind`, at);
    if (kind === 2) content.u32();
    if (kind !== 1) this.#expression(content, place);
    content.part();
  }
}

function each(content: WasmBytes, what: string, read: (index: number) => unknown): void {
  const count = content.count(what === "types" ? MAX_TYPES : MAX_ITEMS, what);
  for (let i = 0; i < count; i++) read(i);
}

function functionType(content: WasmBytes): FunctionType {
  const { at } = content;
  if (content.byte() !== FUNCTION_TYPE)
    content.fail("a type is not that of a function, as garbage-collected objects have them", at);
  const read = () =>
    Array.from({ length: content.count(MAX_OF_A_TYPE, "parameters or results") }, () => valueType(content));
  return { params: read(), results: read() };
}

function tableType(content: WasmBytes): Limits {
  referenceType(content);
  return limits(content);
}

function globalType(content: WasmBytes): void {
  valueType(content);
  content.skip(1);
}

/** Bit 0: a maximum follows. Bit 1: shared. Bit 2: 64 bits. */
function limits(content: WasmBytes): Limits {
  const { at } = content;
  const flags = content.byte();
  if (flags > 7) content.fail("limits are of a kind that is not of WebAssembly 2.0", at);
  const wide = (flags & 4) !== 0;
  const number = () => (wide ? wideNumber(content) : content.u32());
  const initial = number();
  return { initial, maximum: (flags & 1) === 0 ? undefined : number(), shared: (flags & 2) !== 0, wide };
}

/** 64 bits, not needed exactly: whoever has them is refused. */
function wideNumber(content: WasmBytes): number {
  for (let bytes = 0; bytes < 10; bytes++) if (content.byte() < 0x80) return Number.POSITIVE_INFINITY;
  content.fail("a number has more than 64 bits");
}
