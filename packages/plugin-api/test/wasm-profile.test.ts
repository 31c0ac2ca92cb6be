import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkWasmProfile, type Manifest, type ProfileProblem } from "../src/index.ts";
import { type Operands, operandsOf, PREFIX } from "../src/wasm-profile-opcodes.ts";
import { soundManifest } from "./sound-manifest.ts";
import { encodeModule, I32, items, type PassThrough, passThrough, unsigned } from "./wasm-bytes.ts";

const plugins = fileURLToPath(new URL("../../../plugins/", import.meta.url));
const check = (options: PassThrough = {}, manifest: Manifest = soundManifest()) =>
  checkWasmProfile(passThrough(options), manifest);
const asText = (problems: readonly ProfileProblem[]) =>
  problems.map(({ code, path, message }) => `${code} | ${path} | ${message}`);

describe("what comes with Gainstage keeps the profile:", () => {
  test.each(readdirSync(plugins))("%s", (name) => {
    const manifest = JSON.parse(readFileSync(`${plugins}${name}/plugin.json`, "utf8"));
    const bytes = readFileSync(`${plugins}${name}/${manifest.entry.wasm}`);
    expect(asText(checkWasmProfile(bytes, manifest))).toEqual([]);
  });

  test("and the module of these tests", () => {
    expect(asText(check())).toEqual([]);
  });
});

/** Operands that an engine takes in the module of `around`. */
const SOUND: Readonly<Record<Operands, readonly number[]>> = {
  none: [],
  block: [0x40],
  index: [0],
  "two-indices": [0, 0],
  branches: [1, 0, 0],
  types: [1, I32],
  access: [0, 0],
  "access-lane": [0, 0, 0],
  lane: [0],
  i32: [0x80, 0x80, 0x80, 0x80, 0x78],
  i64: [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f],
  "4 bytes": [1, 2, 3, 4],
  "8 bytes": [1, 2, 3, 4, 5, 6, 7, 8],
  "16 bytes": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  memory: [0],
  "memory-memory": [0, 0],
  "data-memory": [0, 0],
  reference: [0x70],
};

/** A module with one of everything, whose only function reaches `instruction` with a stack that has any type. */
function around(instruction: readonly number[]): Uint8Array<ArrayBuffer> {
  const UNREACHABLE = 0x00;
  return encodeModule({
    functions: [
      { name: "f", params: [], results: [], locals: 1, body: [UNREACHABLE, ...instruction, UNREACHABLE] },
    ],
    memory: { pages: 1, maxPages: 1 },
    sections: {
      4: items([[0x70, 0, 1]]),
      6: items([[I32, 1, 0x41, 0, 0x0b]]),
      9: items([[1, 0, 1, 0]]),
      12: [1],
      11: items([[1, 1, 0]]),
    },
  });
}

describe("the table of instructions is what an engine knows:", () => {
  const ELSE = 0x05;
  const END = 0x0b;
  const encoded = (prefix: number, opcode: number, operands: Operands) => [
    ...(prefix === 0 ? [opcode] : [prefix, ...unsigned(opcode)]),
    ...SOUND[operands],
    ...(operands === "block" ? [END] : []),
  ];

  test.each([
    ["of one byte", 0],
    ["after 0xfc", PREFIX.MISC],
    ["after 0xfd", PREFIX.SIMD],
  ])("%s, each with operands as long as the engine takes them", (_name, prefix) => {
    let known = 0;
    for (let opcode = 0; opcode < 256; opcode++) {
      const operands = operandsOf(prefix, opcode);
      // These two belong to a block that is open.
      if (operands === undefined || (prefix === 0 && (opcode === ELSE || opcode === END))) continue;
      known++;
      const valid = WebAssembly.validate(around(encoded(prefix, opcode, operands)));
      if (!valid) expect(valid, `0x${prefix.toString(16)} 0x${opcode.toString(16)}`).toBe(true);
    }
    // WebAssembly 2.0 without table.grow has 17 after 0xfc, and 236 of SIMD.
    if (prefix !== 0) expect(known).toBe(prefix === PREFIX.SIMD ? 236 : 17);
  });

  test("and of the SIMD that is not in it the engine knows none either", () => {
    for (let opcode = 0; opcode < 256; opcode++) {
      if (operandsOf(PREFIX.SIMD, opcode) !== undefined) continue;
      const valid = WebAssembly.validate(around(encoded(PREFIX.SIMD, opcode, "none")));
      if (valid) expect(valid, `0x${opcode.toString(16)}`).toBe(false);
    }
  });
});

const RELAXED_MADD = [0xfd, ...unsigned(0x105)];

