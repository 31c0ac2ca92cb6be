/** Plugins in folders of their own, for what needs files, threads or processes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Manifest } from "@gainstage/plugin-api";
import { onTestFinished } from "vitest";
import { checkOf } from "../src/all-checks.ts";
import { loadCode } from "../src/loading/load-folder.ts";
import { readFolder } from "../src/loading/plugin-folder.ts";
import type { CheckResult } from "../src/running/report.ts";
import { runCheck } from "../src/running/run-check.ts";
import { type ValidateOptions, validate } from "../src/running/validate.ts";
import { subjectOf } from "../src/subject.ts";
import { soundManifest } from "./sound-plugin.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder of a finished plugin: the files given, and what is usual beside them. Gone when the test is over. */
export function pluginFolder(manifest: unknown, files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const all: Files = {
    "plugin.json": JSON.stringify(manifest),
    "README.md": "# A plugin",
    "CHANGELOG.md": "# 1.0.0",
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

export const soundSource = JSON.stringify(new URL("./sound-plugin.ts", import.meta.url).href);

/** The sound plugin as a module: `body` may use `activateSound`, and ends with an export. */
export function moduleFolder(
  body = "export default { activate: activateSound };",
  changes: Partial<Manifest> = {},
  files: Files = {},
): string {
  const text = `import { activateSound } from ${soundSource};\n${body}`;
  const manifest = { ...soundManifest, entry: { module: "sound.mjs" }, ...changes };
  return pluginFolder(manifest, { "sound.mjs": text, ...files });
}

/** The sound plugin's process(), with `statements` behind it; `block`, `setup` and `state` are at hand. */
export function spoiltModule(statements: string, imports = ""): string {
  return moduleFolder(`${imports}
export default {
  activate(setup, host) {
    const processor = activateSound(setup, host);
    const state = { calls: 0 };
    return {
      ...processor,
      process(block) {
        const remaining = processor.process(block);
        ${statements}
        return remaining;
      },
    };
  },
};`);
}

const stereo = ["stereo"] as const;

export const wasmManifest: Manifest = {
  api: "1.0",
  id: "com.example.pass-through",
  name: "Pass-through",
  vendor: "Example",
  version: "1.0.0",
  license: "MIT",
  features: ["utility"],
  entry: { wasm: "pass-through.wasm" },
  inputs: [{ id: "in", name: "Input", role: "main", layouts: stereo }],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: stereo }],
  params: [],
};

export function wasmFolder(bytes: Uint8Array): string {
  return pluginFolder(wasmManifest, { "pass-through.wasm": bytes });
}

/** What became of these checks, by id. */
export async function outcomesIn(
  folder: string,
  only: readonly string[],
  options: ValidateOptions = {},
): Promise<Map<string, CheckResult>> {
  const report = await validate(folder, { only, trustModules: true, card: false, effort: 0.25, ...options });
  return new Map(report.results.map((result) => [result.id, result]));
}

/** What the checks say that were not passed, run on this thread: it takes a tenth of the time. */
export async function messagesHere(folder: string, only: readonly string[]): Promise<Record<string, string>> {
  const { document, wasm } = readFolder(folder);
  const code = await loadCode(folder).catch((error: Error) => error);
  const messages: Record<string, string> = {};
  for (const id of only) {
    const subject = subjectOf({ folder, document, wasm, code, effort: 0.25 });
    const { outcome, message } = await runCheck(checkOf(id), subject);
    if (outcome === "failed" || outcome === "warned") messages[id] = message ?? "";
  }
  return messages;
}

/** The same as validate() has it, in a thread of its own. */
export async function messagesIn(folder: string, only: readonly string[]): Promise<Record<string, string>> {
  const outcomes = [...(await outcomesIn(folder, only)).values()];
  const wrong = outcomes.filter(({ outcome }) => outcome === "failed" || outcome === "warned");
  return Object.fromEntries(wrong.map(({ id, message }) => [id, message ?? ""]));
}
