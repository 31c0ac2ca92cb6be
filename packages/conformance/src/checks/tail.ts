/** Tail and rest: measured, not believed. */
import { clampParam, type LoadedPlugin, type Manifest, type RunningProcessor } from "@gainstage/plugin-api";
import fc from "fast-check";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { cornersOf } from "../cases/corners.ts";
import { paramSets, randomCases } from "../cases/random-cases.ts";
import { type Check, demand, NotRun } from "../check.ts";
import { decibels, peakOf, sameBits } from "../measuring/compare.ts";
import { playOn, signalOf, withProcessor } from "../playing/play.ts";
import { random } from "../playing/signals.ts";
import { SAMPLE_RATE_HZ, stream } from "../playing/stream.ts";
import { property } from "../property.ts";

/** −120 dB under a signal of about full scale. */
const INAUDIBLE = 1e-6;
const BLOCK = 1024;
/** Longer tails than this are not waited for. */
const LONGEST_WAIT_FRAMES = 20 * SAMPLE_RATE_HZ;
const SOUNDING = 12_000;

/** Settings at which a tail may be long. */
function tailSettings(manifest: Manifest): readonly Record<string, number>[] {
  return [{}, ...cornersOf(manifest)];
}

interface Ring {
  /** Frames from the end of the input to the last that was above −120 dB, latency taken off. */
  readonly frames: number;
  /** True if it was still sounding when nobody waited any longer. */
  readonly cut: boolean;
  readonly declared: number;
}

function ringOf(plugin: LoadedPlugin, given: Case): Ring {
  return withProcessor(plugin, given, (processor) => {
    let left = Number.POSITIVE_INFINITY;
    const options = { blocks: [BLOCK], onBlock: (now: number) => (left = now) };
    stream(processor, signalOf(processor, { ...given, frames: SOUNDING }), options);
    const quiet = signalOf(processor, { signal: { kind: "silence" }, frames: BLOCK });
    let last = 0;
    let done = 0;
    for (; done < LONGEST_WAIT_FRAMES && left > 0; done += BLOCK) {
      const out = stream(processor, quiet, options);
      for (const channel of out)
        for (let i = 0; i < BLOCK; i++)
          if (!(Math.abs(channel[i]) <= INAUDIBLE)) last = Math.max(last, done + i + 1);
      if (done - last > 4 * SAMPLE_RATE_HZ && done > processor.latencyFrames) break;
    }
    return {
      frames: Math.max(0, last - processor.latencyFrames),
      cut: done >= LONGEST_WAIT_FRAMES,
      declared: processor.tailFrames,
    };
  });
}

const tail = property({
  id: "T03",
  level: "must",
  title: "has died away to −120 dB after the tail that it declares",
  listed: (manifest) =>
    tailSettings(manifest).map((params) => ({ params, signal: { kind: "noise", amplitude: 0.5 } })),
  random: (manifest) =>
    paramSets(manifest).map((params): Case => ({ params, signal: { kind: "noise", amplitude: 0.5 } })),
  runs: 6,
  holds({ plugin }, given) {
    const { frames, declared } = ringOf(plugin, given);
    demand(frames <= declared, `declares a tail of ${declared} frames, and rings for ${frames}`);
  },
});

const MOST_GENEROUS = 4;
/** Drawn at random, until one of them rings long enough. */
const TAIL_SETTINGS = 30;

const honestTail: Check = {
  id: "T04",
  level: "should",
  title: "declares no tail of more than four times what it has",
  run({ plugin, manifest, seed, measured }) {
    const drawn = fc.sample(paramSets(manifest), { seed, numRuns: TAIL_SETTINGS });
    // The longest ring is mostly that of several parameters at their ends together.
    const next = random(seed);
    const ends = drawn.map((params) => ({ ...params, ...someEnds(manifest, next) }));
    let longest: Ring = { frames: 0, cut: false, declared: 0 };
    for (const params of [...tailSettings(manifest), ...drawn.flatMap((params, i) => [params, ends[i]])]) {
      const ring = ringOf(plugin, { params, signal: { kind: "noise", amplitude: 0.5 } });
      if (ring.frames > longest.frames || longest.declared === 0)
        longest = { ...ring, cut: ring.cut || longest.cut };
      // Found to be as long as it must be: more settings would only cost time.
      if (ring.cut || longest.declared <= Math.max(BLOCK, MOST_GENEROUS * longest.frames)) break;
    }
    const { declared, frames, cut } = longest;
    if (declared === Number.POSITIVE_INFINITY) throw new NotRun("it declares that it may sound for ever");
    const waited = `${LONGEST_WAIT_FRAMES / SAMPLE_RATE_HZ} s, which is as long as this check waits`;
    measured(`declared ${declared}, longest found ${cut ? "more than " : ""}${frames} frames`);
    if (cut) throw new NotRun(`it rings for more than ${waited}`);
    // The longest ring may be that of a few settings among many; within the wait it is taken to be found.
    if (declared > LONGEST_WAIT_FRAMES) throw new NotRun(`it declares more than ${waited}`);
    demand(
      declared <= Math.max(BLOCK, MOST_GENEROUS * frames),
      `declares ${declared} frames, the longest ring that was found has ${frames}`,
    );
  },
};

/** Two thirds of the parameters at one of their ends. */
function someEnds({ params }: Manifest, next: () => number): Record<string, number> {
  const where = params.map((param) => ({ param, place: next() }));
  const atEnd = where.filter(({ place }) => place < 1 / 3 || place > 2 / 3);
  return Object.fromEntries(
    atEnd.map(({ param, place }) => [param.id, place < 1 / 3 ? param.min : param.max]),
  );
}