describe("an instruction is refused by its name:", () => {
  test.each<[string, readonly number[], string]>([
    ["relaxed SIMD, the first", [0xfd, ...unsigned(0x100)], "relaxed SIMD, whose results differ"],
    ["relaxed SIMD, the last", [0xfd, ...unsigned(0x113)], "relaxed SIMD, whose results differ"],
    ["SIMD that nobody knows", [0xfd, ...unsigned(0x114)], "not of WebAssembly 2.0 (0xfd 0x114)"],
    ["a hole among SIMD", [0xfd, ...unsigned(0x9a)], "not of WebAssembly 2.0 (0xfd 0x9a)"],
    ["an atomic load", [0xfe, 0x10, 2, 0], "atomics: build it without threads"],
    ["try", [0x06, 0x40], "exceptions"],
    ["throw", [0x08, 0], "exceptions"],
    ["try_table", [0x1f, 0x40, 0], "exceptions"],
    ["struct.new", [0xfb, 0, 0], "garbage-collected objects"],
    ["return_call", [0x12, 0], "tail calls"],
    ["call_ref", [0x14, 0], "typed function references"],
    ["table.grow", [0xfc, 15, 0], "table.grow"],
    ["128-bit arithmetic", [0xfc, 19], "not of WebAssembly 2.0 (0xfc 0x13)"],
    ["a byte that is no opcode", [0xff], "not of WebAssembly 2.0 (0xff)"],
    ["memory.size of a second memory", [0x3f, 1], "more than one memory"],
    ["a load from a second memory", [0x41, 0, 0x28, 0x42, 1, 0], "more than one memory"],
  ])("%s", (_name, instruction, feature) => {
    const problems = check({ inProcess: instruction });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: "entry-invalid", path: "function 4" });
    expect(problems[0].message).toContain(feature);
  });

  test("which the engine would have compiled", () => {
    const operands = Array.from({ length: 3 }, () => [0xfd, 12, ...SOUND["16 bytes"]]).flat();
    const bytes = passThrough({ inProcess: [...operands, ...RELAXED_MADD, 0x1a] });
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(checkWasmProfile(bytes, soundManifest())).toHaveLength(1);
  });

  test("once for all functions that use it", () => {
    const uses = { params: [], results: [], body: RELAXED_MADD };
    const problems = check({ functions: ["a", "b", "c"].map((name) => ({ ...uses, name })) });
    expect(problems.map((p) => p.path)).toEqual(["function 7"]);
  });

  test("and not where the same bytes are a constant", () => {
    const constant = [
      0xfd, 12, 0xfe, 0xfd, 0x85, 2, 0xfb, 6, 8, 0xff, 0x12, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe,
    ];
    expect(asText(check({ inProcess: [...constant, 0x1a] }))).toEqual([]);
  });
});

describe("a memory is refused:", () => {
  const memory = (...bytes: number[]): PassThrough => ({ sections: { 5: items([bytes]) } });
  test.each<[string, PassThrough, string]>([
    ["without a maximum", memory(0, 1), "it has no maximum; give it one (--max-memory=268435456 for wasm-ld"],
    ["shared", memory(3, 1, 2), "its memory is shared; build it without threads"],
    ["with 64-bit addresses", memory(5, 1, 2), "its memory has 64-bit addresses; build it for wasm32"],
    [
      "of more than 256 MiB at the start",
      memory(1, ...unsigned(4097), ...unsigned(5000)),
      "it starts with 4097 pages, at most 4096 are allowed",
    ],
    ["with a maximum below its start", memory(1, 9, 8), "its maximum of 8 pages must be from 9 to 65536"],
    ["with pages of another size", memory(8, 1, 0), "limits are of a kind that is not of WebAssembly 2.0"],
    [
      "beside another one",
      {
        sections: {
          5: items([
            [1, 1, 2],
            [1, 1, 2],
          ]),
        },
      },
      "it has 2 memories; it must have one",
    ],
  ])("%s", (_name, options, message) => {
    const problems = check(options);
    expect(problems.map((p) => p.code)).toEqual(["entry-invalid"]);
    expect(problems[0].message).toContain(message);
  });

  test("but not with exactly 256 MiB", () => {
    expect(asText(check(memory(1, ...unsigned(4096), ...unsigned(4096))))).toEqual([]);
  });

  test("unless it is exported", () => {
    const problems = check({ without: "memory" });
    expect(asText(problems)).toEqual([
      "export-missing | memory | it does not export its memory as memory",
      "entry-invalid | memory | it has 0 memories; it must have one",
    ]);
  });
});

describe("an export is refused:", () => {
  const other = (name: string, params: number[], results: number[], body: number[] = []): PassThrough => ({
    functions: [{ name, params, results, body }],
  });
  test.each<[string, PassThrough, string]>([
    ["a function that is missing", { without: "process" }, "it does not export a function process"],
    [
      "one with other parameters",
      other("process", [I32], [I32], [0x41, 0]),
      "its process has the type (i32) -> (i32); it must be (i32, i32) -> (i32)",
    ],
    [
      "one with a result too many",
      other("reset", [I32], [I32], [0x41, 0]),
      "its reset has the type (i32) -> (i32); it must be (i32) -> ()",
    ],
    [
      "one with a rate in 32 bits",
      other("activate", [I32, 0x7d, I32, I32], [I32], [0x41, 0]),
      "its activate has the type (i32, f32, i32, i32) -> (i32); it must be (i32, f64, i32, i32) -> (i32)",
    ],
  ])("%s", (_name, options, message) => {
    expect(asText(check(options))).toEqual([
      `export-missing | ${message.match(/process|reset|activate/)} | ${message}`,
    ]);
  });

  test("that an extension of the manifest needs, by its name", () => {
    const missing = (changes: Partial<Manifest>) => check({}, soundManifest(changes)).map((p) => p.path);
    expect(missing({ extensions: ["state/1"], stateVersion: 1 })).toEqual(["room", "save", "load"]);
    expect(missing({ extensions: ["curve/1"] })).toEqual(["room", "curve"]);
    expect(missing({ uses: ["resource/1"], resources: ["a.wav"] })).toEqual(["room", "resource"]);
    expect(missing({ requires: ["resource/1"], uses: ["log/1"] })).toEqual(["room", "resource"]);
    expect(missing({ extensions: ["com.example.glow/1"] })).toEqual([]);
  });

  test("but what is not asked for may be there with any type", () => {
    expect(asText(check(other("save", [], [])))).toEqual([]);
    expect(asText(check(other("toString", [], [])))).toEqual([]);
  });
});

