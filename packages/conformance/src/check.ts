/** One thing that every plugin owes, as a function that throws a CheckFailed when the plugin does not keep it. */
import type { LoadedPlugin, Manifest } from "@gainstage/plugin-api";
import { random } from "./signals.ts";

export interface Check {
  /** Kept for ever: reports and waivers refer to it. */
  readonly id: string;
  /** A sentence that is true of a sound plugin. */
  readonly title: string;
  run(plugin: LoadedPlugin): void;
}

/** Random values for every parameter that may change while it runs, by id. */
export function randomParams(manifest: Manifest, seed: number): Record<string, number> {
  const next = random(seed);
  return Object.fromEntries(manifest.params.map((p) => [p.id, p.min + (p.max - p.min) * next()]));
}

/** Indices of the parameters that act while it runs. */
export function liveParams(manifest: Manifest): readonly number[] {
  return manifest.params.flatMap((p, i) => (p.applies === "restart" ? [] : [i]));
}

/** Every sidechain fed. */
export function allPorts(manifest: Manifest): readonly string[] {
  return manifest.inputs.map((p) => p.id);
}
