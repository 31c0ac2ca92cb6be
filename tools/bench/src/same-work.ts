/** The check that an engine does what is asked: its levels are near ours, so that nobody is timed doing nothing. */
import type { Outcome } from "./entrant.ts";
import type { Stereo } from "./material.ts";
import { gainToDb } from "./workloads.ts";

/** Compressors of several makers differ by some tenths of a decibel. */
export const TOLERANCE_DB = 1;

/** What is different, in words; undefined if nothing is. Whatever ours has, theirs must have. */
export function differentWork(ours: Outcome, theirs: Outcome): string | undefined {
  const figures = [
    ["its level", levelDb(ours.channels), levelDb(theirs.channels), "dBFS"],
    ["its loudness", ours.integratedLufs, theirs.integratedLufs, "LUFS"],
    ["its true peak", ours.truePeakDbtp, theirs.truePeakDbtp, "dBTP"],
  ] as const;
  for (const [what, expected, got, unit] of figures) {
    if (expected === undefined) continue;
    if (
      got === undefined ||
      got === null ||
      expected === null ||
      !(Math.abs(got - expected) <= TOLERANCE_DB)
    ) {
      return `${what} is ${shown(got, unit)}, ours ${shown(expected, unit)}`;
    }
  }
  return undefined;
}

function shown(value: number | null | undefined, unit: string): string {
  return value === undefined
    ? "not known"
    : value === null
      ? "that of silence"
      : `${value.toFixed(2)} ${unit}`;
}

/** RMS of both channels together, so that laws of panning do not count; -Infinity for silence. */
export function levelDb(channels: Stereo | undefined): number | undefined {
  if (!channels) return undefined;
  let energy = 0;
  for (const channel of channels) {
    for (let i = 0; i < channel.length; i++) energy += channel[i] * channel[i];
  }
  return gainToDb(Math.sqrt(energy / (2 * channels[0].length)));
}
