/** What shows only with files, threads, processes and memories of their own. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { I32, items, passThrough } from "../../plugin-api/test/wasm-bytes.ts";
import {
  messagesHere,
  messagesIn,
  moduleFolder,
  outcomesIn,
  pluginFolder,
  soundSource,
  spoiltModule,
  wasmFolder,
  wasmManifest,
} from "./plugin-folder.ts";
import { soundManifest } from "./sound-plugin.ts";

const scaled =
  "for (const channel of block.outputs[0]) for (let i = 0; i < block.frames; i++) channel[i] *= 0.5;";

test("a plugin is found out that has a mistake in its syntax (L01)", async () => {
  const folder = moduleFolder("export default {");
  const outcomes = await outcomesIn(folder, ["L01", "L09", "C01"]);
  expect(outcomes.get("L01")?.message).toMatch(/cannot be loaded: Unexpected end of input/);
  expect(outcomes.get("C01")?.reason).toMatch(/it cannot be loaded/);
});

test("a plugin is found out that is no module at all (L01)", async () => {
  const messages = await messagesHere(wasmFolder(Uint8Array.of(1, 2, 3)), [
    "L01",
    "L02",
    "L03",
    "L04",
    "L06",
  ]);
  expect(Object.keys(messages)).toEqual(["L01"]);
});

test.each([
  ["L02", /it imports env\.now; a wasm plugin may import nothing/, { imports: [["env", "now"]] as const }],
  ["L03", /it does not export a function destroy/, { without: "destroy" }],
  ["L04", /its memory is shared/, { shared: true }],
])("a wasm module is found out by %s", async (breaks, says, options) => {
  const messages = await messagesHere(wasmFolder(passThrough(options)), ["L02", "L03", "L04", "L06"]);
  expect(messages[breaks]).toMatch(says);
  expect(Object.keys(messages)).toEqual([breaks]);
});

test("a wasm module whose last part can be cut off without a trace is found out (L06)", async () => {
  const sound = passThrough();
  const rest = Math.ceil(sound.length / 9);
  // A custom section that is exactly the last tenth.
  let longer = Uint8Array.from([...sound, 0, rest - 2, 1, 0x78, ...new Uint8Array(rest - 4)]);
  for (let pad = rest; Math.floor(longer.length * 0.9) !== sound.length; pad++)
    longer = Uint8Array.from([...sound, 0, pad - 2, 1, 0x78, ...new Uint8Array(pad - 4)]);
  const messages = await messagesHere(wasmFolder(longer), ["L01", "L06"]);
  expect(messages).toEqual({ L06: `the first ${sound.length} bytes of its module are a module` });
});

test("a wasm module is found out that takes a page for each processor and keeps it (L07)", async () => {
  const messages = await messagesHere(wasmFolder(passThrough()), ["L05", "L07"]);
  expect(messages).toEqual({ L07: "grew by 9830400 bytes, 65536 for each processor that is gone" });
});

const GROW_A_PAGE = [0x41, 1, 0x40, 0, 0x1a];

test.each([
  [
    "another file",
    `import "./other.mjs";\nexport default {};`,
    /^sound\.mjs imports \.\/other\.mjs; a host has this one file/,
  ],
  [
    "a file that it names twice, and a module of Node",
    `export * from "./other.mjs"; import "./other.mjs";\nimport "node:fs";\nexport default {};`,
    /imports \.\/other\.mjs, node:fs;/,
  ],
  [
    "another file while it runs",
    `await import("./other.mjs");\nexport default {};`,
    /does not load by itself, as hosts load it: .*other\.mjs/,
  ],
  [
    "nothing, and is TypeScript",
    `const plugin: object = {};\nexport default plugin;`,
    /^sound\.mjs is no JavaScript: /,
  ],
])("a module entry is found out that imports %s (L11)", async (_, source, says) => {
  const folder = moduleFolder(undefined, {}, { "sound.mjs": source, "other.mjs": "export const one = 1;" });
  expect((await messagesHere(folder, ["L11"])).L11).toMatch(says);
});

test("a module entry that only speaks of imports is one file (L11)", async () => {
  const source = `// import "./other.mjs";\nconst text = 'import "./other.mjs"';\nexport default { text };`;
  expect(await messagesHere(moduleFolder(undefined, {}, { "sound.mjs": source }), ["L11"])).toEqual({});
});

test("a wasm module is found out that grows its memory in process() (R01)", async () => {
  const messages = await messagesHere(wasmFolder(passThrough({ inProcess: GROW_A_PAGE })), ["R01"]);
  expect(messages.R01).toMatch(/its memory grew|process\(\) failed/);
});

/** process() that puts how often it was called, which it keeps in a global, into the first sample. */
const COUNTING = {
  name: "process",
  params: [I32, I32],
  results: [I32],
  body: [
    ...[0x23, 0, 0x41, 1, 0x6a, 0x24, 0],
    ...[0x20, 0, 0x28, 2, 0x80, 2, 0x23, 0, 0xb2, 0x38, 2, 0],
    ...[0x41, 0],
  ],
};

