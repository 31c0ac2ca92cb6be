/** Parameters as people name and write them, refused with near names, range and unit. */
import {
  clampParam,
  describeRange,
  type Manifest,
  type ParamInfo,
  PluginFault,
  readParam,
} from "@gainstage/plugin-api";
import { didYouMean } from "./nearest.ts";
import { shortName } from "./short-names.ts";

/** The parameter by id, or by an id that it had before. Throws a PluginFault with near names. */
export function findParam(manifest: Manifest, id: string): ParamInfo {
  const param =
    manifest.params.find((p) => p.id === id) ?? manifest.params.find((p) => p.aliases?.includes(id));
  if (param) return param;
  const ids = manifest.params.map((p) => p.id);
  throw new PluginFault("param", shortName(manifest.id), `has no parameter "${id}".${didYouMean(id, ids)}`);
}

/** A plain value from "-18", "-18dB", "1.2kHz", "on", or a choice's id. Throws a PluginFault that says what is accepted. */
export function parseParam(manifest: Manifest, param: ParamInfo, text: string): number {
  const value = readParam(param, text);
  if (value !== undefined) return checkParam(manifest, param, value);
  throw new PluginFault(
    "param",
    shortName(manifest.id),
    `${param.id} cannot be "${text}"; it takes ${describeRange(param)}`,
  );
}

/** `value` if it is allowed. Throws a PluginFault that names range and unit. */
export function checkParam(manifest: Manifest, param: ParamInfo, value: number): number {
  const allowed = clampParam(param, value);
  if (value === allowed || Math.abs(value - allowed) <= 1e-9 * (param.max - param.min)) return allowed;
  throw new PluginFault(
    "param",
    shortName(manifest.id),
    `${param.id} cannot be ${value}; it takes ${describeRange(param)}`,
  );
}

/** Checks plain values by id, as a session has them: numbers, or ids of choices. Old ids become today's. */
export function checkParams(
  manifest: Manifest,
  params: Readonly<Record<string, number | string>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(params).map(([id, value]) => {
      const param = findParam(manifest, id);
      return [
        param.id,
        typeof value === "string" ? parseParam(manifest, param, value) : checkParam(manifest, param, value),
      ];
    }),
  );
}
