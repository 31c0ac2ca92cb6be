/** Parameter values as people write them, and errors that name range and unit. */
import { type Manifest, type ParamInfo, PluginFault } from "@gainstage/plugin-api";
import { shortName } from "./catalog.ts";
import { didYouMean } from "./nearest.ts";

/** The parameter by id. Throws a PluginFault with near names. */
export function findParam(manifest: Manifest, id: string): ParamInfo {
  const param = manifest.params.find((p) => p.id === id);
  if (param) return param;
  const ids = manifest.params.map((p) => p.id);
  throw new PluginFault("param", shortName(manifest.id), `has no parameter "${id}".${didYouMean(id, ids)}`);
}

/** A plain value from "-18", "-18dB", "1.2kHz", "on", or a choice's id. Throws a PluginFault that says what is accepted. */
export function parseParam(manifest: Manifest, param: ParamInfo, text: string): number {
  const refuse = (why: string) =>
    new PluginFault("param", shortName(manifest.id), `${param.id} ${why}; it takes ${describeRange(param)}`);
  const choice = param.choices?.findIndex((c) => c.id === text) ?? -1;
  if (choice >= 0) return choice;
  if (param.unit === "bool" && (text === "on" || text === "off")) return text === "on" ? 1 : 0;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(k?)([a-z%°]*|:1)$/i.exec(text.trim());
  if (!match) throw refuse(`cannot be "${text}"`);
  const [, digits, kilo, suffix] = match;
  const own = param.unit === "ratio" ? ":1" : unitSuffix(param);
  if (suffix !== "" && suffix.toLowerCase() !== own.toLowerCase()) {
    throw refuse(`is not in "${kilo}${suffix}"`);
  }
  return checkParam(manifest, param, Number(digits) * (kilo === "" ? 1 : 1000));
}

/** `value` if it is allowed. Throws a PluginFault that names range and unit. */
export function checkParam(manifest: Manifest, param: ParamInfo, value: number): number {
  const whole = !(param.choices || param.unit === "bool") || Number.isInteger(value);
  if (value >= param.min && value <= param.max && whole) return value;
  throw new PluginFault(
    "param",
    shortName(manifest.id),
    `${param.id} cannot be ${value}; it takes ${describeRange(param)}`,
  );
}

/** Checks plain values by id, as a session has them: numbers, or ids of choices. */
export function checkParams(
  manifest: Manifest,
  params: Readonly<Record<string, number | string>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(params).map(([id, value]) => {
      const param = findParam(manifest, id);
      return [
        id,
        typeof value === "string" ? parseParam(manifest, param, value) : checkParam(manifest, param, value),
      ];
    }),
  );
}

/** "-60 to 0 dB", or "one of peak, rms". */
export function describeRange(param: ParamInfo): string {
  if (param.choices) return `one of ${param.choices.map((c) => c.id).join(", ")}`;
  if (param.unit === "bool") return "on or off";
  const unit = unitSuffix(param);
  return `${param.min} to ${param.max}${unit === "" ? "" : ` ${unit}`}`;
}

/** "-18 dB", "4:1", "Peak". */
export function formatParam(param: ParamInfo, value: number): string {
  if (param.choices) return param.choices[Math.round(value)]?.label ?? String(value);
  if (param.unit === "bool") return value >= 0.5 ? "on" : "off";
  const rounded = Number(value.toPrecision(4));
  if (param.unit === "ratio") return `${rounded}:1`;
  const unit = unitSuffix(param);
  return unit === "" ? String(rounded) : `${rounded} ${unit}`;
}

function unitSuffix(param: ParamInfo): string {
  if (param.unit === "none" || param.unit === "bool" || param.unit === "ratio") return "";
  if (param.unit === "percent") return "%";
  return param.unit === "degree" ? "°" : param.unit;
}
