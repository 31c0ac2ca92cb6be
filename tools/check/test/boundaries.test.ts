import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { forbiddenImports } from "../src/floors.ts";
import { houseProblems } from "../src/house.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const configuration = JSON.parse(readFileSync(join(root, ".biome.json"), "utf8"));
const house = mkdtempSync(join(tmpdir(), "gainstage-floors-"));
afterAll(() => rmSync(house, { recursive: true }));

/** What Biome says, by our rules, of code that stands in `path`. */
function lint(path: string, code: string): string {
  const file = join(house, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(join(house, ".biome.json"), JSON.stringify({ ...configuration, vcs: { enabled: false } }));
  writeFileSync(file, code);
  const { stdout, stderr } = spawnSync("biome", ["lint", path], { cwd: house, encoding: "utf8" });
  rmSync(file);
  return stdout + stderr;
}

const use = (path: string) => `import { x } from "${path}";\nconsole.log(x);`;

describe("an import goes down, never up or sideways", () => {
  test.each([
    ["packages/dsp/src/probe.ts", "@gainstage/plugin-api"],
    ["packages/dsp/src/probe.ts", "node:fs"],
    ["packages/plugin-api/src/probe.ts", "@gainstage/dsp"],
    ["packages/graph/src/probe.ts", "@gainstage/host"],
    ["packages/graph/src/probe.ts", "node:fs"],
    ["packages/session/src/probe.ts", "@gainstage/host"],
    ["packages/conformance/src/probe.ts", "@gainstage/host"],
    ["packages/host/src/probe.ts", "@gainstage/audio-io"],
    ["packages/host/src/probe.ts", "inversify"],
    ["packages/session/src/probe.ts", "msgpackr"],
    ["packages/audio-io/src/probe.ts", "@gainstage/host"],
    ["plugins/compressor/src/probe.ts", "@gainstage/host"],
    ["plugins/compressor/src/probe.ts", "node:fs"],
    ["apps/mixer/src/probe.ts", "@gainstage/mastering"],
    ["apps/mixer/src/probe.ts", "@gainstage/compressor"],
    ["apps/cli/src/probe.ts", "@gainstage/bench"],
    ["apps/cli/src/probe.ts", "audio-decode"],
  ])("%s may not import %s", (path, imported) => {
    expect(lint(path, use(imported))).toContain("noRestrictedImports");
  });

  test.each([
    ["packages/graph/src/probe.ts", "@gainstage/plugin-api"],
    ["packages/host/src/container.ts", "inversify"],
    ["packages/session/src/codec.ts", "msgpackr/index-no-eval"],
    ["plugins/compressor/src/probe.ts", "@gainstage/dsp"],
    ["apps/cli/src/probe.ts", "@gainstage/mixer"],
  ])("%s may import %s", (path, imported) => {
    expect(lint(path, use(imported))).not.toContain("noRestrictedImports");
  });
});

test("two files that import each other are found", () => {
  const other = join(house, "packages/graph/src/other.ts");
  mkdirSync(dirname(other), { recursive: true });
  writeFileSync(other, 'import { a } from "./probe.ts";\nexport const b = () => a();\n');
  const code = 'import { b } from "./other.ts";\nexport const a = (): unknown => b();\n';
  expect(lint("packages/graph/src/probe.ts", code)).toContain("noImportCycles");
  rmSync(other);
  writeFileSync(other, "export const b = () => 1;\n");
  expect(lint("packages/graph/src/probe.ts", code)).not.toContain("noImportCycles");
});

test("a dependency that the package does not declare is found", () => {
  const manifest = join(house, "packages/host/package.json");
  mkdirSync(dirname(manifest), { recursive: true });
  writeFileSync(
    manifest,
    JSON.stringify({ name: "@gainstage/host", dependencies: { "@gainstage/graph": "0.1.0" } }),
  );
  expect(lint("packages/host/src/probe.ts", use("left-pad"))).toContain("noUndeclaredDependencies");
  expect(lint("packages/host/src/probe.ts", use("@gainstage/graph"))).not.toContain(
    "noUndeclaredDependencies",
  );
});

describe("AssemblyScript keeps the same floors", () => {
  test("a plugin may use dsp and plugin-api, nothing else", () => {
    const source =
      'import { a } from "@gainstage/dsp/assembly/ramp";\nimport {\n  b,\n} from "@gainstage/graph/assembly/mix";';
    expect(forbiddenImports("plugins/chorus", source)).toEqual(["@gainstage/graph/assembly/mix"]);
  });

  test("dsp uses nothing but itself", () => {
    const source = 'export { a } from "./biquad";\nimport { b } from "../../plugin-api/assembly/arena";';
    expect(forbiddenImports("packages/dsp", source)).toEqual(["../../plugin-api/assembly/arena"]);
  });
});

test("the house refuses drawers, strays and what can be built", () => {
  const file = (path: string, bytes = 10) => ({ path, bytes });
  const files = [
    file("docs/x.md"),
    file("packages/a/src/utils.ts"),
    file("plugins/a/dist/a.wasm"),
    file("packages/big", 2e7),
  ];
  const problems = houseProblems(files).join("\n");
  expect(problems).toContain("docs does not belong");
  expect(problems).toContain("utils.ts is named for nothing");
  expect(problems).toContain("a.wasm can be built");
  expect(problems).toContain("packages/big has 20000000 bytes");
  expect(houseProblems([file("packages/graph/src/order.ts"), file(".ci/run"), file("README.md")])).toEqual(
    [],
  );
});
