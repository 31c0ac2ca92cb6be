import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  PluginFault,
  processSetup,
  type RunningProcessor,
  type SetupRequest,
  WasmPlugin,
} from "../src/index.ts";
import { soundManifest } from "./sound-manifest.ts";
import { encodeModule, I32, type PassThrough, passThrough } from "./wasm-bytes.ts";

const FRAMES = 256;
const manifest = soundManifest();
const setup = (request: Partial<SetupRequest> = {}) =>
  processSetup(manifest, { sampleRateHz: 48_000, maxFrames: FRAMES, ...request });
const load = (options: PassThrough = {}) =>
  new WasmPlugin(manifest, new WebAssembly.Module(passThrough(options)));

/** What `work` throws, which must be a PluginFault. */
function faultOf(work: () => unknown): PluginFault {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(PluginFault);
    return error as PluginFault;
  }
  throw new Error("nothing was thrown");
}

/** Runs a ramp through it and checks that it comes out again. */
function copies(processor: RunningProcessor, from: number): void {
  const { block } = processor;
  const wanted = (c: number, i: number) => from + i + c / 2;
  for (const [c, channel] of block.inputs[0].entries()) {
    for (let i = 0; i < FRAMES; i++) channel[i] = wanted(c, i);
  }
  block.frames = FRAMES;
  expect(processor.process()).toBe(0);
  for (const [c, channel] of block.outputs[0].entries()) {
    expect(channel.length).toBe(FRAMES);
    for (let i = 0; i < FRAMES; i++)
      if (channel[i] !== wanted(c, i)) expect(channel[i], `frame ${i}`).toBe(wanted(c, i));
  }
}

describe("a wasm plugin", () => {
  test("copies its input, with the latency and tail of its record", () => {
    const processor = load({ latencyFrames: 64, tailFrames: 4800 }).activate(setup());
    expect(processor.latencyFrames).toBe(64);
    expect(processor.tailFrames).toBe(4800);
    copies(processor, 1);
    processor.reset();
    copies(processor, 5);
    processor.dispose();
  });

  test("is told parameters and ports before activate", () => {
    const plugin = load();
    const processor = plugin.activate(setup({ params: { gainDb: -6, mode: 2 }, layout: "mono" }));
    expect([...processor.block.params]).toEqual([-6, 1000, 2, 1]);
    expect(processor.block.inputs[0]).toHaveLength(1);
    expect(processor.block.outputs[0]).toHaveLength(1);
    expect(processor.block.meters).toHaveLength(1);
  });

  test("may have its processors beyond the first 2 GiB of its memory", () => {
    const processor = load({ pages: 32_768 }).activate(setup());
    expect(processor.block.inputs[0][0].byteOffset).toBeGreaterThan(2 ** 31);
    copies(processor, 1);
  });

  test("with -1 has no end: the tail is endless, and what remains too", () => {
    const processor = load({ tailFrames: -1, processReturns: -1 }).activate(setup());
    expect(processor.tailFrames).toBe(Number.POSITIVE_INFINITY);
    processor.block.frames = 1;
    expect(processor.process()).toBe(Number.POSITIVE_INFINITY);
  });

  test("keeps its first processor when the second one makes the memory grow", () => {
    const plugin = load();
    const first = plugin.activate(setup());
    copies(first, 1);
    const [before] = first.block.inputs[0];
    const second = plugin.activate(setup());
    expect(before.length, "the memory has grown, so old views are detached").toBe(0);
    copies(first, 10);
    copies(second, 1000);
    copies(first, 20);
  });

  test.each<[string, PassThrough]>([
    ["refused", { refusesAboveHz: 50_000 }],
    ["trap", { trapsAboveHz: 50_000 }],
  ])("keeps its first processor when an activation that grew the memory ends with %s", (code, options) => {
    const plugin = load(options);
    const first = plugin.activate(setup());
    expect(faultOf(() => plugin.activate(setup({ sampleRateHz: 96_000 }))).code).toBe(code);
    copies(first, 10);
  });

  test("is refreshed no more after its disposal", () => {
    const plugin = load();
    const first = plugin.activate(setup());
    first.dispose();
    plugin.activate(setup());
    expect(first.block.inputs[0][0].length).toBe(0);
  });

  test("that traps in destroy harms nobody", () => {
    const plugin = load({ trapIn: "destroy" });
    const other = plugin.activate(setup());
    expect(() => plugin.activate(setup()).dispose()).not.toThrow();
    copies(other, 3);
  });
});

