/** What a session keeps of a plugin, so that a placeholder can stand in for it where it cannot be had. */
import type { ManifestProblem } from "./fault.ts";
import { isObject } from "./json-check.ts";
import { checkManifest } from "./manifest-check.ts";
import { API_VERSION, type Manifest } from "./plugin.ts";
import { MAX_LATENCY_FRAMES } from "./running-processor.ts";

export interface PluginCard
  extends Pick<Manifest, "name" | "vendor" | "version" | "inputs" | "outputs" | "params"> {
  /** What the plugin reported when it was last activated. */
  readonly latencyFrames: number;
}

export function cardOf(manifest: Manifest, latencyFrames: number): PluginCard {
  const { name, vendor, version, inputs, outputs, params } = manifest;
  return { name, vendor, version, inputs, outputs, params, latencyFrames };
}

/** A manifest for a placeholder: everything of the card, and no code. */
export function manifestOfCard(id: string, card: PluginCard): Manifest {
  const { name, vendor, version, inputs, outputs, params } = card;
  return {
    name,
    vendor,
    version,
    inputs,
    outputs,
    params,
    api: API_VERSION,
    id,
    features: ["utility"],
    entry: { wasm: "missing.wasm" },
  };
}

/** What is wrong with a card from a stranger, each with its place. Never throws. */
export function cardProblems(value: unknown): readonly ManifestProblem[] {
  if (!isObject(value)) return [{ path: "", message: "is not an object" }];
  const check = checkManifest(manifestOfCard("com.example.card", value as unknown as PluginCard));
  const problems = check.ok ? [] : [...check.problems];
  const { latencyFrames } = value;
  const whole = Number.isInteger(latencyFrames) && Number(latencyFrames) >= 0;
  if (!(whole && Number(latencyFrames) <= MAX_LATENCY_FRAMES))
    problems.push({
      path: "latencyFrames",
      message: `must be a whole number from 0 to ${MAX_LATENCY_FRAMES}`,
    });
  return problems;
}
