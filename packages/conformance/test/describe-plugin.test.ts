/** describePlugin() as an author's test file, in a vitest of its own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { soundManifest as manifest } from "./sound-plugin.ts";

const folder = mkdtempSync(join(tmpdir(), "gainstage-describe-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const module = fileURLToPath(new URL("../src/running/describe-plugin.ts", import.meta.url));
const vitest = fileURLToPath(new URL("./vitest.mjs", import.meta.resolve("vitest/package.json")));

/** Its package.json names no licence, which M17 says that it should. */
function run(options: string, waivers: Readonly<Record<string, string>> = {}): number | null {
  writeFileSync(join(folder, "plugin.json"), JSON.stringify(manifest));
  const { id, version } = manifest;
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: id, version, type: "module", gainstage: { plugins: ["."], waivers } }),
  );
  const text = `import { describePlugin } from ${JSON.stringify(module)};
describePlugin(${JSON.stringify(folder)}, { only: ["M17"], ${options} });`;
  writeFileSync(join(folder, "its.test.ts"), text);
  return spawnSync(process.execPath, [vitest, "run", "--root", folder], { encoding: "utf8" }).status;
}

test("what should hold leaves a note, and fails where it is strict, but not if it is waived", () => {
  expect(run("")).toBe(0);
  expect(run("strict: true")).toBe(1);
  expect(run("strict: true", { M17: "not published" })).toBe(0);
});
