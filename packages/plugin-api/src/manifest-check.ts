/**
 * Whether a plugin.json is what the contract says.
 *
 * The check reports every problem at once, each with its place, since an author mends them together.
 */
import type { ManifestProblem } from "./fault.ts";
import {
  isObject,
  isTooDeep,
  type Json,
  list,
  members,
  oneOf,
  optionalText,
  type Report,
  range,
  text,
  texts,
} from "./json-check.ts";
import { isLayout, LAYOUT_NAMES } from "./layout.ts";
import { checkParamInfo, PARAM_ID, SEMVER, UNITS } from "./param-check.ts";
import type { Manifest } from "./plugin.ts";
import { parseApiVersion } from "./version.ts";

export type ManifestCheck =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

const ID = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+){2,}$/;
const EXTENSION = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*\/[1-9]\d{0,4}$/;
const MAIN_ONLY = "must have exactly one port with the role main";

const extensionRule = {
  accepts: (s: string) => EXTENSION.test(s),
  message: 'must be a name and a revision, as in "state/1"',
};
/** Inside the folder, wherever it is unpacked: relative, no way up, no drive, no other separator. */
export const pathRule = {
  accepts: (s: string) => s !== "" && !/^[/\\]|\\|:|\0|(^|\/)\.\.(\/|$)|\/\/|\/$/.test(s),
  message: "must be a path inside the plugin's folder",
};

/** Checks what JSON.parse gave. Never throws, whatever the value. */
export function checkManifest(value: unknown): ManifestCheck {
  const problems: ManifestProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  if (!isObject(value)) {
    return { ok: false, problems: [{ path: "", message: "is not a JSON object" }] };
  }
  if (isTooDeep(value)) return { ok: false, problems: [{ path: "", message: "is nested too deeply" }] };
  text(value, "api", report, "", {
    accepts: (s) => parseApiVersion(s) !== undefined,
    message: 'must be "major.minor", as in "1.0"',
  });
  text(value, "id", report, "", {
    accepts: (s) => ID.test(s),
    message: 'must be reverse DNS, as in "com.acme.glue"',
  });
  text(value, "name", report);
  text(value, "vendor", report);
  text(value, "version", report, "", {
    accepts: (s) => SEMVER.test(s),
    message: 'must be semver, as in "1.0.0"',
  });
  for (const key of ["description", "license", "url"]) optionalText(value, key, report);
  features(value, report);
  entry(value.entry, report);
  ports(value, "inputs", report);
  ports(value, "outputs", report);
  const params = members(value, "params", report, PARAM_ID, checkParamInfo);
  if (params) paramRoles(params.filter(isObject), report);
  if (value.meters !== undefined) members(value, "meters", report, PARAM_ID, meter);
  texts(value, "presets", report, "", pathRule);
  texts(value, "resources", report, "", pathRule);
  for (const key of ["extensions", "uses", "requires"]) texts(value, key, report, "", extensionRule);
  stateVersion(value, report);
  if (value.replaces !== undefined) replaces(value, params ?? [], report);
  if (value.onFault !== undefined) oneOf(value, "onFault", ["bypass", "silence"], report);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, manifest: value as unknown as Manifest };
}

function features(value: Json, report: Report): void {
  const rule = { accepts: (s: string) => s.trim() !== "", message: "must be a text that is not empty" };
  if (value.features === undefined) report("features", "is missing");
  else if (texts(value, "features", report, "", rule)?.length === 0)
    report("features", "must name at least one feature");
}

function entry(value: unknown, report: Report): void {
  const keys = isObject(value) ? Object.keys(value) : [];
  if (!isObject(value) || keys.length !== 1 || !(keys[0] === "wasm" || keys[0] === "module")) {
    report("entry", 'must be {"wasm": "file.wasm"} or {"module": "file.js"}');
    return;
  }
  const path = value[keys[0]];
  if (typeof path !== "string" || !pathRule.accepts(path)) report(`entry.${keys[0]}`, pathRule.message);
}

function ports(manifest: Json, key: "inputs" | "outputs", report: Report): void {
  const roles = key === "inputs" ? ["main", "sidechain", "aux"] : ["main", "aux"];
  const items = members(manifest, key, report, PARAM_ID, (port, path) => {
    text(port, "name", report, path);
    if (key === "outputs" && port.role === "sidechain")
      report(`${path}.role`, "an output cannot be a sidechain");
    else oneOf(port, "role", roles, report, path);
    const layouts = list(port, "layouts", report, path);
    if (layouts && !(layouts.length > 0 && layouts.every(isLayout)))
      report(`${path}.layouts`, `must list at least one of ${LAYOUT_NAMES}`);
    else if (layouts && new Set(layouts).size !== layouts.length)
      report(`${path}.layouts`, "has a layout twice");
  });
  if (items && items.filter((p) => isObject(p) && p.role === "main").length !== 1) report(key, MAIN_ONLY);
}

/** Rules between parameters: roles are taken once, and an alias is nobody else's name. */
function paramRoles(params: readonly Json[], report: Report): void {
  const roles = new Set<unknown>();
  const names = new Set(params.map((p) => p.id));
  for (const [index, param] of params.entries()) {
    if (param.role !== undefined && roles.has(param.role))
      report(`params[${index}].role`, `another parameter is the ${param.role} already`);
    roles.add(param.role);
    if (!Array.isArray(param.aliases)) continue;
    for (const alias of param.aliases) {
      if (names.has(alias))
        report(`params[${index}].aliases`, `"${alias}" is the name of a parameter already`);
      names.add(alias);
    }
  }
}

function meter(item: Json, path: string, report: Report): void {
  text(item, "name", report, path);
  oneOf(item, "kind", ["gain-change", "level", "correlation", "phase", "scalar"], report, path);
  oneOf(item, "unit", UNITS, report, path);
  if (item.kind === "gain-change" && item.unit !== "dB")
    report(`${path}.unit`, "of a gain-change must be dB");
  range(item, path, report);
}

function stateVersion(value: Json, report: Report): void {
  const has = Array.isArray(value.extensions) && value.extensions.includes("state/1");
  const version = value.stateVersion;
  if (version === undefined) {
    if (has) report("stateVersion", 'is missing, though the extension "state/1" is there');
  } else if (!(Number.isInteger(version) && Number(version) >= 1 && Number(version) <= 0x7fffffff)) {
    report("stateVersion", "must be a whole number from 1");
  } else if (!has) report("stateVersion", 'needs "state/1" among the extensions');
}

function replaces(value: Json, params: readonly unknown[], report: Report): void {
  const own = new Set(params.map((p) => (isObject(p) ? p.id : undefined)));
  for (const [index, item] of (list(value, "replaces", report) ?? []).entries()) {
    const path = `replaces[${index}]`;
    if (!isObject(item)) {
      report(path, "is not an object");
      continue;
    }
    if (typeof item.id !== "string" || !ID.test(item.id)) report(`${path}.id`, "must be a plugin's id");
    else if (item.id === value.id) report(`${path}.id`, "is the plugin itself");
    if (item.params === undefined) continue;
    if (!isObject(item.params)) report(`${path}.params`, "must map parameter ids to ours");
    else
      for (const [from, to] of Object.entries(item.params))
        if (!own.has(to))
          report(`${path}.params.${from}`, `${JSON.stringify(to)} is no parameter of this plugin`);
  }
}
