/**
 * Widgets as parameters and meters.
 *
 *   hslider, vslider, nentry → a number; [style:menu{…}], [style:radio{…}] → choices
 *   checkbox → a switch; button → a hidden switch; hbargraph, vbargraph → a meter
 *
 * Besides Faust's own metadata (unit, scale, style, hidden) these are read: [id:…] names a parameter for ever, [role:mix]
 * (bypass, output-gain) says what it is for, [scale:2] moves its knob by squares, and [meter:gain-change] (level, scalar …) says
 * what a bargraph shows.
 */
import type { MeterInfo, ParamInfo } from "@gainstage/plugin-api";
import { FaustError } from "./faust-error.ts";
import type { PlacedWidget } from "./faust-json.ts";
import { paramId } from "./param-id.ts";
import { unitOf } from "./unit.ts";

export interface MappedParam {
  readonly info: ParamInfo;
  /** Byte offset of the value in an instance. */
  readonly offset: number;
  /** The program's value for each choice. */
  readonly choices?: readonly number[];
}

export interface MappedMeter {
  readonly info: MeterInfo;
  readonly offset: number;
}

export interface MappedWidgets {
  readonly params: readonly MappedParam[];
  readonly meters: readonly MappedMeter[];
  readonly warnings: readonly string[];
}

const ID = /^[a-z][a-zA-Z0-9_.]*$/;
const METER_KINDS = ["gain-change", "level", "correlation", "phase", "scalar"] as const;
const ROLES = ["mix", "bypass", "output-gain"] as const;

/** Throws a FaustError for widgets that no parameter can stand for. */
export function mapWidgets(widgets: readonly PlacedWidget[], fileName: string): MappedWidgets {
  const params: MappedParam[] = [];
  const meters: MappedMeter[] = [];
  const warnings: string[] = [];
  const context: Context = {
    fileName,
    warn: (text) => warnings.push(text),
    taken: idsGiven(widgets, fileName),
  };
  for (const placed of widgets) {
    const { widget } = placed;
    if (widget.type === "soundfile")
      throw new FaustError(`"${widget.label}" is a sound file, which an effect cannot load`, fileName);
    if (widget.type.endsWith("bargraph")) meters.push(meterOf(placed, context));
    else params.push(paramOf(placed, context));
  }
  return { params, meters, warnings };
}

interface Context {
  readonly fileName: string;
  readonly warn: (text: string) => void;
  readonly taken: Set<string>;
}

/** Those that the program itself chooses; the others keep clear of them. */
function idsGiven(widgets: readonly PlacedWidget[], fileName: string): Set<string> {
  const given = widgets.flatMap(({ meta }) => meta.get("id") ?? []);
  for (const id of given) {
    if (!ID.test(id))
      throw new FaustError(
        `[id:${id}] is no id: a letter a to z, then letters, digits, "_" and "."`,
        fileName,
      );
    if (given.indexOf(id) !== given.lastIndexOf(id))
      throw new FaustError(`[id:${id}] is there twice`, fileName);
  }
  return new Set(given);
}

function idOf({ widget, groups, meta }: PlacedWidget, { taken }: Context): string {
  const id = meta.get("id") ?? paramId([...groups, widget.label], taken);
  taken.add(id);
  return id;
}

function nameOf({ widget }: PlacedWidget, id: string): string {
  return widget.label.replaceAll("_", " ").trim() || id;
}

function placeOf(
  placed: PlacedWidget,
  context: Context,
): Pick<ParamInfo, "id" | "name" | "group" | "hidden"> {
  const { groups, meta } = placed;
  const id = idOf(placed, context);
  return {
    id,
    name: nameOf(placed, id),
    ...(groups.length > 0 ? { group: groups.map((label) => label.replaceAll("/", " ")).join("/") } : {}),
    ...(meta.get("hidden") === "1" ? { hidden: true } : {}),
  };
}

function roleOf({ meta }: PlacedWidget, id: string, { warn }: Context): Pick<ParamInfo, "role"> {
  if (!meta.has("role")) return {};
  const role = ROLES.find((known) => known === meta.get("role"));
  if (!role) warn(`${id}: there is no role "${meta.get("role")}"; there are ${ROLES.join(", ")}`);
  return role ? { role } : {};
}

function paramOf(placed: PlacedWidget, context: Context): MappedParam {
  const place = placeOf(placed, context);
  const { info, ...where } = rangeOf(placed, place, context);
  return { ...where, info: { ...info, ...roleOf(placed, place.id, context) } };
}

