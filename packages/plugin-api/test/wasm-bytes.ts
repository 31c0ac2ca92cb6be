/**
 * WebAssembly modules made byte by byte (WebAssembly Core 2.0, chapter 5, binary format): a plugin that copies its
 * stereo input to its output, and the ways in which such a module can be wrong.
 *
 *   processor at p, one page each:  p record │ +64 params │ +128 ports │ +192 inputs │ +256 outputs │ +320 meters
 *                                   +400 calls │ +1024 audio: in L, in R, out L, out R, 2048 frames each
 */

export const I32 = 0x7f;
export const F64 = 0x7c;

export interface WasmFunction {
  readonly name: string;
  readonly params: readonly number[];
  readonly results: readonly number[];
  /** How many i32 locals, after the parameters. */
  readonly locals?: number;
  /** Without its final `end`. */
  readonly body: readonly number[];
}

export interface WasmModule {
  readonly functions: readonly WasmFunction[];
  /** [module, name] of functions () -> () that it asks the host for. */
  readonly imports?: readonly (readonly [string, string])[];
  readonly memory?: { readonly pages: number; readonly maxPages?: number; readonly shared?: boolean };
  /** Index of a function () -> () that runs when the module is instantiated. */
  readonly start?: number;
  /** Sections as they are, by their numbers, in the place of ours. */
  readonly sections?: Readonly<Record<number, readonly number[]>>;
}

const UNREACHABLE = 0x00;
const MEMORY_GROW = [0x40, 0x00];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const constant = (value: number) => [0x41, ...signed(value)];
const load = (offset: number) => [0x28, 2, ...unsigned(offset)];
const store = (offset: number) => [0x36, 2, ...unsigned(offset)];
const ADD = 0x6a;
const MULTIPLY = 0x6c;
const EQUAL = 0x46;
const F64_CONST = 0x44;
const F64_GREATER = 0x64;
const RETURN = 0x0f;
const MEMORY_COPY = [0xfc, 0x0a, 0, 0];
const when = (...body: number[]) => [0x04, 0x40, ...body, 0x0b];

const REFUSE = [...constant(0), RETURN];

const PAGE_BYTES = 65_536;
const IN_AT = 1024;
const CHANNEL_BYTES = 8192;
const OUT_AT = IN_AT + 2 * CHANNEL_BYTES;
const CALLS_AT = 400;

export interface PassThrough {
  /** What api() says, "major << 16 | minor". Default 1.0. */
  readonly api?: number;
  readonly createReturns?: number;
  /** 1 accepts, 0 refuses. */
  readonly activateReturns?: number;
  /** It refuses rates above this one, after its memory has grown. */
  readonly refusesAboveHz?: number;
  readonly trapsAboveHz?: number;
  readonly latencyFrames?: number;
  readonly tailFrames?: number;
  readonly trapIn?: "start" | "activate" | "destroy";
  /** The number of calls of process() that go well. */
  readonly trapAfterCalls?: number;
  readonly processReturns?: number;
  /** An export that is left out. */
  readonly without?: string;
  readonly imports?: readonly (readonly [string, string])[];
  readonly shared?: boolean;
  /** Of memory, before the first create(). Default 1. */
  readonly pages?: number;
  /** Instructions in front of those of process(). */
  readonly inProcess?: readonly number[];
  /** Further functions, in the place of those of the same name. */
  readonly functions?: readonly WasmFunction[];
  readonly sections?: WasmModule["sections"];
}

/** As many as there may be: 4 GiB. */
const MAX_PAGES = 65_536;

/** The bytes of a plugin that copies its input. Every create() grows the memory by a page. */
export function passThrough(options: PassThrough = {}): Uint8Array<ArrayBuffer> {
  const {
    api = 0x10000,
    activateReturns = 1,
    latencyFrames = 0,
    tailFrames = 0,
    processReturns = 0,
  } = options;
  const trap = (place: PassThrough["trapIn"]) => (options.trapIn === place ? [UNREACHABLE] : []);
  const functions: WasmFunction[] = [
    { name: "api", params: [], results: [I32], body: constant(api) },
    { name: "create", params: [], results: [I32], locals: 1, body: createBody(options.createReturns) },
    {
      name: "activate",
      params: [I32, F64, I32, I32],
      results: [I32],
      body: [
        ...trap("activate"),
        ...[...get(0), ...constant(latencyFrames), ...store(0)],
        ...[...get(0), ...constant(tailFrames), ...store(4)],
        ...(options.refusesAboveHz === undefined ? [] : whenAbove(options.refusesAboveHz, REFUSE)),
        ...(options.trapsAboveHz === undefined ? [] : whenAbove(options.trapsAboveHz, [UNREACHABLE])),
        ...constant(activateReturns),
      ],
    },
    { name: "reset", params: [I32], results: [], body: [] },
    {
      name: "process",
      params: [I32, I32],
      results: [I32],
      body: [
        ...(options.trapAfterCalls === undefined ? [] : trapAfter(options.trapAfterCalls)),
        ...(options.inProcess ?? []),
        ...copyChannel(0),
        ...copyChannel(1),
        ...constant(processReturns),
      ],
    },
    { name: "destroy", params: [I32], results: [], body: trap("destroy") },
    { name: "begin", params: [], results: [], body: trap("start") },
  ];
  const further = options.functions ?? [];
  const isReplaced = ({ name: own }: WasmFunction) => further.some(({ name: other }) => other === own);
  const exported = [...functions.filter((f) => f.name !== options.without && !isReplaced(f)), ...further];
  return encodeModule({
    functions: exported,
    ...(options.sections ? { sections: options.sections } : {}),
    ...(options.imports ? { imports: options.imports } : {}),
    ...(options.without === "memory"
      ? {}
      : {
          memory: options.shared
            ? { pages: 1, maxPages: 100, shared: true }
            : { pages: options.pages ?? 1, maxPages: MAX_PAGES },
        }),
    ...(options.trapIn === "start" ? { start: exported.findIndex((f) => f.name === "begin") } : {}),
  });
}

