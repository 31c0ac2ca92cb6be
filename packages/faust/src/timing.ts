/** The latency, tail and rest of a program: as it declares them, else as they are measured. */
import type { Manifest } from "@gainstage/plugin-api";
import { FaustError } from "./faust-error.ts";
import { measureLatency } from "./measure-latency.ts";
import { measureTiming } from "./measure-timing.ts";
import type { Timing } from "./program-block.ts";

const RATE_HZ = 48_000;
/** What is heard late in these is their sound, not their latency. */
const LATE_BY_NATURE = ["reverb", "delay", "echo"];

/** What a program is linked with while it is measured. */
export const NOT_MEASURED: Timing = {
  tailFrames: Number.POSITIVE_INFINITY,
  restFrames: Number.POSITIVE_INFINITY,
  latencyFrames: 0,
  latencySeconds: 0,
};

/**
 * `declared` may hold "latency" (frames, or a time as in "5 ms") and "tail" (seconds, or "inf"). Throws a FaustError for
 * others than that.
 */
export function timingOf(
  declared: ReadonlyMap<string, string>,
  manifest: Manifest,
  module: WebAssembly.Module,
  dspBytes: number,
  fileName: string,
  warn: (text: string) => void,
): Timing {
  const latency = declaredLatency(declared.get("latency"), fileName);
  const tail = declaredTail(declared.get("tail"), fileName);
  const late = manifest.features.some((feature) => LATE_BY_NATURE.includes(feature));
  const { latencyFrames, latencySeconds } =
    latency ?? (late ? { latencyFrames: 0, latencySeconds: 0 } : measureLatency(manifest, module, warn));
  const lateFrames = latencyFrames + Math.floor(latencySeconds * RATE_HZ + 0.5);
  if (tail === Number.POSITIVE_INFINITY) return { ...NOT_MEASURED, latencyFrames, latencySeconds };
  const measured = measureTiming(manifest, module, dspBytes);
  // Measured from the end of the input, so with the latency in it.
  const tailFrames = tail ?? Math.max(0, measured.tailFrames - lateFrames);
  const rests = tail === undefined || Number.isFinite(measured.restFrames) ? measured.restFrames : 0;
  return { tailFrames, restFrames: Math.max(rests, tailFrames + lateFrames), latencyFrames, latencySeconds };
}

function declaredLatency(text: string | undefined, fileName: string) {
  if (text === undefined) return undefined;
  const parts = /^(\d+(?:\.\d+)?)\s*(ms|s)?$/.exec(text.trim());
  if (!parts || (parts[2] === undefined && !/^\d+$/.test(parts[1])))
    throw new FaustError(
      `declare latency "${text}": it must be frames, as in "64", or a time, as in "5 ms"`,
      fileName,
    );
  const value = Number(parts[1]);
  if (parts[2] === undefined) return { latencyFrames: value, latencySeconds: 0 };
  return { latencyFrames: 0, latencySeconds: parts[2] === "ms" ? value / 1000 : value };
}

function declaredTail(text: string | undefined, fileName: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^inf(inity)?$/i.test(text.trim())) return Number.POSITIVE_INFINITY;
  const seconds = Number(/^(\d+(?:\.\d+)?)\s*s?$/.exec(text.trim())?.[1]);
  if (!Number.isFinite(seconds))
    throw new FaustError(`declare tail "${text}": it must be seconds, as in "2.5", or "inf"`, fileName);
  return Math.ceil(seconds * RATE_HZ);
}