test("a wasm module is found out that keeps state outside of its memory (D08)", async () => {
  const bytes = passThrough({ functions: [COUNTING], sections: { 6: items([[I32, 1, 0x41, 0, 0x0b]]) } });
  const messages = await messagesHere(wasmFolder(bytes), ["D08"]);
  expect(messages.D08).toMatch(/after its memory was put back: channel 0 differs at frame 0/);
  expect(await messagesHere(wasmFolder(passThrough()), ["D08"])).toEqual({});
});

test.each([
  ["D02", "if (isMainThread)", /sounds different in a fresh process/],
  ["D06", 'if (process.execArgv.includes("--no-opt"))', /sounds different with --no-opt/],
  ["D09", "if (threadId % 8 === 3)", /sounds different in one of eight threads/],
])("a plugin is found out by %s that asks %s", async (breaks, condition, says) => {
  const folder = spoiltModule(
    `${condition} ${scaled}`,
    'import { isMainThread, threadId } from "node:worker_threads";',
  );
  const messages = await messagesIn(folder, ["D01", "D03", breaks]);
  expect(messages[breaks]).toMatch(says);
  expect(Object.keys(messages)).toEqual([breaks]);
});

test("what a module does while it is evaluated is seen (L09, L10)", async () => {
  const folder = moduleFolder(`globalThis.sound = Math.random();
export default { activate: activateSound };`);
  expect(await messagesIn(folder, ["L09", "L10"])).toEqual({
    L09: "changes globalThis.sound",
    L10: "uses Math.random",
  });
});

test("a call that hangs costs its check, and the others go on in a new thread (R06)", async () => {
  const folder = spoiltModule("if (block.frames === 16384) for (;;) state.calls++;");
  const outcomes = await outcomesIn(folder, ["C05", "R06", "R07"], { soakMinutes: 0.02, callLimitMs: 800 });
  expect(outcomes.get("R06")?.message).toBe("process() did not return within 0.8 s");
  expect(outcomes.get("R06")?.case).toMatchObject({ check: "R06", blocks: [16_384] });
  expect([outcomes.get("C05")?.outcome, outcomes.get("R07")?.outcome]).toEqual(["passed", "passed"]);
});

test("a plugin that hangs while it is loaded fails that, and is not given threads for ever", async () => {
  const folder = pluginFolder(
    { ...wasmManifest, entry: { module: "hangs.mjs" } },
    { "hangs.mjs": "for (;;);" },
  );
  const outcomes = await outcomesIn(folder, ["L01"], { callLimitMs: 800 });
  expect(outcomes.get("L01")?.message).toBe("the module did not return within 0.8 s");
});

test("a plugin that ends its process ends one check", async () => {
  const folder = spoiltModule("if (block.outputs[0].length === 1) process.exit(0);");
  const outcomes = await outcomesIn(folder, ["C08", "C09", "C12"]);
  expect(outcomes.get("C09")?.message).toMatch(/it ended its thread/);
  expect([outcomes.get("C08")?.outcome, outcomes.get("C12")?.outcome]).toEqual(["passed", "passed"]);
});

test("a state of the future is refused by the host before the plugin sees it (S08)", async () => {
  const outcomes = await outcomesIn(moduleFolder(), ["S08"]);
  expect(outcomes.get("S08")?.outcome).toBe("passed");
});

test.each([
  ["no package.json", {}],
  ["a package.json that says commonjs", { "package.json": '{"type":"commonjs"}' }],
])("a module entry is loaded from a folder with %s, as hosts load it", async (_, files) => {
  const sound = `import { activateSound } from ${soundSource};\nexport default { activate: activateSound };`;
  const folder = pluginFolder(
    { ...soundManifest, entry: { module: "dist/effect.js" } },
    { "dist/effect.js": sound, ...files },
  );
  const outcomes = await outcomesIn(folder, ["L01", "C01", "D02", "D09"]);
  for (const [id, { outcome, message }] of outcomes) expect([id, outcome, message], id).toContain("passed");
});

test("a stack trace of a module names its file and its line", () => {
  // One line of imports comes first. A test runner writes stack traces in its own way, Node alone does not.
  const folder = moduleFolder("export default {};\nthrow new Error('no');");
  const source = new URL("../src/loading/load-folder.ts", import.meta.url).href;
  const program = `import { loadFolder } from ${JSON.stringify(source)};
    await loadFolder(${JSON.stringify(folder)}).catch(({ stack }) => console.log(stack));`;
  const stack = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  expect(stack).toMatch(/file:.*sound\.mjs:3:/);
});