/** Runs to the end of a sound, and a little further; `seen` gets what was said before and after each block. */
function toRest(
  processor: RunningProcessor,
  manifest: Manifest,
  given: Case,
  seen: (before: number, after: number, output: readonly Float32Array[]) => void,
): "at rest" | "on its way" | "awake" {
  let left = Number.POSITIVE_INFINITY;
  playOn(processor, manifest, { frames: 4800, ...given }, { onBlock: (now) => (left = now) });
  const quiet = signalOf(processor, { signal: { kind: "silence" }, frames: BLOCK });
  let atRest = 0;
  const first = left;
  for (let done = 0; done < LONGEST_WAIT_FRAMES; done += BLOCK) {
    let now = left;
    const output = stream(processor, quiet, { blocks: [BLOCK], onBlock: (said) => (now = said) });
    seen(left, now, output);
    if (left === 0 && ++atRest === 5) return "at rest";
    left = now;
  }
  return first - left >= LONGEST_WAIT_FRAMES / 2 ? "on its way" : "awake";
}

/** A plugin that always says Infinity, as one with an oscillator that runs free, has a host call it for ever. */
const settles = property({
  id: "T05",
  level: "must",
  title:
    "comes to rest after silence: what process() says is left never grows, and reaches 0, or is always Infinity",
  listed: () => [{}],
  random: (manifest) => randomCases(manifest, { params: true }),
  runs: 6,
  holds({ plugin, manifest }, given) {
    withProcessor(plugin, given, (processor) => {
      let isEndless = true;
      const state = toRest(processor, manifest, given, (before, after) => {
        isEndless &&= after === Number.POSITIVE_INFINITY;
        demand(after >= 0, `says that ${after} frames are left`);
        demand(after <= before, `${before} frames were left, then ${after}, though the input is silent`);
      });
      if (isEndless || processor.tailFrames === Number.POSITIVE_INFINITY) return;
      const seconds = LONGEST_WAIT_FRAMES / SAMPLE_RATE_HZ;
      demand(state !== "awake", `has not come to rest after ${seconds} s of silence`);
    });
  },
});

const rests: Check = {
  ...settles,
  async run(subject) {
    await settles.run(subject);
    const { plugin, measured } = subject;
    const left = withProcessor(plugin, {}, (processor) => {
      let said = 0;
      playOn(
        processor,
        plugin.manifest,
        { frames: BLOCK, blocks: [BLOCK], signal: { kind: "silence" } },
        { onBlock: (now) => (said = now) },
      );
      return said;
    });
    if (left === Number.POSITIVE_INFINITY)
      measured("never sleeps: process() says at its defaults that there is no end");
  },
};

/** Not a whole number of blocks, of segments or of vectors. */
const ASLEEP_FRAMES = 21 * BLOCK + 337;

/** Hears `sound`, comes to rest, is told what changes in the silence and comes to rest again: 0 is the last thing said. */
function settleAtRest(processor: RunningProcessor, manifest: Manifest, sound: Case, changed: Case): boolean {
  if (toRest(processor, manifest, sound, () => {}) !== "at rest") return false;
  for (const [i, param] of manifest.params.entries())
    processor.block.params[i] = clampParam(param, changed.params?.[param.id] ?? param.default);
  const quiet = signalOf(processor, { signal: { kind: "silence" }, frames: BLOCK });
  // At first a frame alone: what is said then must count what has only begun to move.
  for (let done = 0, frames = 1, left = 1; done < LONGEST_WAIT_FRAMES; done += frames) {
    frames = done < BLOCK ? 1 + Math.floor(done / 8) : BLOCK;
    const piece = quiet.map((channel) => channel.subarray(0, frames));
    stream(processor, piece, { blocks: [frames], onBlock: (now) => (left = now) });
    if (left === 0) return true;
  }
  return false;
}

const sleep = property({
  id: "T06",
  level: "must",
  title:
    "sounds, once put to sleep at rest and woken, as if it had never slept, also when parameters changed in the silence",
  listed: () => [{}],
  random: (manifest) => randomCases(manifest, { params: true, changes: true, frames: 2400 }),
  runs: 8,
  holds({ plugin, manifest }, { changes = [], ...given }) {
    const moved = Object.fromEntries(changes.map(({ param, value }) => [param, value]));
    const after = { ...given, params: { ...given.params, ...moved } };
    const through = (asleepFrames: number) =>
      withProcessor(plugin, given, (processor) => {
        if (!settleAtRest(processor, manifest, given, after)) return undefined;
        stream(processor, signalOf(processor, { signal: { kind: "silence" }, frames: asleepFrames }));
        return playOn(processor, manifest, after);
      });
    const slept = through(0);
    if (!slept) return;
    sameBits(slept, through(ASLEEP_FRAMES)!, "after a sleep");
  },
});

const quietAfter = property({
  id: "T07",
  level: "must",
  title: "is silent, to −120 dB, once as many frames have gone by as it said were left, and exactly at rest",
  listed: () => [{}],
  random: (manifest) => randomCases(manifest, { params: true }),
  runs: 6,
  holds({ plugin, manifest }, given) {
    withProcessor(plugin, given, (processor) => {
      toRest(processor, manifest, given, (before, _, output) => {
        const peak = peakOf(output, Math.min(before, BLOCK));
        if (!(peak <= (before === 0 ? 0 : INAUDIBLE)))
          throw new CheckFailed(
            `said that ${before} frames were left, and put out ${decibels(peak).toFixed(0)} dBFS after them`,
          );
      });
    });
  },
});

export const TAIL_CHECKS: readonly Check[] = [tail, honestTail, rests, sleep, quietAfter];
