/** What a plugin puts out and is no sound. [audio] */
import type { RuntimeFault } from "./runtime-fault.ts";

type Ports = readonly (readonly Float32Array[])[];

/** +60 dBFS: more than any effect makes of a sound of ordinary level. */
const LOUDEST = 1000;

export interface Unsound {
  readonly code: RuntimeFault["code"];
  readonly message: string;
}

/** Undefined if all of it is sound, given what came in: who is handed a sound beyond +60 dBFS may put one out. */
export function unsoundOf(outputs: Ports, inputs: Ports, frames: number): Unsound | undefined {
  const peak = peakOf(outputs, frames);
  if (!(peak < Number.POSITIVE_INFINITY))
    return { code: "non-finite", message: "it put out a sample that is not a finite number" };
  if (!(peak > LOUDEST * Math.max(1, peakOf(inputs, frames)))) return undefined;
  const decibels = Math.round(20 * Math.log10(peak));
  return { code: "overload", message: `it put out a sample at +${decibels} dBFS` };
}

export function dropNonFinite(ports: readonly Float32Array[][], frames: number): void {
  for (const port of ports) {
    for (const channel of port) {
      for (let i = 0; i < frames; i++) if (!Number.isFinite(channel[i])) channel[i] = 0;
    }
  }
}

/** The largest magnitude; NaN if any sample is none. */
function peakOf(ports: Ports, frames: number): number {
  let peak = 0;
  for (const port of ports) {
    for (const channel of port) {
      for (let i = 0; i < frames; i++) peak = Math.max(peak, Math.abs(channel[i]));
    }
  }
  return peak;
}