function rangeOf(placed: PlacedWidget, place: ReturnType<typeof placeOf>, context: Context): MappedParam {
  const { widget, meta } = placed;
  const offset = widget.index;
  if (widget.type === "checkbox" || widget.type === "button") {
    const hidden = widget.type === "button" ? { hidden: true } : {};
    return { offset, info: { ...place, ...hidden, unit: "bool", min: 0, max: 1, default: 0, step: 1 } };
  }
  const { init = 0, min = 0, max = 1, step = 0 } = widget;
  const menu = menuOf(meta.get("style"));
  if (menu) return choiceOf(menu, init, offset, place);
  if (!(min < max))
    throw new FaustError(
      `"${widget.label}" runs from ${min} to ${max}: there is nothing to set`,
      context.fileName,
    );
  if (init < min || init > max)
    context.warn(`${place.id}: its initial value ${init} is outside ${min} to ${max}, and was moved inside`);
  const unit = unitOf(meta.get("unit"));
  if (unit === undefined)
    context.warn(`${place.id}: the unit "${meta.get("unit")}" is not one that hosts know, and is left out`);
  const selector =
    widget.type === "nentry" && unit === "none" && [init, min, max].every(Number.isInteger) && step === 1;
  const info: ParamInfo = {
    ...place,
    unit: unit ?? "none",
    min,
    max,
    default: Math.min(max, Math.max(min, init)),
    ...scaleOf(placed, place.id, context),
    ...(selector ? { step: 1 } : {}),
  };
  return { offset, info };
}

interface Choice {
  readonly label: string;
  readonly value: number;
}

/** The default is the choice that is closest to the initial value. */
function choiceOf(
  menu: readonly Choice[],
  init: number,
  offset: number,
  place: ReturnType<typeof placeOf>,
): MappedParam {
  const distance = menu.map(({ value }) => Math.abs(value - init));
  const taken = new Set<string>();
  const choices = menu.map(({ label }) => {
    const id = paramId([label], taken);
    taken.add(id);
    return { id, label };
  });
  const initial = distance.indexOf(Math.min(...distance));
  const info: ParamInfo = {
    ...place,
    unit: "none",
    min: 0,
    max: menu.length - 1,
    default: initial,
    step: 1,
    choices,
  };
  return { offset, choices: menu.map(({ value }) => value), info };
}

function scaleOf({ widget, meta }: PlacedWidget, id: string, { warn }: Context): Pick<ParamInfo, "scale"> {
  const scale = meta.get("scale");
  if (scale === "exp") return { scale: { power: 0.5 } };
  if (Number(scale) > 0) return { scale: { power: Number(scale) } };
  if (scale !== "log") return {};
  if ((widget.min ?? 0) > 0) return { scale: "log" };
  warn(`${id}: a log scale needs a range above 0; its knob moves by squares instead`);
  return { scale: { power: 2 } };
}

/**
 * {'Sine':0;'Saw':1} of [style:menu{…}] and [style:radio{…}]; undefined for other styles. In the description of a module
 * that imports its memory, libfaust writes the quotation marks as "-".
 */
function menuOf(style: string | undefined): readonly Choice[] | undefined {
  const list = /^(?:menu|radio)\s*\{(.*)\}$/s.exec(style?.trim() ?? "")?.[1];
  if (list === undefined) return undefined;
  const items = [...list.matchAll(/(['-])([^;]*)\1\s*:\s*([-+.\deE]+)\s*(?:;|$)/g)].map(
    ([, , label, value]) => ({ label, value: Number(value) }),
  );
  return items.length >= 2 && items.every(({ value }) => Number.isFinite(value)) ? items : undefined;
}

function meterOf(placed: PlacedWidget, context: Context): MappedMeter {
  const { widget, meta } = placed;
  const id = idOf(placed, context);
  const unit = unitOf(meta.get("unit")) ?? "none";
  const asked = METER_KINDS.find((kind) => kind === meta.get("meter"));
  if (meta.has("meter") && !asked)
    context.warn(
      `${id}: there is no kind of meter "${meta.get("meter")}"; there are ${METER_KINDS.join(", ")}`,
    );
  const kind = asked ?? (["dB", "dBFS", "dBTP", "LUFS"].includes(unit) ? "level" : "scalar");
  const { min = 0, max = 1 } = widget;
  return {
    offset: widget.index,
    info: { id, name: nameOf(placed, id), kind, unit: kind === "gain-change" ? "dB" : unit, min, max },
  };
}
