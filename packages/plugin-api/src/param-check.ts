/** The parameters of a manifest: ranges, scales, choices and the rules between them. */
import {
  isObject,
  type Json,
  oneOf,
  optionalFlag,
  optionalText,
  type Report,
  range,
  text,
  texts,
} from "./json-check.ts";
import type { ParamInfo, Unit } from "./plugin.ts";

/** Every unit, spelled once: a missing or a misspelt one is a type error. */
const UNIT_SET: Readonly<Record<Unit, true>> = {
  dB: true,
  dBFS: true,
  dBTP: true,
  LUFS: true,
  Hz: true,
  s: true,
  ms: true,
  frames: true,
  beats: true,
  bpm: true,
  ratio: true,
  percent: true,
  semitone: true,
  cent: true,
  degree: true,
  bool: true,
  none: true,
};
export const UNITS = Object.keys(UNIT_SET) as readonly Unit[];

export const PARAM_ID = /^[a-z][a-zA-Z0-9_.]*$/;
/** SemVer 2.0.0, with numbers that a computer can put in order. */
export const SEMVER = (() => {
  const number = "(0|[1-9]\\d{0,14})";
  const part = `(${number}|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
  const build = "[0-9A-Za-z-]+";
  return new RegExp(
    `^${number}\\.${number}\\.${number}(-${part}(\\.${part})*)?(\\+${build}(\\.${build})*)?$`,
  );
})();

export function checkParamInfo(item: Json, path: string, report: Report): void {
  text(item, "name", report, path);
  optionalText(item, "group", report, path);
  oneOf(item, "unit", UNITS, report, path);
  scale(item, path, report);
  if (item.applies !== undefined) oneOf(item, "applies", ["live", "restart"], report, path);
  optionalFlag(item, "automatable", report, path);
  if (item.automatable === true && item.applies === "restart")
    report(`${path}.automatable`, 'cannot be true where applies is "restart"');
  optionalFlag(item, "hidden", report, path);
  if (item.role !== undefined) oneOf(item, "role", ["mix", "bypass", "output-gain"], report, path);
  texts(item, "aliases", report, path, {
    accepts: (s) => PARAM_ID.test(s),
    message: "must be a parameter id",
  });
  if (item.since !== undefined && !(typeof item.since === "string" && SEMVER.test(item.since)))
    report(`${path}.since`, 'must be semver, as in "1.2.0"');
  if (item.format !== undefined) format(item.format, `${path}.format`, report);
  if (range(item, path, report)) values(item, path, report);
}

function scale(item: Json, path: string, report: Report): void {
  const { scale: kind } = item;
  if (kind === undefined || kind === "linear" || kind === "log") return;
  const power = isObject(kind) && Object.keys(kind).length === 1 ? kind.power : undefined;
  if (!(typeof power === "number" && Number.isFinite(power) && power > 0))
    report(`${path}.scale`, 'must be linear, log or {"power": a number above 0}');
}

function format(value: unknown, path: string, report: Report): void {
  if (!isObject(value)) {
    report(path, "is not an object");
    return;
  }
  const { digits } = value;
  const whole =
    digits === undefined || (Number.isInteger(digits) && Number(digits) >= 0 && Number(digits) <= 10);
  if (!whole) report(`${path}.digits`, "must be a whole number from 0 to 10");
  optionalFlag(value, "si", report, path);
  optionalFlag(value, "sign", report, path);
  for (const key of ["atMin", "atMax"]) {
    optionalText(value, key, report, path);
    if (typeof value[key] === "string" && !/[a-z∞]/i.test(value[key]))
      report(`${path}.${key}`, "must be a word, which cannot be read as a number");
  }
}

/** What depends on min and max, which are numbers here. */
function values(item: Json, path: string, report: Report): void {
  const { min, max, default: value, legacy, step } = item as unknown as ParamInfo;
  if (!Number.isFinite(value)) report(`${path}.default`, "must be a number");
  else if (value < min || value > max) report(`${path}.default`, `${value} is outside ${min} to ${max}`);
  if (legacy !== undefined && !(Number.isFinite(legacy) && legacy >= min && legacy <= max))
    report(`${path}.legacy`, `must be a number from ${min} to ${max}`);
  if (item.scale === "log" && min <= 0) report(`${path}.min`, "must be above 0 for a log scale");
  if (step !== undefined) steps(min, max, value, step, path, report);
  if (item.unit === "bool" && !(min === 0 && max === 1 && Number.isInteger(value)))
    report(path, "a switch runs from 0 to 1 with a whole default");
  if (item.choices !== undefined) choices(item, path, report);
  if (item.role === "bypass" && item.unit !== "bool")
    report(`${path}.role`, "a bypass is a switch: unit bool");
}

function steps(min: number, max: number, value: number, step: number, path: string, report: Report): void {
  if (!(Number.isFinite(step) && step > 0)) {
    report(`${path}.step`, "must be a number above 0");
    return;
  }
  const on = (x: number) => Math.abs((x - min) / step - Math.round((x - min) / step)) < 1e-9;
  if (!on(max)) report(`${path}.step`, `${step} does not divide the range ${min} to ${max}`);
  else if (Number.isFinite(value) && !on(value))
    report(`${path}.default`, `${value} is not on a step of ${step}`);
}

function choices(item: Json, path: string, report: Report): void {
  const all = item.choices;
  const sound =
    Array.isArray(all) &&
    all.every((c) => isObject(c) && typeof c.id === "string" && c.id !== "" && typeof c.label === "string");
  if (!sound || all.length < 2) {
    report(`${path}.choices`, 'must list at least two of {"id", "label"}');
    return;
  }
  if (new Set(all.map((c) => c.id)).size !== all.length) report(`${path}.choices`, "has an id twice");
  if (new Set(all.map((c) => c.label)).size !== all.length) report(`${path}.choices`, "has a label twice");
  if (item.min !== 0 || item.max !== all.length - 1 || !Number.isInteger(item.default)) {
    report(path, `an enumeration of ${all.length} runs from 0 to ${all.length - 1} with a whole default`);
  }
}
