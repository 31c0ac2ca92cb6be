/**
 * plugin.json: everything that a host shows, checks or refuses, readable without running any code.
 *
 * The check below reports every problem at once, each with its place, since an author mends them together.
 */
import type { Layout } from "./plugin.ts";
import { parseApiVersion } from "./version.ts";

export interface Manifest {
  /** "major.minor" of the API that the plugin was built for. */
  readonly api: string;
  /** Reverse DNS, for ever. A version that would render an old session otherwise is a new id. */
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  /** Semver. Patch: the same samples. Minor: the same samples for the same parameters. */
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  /** What it is, in the field's words: "equalizer", "compressor", "reverb" … */
  readonly features: readonly string[];
  /** A path within the folder. `wasm` is sandboxed (it imports nothing); `module` is JavaScript and needs trust. */
  readonly entry: { readonly wasm: string } | { readonly module: string };
  readonly inputs: readonly PortInfo[];
  readonly outputs: readonly PortInfo[];
  readonly params: readonly ParamInfo[];
  readonly meters?: readonly MeterInfo[];
  /** What is heard when the plugin fails: its input, delayed by its latency (default), or nothing. */
  readonly onFault?: "bypass" | "silence";
}

export interface PortInfo {
  readonly id: string;
  readonly name: string;
  /** Exactly one main port on each side. A sidechain is heard by a detector and never passed through. */
  readonly role: "main" | "sidechain";
  /** Accepted, best first. */
  readonly layouts: readonly Layout[];
}

export const UNITS = [
  "dB",
  "Hz",
  "ms",
  "s",
  "ratio",
  "percent",
  "degree",
  "dBTP",
  "LUFS",
  "bool",
  "none",
] as const;
export type Unit = (typeof UNITS)[number];

export interface ParamInfo {
  /** [a-z][a-zA-Z0-9.]*: sessions and automation refer to it, so it never changes its meaning. */
  readonly id: string;
  readonly name: string;
  /** For generic panels: "Band 1". */
  readonly group?: string;
  readonly unit: Unit;
  readonly min: number;
  readonly max: number;
  readonly default: number;
  /** How a knob moves from min to max; never what is stored. Default "linear"; "log" needs min > 0. */
  readonly scale?: "linear" | "log";
  /** Makes it an enumeration: the plain value is the index; sessions may write the id. */
  readonly choices?: readonly { readonly id: string; readonly label: string }[];
  /** "live" (default): acts in process(). "restart": acts in activate(), and cannot be automated. */
  readonly applies?: "live" | "restart";
}

export interface MeterInfo {
  readonly id: string;
  readonly name: string;
  /** "gain-change" in dB, negative when it reduces. */
  readonly kind: "gain-change" | "level" | "correlation";
  readonly unit: Unit;
  readonly min: number;
  readonly max: number;
}

export interface ManifestProblem {
  /** Where: "params[3].min". */
  readonly path: string;
  readonly message: string;
}

export type ManifestCheck =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

const ID = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+){2,}$/;
const MEMBER_ID = /^[a-z][a-zA-Z0-9.]*$/;
const SEMVER = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
const MAX_MEMBERS = 1024;

type Json = Record<string, unknown>;
type Report = (path: string, message: string) => void;

/** Checks what JSON.parse gave. Never throws, whatever the value. */
export function checkManifest(value: unknown): ManifestCheck {
  const problems: ManifestProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  if (!isObject(value)) {
    return { ok: false, problems: [{ path: "", message: "is not a JSON object" }] };
  }
  text(value, "api", report, (s) => parseApiVersion(s) !== undefined, 'must be "major.minor", as in "0.1"');
  text(value, "id", report, (s) => ID.test(s), 'must be reverse DNS, as in "com.acme.glue"');
  text(value, "name", report);
  text(value, "vendor", report);
  text(value, "version", report, (s) => SEMVER.test(s), 'must be semver, as in "1.0.0"');
  optionalText(value, "description", report);
  optionalText(value, "license", report);
  const features = list(value, "features", report);
  if (features && !(features.length > 0 && features.every((f) => typeof f === "string"))) {
    report("features", "must name at least one feature");
  }
  entry(value.entry, report);
  ports(value, "inputs", report);
  ports(value, "outputs", report);
  members(value, "params", report, param);
  if (value.meters !== undefined) members(value, "meters", report, meter);
  if (value.onFault !== undefined) oneOf(value, "onFault", ["bypass", "silence"], "onFault", report);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, manifest: value as unknown as Manifest };
}

function entry(value: unknown, report: Report): void {
  const keys = isObject(value) ? Object.keys(value) : [];
  if (!isObject(value) || keys.length !== 1 || !(keys[0] === "wasm" || keys[0] === "module")) {
    report("entry", 'must be {"wasm": "file.wasm"} or {"module": "file.js"}');
    return;
  }
  const path = value[keys[0]];
  if (typeof path !== "string" || path === "" || /^[/\\]|\\|:|(^|\/)\.\.(\/|$)/.test(path)) {
    report(`entry.${keys[0]}`, "must be a path inside the plugin's folder");
  }
}

