/** Walks instructions without running, compiling or checking types: which are there, and whether all are allowed. */
import type { WasmBytes } from "./wasm-profile-bytes.ts";
import { featureOf, type Operands, operandsOf, PREFIX } from "./wasm-profile-opcodes.ts";

const BLOCK = 0x02;
const IF = 0x04;
const END = 0x0b;
const NO_RESULT = 0x40;
/** memarg with this bit names a memory: more than one are not WebAssembly 2.0. */
const NAMES_A_MEMORY = 0x40;

/** i32, i64, f32, f64, v128, funcref, externref. */
const VALUE_TYPES = new Set([0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f]);
export const REFERENCE_TYPES: ReadonlySet<number> = new Set([0x70, 0x6f]);

export function valueType(bytes: WasmBytes): number {
  const { at } = bytes;
  const type = bytes.byte();
  if (!VALUE_TYPES.has(type)) bytes.fail(`the type 0x${type.toString(16)} is not one of WebAssembly 2.0`, at);
  return type;
}

export function referenceType(bytes: WasmBytes): number {
  const { at } = bytes;
  const type = valueType(bytes);
  if (!REFERENCE_TYPES.has(type)) bytes.fail("a table holds references only", at);
  return type;
}

/**
 * Passes over an expression and its `end`. Returns what it uses and may not, with the place; what follows such an
 * instruction cannot be read, so it is the first only. Throws MalformedWasm where the bytes are no instructions.
 */
export function walkExpression(
  bytes: WasmBytes,
): { readonly feature: string; readonly at: number } | undefined {
  for (let depth = 1; depth > 0; ) {
    const { at } = bytes;
    const first = bytes.byte();
    const prefix = first >= PREFIX.GC && first <= PREFIX.ATOMIC ? first : 0;
    const opcode = prefix === 0 ? first : bytes.u32();
    const operands = operandsOf(prefix, opcode);
    if (operands === undefined) return { feature: featureOf(prefix, opcode), at };
    const feature = operands === "none" ? undefined : skipOperands(bytes, operands);
    if (feature !== undefined) return { feature, at };
    if (prefix === 0 && opcode >= BLOCK && opcode <= IF) depth++;
    else if (prefix === 0 && opcode === END) depth--;
  }
  return undefined;
}

/** Returns the feature that the operands themselves ask for. */
function skipOperands(bytes: WasmBytes, operands: Operands): string | undefined {
  switch (operands) {
    case "none":
      return undefined;
    case "block":
      skipBlockType(bytes);
      return undefined;
    case "index":
      bytes.u32();
      return undefined;
    case "two-indices":
      bytes.u32();
      bytes.u32();
      return undefined;
    case "branches":
      for (let left = bytes.count(bytes.left, "branches"); left >= 0; left--) bytes.u32();
      return undefined;
    case "types":
      for (let left = bytes.count(bytes.left, "types"); left > 0; left--) valueType(bytes);
      return undefined;
    case "access":
      return skipAccess(bytes);
    case "access-lane": {
      const feature = skipAccess(bytes);
      if (feature === undefined) bytes.skip(1);
      return feature;
    }
    case "lane":
      bytes.skip(1);
      return undefined;
    case "i32":
      bytes.skipSigned(32);
      return undefined;
    case "i64":
      bytes.skipSigned(64);
      return undefined;
    case "4 bytes":
      bytes.skip(4);
      return undefined;
    case "8 bytes":
      bytes.skip(8);
      return undefined;
    case "16 bytes":
      bytes.skip(16);
      return undefined;
    case "memory":
      return onlyMemory(bytes);
    case "memory-memory":
      return onlyMemory(bytes) ?? onlyMemory(bytes);
    case "data-memory":
      bytes.u32();
      return onlyMemory(bytes);
    case "reference":
      referenceType(bytes);
      return undefined;
  }
}

function skipBlockType(bytes: WasmBytes): void {
  const { at } = bytes;
  const first = bytes.byte();
  if (first === NO_RESULT || VALUE_TYPES.has(first)) return;
  // Otherwise the index of a type: a signed number that is not negative.
  let last = first;
  for (let i = 0; last >= 0x80 && i < 4; i++) last = bytes.byte();
  if (last >= 0x40) bytes.fail("a block has no such type", at);
}

function skipAccess(bytes: WasmBytes): string | undefined {
  const { at } = bytes;
  const alignment = bytes.u32();
  if (alignment >= 2 * NAMES_A_MEMORY) bytes.fail("an alignment is too large", at);
  if (alignment >= NAMES_A_MEMORY) return "more than one memory";
  bytes.u32();
  return undefined;
}

function onlyMemory(bytes: WasmBytes): string | undefined {
  return bytes.u32() === 0 ? undefined : "more than one memory";
}
