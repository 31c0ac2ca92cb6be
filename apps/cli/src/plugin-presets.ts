/** The presets that a plugin brings, from the files that its manifest names. Nothing of the plugin runs. */
import { basename, posix } from "node:path";
import { type CatalogEntry, checkParams, didYouMean, shortName } from "@gainstage/host";
import { PluginFault, type Preset, reasonOf } from "@gainstage/plugin-api";

const MAX_PRESET_BYTES = 1024 * 1024;

/** The file's name without folder and ending: what `--fx ID:preset=…` takes, as it takes the preset's name. */
export function presetBase(path: string): string {
  return basename(path).replace(/\.json$/i, "");
}

/** What stands in the file at `path`, one of the manifest's. Throws a PluginFault that says what is wrong with it. */
export function readPreset({ manifest, source }: CatalogEntry, path: string): Preset {
  const refuse = (why: string) =>
    new PluginFault("entry-unreadable", shortName(manifest.id), `its preset ${path} ${why}`);
  let value: unknown;
  try {
    const bytes = source.read(posix.normalize(path), MAX_PRESET_BYTES);
    if (bytes) value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw refuse(`cannot be read: ${reasonOf(error)}`);
  }
  if (value === undefined) throw refuse(`is missing in ${source.place}, though the manifest names it`);
  if (!isRecord(value)) throw refuse("is not a JSON object");
  const { name, description, params } = value;
  if (typeof name !== "string" || name.trim() === "") throw refuse("has no name");
  if (typeof description !== "string") throw refuse("has no description");
  if (!isRecord(params)) throw refuse("has no params");
  return { name, description, params: params as Preset["params"] };
}

/**
 * The parameters that a preset sets, by the name of the preset or the base name of its file, in any case. Throws a
 * PluginFault with near names.
 */
export function presetParams(entry: CatalogEntry, wanted: string): Record<string, number> {
  const { manifest } = entry;
  const paths = manifest.presets ?? [];
  const asked = wanted.trim().toLowerCase();
  let path = paths.find((candidate) => presetBase(candidate).toLowerCase() === asked);
  path ??= paths.find((candidate) => nameOf(entry, candidate)?.toLowerCase() === asked);
  if (path === undefined) throw unknownPreset(entry, wanted.trim());
  const { params } = readPreset(entry, path);
  try {
    return checkParams(manifest, params);
  } catch (error) {
    if (!(error instanceof PluginFault)) throw error;
    // What was typed is right; the plugin is not.
    const why = error.message.replace(/^plugin \S+: /, "");
    throw new PluginFault("entry-unreadable", shortName(manifest.id), `its preset ${path}: ${why}`);
  }
}

/** A preset that cannot be read stands in the way of nobody who asks for another. */
function nameOf(entry: CatalogEntry, path: string): string | undefined {
  try {
    return readPreset(entry, path).name.trim();
  } catch (error) {
    if (error instanceof PluginFault) return undefined;
    throw error;
  }
}

function unknownPreset(entry: CatalogEntry, wanted: string): PluginFault {
  const { manifest } = entry;
  const bases = (manifest.presets ?? []).map(presetBase);
  if (bases.length === 0)
    return new PluginFault("param", shortName(manifest.id), "has no presets, and no parameter of that name");
  const names = (manifest.presets ?? []).flatMap((path) => nameOf(entry, path) ?? []);
  const near = didYouMean(wanted, bases) || didYouMean(wanted, names);
  const has = `It has ${bases.join(", ")}`;
  return new PluginFault("param", shortName(manifest.id), `has no preset "${wanted}".${near} ${has}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
