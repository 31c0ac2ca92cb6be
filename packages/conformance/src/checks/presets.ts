/** Presets: files that name values of parameters, and what happens when one follows another. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, type ParamInfo, readParam } from "@gainstage/plugin-api";
import type { Change } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { type Check, NotRun } from "../check.ts";
import { allFinite, decibels, peakOf } from "../measuring/compare.ts";
import { play } from "../playing/play.ts";
import type { Subject } from "../subject.ts";

interface NamedSet {
  readonly path: string;
  readonly params: Readonly<Record<string, number>>;
}

/** Every preset's parameters. Throws a CheckFailed that says what is wrong with one. */
function presetsOf({ folder, manifest }: Subject): readonly NamedSet[] {
  const { presets = [] } = manifest;
  if (presets.length === 0) throw new NotRun("it has no presets");
  if (folder === undefined) throw new NotRun("the plugin is in memory, not in a folder");
  return presets.map((path) => ({
    path,
    params: readPreset(path, readFileSync(join(folder, path), "utf8"), manifest),
  }));
}

function readPreset(path: string, text: string, manifest: Manifest): Record<string, number> {
  const wrong = (what: string): never => {
    throw new CheckFailed(`${path}: ${what}`);
  };
  let value: { readonly name?: unknown; readonly description?: unknown; readonly params?: unknown } | null;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(`is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null) return wrong("is not a JSON object");
  for (const key of ["name", "description"] as const)
    if (typeof value[key] !== "string" || value[key].trim() === "") wrong(`has no ${key}`);
  if (typeof value.params !== "object" || value.params === null) return wrong("has no params");
  return Object.fromEntries(
    Object.entries(value.params).map(([id, given]) => {
      const param = manifest.params.find((p) => p.id === id);
      if (!param) return wrong(`names a parameter "${id}", which is not there`);
      return [
        id,
        presetValue(param, given) ?? wrong(`${id}: ${JSON.stringify(given)} is none of its values`),
      ];
    }),
  );
}

function presetValue(param: ParamInfo, given: unknown): number | undefined {
  const value = typeof given === "string" && param.choices ? readParam(param, given) : given;
  return typeof value === "number" && value >= param.min && value <= param.max ? value : undefined;
}

const load: Check = {
  id: "M19",
  level: "must",
  title: "has presets that name its parameters, within their ranges, and sound",
  run(subject) {
    const presets = presetsOf(subject);
    for (const { path, params } of presets) allFinite(play(subject.plugin, { params, frames: 9600 }), path);
    subject.measured(`${presets.length} presets`);
  },
};

const CHANGE_AT = 4800;
/** +20 dB: no preset makes a full-scale sound ten times as loud. */
const MAX_JUMP = 10;

const switches: Check = {
  id: "S11",
  level: "should",
  title: "goes from any preset to the next while it sounds, finite and without a burst",
  run(subject) {
    const { manifest, plugin } = subject;
    const presets = presetsOf(subject);
    for (const [i, from] of presets.entries()) {
      const to = presets[(i + 1) % presets.length];
      const changes = manifest.params.flatMap((p): Change[] =>
        p.applies === "restart"
          ? []
          : [{ frame: CHANGE_AT, param: p.id, value: to.params[p.id] ?? p.default }],
      );
      const given = { check: "S11", params: from.params, changes, frames: 9600 };
      const audio = play(plugin, given);
      allFinite(audio, `from ${from.path} to ${to.path}`);
      const peak = peakOf(audio);
      if (peak > MAX_JUMP)
        throw new CheckFailed(
          `from ${from.path} to ${to.path}: reaches ${decibels(peak).toFixed(1)} dBFS`,
          given,
        );
    }
  },
};

export const PRESET_CHECKS: readonly Check[] = [load, switches];