function createBody(returns: number | undefined): number[] {
  if (returns !== undefined) return constant(returns);
  const address = (word: number, target: number) => [
    ...get(0),
    ...[...get(0), ...constant(target), ADD],
    ...store(word),
  ];
  return [
    ...[...constant(1), ...MEMORY_GROW, ...constant(PAGE_BYTES), MULTIPLY, ...set(0)],
    ...[
      ...address(8, 64),
      ...address(12, 128),
      ...address(16, 192),
      ...address(20, 256),
      ...address(24, 320),
    ],
    ...[...address(192, IN_AT), ...address(196, IN_AT + CHANNEL_BYTES)],
    ...[...address(256, OUT_AT), ...address(260, OUT_AT + CHANNEL_BYTES)],
    ...get(0),
  ];
}

/** What activate() does with a rate that is too high. */
function whenAbove(hz: number, body: readonly number[]): number[] {
  const bytes = new Uint8Array(new Float64Array([hz]).buffer);
  return [...get(1), F64_CONST, ...bytes, F64_GREATER, ...when(...body)];
}

function trapAfter(calls: number): number[] {
  return [
    ...[...get(0), ...load(CALLS_AT), ...constant(calls), EQUAL, ...when(UNREACHABLE)],
    ...[...get(0), ...get(0), ...load(CALLS_AT), ...constant(1), ADD, ...store(CALLS_AT)],
  ];
}

function copyChannel(channel: number): number[] {
  return [
    ...[...get(0), ...constant(OUT_AT + channel * CHANNEL_BYTES), ADD],
    ...[...get(0), ...constant(IN_AT + channel * CHANNEL_BYTES), ADD],
    ...[...get(1), ...constant(4), MULTIPLY],
    ...MEMORY_COPY,
  ];
}

/** Exceptions (13) stand behind memories, the number of data segments (12) in front of the code. */
const SECTION_ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** Every function is exported under its name, and so is the memory, as "memory". */
export function encodeModule({
  functions,
  imports = [],
  memory,
  start,
  sections = {},
}: WasmModule): Uint8Array<ArrayBuffer> {
  // Type 0 is () -> (), for imports; then one type a function.
  const types = [[0x60, 0, 0], ...functions.map((f) => [0x60, ...vector(f.params), ...vector(f.results)])];
  const limits = memory?.shared ? 3 : memory?.maxPages === undefined ? 0 : 1;
  const memoryBytes = memory
    ? [limits, ...unsigned(memory.pages), ...(memory.maxPages === undefined ? [] : unsigned(memory.maxPages))]
    : [];
  const exported = [
    ...(memory ? [[...name("memory"), 2, 0]] : []),
    ...functions.map((f, i) => [...name(f.name), 0, ...unsigned(imports.length + i)]),
  ];
  const bodies = functions.map((f) => {
    const locals = f.locals ? [1, ...unsigned(f.locals), I32] : [0];
    const code = [...locals, ...f.body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  const own: Record<number, readonly number[]> = {
    1: items(types),
    2: items(imports.map(([from, item]) => [...name(from), ...name(item), 0, 0])),
    3: items(functions.map((_, i) => unsigned(i + 1))),
    ...(memory ? { 5: items([memoryBytes]) } : {}),
    7: items(exported),
    ...(start === undefined ? {} : { 8: unsigned(imports.length + start) }),
    10: items(bodies),
  };
  const all = { ...own, ...sections };
  const whole = SECTION_ORDER.flatMap((id) => (all[id] ? section(id, all[id]) : []));
  return Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...whole]);
}

const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content];
/** A number in front of so many items. */
export const items = (list: readonly (readonly number[])[]) => [...unsigned(list.length), ...list.flat()];
const vector = (list: readonly number[]) => [...unsigned(list.length), ...list];
const name = (text: string) => vector([...new TextEncoder().encode(text)]);

/** LEB128, seven bits a byte, lowest first. */
export function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const rest = value >> 7;
  const low = value & 127;
  const last = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
  return last ? [low] : [low | 128, ...signed(rest)];
}
