/**
 * The instructions that a plugin may use, and what follows each in the binary: WebAssembly Core 2.0, chapter 5.4, all of
 * it but growing tables. What came later is refused by its name: some of it rounds differently from machine to machine.
 */

/** The immediate operands of an instruction. */
export type Operands =
  | "none"
  | "block"
  | "index"
  | "two-indices"
  | "branches"
  | "types"
  | "access"
  | "access-lane"
  | "lane"
  | "i32"
  | "i64"
  | "4 bytes"
  | "8 bytes"
  | "16 bytes"
  | "memory"
  | "memory-memory"
  | "data-memory"
  | "reference";

type Table = readonly (Operands | undefined)[];

/** `rows`: first opcode, last opcode, what follows. */
function table(length: number, rows: readonly (readonly [number, number, Operands])[]): Table {
  const made = new Array<Operands | undefined>(length).fill(undefined);
  for (const [first, last, operands] of rows) made.fill(operands, first, last + 1);
  return made;
}

export const PREFIX = { GC: 0xfb, MISC: 0xfc, SIMD: 0xfd, ATOMIC: 0xfe } as const;

/** One byte. */
const PLAIN = table(256, [
  [0x00, 0x01, "none"], // unreachable, nop
  [0x02, 0x04, "block"], // block, loop, if
  [0x05, 0x05, "none"], // else
  [0x0b, 0x0b, "none"], // end
  [0x0c, 0x0d, "index"], // br, br_if
  [0x0e, 0x0e, "branches"], // br_table
  [0x0f, 0x0f, "none"], // return
  [0x10, 0x10, "index"], // call
  [0x11, 0x11, "two-indices"], // call_indirect
  [0x1a, 0x1b, "none"], // drop, select
  [0x1c, 0x1c, "types"], // select t
  [0x20, 0x24, "index"], // local.get … global.set
  [0x25, 0x26, "index"], // table.get, table.set
  [0x28, 0x3e, "access"], // i32.load … i64.store32
  [0x3f, 0x40, "memory"], // memory.size, memory.grow
  [0x41, 0x41, "i32"],
  [0x42, 0x42, "i64"],
  [0x43, 0x43, "4 bytes"],
  [0x44, 0x44, "8 bytes"],
  [0x45, 0xc4, "none"], // comparison, arithmetic, conversion
  [0xd0, 0xd0, "reference"], // ref.null
  [0xd1, 0xd1, "none"], // ref.is_null
  [0xd2, 0xd2, "index"], // ref.func
]);

/** After 0xfc. */
const MISC = table(18, [
  [0, 7, "none"], // saturating truncation
  [8, 8, "data-memory"], // memory.init
  [9, 9, "index"], // data.drop
  [10, 10, "memory-memory"], // memory.copy
  [11, 11, "memory"], // memory.fill
  [12, 12, "two-indices"], // table.init
  [13, 13, "index"], // elem.drop
  [14, 14, "two-indices"], // table.copy
  [16, 17, "index"], // table.size, table.fill
]);

/** After 0xfd: the 236 instructions of 128-bit SIMD. */
const SIMD = table(256, [
  [0x00, 0x0b, "access"], // v128.load … v128.store
  [0x0c, 0x0d, "16 bytes"], // v128.const, i8x16.shuffle
  [0x0e, 0x14, "none"], // swizzle, splat
  [0x15, 0x22, "lane"], // extract_lane, replace_lane
  [0x23, 0x53, "none"], // comparison, bits
  [0x54, 0x5b, "access-lane"], // v128.load8_lane … v128.store64_lane
  [0x5c, 0x5d, "access"], // v128.load32_zero, v128.load64_zero
  [0x5e, 0x99, "none"], // f32x4 and f64x2 conversion, i8x16, i16x8
  [0x9b, 0xa1, "none"],
  [0xa3, 0xa4, "none"],
  [0xa7, 0xae, "none"], // i32x4
  [0xb1, 0xb1, "none"],
  [0xb5, 0xba, "none"],
  [0xbc, 0xc1, "none"],
  [0xc3, 0xc4, "none"],
  [0xc7, 0xce, "none"], // i64x2
  [0xd1, 0xd1, "none"],
  [0xd5, 0xe1, "none"],
  [0xe3, 0xed, "none"], // f32x4, f64x2
  [0xef, 0xff, "none"],
]);

/** What follows the opcode; undefined for one that a plugin may not use. `prefix` is 0 for opcodes of one byte. */
export function operandsOf(prefix: number, opcode: number): Operands | undefined {
  if (prefix === 0) return PLAIN[opcode];
  if (prefix === PREFIX.MISC) return MISC[opcode];
  return prefix === PREFIX.SIMD ? SIMD[opcode] : undefined;
}

const isWithin = (opcode: number, first: number, last: number) => opcode >= first && opcode <= last;

/** What an opcode that operandsOf() does not know belongs to, and why it is refused. */
export function featureOf(prefix: number, opcode: number): string {
  if (prefix === PREFIX.ATOMIC) return "atomics: build it without threads";
  if (prefix === PREFIX.GC) return "garbage-collected objects: keep everything in the memory";
  if (prefix === PREFIX.SIMD && isWithin(opcode, 0x100, 0x113))
    return "relaxed SIMD, whose results differ from machine to machine";
  if (prefix === PREFIX.MISC && opcode === 15) return "table.grow: the size of a table is fixed";
  if (prefix === 0) {
    if (isWithin(opcode, 0x06, 0x0a) || opcode === 0x18 || opcode === 0x19 || opcode === 0x1f)
      return "exceptions: build it without them";
    if (isWithin(opcode, 0x12, 0x13)) return "tail calls, which not every host has";
    if (isWithin(opcode, 0x14, 0x15) || isWithin(opcode, 0xd3, 0xd6))
      return "typed function references, which not every host has";
  }
  const name = (prefix === 0 ? [opcode] : [prefix, opcode]).map((n) => `0x${n.toString(16)}`).join(" ");
  return `an instruction that is not of WebAssembly 2.0 (${name})`;
}
