/** Mastering presets: a named setting of every effect in the chain, as JSON in presets/. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { didYouMean } from "@gainstage/host";

const folder = fileURLToPath(new URL("../presets/", import.meta.url));

export type ChainLink = "equalizer" | "compressor" | "stereo-imager" | "limiter";

export interface MasteringPreset {
  readonly name: string;
  /** When to use it. */
  readonly description: string;
  /** Plain values or ids of choices, by effect and parameter id. The loudness search sets the limiter's input gain. */
  readonly params: Readonly<Record<ChainLink, Readonly<Record<string, number | string>>>>;
}

export function presetNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

/** Throws a RangeError with near names if there is none of that name. */
export function loadPreset(name: string): MasteringPreset {
  const names = presetNames();
  if (!names.includes(name)) {
    throw new RangeError(
      `there is no mastering preset "${name}".${didYouMean(name, names)} There are ${names.join(", ")}`,
    );
  }
  return JSON.parse(readFileSync(`${folder}${name}.json`, "utf8"));
}
