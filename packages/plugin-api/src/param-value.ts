/**
 * Parameter values: inside their range, on a knob, and as people read and write them.
 *
 * All of it follows from the manifest, so that a host, a placeholder and a panel in a browser print alike.
 */
import type { ParamInfo } from "./plugin.ts";

/** A value as the plugin may see it: inside the range, and on a step, a choice or a switch's end. */
export function clampParam(param: ParamInfo, value: number): number {
  const inside = Math.min(param.max, Math.max(param.min, Number.isNaN(value) ? param.default : value));
  const step = stepOf(param);
  if (step === undefined) return inside;
  return Math.min(param.max, param.min + Math.round((inside - param.min) / step) * step);
}

/** The distance between neighbouring values; undefined where there is none. */
function stepOf(param: ParamInfo): number | undefined {
  return param.choices || param.unit === "bool" ? 1 : param.step;
}

/** Where a knob stands for a value: 0 at min, 1 at max. */
export function toKnob(param: ParamInfo, value: number): number {
  const { min, max, scale } = param;
  const linear = (Math.min(max, Math.max(min, value)) - min) / (max - min);
  if (scale === "log") return Math.log(Math.min(max, Math.max(min, value)) / min) / Math.log(max / min);
  return typeof scale === "object" ? linear ** (1 / scale.power) : linear;
}

/** The value for a knob from 0 to 1. The inverse of toKnob() within rounding; ends are exact. */
export function fromKnob(param: ParamInfo, knob: number): number {
  const { min, max, scale } = param;
  const at = Math.min(1, Math.max(0, knob));
  if (at === 0) return min;
  if (at === 1) return max;
  if (scale === "log") return clampParam(param, min * (max / min) ** at);
  return clampParam(param, min + (max - min) * (typeof scale === "object" ? at ** scale.power : at));
}

/** "-18 dB", "1.2 kHz", "4:1", "Peak", "off". */
export function formatParam(param: ParamInfo, value: number): string {
  const { choices, format = {}, unit, min, max } = param;
  if (choices) return choices[Math.round(value)]?.label ?? String(value);
  const written = formatNumber(param, value);
  // What prints like an end of the range is that end, to whoever reads it back.
  if (format.atMin !== undefined && written === formatNumber(param, min)) return format.atMin;
  if (format.atMax !== undefined && written === formatNumber(param, max)) return format.atMax;
  return unit === "bool" ? (value >= 0.5 ? "on" : "off") : written;
}

function formatNumber(param: ParamInfo, value: number): string {
  const { format = {}, unit } = param;
  const kilo = format.si === true && Math.abs(value) >= 1000;
  const scaled = kilo ? value / 1000 : value;
  const digits = format.digits === undefined ? undefined : format.digits + (kilo ? 3 : 0);
  const rounded = digits === undefined ? Number(scaled.toPrecision(4)) : Number(scaled.toFixed(digits));
  // A plain number: neither "-0" nor an exponent.
  const number = plain(rounded === 0 ? 0 : rounded, kilo ? undefined : format.digits);
  const sign = format.sign === true && rounded > 0 ? "+" : "";
  if (unit === "ratio") return `${sign}${number}:1`;
  const suffix = `${kilo ? "k" : ""}${unitSuffix(param)}`;
  return suffix === "" ? `${sign}${number}` : `${sign}${number} ${suffix}`;
}

function plain(value: number, digits: number | undefined): string {
  if (digits !== undefined) return value.toFixed(digits);
  const short = String(value);
  return short.includes("e") ? value.toFixed(Math.abs(value) < 1 ? 12 : 0).replace(/\.?0+$/, "") : short;
}

/**
 * A plain value from "-18", "-18dB", "1.2kHz", "on", a choice's id or label, or a format's words. Undefined if it
 * cannot be read, or is in another unit; it may lie outside the range.
 */
export function readParam(param: ParamInfo, written: string): number | undefined {
  const { choices, format = {}, unit } = param;
  const words = written.trim();
  if (choices) {
    const id = choices.findIndex((c) => c.id === words);
    const index = id >= 0 ? id : choices.findIndex((c) => c.label === words);
    if (index >= 0) return index;
  }
  if (words !== "" && words === format.atMin) return param.min;
  if (words !== "" && words === format.atMax) return param.max;
  if (unit === "bool" && (words === "on" || words === "off")) return words === "on" ? 1 : 0;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(k?)([a-z%°]*|:1)$/i.exec(words);
  if (!match) return undefined;
  const [, digits, kilo, suffix] = match;
  const own = unit === "ratio" ? ":1" : unitSuffix(param);
  if (suffix !== "" && suffix.toLowerCase() !== own.toLowerCase()) return undefined;
  const value = Number(digits) * (kilo === "" ? 1 : 1000);
  return Number.isFinite(value) ? value : undefined;
}

/** "-60 to 0 dB", or "one of peak, rms". */
export function describeRange(param: ParamInfo): string {
  if (param.choices) return `one of ${param.choices.map((c) => c.id).join(", ")}`;
  if (param.unit === "bool") return "on or off";
  const unit = unitSuffix(param);
  const step = param.step === undefined ? "" : ` in steps of ${param.step}`;
  return `${param.min} to ${param.max}${unit === "" ? "" : ` ${unit}`}${step}`;
}

function unitSuffix(param: ParamInfo): string {
  if (param.unit === "none" || param.unit === "bool" || param.unit === "ratio") return "";
  if (param.unit === "percent") return "%";
  if (param.unit === "semitone") return "st";
  return param.unit === "degree" ? "°" : param.unit;
}
