/** Plugins of which nothing can be asked: one check says why, and the others do not repeat it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { passThrough } from "../../plugin-api/test/wasm-bytes.ts";
import { type ValidateOptions, validate } from "../src/running/validate.ts";
import { moduleFolder, pluginFolder, wasmFolder, wasmManifest } from "./plugin-folder.ts";
import { soundManifest } from "./sound-plugin.ts";

/** Of every check, unless `only` says which. */
async function reportOf(folder: string, options: ValidateOptions = {}) {
  const report = await validate(folder, { trustModules: true, card: false, effort: 0.25, ...options });
  const by = (outcome: string) => report.results.filter((result) => result.outcome === outcome);
  return {
    report,
    failed: Object.fromEntries(by("failed").map(({ id, message }) => [id, message])),
    reasons: Object.fromEntries(by("not-run").map(({ id, reason }) => [id, reason])),
  };
}

/** One file, which imports nothing. */
const moduleOf = (source: string) =>
  pluginFolder({ ...soundManifest, entry: { module: "sound.mjs" } }, { "sound.mjs": source });

/** Checks that run the plugin, one of each kind. */
const RUNNING = ["L05", "L07", "C01", "P01", "E11", "D02", "T03", "S01", "R01", "R07"];

test("a wasm entry that is not built fails once, and what is said of it is true", async () => {
  const folder = wasmFolder(passThrough());
  rmSync(join(folder, "pass-through.wasm"));
  const { report, failed, reasons } = await reportOf(folder);
  const missing = "cannot be loaded: pass-through.wasm is missing: build the plugin first";
  expect(failed).toEqual({ L01: missing });
  for (const id of ["L02", "L03", "L04", "L06"]) expect(reasons[id], id).toBe("its entry is not built");
  for (const id of RUNNING) expect(reasons[id], id).toMatch(/^it cannot be loaded: .* is missing/);
  expect(report.loads).toBe(false);
});

test("a module entry that is not built fails once", async () => {
  const folder = moduleFolder();
  rmSync(join(folder, "sound.mjs"));
  const { failed, reasons } = await reportOf(folder);
  expect(failed).toEqual({ L01: "cannot be loaded: sound.mjs is missing: build the plugin first" });
  expect(reasons.L02).toBe("its entry is an ES module");
});

test("a module without an activate() fails once (L01)", async () => {
  const { failed, reasons } = await reportOf(moduleOf("export default {};"));
  expect(failed).toEqual({ L01: expect.stringMatching(/does not start: .* has no function activate/) });
  for (const id of [...RUNNING, "L12"]) expect(reasons[id], id).toMatch(/^it cannot be loaded: /);
});

test("a manifest that is wrong is not taken for that of another kind of plugin", async () => {
  const { report, reasons } = await reportOf(moduleFolder(undefined, { api: "one" }));
  expect(report.plugin.kind).toBe("module");
  expect(reasons.L02).toBe("the manifest is not valid yet");
});

const REFUSES = 'export default { activate() { throw new Error("my licence server is down"); } };';

test("a plugin that does not activate fails once (L12)", async () => {
  const { report, failed, reasons } = await reportOf(moduleOf(REFUSES));
  expect(failed).toEqual({
    L12: "does not activate with its defaults: plugin com.example.sound: it refuses to activate: my licence server is down",
  });
  for (const id of RUNNING) expect(reasons[id], id).toBe("it does not activate, which L12 says");
  expect([report.loads, report.ok]).toEqual([true, false]);
});

test("a plugin whose activate() does not return costs one thread (L12)", async () => {
  const folder = moduleOf("export default { activate() { for (;;); } };");
  const { failed, reasons } = await reportOf(folder, { callLimitMs: 600 });
  expect(failed).toEqual({
    L12: "does not activate with its defaults: activate() did not return within 0.6 s",
  });
  for (const id of RUNNING) expect(reasons[id], id).toBe("it does not activate, which L12 says");
});

test.each([
  ["L01", "}}}"],
  ["L12", REFUSES],
])("%s is in a report that was not asked for it, where nothing else could be run", async (id, source) => {
  const { report, failed } = await reportOf(moduleOf(source), { only: ["D01"] });
  expect(Object.keys(failed)).toEqual([id]);
  expect(report.results.map((result) => result.id)).toEqual(expect.arrayContaining(["D01", id]));
  expect(report.ok).toBe(false);
});

test("what is decided from the folder alone does not need a plugin that activates", async () => {
  const { failed } = await reportOf(moduleOf(REFUSES), { only: ["M01", "M16"] });
  expect(failed).toEqual({});
  const unbuilt = pluginFolder(wasmManifest, {});
  expect((await reportOf(unbuilt, { only: ["M01"] })).failed).toEqual({});
});