describe("a module is refused", () => {
  test("for each of its imports, and for everything else at once", () => {
    const problems = check({
      imports: [
        ["env", "now"],
        ["env", "log"],
      ],
      without: "reset",
      inProcess: RELAXED_MADD,
    });
    expect(asText(problems)).toEqual([
      "import-forbidden | imports | it imports env.now; a wasm plugin may import nothing",
      "import-forbidden | imports | it imports env.log; a wasm plugin may import nothing",
      "export-missing | reset | it does not export a function reset",
      "entry-invalid | function 5 | it uses relaxed SIMD, whose results differ from machine to machine",
    ]);
  });

  test.each<[string, readonly number[]]>([
    ["table", [1, 0x70, 0, 1]],
    ["memory", [2, 1, 1, 2]],
    ["global", [3, I32, 0]],
  ])("for an imported %s", (_name, description) => {
    const problems = check({ sections: { 2: items([[1, 0x65, 1, 0x78, ...description]]) } });
    expect(problems[0].message).toContain("it imports e.x;");
  });

  test("for tables of more elements than 65536 together", () => {
    const tables = (...sizes: number[]) =>
      check({ sections: { 4: items(sizes.map((size) => [0x70, 0, ...unsigned(size)])) } });
    expect(asText(tables(65_536))).toEqual([]);
    expect(tables(65_536, 1)[0].message).toContain("they have 65537 elements, at most 65536 are allowed");
  });

  test("for exceptions that it declares", () => {
    expect(check({ sections: { 13: items([[0, 0]]) } })[0].message).toContain("it uses exceptions");
  });

  test("of more than 64 MiB, unread", () => {
    const problems = checkWasmProfile(new Uint8Array(64 * 1024 * 1024 + 1), soundManifest());
    expect(problems[0].message).toContain("at most 67108864 are allowed");
  });

  test.each<[string, readonly number[], string]>([
    ["no bytes", [], "it does not begin as WebAssembly 1 does"],
    ["text", [...new TextEncoder().encode("hello, world")], "it does not begin as WebAssembly 1 does"],
    ["a component", [0, 0x61, 0x73, 0x6d, 13, 0, 1, 0], "it does not begin as WebAssembly 1 does"],
    ["a section that nobody knows", [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 14, 0], "there is no section 14"],
    [
      "a section twice",
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 3, 1, 0, 3, 1, 0],
      "section 3 is there twice or too late",
    ],
    [
      "a section too late",
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 3, 1, 0, 1, 1, 0],
      "section 1 is there twice or too late",
    ],
    ["a section beyond the end", [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 9, 0], "it ends too early"],
    [
      "a section with bytes too many",
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 3, 2, 0, 0],
      "bytes that belong to nothing",
    ],
    [
      "a length without end",
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 3, 0x80, 0x80, 0x80, 0x80, 0x80],
      "more than 32 bits",
    ],
    ["more functions than bytes", [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 3, 2, 0x7f, 0], "it ends too early"],
    ["a type that is a struct", [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x5f, 0, 0], "garbage-collected"],
    ["a parameter of no type", [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x6e, 0], "the type 0x6e"],
  ])("that is %s", (_name, bytes, message) => {
    const problems = checkWasmProfile(Uint8Array.from(bytes), soundManifest());
    expect(problems).toHaveLength(1);
    expect(problems[0].code).toBe("entry-invalid");
    expect(problems[0].message).toContain(message);
  });

  test("wherever it is cut off", () => {
    const whole = passThrough();
    for (let length = 0; length < whole.length; length++) {
      const problems = checkWasmProfile(whole.subarray(0, length), soundManifest());
      if (problems.length === 0) expect(problems, `cut to ${length} bytes`).not.toEqual([]);
    }
  });
});

test("any bytes behind a sound header are answered, and never thrown at", () => {
  const header = fc.constantFrom([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 400 }), (start, rest) => {
      checkWasmProfile(Uint8Array.from([...start, ...rest]), soundManifest());
    }),
    { numRuns: 2000 },
  );
});

test("a body of a million instructions is walked", () => {
  const nops = new Array<number>(1 << 20).fill(0x01);
  expect(asText(check({ inProcess: nops }))).toEqual([]);
});
