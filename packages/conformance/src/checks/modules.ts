/** An ES module and its surroundings: what it changes there, what it takes from there, and that it does without. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "@gainstage/plugin-api";
import { CASE_FRAMES, type Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { type Check, demand, NotRun } from "../check.ts";
import { globalsChangedSince, snapshotGlobals, spyOnGlobals } from "../loading/globals.ts";
import { importAlone, importsOf } from "../loading/module-alone.ts";
import { playOn, setupOf } from "../playing/play.ts";
import { MAX_FRAMES, start } from "../playing/stream.ts";
import type { Subject } from "../subject.ts";

const moduleOnly = ({ manifest }: Subject) => {
  if ("wasm" in manifest.entry)
    throw new NotRun("a wasm entry imports nothing (L02): there are no globals to reach");
};

/** Enough of its life to touch whatever it touches. */
function live(subject: Subject, given: Case = {}): void {
  const processor = start(subject.plugin, setupOf(given));
  playOn(processor, subject.manifest, { ...given, frames: CASE_FRAMES, blocks: [MAX_FRAMES, 1] });
  processor.reset();
  processor.dispose();
}

const globals: Check = {
  id: "L09",
  level: "must",
  title: "changes no global and no built-in object",
  run(subject) {
    moduleOnly(subject);
    const before = snapshotGlobals();
    live(subject);
    const changed = [...subject.atImport.changed, ...globalsChangedSince(before)];
    demand(changed.length === 0, `changes ${changed.slice(0, 5).join(", ")}`);
  },
};

const poison: Check = {
  id: "L10",
  level: "must",
  title: "takes no randomness, clock, timer or network",
  run(subject) {
    moduleOnly(subject);
    const spy = spyOnGlobals();
    try {
      live(subject);
    } finally {
      spy.restore();
    }
    const used = new Set([...subject.atImport.used, ...spy.used]);
    demand(used.size === 0, `uses ${[...used].join(", ")}`);
  },
};

const alone: Check = {
  id: "L11",
  level: "must",
  title: "is one file: a module entry imports no other",
  async run({ folder, manifest: { entry } }) {
    if ("wasm" in entry) throw new NotRun("a wasm entry imports nothing (L02)");
    if (folder === undefined) throw new NotRun("the plugin is in memory, not in a folder");
    const path = join(folder, entry.module);
    if (!existsSync(path)) throw new NotRun(`there is no ${entry.module}, which L01 says`);
    const bytes = readFileSync(path);
    const imported = await importsOf(bytes.toString("utf8")).catch((error: unknown) => {
      throw new CheckFailed(`${entry.module} is no JavaScript: ${reasonOf(error)}`);
    });
    demand(
      imported.length === 0,
      `${entry.module} imports ${imported.join(", ")}; a host has this one file, so bundle it`,
    );
    await importAlone(bytes, path).catch((error: unknown) => {
      throw new CheckFailed(`${entry.module} does not load by itself, as hosts load it: ${reasonOf(error)}`);
    });
  },
};

export const MODULE_CHECKS: readonly Check[] = [globals, poison, alone];
