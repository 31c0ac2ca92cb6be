/**
 * How long a program rings and remembers, measured: Faust's code does not say.
 *
 *   tail  from the end of noise to the last output above −126 dB
 *   rest  until, besides, what the program makes of new sound is what it would make had the noise never been
 *
 * Both are the longest over many settings, with a margin. For the second, two copies of the program run side by side, one
 * after noise and one after nothing, so that what moves by itself (an LFO) is alike in both; now and then their states are
 * saved, both hear the same probe, and are put back.
 */
import type { Manifest } from "@gainstage/plugin-api";
import { BENCH_BLOCK_FRAMES, BENCH_RATE_HZ, Bench } from "./bench.ts";
import { cornersOf, placesOf, random, type Setting } from "./settings.ts";

export interface MeasuredTiming {
  /** At 48 kHz; Infinity if it does not end. */
  readonly tailFrames: number;
  readonly restFrames: number;
}

const BLOCK = BENCH_BLOCK_FRAMES;
const EXCITED_BLOCKS = 47;
const AMPLITUDE = 0.5;
/** −126 dB. */
const INAUDIBLE = 5e-7;
/** Against what no setting tried was the worst one. */
const MARGIN = 1.5;
const LONGEST_FRAMES = 30 * BENCH_RATE_HZ;
/** Even a program without memory keeps running for this long: single samples of zero are no silence. */
const SHORTEST_REST_FRAMES = BENCH_RATE_HZ / 4;
/** No more settings are tried when so much audio has gone by; it bounds the time of a build. */
const BUDGET_FRAMES = 150 * BENCH_RATE_HZ;
const PROBE_BLOCKS = 4;
/** −60 dB under the probe. */
const ALIKE = 1e-3;
const PROBE_SPACING = 1.4;
/** Not zero, so that a program at rest starts, and nothing to hear. */
const WAKING = 1e-30;

/** `module` is linked with tail and rest endless. `dspBytes` bounds how long a delay can be. */
export function measureTiming(
  manifest: Manifest,
  module: WebAssembly.Module,
  dspBytes: number,
): MeasuredTiming {
  const longestGap = Math.min(LONGEST_FRAMES, Math.max(BENCH_RATE_HZ / 2, dspBytes / 4));
  let longest: { readonly setting: Setting; readonly tailFrames: number } = { setting: {}, tailFrames: 0 };
  let rest = SHORTEST_REST_FRAMES;
  let spent = 0;
  const take = (setting: Setting) => {
    if (spent > BUDGET_FRAMES || longest.tailFrames === Number.POSITIVE_INFINITY) return;
    const { tailFrames, restFrames, ranFrames } = measureAt(manifest, module, setting, longestGap);
    spent += ranFrames;
    rest = Math.max(rest, restFrames);
    if (tailFrames > longest.tailFrames) longest = { setting, tailFrames };
  };
  for (const setting of cornersOf(manifest.params)) take(setting);
  // From the longest on uphill: each parameter to the end of its range that makes it longer.
  for (const { id, min, max } of manifest.params)
    for (const end of [min, max]) take({ ...longest.setting, [id]: end });
  for (const setting of placesOf(manifest.params)) take(setting);
  const tailFrames = Math.ceil(longest.tailFrames * MARGIN);
  return { tailFrames, restFrames: Math.max(tailFrames, Math.ceil(rest * MARGIN)) };
}

interface Found extends MeasuredTiming {
  readonly ranFrames: number;
}

function measureAt(
  manifest: Manifest,
  module: WebAssembly.Module,
  setting: Setting,
  longestGap: number,
): Found {
  const { end, ranFrames } = ringOf(new Bench(manifest, module, setting), longestGap);
  if (end === Number.POSITIVE_INFINITY) return { tailFrames: end, restFrames: end, ranFrames };
  const excited = new Bench(manifest, module, setting);
  const control = new Bench(manifest, module, setting);
  excite(excited, AMPLITUDE);
  excite(control, 0);
  let done = 0;
  for (let until = Math.max(end, SHORTEST_REST_FRAMES); done < LONGEST_FRAMES; until = done * PROBE_SPACING) {
    for (; done < until; done += BLOCK) for (const bench of [excited, control]) bench.runSilence(BLOCK);
    if (alike(excited, control)) break;
  }
  return { tailFrames: end, restFrames: done, ranFrames: ranFrames + 2 * (done + EXCITED_BLOCKS * BLOCK) };
}

/** Noise, or as much time with nothing to hear. */
function excite(bench: Bench, amplitude: number): void {
  const next = random(1);
  for (let k = 0; k < EXCITED_BLOCKS; k++)
    bench.run(BLOCK, (i) => amplitude * (2 * next() - 1) + (k === 0 && i === 0 ? WAKING : 0));
}

/** Frames from the end of noise to the end of the last sound. It ended if nothing came for longer than any delay. */
function ringOf(bench: Bench, longestGap: number): { readonly end: number; readonly ranFrames: number } {
  excite(bench, AMPLITUDE);
  let done = 0;
  let end = 0;
  for (; done - end < longestGap && done < LONGEST_FRAMES; done += BLOCK) {
    bench.runSilence(BLOCK);
    const heard = bench.endOfSound(BLOCK, INAUDIBLE);
    if (heard > 0) end = done + heard;
  }
  const ended = done - end >= Math.min(longestGap, LONGEST_FRAMES / 2);
  return { end: ended ? end : Number.POSITIVE_INFINITY, ranFrames: done + EXCITED_BLOCKS * BLOCK };
}

/** Whether the two answer a probe alike. Leaves them as they were. */
function alike(a: Bench, b: Bench): boolean {
  const saved = [a.save(), b.save()];
  const next = random(2);
  let difference = 0;
  let peak = 0;
  for (let k = 0; k < PROBE_BLOCKS; k++) {
    const probe = Float32Array.from({ length: BLOCK }, () => AMPLITUDE * (2 * next() - 1));
    for (const bench of [a, b]) bench.run(BLOCK, (i) => probe[i]);
    for (const [c, channel] of a.outputs.entries()) {
      for (let i = 0; i < BLOCK; i++) {
        difference = Math.max(difference, Math.abs(channel[i] - b.outputs[c][i]));
        peak = Math.max(peak, Math.abs(b.outputs[c][i]));
      }
    }
  }
  for (const [k, bench] of [a, b].entries()) bench.restore(saved[k]);
  return difference <= ALIKE * Math.max(peak, AMPLITUDE);
}
