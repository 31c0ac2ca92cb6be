/**
 * What was published stays: api/MINOR.d.ts holds the contract of each minor, without its comments, and its digest stands
 * here. The contract of today is the newest of them, and takes plugins written for every older one of its major.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { API_VERSION } from "../src/index.ts";

/** SHA-256 of each file. A published line is never changed; a new minor adds one. */
const PUBLISHED: Readonly<Record<string, string>> = {
  "1.0": "fb48e1eb2c1c77581f395b6fe8211fd90e71be7f7a33b8b016483b8de4c752f2",
};

const api = fileURLToPath(new URL("../api/", import.meta.url));
const contract = fileURLToPath(new URL("../src/plugin.ts", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const frozen = (minor: string) => readFileSync(`${api}${minor}.d.ts`, "utf8");

const folder = mkdtempSync(join(tmpdir(), "gainstage-frozen-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs tsc on a file; what it says against it, or "". */
function typeErrors(file: string, options: object = {}): string {
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { types: [], rootDir: "/", module: "ESNext", moduleResolution: "Bundler", ...options },
    files: [file],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  try {
    execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", folder, "--pretty", "false"], {
      encoding: "utf8",
    });
    return "";
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** The declarations of a contract, as tsc writes them, without comments. */
function declarationsOf(source: string): string {
  const emit = { noEmit: false, declaration: true, emitDeclarationOnly: true, removeComments: true };
  expect(typeErrors(source, { ...emit, outDir: join(folder, "out") })).toBe("");
  return readFileSync(join(folder, "out", source.replace(/\.ts$/, ".d.ts")), "utf8");
}

/** Says by its types whether `then`, an older minor, and `now` still go together. */
const agreement = (then: string, now: string) => `
import type * as Then from ${JSON.stringify(then)};
import type * as Now from ${JSON.stringify(now)};
declare const old: { plugin: Then.Plugin; processor: Then.Processor; manifest: Then.Manifest; preset: Then.Preset };
declare const host: { host: Now.Host; block: Now.Block; setup: Now.ProcessSetup; transport: Now.Transport };
// What plugins write, the host of today reads.
export const read: { plugin: Now.Plugin; processor: Now.Processor; manifest: Now.Manifest; preset: Now.Preset } = old;
// What the host of today gives, plugins of then take.
export const given: { host: Then.Host; block: Then.Block; setup: Then.ProcessSetup; transport: Then.Transport } = host;
`;

function agree(then: string, now: string): string {
  const file = join(folder, "agreement.ts");
  writeFileSync(file, agreement(then, now));
  return typeErrors(file);
}

test("every published minor is there as it was published", () => {
  const minors = readdirSync(api).map((name) => name.replace(/\.d\.ts$/, ""));
  expect(minors.sort()).toEqual(Object.keys(PUBLISHED));
  for (const [minor, digest] of Object.entries(PUBLISHED)) {
    expect(createHash("sha256").update(frozen(minor)).digest("hex"), `api/${minor}.d.ts`).toBe(digest);
  }
});

test("the contract is the newest of them", () => {
  expect(Object.keys(PUBLISHED).at(-1)).toBe(API_VERSION);
  expect(declarationsOf(contract)).toBe(frozen(API_VERSION));
});

describe("the contract of today", () => {
  test.each(Object.keys(PUBLISHED))("goes together with plugins of %s", (minor) => {
    expect(agree(`${api}${minor}.d.ts`, contract)).toBe("");
  });

  let source: string;
  beforeAll(() => {
    source = readFileSync(contract, "utf8");
  });
  /** The contract with something changed, against the newest published one. */
  const changed = (from: string, to: string): string => {
    expect(source).toContain(from);
    const file = join(folder, "changed.ts");
    writeFileSync(file, source.replace(from, to));
    return agree(`${api}${API_VERSION}.d.ts`, file);
  };

  test.each([
    [
      "a member more for the host to give",
      "readonly maxFrames: number;",
      "readonly maxFrames: number;\n  readonly more: number;",
    ],
    ["an optional member more for plugins", "  dispose?(): void;", "  dispose?(): void;\n  wake?(): void;"],
    ["a unit more", '  | "none";', '  | "none"\n  | "phon";'],
  ])("would with %s", (_name, from, to) => {
    expect(changed(from, to)).toBe("");
  });

  test.each([
    ["a member renamed", "readonly tailFrames: number;", "readonly ringFrames: number;"],
    ["a member that plugins must now have", "  dispose?(): void;", "  dispose(): void;"],
    ["a unit less", '  | "cent"\n', ""],
    ["another type", "readonly seed: number;", "readonly seed: bigint;"],
    ["a member less in the block", "  readonly meters: Float32Array;\n", ""],
  ])("would not with %s", (_name, from, to) => {
    expect(changed(from, to)).toContain("error TS");
  });
});
