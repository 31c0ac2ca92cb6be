/** What a failure is made into: the smallest case, a test to paste, and a file that runs it again. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Case } from "../src/cases/case.ts";
import { readCase } from "../src/cases/case.ts";
import { CheckFailed } from "../src/cases/check-failed.ts";
import { shrink } from "../src/cases/shrink.ts";
import { reproduce } from "../src/running/replay.ts";
import { reproductionOf } from "../src/running/reproduction.ts";
import { validate } from "../src/running/validate.ts";
import { afterwards, everySample } from "./broken.ts";
import { resultsOf } from "./failures.ts";
import { moduleFolder, outcomesIn, spoiltModule } from "./plugin-folder.ts";
import { GAIN, soundManifest } from "./sound-plugin.ts";

test("a case is shrunk to what its failure needs", () => {
  const first: Case = {
    frames: 4096,
    params: { gainDb: 3.14159, cutoffHz: 777, mixPercent: 50 },
    blocks: [100, 7, 33, 5],
    changes: [
      { frame: 10, param: "gainDb", value: 1 },
      { frame: 900, param: "cutoffHz", value: 2 },
    ],
    transport: { tempoBpm: 120 },
  };
  // It fails where a block of 7 or more frames is there, the cutoff is set, and it runs for 300 frames.
  const fails = ({ frames = 4096, params = {}, blocks = [128] }: Case) =>
    frames >= 300 && "cutoffHz" in params && blocks.some((block) => block >= 7) ? "fails" : undefined;
  const { smallest } = shrink(first, "fails", fails, 2000);
  expect(smallest).toEqual({ frames: 300, params: { cutoffHz: 780 }, blocks: [7], changes: [] });
});

test("without time, a case stays as it is", () => {
  const first: Case = { frames: 1 << 20 };
  expect(shrink(first, "fails", () => "fails", 0)).toEqual({ smallest: first, failure: "fails" });
});

/** Smooths once a call where the gain is high. */
const wrong = afterwards((block) => {
  if (block.params[GAIN] > 12) everySample(block, (x, i) => (i === block.frames - 1 ? x * 0.5 : x));
});

test("a partition failure comes out as two blocks and one parameter", async () => {
  const [{ case: failing, reproduction }] = await resultsOf(wrong, ["D01"]);
  expect(Object.keys(failing?.params ?? {})).toEqual(["gainDb"]);
  expect(failing?.params?.gainDb).toBeGreaterThan(12);
  expect(failing?.blocks).toEqual([1]);
  // Its latency is 64 frames: before them there is nothing to be heard.
  expect(failing?.frames).toBeLessThanOrEqual(66);
  expect(reproduction).toMatch(
    /^import \{ reproduce \} from "@gainstage\/conformance";\nimport \{ test \} from "vitest";/,
  );
  expect(reproduction).toContain('reproduce(new URL("../", import.meta.url), {');
});

test("the same seed gives the same failing case", async () => {
  const [a, b] = [await resultsOf(wrong, ["D01"]), await resultsOf(wrong, ["D01"])];
  expect(a[0].case).toEqual(b[0].case);
  expect(a[0].message).toBe(b[0].message);
});

test("a reproduction is TypeScript whose object is the case", () => {
  const failing: Case = {
    check: "D01",
    params: { "band1.gainDb": -3 },
    blocks: [65, 1],
    changes: [{ frame: 3, param: "gainDb", value: 1 }],
  };
  const check = { id: "D01", title: "gives the same bits", level: "must" as const, run: () => {} };
  const text = reproductionOf(check, failing);
  const [, object] = /import\.meta\.url\), ([\s\S]*)\)\);\n$/.exec(text)!;
  expect(new Function(`return ${object}`)()).toEqual(failing);
});

const halves = "if (block.frames === 7) for (const channel of block.outputs[0]) channel[6] = 0;";

test("reproduce() fails as the report said, and passes once the plugin is mended", async () => {
  const failing: Case = { check: "D01", blocks: [7], frames: 300 };
  await expect(reproduce(spoiltModule(halves), failing)).rejects.toThrow(CheckFailed);
  await reproduce(moduleFolder(), failing);
});

test("validate() with a case runs that case alone", async () => {
  const replay: Case = { check: "D01", blocks: [7], frames: 300 };
  const report = await validate(spoiltModule(halves), { replay, trustModules: true });
  expect(report.results.map(({ id, outcome }) => [id, outcome])).toEqual([["D01", "failed"]]);
  const other = await validate(spoiltModule(halves), {
    replay: { ...replay, blocks: [8] },
    trustModules: true,
  });
  expect(other.ok).toBe(true);
});

test("the smallest case that a thread finds is the report's", async () => {
  const failing = (await outcomesIn(spoiltModule(halves), ["D01"])).get("D01")?.case;
  expect(failing).toMatchObject({ check: "D01", blocks: [7] });
  const file = join(moduleFolder(), "case.json");
  writeFileSync(file, JSON.stringify(failing));
  await expect(reproduce(spoiltModule(halves), failing!)).rejects.toThrow(/channel 0 differs/);
});

test.each([
  ["{", /the case is not JSON/],
  ["[]", /the case is not a JSON object/],
  ["{}", /does not name its "check"/],
  ['{"check":"D01","params":{"warmth":1}}', /names a parameter "warmth", which is not there/],
])("a case that says %s is refused", (text, says) => {
  expect(() => readCase(text, soundManifest)).toThrow(says);
});

test("a check without cases says so", async () => {
  await expect(validate(moduleFolder(), { replay: { check: "M01" }, trustModules: true })).rejects.toThrow(
    /M01 has no cases: run it with --only M01/,
  );
});