describe("a wasm module is refused", () => {
  test.each<[string, PassThrough, PluginFault["code"], string]>([
    ["that imports something", { imports: [["env", "now"]] }, "import-forbidden", "imports env.now"],
    ["without process", { without: "process" }, "export-missing", "does not export process"],
    ["without memory", { without: "memory" }, "export-missing", "does not export memory"],
    [
      "built for another API",
      { api: (1 << 16) | 4 },
      "api-invalid",
      "manifest says API 1.0, its module says 1.4",
    ],
    ["that traps at its start", { trapIn: "start" }, "trap", "failed while starting: unreachable"],
    ["with shared memory", { shared: true }, "export-missing", "memory is shared"],
  ])("%s", (_name, options, code, message) => {
    const bytes =
      options.without === "memory"
        ? encodeModule({
            functions: ["api", "create", "activate", "reset", "process", "destroy"].map((name) => ({
              name,
              params: [],
              results: [I32],
              body: [0x41, 1],
            })),
          })
        : passThrough(options);
    const fault = faultOf(() => new WasmPlugin(manifest, new WebAssembly.Module(bytes)));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(message);
    expect(fault.plugin).toBe(manifest.id);
  });

  test("with the first five of its imports named", () => {
    const imports = Array.from({ length: 9 }, (_, i) => ["env", `f${i}`] as const);
    const fault = faultOf(() => load({ imports }));
    expect(fault.message).toContain("env.f0, env.f1, env.f2, env.f3, env.f4;");
  });

  test.each<[string, PassThrough, PluginFault["code"], string]>([
    ["create gives no memory", { createReturns: 0 }, "refused", "could not create a processor"],
    ["create gives an address outside", { createReturns: 1 << 30 }, "trap", "failed in activate"],
    ["create gives a crooked address", { createReturns: 1026 }, "trap", "failed in activate"],
    ["create gives a negative address", { createReturns: -16 }, "trap", "failed in activate"],
    ["activate says no", { activateReturns: 0 }, "refused", "refuses 48000 Hz with blocks of 256 frames"],
    ["activate traps", { trapIn: "activate" }, "trap", "failed in activate: unreachable"],
    ["its latency is absurd", { latencyFrames: 1 << 30 }, "refused", "a latency of 1073741824 frames"],
  ])("when it is activated and %s", (_name, options, code, message) => {
    const fault = faultOf(() => load(options).activate(setup()));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(message);
  });
});

describe("bytes from a stranger", () => {
  /** Compile, instantiate, activate; only the three kinds of refusal may come out. */
  function survive(bytes: Uint8Array<ArrayBuffer>): void {
    try {
      const plugin = new WasmPlugin(manifest, new WebAssembly.Module(bytes));
      plugin.activate(setup());
      plugin.activate(setup());
    } catch (error) {
      const known = [WebAssembly.CompileError, WebAssembly.LinkError, PluginFault];
      if (!known.some((kind) => error instanceof kind)) throw error;
    }
  }

  test("at random are refused", () => {
    const header = fc.constantFrom([], [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 300 }), (start, rest) =>
        survive(Uint8Array.from([...start, ...rest])),
      ),
      { numRuns: 500 },
    );
  });

  test("like a plugin's, but with some of them changed, are refused or run", () => {
    const sound = passThrough();
    const change = fc.record({
      at: fc.integer({ min: 8, max: sound.length - 1 }),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = sound.slice();
        for (const { at, byte } of changes) bytes[at] = byte;
        survive(bytes);
      }),
      { numRuns: 500 },
    );
  });
});