function ports(manifest: Json, key: "inputs" | "outputs", report: Report): void {
  const items = members(manifest, key, report, (port, path) => {
    text(port, "name", report, undefined, undefined, path);
    oneOf(port, "role", ["main", "sidechain"], `${path}.role`, report);
    const layouts = port.layouts;
    const known = Array.isArray(layouts) && layouts.every((l) => l === "mono" || l === "stereo");
    if (!known || layouts.length === 0) report(`${path}.layouts`, 'must list "mono", "stereo" or both');
    if (key === "outputs" && port.role === "sidechain")
      report(`${path}.role`, "an output cannot be a sidechain");
  });
  if (items && items.filter((p) => isObject(p) && p.role === "main").length !== 1) {
    report(key, "must have exactly one port with the role main");
  }
}

function param(item: Json, path: string, report: Report): void {
  text(item, "name", report, undefined, undefined, path);
  optionalText(item, "group", report, path);
  oneOf(item, "unit", UNITS, `${path}.unit`, report);
  if (item.scale !== undefined) oneOf(item, "scale", ["linear", "log"], `${path}.scale`, report);
  if (item.applies !== undefined) oneOf(item, "applies", ["live", "restart"], `${path}.applies`, report);
  if (range(item, path, report)) {
    const { min, max, default: value } = item as unknown as ParamInfo;
    if (!Number.isFinite(value)) report(`${path}.default`, "must be a number");
    else if (value < min || value > max) report(`${path}.default`, `${value} is outside ${min} to ${max}`);
    if (item.scale === "log" && min <= 0) report(`${path}.min`, "must be above 0 for a log scale");
    if (item.unit === "bool" && !(min === 0 && max === 1 && Number.isInteger(value))) {
      report(path, "a switch runs from 0 to 1 with a whole default");
    }
    if (item.choices !== undefined) choices(item, path, report);
  }
}

function choices(item: Json, path: string, report: Report): void {
  const all = item.choices;
  const sound =
    Array.isArray(all) &&
    all.every((c) => isObject(c) && typeof c.id === "string" && typeof c.label === "string");
  if (!sound || all.length < 2) {
    report(`${path}.choices`, 'must list at least two of {"id", "label"}');
    return;
  }
  if (new Set(all.map((c) => c.id)).size !== all.length) report(`${path}.choices`, "has an id twice");
  if (item.min !== 0 || item.max !== all.length - 1 || !Number.isInteger(item.default)) {
    report(path, `an enumeration of ${all.length} runs from 0 to ${all.length - 1} with a whole default`);
  }
}

function meter(item: Json, path: string, report: Report): void {
  text(item, "name", report, undefined, undefined, path);
  oneOf(item, "kind", ["gain-change", "level", "correlation"], `${path}.kind`, report);
  oneOf(item, "unit", UNITS, `${path}.unit`, report);
  range(item, path, report);
}

function range(item: Json, path: string, report: Report): boolean {
  const { min, max } = item;
  if (typeof min === "number" && typeof max === "number" && Number.isFinite(min) && Number.isFinite(max)) {
    if (min < max) return true;
    report(path, `min ${min} is not below max ${max}`);
  } else report(path, "needs numbers min and max");
  return false;
}

function members(
  owner: Json,
  key: string,
  report: Report,
  check: (item: Json, path: string, report: Report) => void,
): readonly unknown[] | undefined {
  const items = list(owner, key, report);
  if (!items) return undefined;
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const path = `${key}[${index}]`;
    if (!isObject(item)) {
      report(path, "is not an object");
      continue;
    }
    if (typeof item.id !== "string" || !MEMBER_ID.test(item.id)) {
      report(`${path}.id`, "must match [a-z][a-zA-Z0-9.]*");
    } else if (seen.has(item.id)) report(`${path}.id`, `"${item.id}" is there twice`);
    else seen.add(item.id);
    check(item, path, report);
  }
  return items;
}

function list(owner: Json, key: string, report: Report): readonly unknown[] | undefined {
  const value = owner[key];
  if (!Array.isArray(value)) report(key, value === undefined ? "is missing" : "must be a list");
  else if (value.length > MAX_MEMBERS)
    report(key, `has ${value.length} entries, at most ${MAX_MEMBERS} are allowed`);
  else return value;
  return undefined;
}

function text(
  owner: Json,
  key: string,
  report: Report,
  accepts: (text: string) => boolean = (s) => s.trim() !== "",
  rule = "must be a text that is not empty",
  path = "",
): void {
  const value = owner[key];
  const place = path === "" ? key : `${path}.${key}`;
  if (value === undefined) report(place, "is missing");
  else if (typeof value !== "string" || !accepts(value)) report(place, rule);
}

function optionalText(owner: Json, key: string, report: Report, path = ""): void {
  const value = owner[key];
  const place = path === "" ? key : `${path}.${key}`;
  if (value !== undefined && typeof value !== "string") report(place, "must be a text");
}

function oneOf(owner: Json, key: string, allowed: readonly string[], path: string, report: Report): void {
  const value = owner[key];
  if (typeof value !== "string" || !allowed.includes(value))
    report(path, `must be one of ${allowed.join(", ")}`);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
