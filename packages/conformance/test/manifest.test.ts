/** Manifests and folders that are wrong, each in what one check looks after. */
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import { CHECKS } from "../src/all-checks.ts";
import { runCheck } from "../src/running/run-check.ts";
import { subjectOf } from "../src/subject.ts";
import { messagesHere, moduleFolder } from "./plugin-folder.ts";
import { soundManifest } from "./sound-plugin.ts";

const STATIC = CHECKS.filter(({ id, runsCode }) => id[0] === "M" && runsCode === false);
const [gain, ...others] = soundManifest.params;
const withGain = (changes: object) => ({
  params: [{ ...gain, ...changes }, ...others] as Manifest["params"],
});
const noCode = new Error("there is no code");

async function failuresOf(document: unknown): Promise<Record<string, string>> {
  const failures: Record<string, string> = {};
  for (const check of STATIC) {
    const { outcome, message } = await runCheck(check, subjectOf({ document, code: noCode }));
    if (outcome === "failed" || outcome === "warned") failures[check.id] = message ?? "";
  }
  return failures;
}

test("a sound manifest passes every check of manifests", async () => {
  expect(await failuresOf(soundManifest)).toEqual({});
});

test("keys that begin with x- are the author's own, and parameters of others may have any name (M22)", async () => {
  const own = { "x-build": { any: 1 }, replaces: [{ id: "com.example.old", params: { volume: "gainDb" } }] };
  const document = { ...soundManifest, ...own, ...withGain({ "x-note": "loud" }) };
  expect(await failuresOf(document)).toEqual({});
});

const WRONG: readonly (readonly [breaks: string, says: RegExp, changes: object])[] = [
  ["M01", /name must be a text/, { name: "" }],
  ["M02", /needs plugin API 1\.9, this host has/, { api: "1.9" }],
  ["M02", /api must be "major\.minor"/, { api: "1" }],
  ["M03", /id must be reverse DNS/, { id: "sound" }],
  ["M04", /features must name at least one/, { features: [] }],
  ["M04", /features\[1\] "filter" is there twice/, { features: ["filter", "filter"] }],
  ["M05", /inputs must have exactly one port with the role main/, { inputs: [] }],
  ["M06", /params\[0\]\.default 99 is outside/, withGain({ default: 99 })],
  ["M07", /params\[0\]\.min must be above 0 for a log scale/, withGain({ scale: "log" })],
  ["M07", /params\[0\]\.step 7 does not divide/, withGain({ step: 7 })],
  [
    "M08",
    /gainDb: both ends of its range are printed as "0 dB"/,
    withGain({ min: 0, max: 0.4, format: { digits: 0 } }),
  ],
  [
    "M09",
    /gainDb: the knob at 0\.01 gives -24, after -24 one percent before/,
    withGain({ scale: { power: 400 } }),
  ],
  ["M10", /params\[0\]\.aliases "cutoffHz" is the name of a parameter/, withGain({ aliases: ["cutoffHz"] })],
  ["M11", /params\[0\]\.automatable cannot be true/, withGain({ applies: "restart", automatable: true })],
  ["M12", /params\[3\]\.role another parameter is the mix/, withGain({ role: "mix" })],
  [
    "M13",
    /meters\[0\]\.unit of a gain-change must be dB/,
    { meters: [{ id: "m", name: "M", kind: "gain-change", unit: "Hz", min: -1, max: 0 }] },
  ],
  ["M14", /uses\[0\] must be a name and a revision/, { uses: ["log"] }],
  [
    "M22",
    /: preset \(did you mean presets\?\), onfault \(did you mean onFault\?\), wholly-new$/,
    { preset: [], onfault: "silence", "wholly-new": 1 },
  ],
  [
    "M22",
    /: params\[0\]\.format\.digit \(did you mean digits\?\), params\[0\]\.apply \(did you mean applies\?\), params\[0\]\.roll \(did you mean role\?\)$/,
    withGain({ format: { digit: 1 }, apply: "restart", roll: "mix" }),
  ],
];

describe("a manifest is found out", () => {
  test.each(WRONG)("by %s: %s", async (breaks, says, changes) => {
    const failures = await failuresOf({ ...soundManifest, ...changes });
    expect(failures[breaks]).toMatch(says);
    expect(Object.keys(failures)).toEqual([breaks]);
  });
});

const FOLDER_CHECKS = ["M03", "M16", "M17", "M18", "M19", "M20", "M21", "S11"];
const preset = (params: object) => JSON.stringify({ name: "One", description: "To be used", params });

