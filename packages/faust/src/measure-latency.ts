/**
 * The latency of a program, measured: how many frames pass before an impulse is first heard, if they are the same at every
 * setting. A limiter that looks ahead has such a delay, an echo has one that its knob moves, and a filter has none.
 */
import type { Manifest } from "@gainstage/plugin-api";
import { BENCH_BLOCK_FRAMES, BENCH_RATE_HZ, Bench } from "./bench.ts";
import { cornersOf } from "./settings.ts";

export interface MeasuredLatency {
  /** The two are added. */
  readonly latencyFrames: number;
  readonly latencySeconds: number;
}

const LONGEST_SECONDS = 1;
const SETTINGS = 8;
/** What is left of an impulse of full scale below −120 dB is a rounding error. */
const HEARD = 1e-6;
const RATES_HZ = [BENCH_RATE_HZ, 44_100, 88_200, 96_000, 192_000];
const NONE: MeasuredLatency = { latencyFrames: 0, latencySeconds: 0 };

/** `module` is linked with tail and rest endless. `warn` hears of a latency that follows no rule. */
export function measureLatency(
  manifest: Manifest,
  module: WebAssembly.Module,
  warn: (text: string) => void,
): MeasuredLatency {
  if (commonOnset(manifest, module, BENCH_RATE_HZ) === 0) return NONE;
  const found = RATES_HZ.map((rateHz) => ({ rateHz, frames: commonOnset(manifest, module, rateHz) }));
  const { frames } = found[0];
  if (found.every((one) => one.frames === frames)) return { latencyFrames: frames, latencySeconds: 0 };
  // Frames are a time rounded to the nearest: all times that round to what was found at every rate.
  const shortest = Math.max(...found.map((one) => (one.frames - 0.5) / one.rateHz));
  const longest = Math.min(...found.map((one) => (one.frames + 0.5) / one.rateHz));
  if (shortest >= longest)
    warn(
      "its latency depends on the sample rate in a way of its own: declare latency, or it is off by a frame",
    );
  return { latencyFrames: 0, latencySeconds: (shortest + longest) / 2 };
}

/** 0 if settings differ, or none is heard. */
function commonOnset(manifest: Manifest, module: WebAssembly.Module, rateHz: number): number {
  let common: number | undefined;
  for (const setting of cornersOf(manifest.params).slice(0, SETTINGS)) {
    const onset = onsetOf(new Bench(manifest, module, setting, rateHz), LONGEST_SECONDS * rateHz);
    if (onset === undefined) continue;
    if (onset === 0 || (common !== undefined && common !== onset)) return 0;
    common = onset;
  }
  return common ?? 0;
}

function onsetOf(bench: Bench, longestFrames: number): number | undefined {
  for (let done = 0; done < longestFrames; done += BENCH_BLOCK_FRAMES) {
    bench.run(BENCH_BLOCK_FRAMES, (i) => (done + i === 0 ? 1 : 0));
    const first = bench.outputs
      .map((channel) => channel.findIndex((x) => Math.abs(x) > HEARD))
      .filter((i) => i >= 0);
    if (first.length > 0) return done + Math.min(...first);
  }
  return undefined;
}