describe("a folder is found out that", () => {
  test("is sound: nothing", async () => {
    const files = { "a.json": preset({ gainDb: 3, cutoffHz: 500 }), "b.json": preset({}) };
    expect(
      await messagesHere(moduleFolder(undefined, { presets: ["a.json", "b.json"] }, files), FOLDER_CHECKS),
    ).toEqual({});
  });

  test("has another version in its package.json (M03)", async () => {
    const folder = moduleFolder(undefined, {}, { "package.json": '{"version":"2.0.0"}' });
    expect(await messagesHere(folder, FOLDER_CHECKS)).toEqual({
      M03: "plugin.json says version 1.0.0, package.json says 2.0.0",
    });
  });

  test("holds a link that leads out of it (M16)", async () => {
    const outside = moduleFolder();
    const folder = moduleFolder(undefined, { resources: ["table.bin"] });
    symlinkSync(join(outside, "README.md"), join(folder, "table.bin"));
    expect((await messagesHere(folder, FOLDER_CHECKS)).M16).toMatch(
      /^table\.bin leads out of the folder, to /,
    );
  });

  test("has no readable licence and runs a script when it is installed (M17)", async () => {
    const folder = moduleFolder(
      undefined,
      { license: "free as beer" },
      {
        "package.json": '{"scripts":{"postinstall":"node build.js"}}',
      },
    );
    expect(await messagesHere(folder, FOLDER_CHECKS)).toEqual({
      M17: '"free as beer" is no SPDX licence expression; package.json runs a script at postinstall',
    });
  });

  test("takes long to read (M18)", async () => {
    const aliases = (p: number) => Array.from({ length: 1000 }, (_, k) => `old${p}.${k}`);
    const params = Array.from({ length: 200 }, (_, p) => ({ ...gain, id: `gain${p}`, aliases: aliases(p) }));
    const folder = moduleFolder(undefined, { params });
    expect((await messagesHere(folder, ["M18"])).M18).toMatch(/^takes \d+\.\d ms$/);
  });

  test.each([
    [preset({ gainDb: 99 }), "a.json: gainDb: 99 is none of its values"],
    [preset({ warmth: 1 }), 'a.json: names a parameter "warmth", which is not there'],
    ["{}", "a.json: has no name"],
    ["{", /^a\.json: is not JSON/],
  ])("has a preset %s (M19)", async (text, says) => {
    const messages = await messagesHere(
      moduleFolder(undefined, { presets: ["a.json"] }, { "a.json": text }),
      FOLDER_CHECKS,
    );
    if (typeof says === "string") expect(messages.M19).toBe(says);
    else expect(messages.M19).toMatch(says);
  });

  test("lacks a file that it names (M20)", async () => {
    expect(
      (await messagesHere(moduleFolder(undefined, { resources: ["table.bin"] }), FOLDER_CHECKS)).M20,
    ).toBe("not there: table.bin");
  });

  test.each([
    ["dist/*.js", "sound.mjs, a.json", ["dist/*.js"]],
    ["its code alone", "a.json", ["*.mjs", "plugin.json"]],
    ["its code and presets, and takes one back", "a.json", ["**", "!a.json"]],
  ])("publishes %s (M21)", async (_, left, files) => {
    const packageJson = JSON.stringify({ files: [...files, "plugin.json"] });
    const folder = moduleFolder(
      undefined,
      { presets: ["a.json"] },
      { "a.json": preset({}), "package.json": packageJson },
    );
    const expected = `npm pack would leave out ${left.split(", ").sort().join(", ")}: "files" in package.json rules it out`;
    expect(await messagesHere(folder, ["M21"])).toEqual({ M21: expected });
  });

  test("bursts from one preset to the next (S11)", async () => {
    const files = { "a.json": preset({ gainDb: -24 }), "b.json": preset({ gainDb: 24 }) };
    const folder = moduleFolder(
      `export default {
        activate(setup, host) {
          const processor = activateSound(setup, host);
          let before = setup.params[0];
          return {
            ...processor,
            process(block) {
              const remaining = processor.process(block);
              if (before !== block.params[0]) block.outputs[0][0][0] = 11;
              before = block.params[0];
              return remaining;
            },
          };
        },
      };`,
      { presets: ["a.json", "b.json"] },
      files,
    );
    expect(await messagesHere(folder, ["M19", "S11"])).toEqual({
      S11: "from a.json to b.json: reaches 20.8 dBFS",
    });
  });

  test("waives a should, which is counted, and a must, which is not taken", async () => {
    const folder = moduleFolder(undefined, { license: "mine" });
    const waivers = { M17: "our lawyers are at it", M01: "no" };
    writeFileSync(join(folder, "package.json"), JSON.stringify({ gainstage: { waivers } }));
    const { validate } = await import("../src/running/validate.ts");
    const report = await validate(folder, { only: ["M01", "M17"], trustModules: true, card: false });
    expect(report.counts).toEqual({ passed: 1, failed: 0, warned: 1, "not-run": 0, waived: 1 });
    expect(report.results.map(({ waived }) => waived)).toEqual([undefined, "our lawyers are at it"]);
    expect(report.idleWaivers).toEqual(["M01"]);
  });
});
