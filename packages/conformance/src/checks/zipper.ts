/**
 * E11: what a parameter that jumps does to a sine. A step in the gain of an unsmoothed plugin is a step in the wave: one
 * frame to which the wave moves otherwise than to the frames around it. A fast sweep moves far, but in every frame.
 */
import { fromKnob, type ParamInfo } from "@gainstage/plugin-api";
import fc from "fast-check";
import { CASE_FRAMES, type Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { liveParams, optionalPorts, paramSets } from "../cases/random-cases.ts";
import { shrink } from "../cases/shrink.ts";
import { type Check, demand, NotRun } from "../check.ts";
import { play } from "../playing/play.ts";
import type { Subject } from "../subject.ts";

/** Low, so that the wave itself is nearly straight for a few frames. */
const SINE_HZ = 100;
const AMPLITUDE = 0.25;
/** From here to the step, and from the step to the end, the wave has time to settle. */
const STEP_AT = 7200;
/** A jump is heard as a click if it stands out this much above what the wave does by itself. */
const STANDS_OUT = 6;
/** −46 dBFS: below it, beside a tone at −12 dBFS, nobody hears one. */
const QUIET_JUMP = 0.005;
/** A smoothed step may still move the output by this share of its change in one frame: 1 ms at 48 kHz. */
const SMOOTH_SHARE = 1 / 24;

/** Where the other parameters stand: at their defaults, where an equalizer may be flat, and anywhere. */
const RANDOM_SETTINGS = 2;
/** From and to, as positions of a knob. */
const JUMPS = [
  [0.25, 0.75],
  [0.75, 0.25],
  [0, 1],
  [1, 0],
];

const zipper: Check = {
  id: "E11",
  level: "should",
  title: "moves without clicks when a parameter jumps",
  run(subject) {
    const { manifest, seed, caseFrames } = subject;
    const live = liveParams(manifest);
    if (live.length === 0) throw new NotRun("it has no parameter that acts while it runs");
    const settings = [{}, ...fc.sample(paramSets(manifest), { seed, numRuns: RANDOM_SETTINGS })];
    const clicks = new Set<string>();
    let worst: { readonly jump: number; readonly given: Case } | undefined;
    for (const [s, setting] of settings.entries()) {
      // At the defaults it is known when all that the plugin does is there to be stepped on.
      const later = s === 0 && caseFrames > CASE_FRAMES ? caseFrames : 0;
      for (const param of live) {
        for (const [from, to] of JUMPS) {
          const given = stepOf(subject, setting, param, [from, to], STEP_AT + later);
          const jump = loudestJump(subject, given);
          if (jump === 0) continue;
          clicks.add(param.id);
          if (!worst || jump > worst.jump) worst = { jump, given };
        }
      }
    }
    if (!worst) return;
    const { smallest, failure } = shrink(
      worst.given,
      worst.jump,
      (candidate) => loudestJump(subject, candidate) || undefined,
      subject.shrinkMs,
    );
    throw new CheckFailed(
      `clicks when these jump: ${[...clicks].join(", ")}; the loudest click is ${(worst.jump / AMPLITUDE).toFixed(2)} of the sine's amplitude, ${(failure / AMPLITUDE).toFixed(2)} in the smallest case`,
      smallest,
    );
  },
  replay(subject, given) {
    const jump = loudestJump(subject, given);
    demand(jump === 0, `jumps by ${(jump / AMPLITUDE).toFixed(2)} of the sine's amplitude`, given);
  },
};

function stepOf(
  { manifest }: Subject,
  setting: Readonly<Record<string, number>>,
  param: ParamInfo,
  [from, to]: readonly number[],
  at: number,
): Case {
  return {
    check: "E11",
    params: { ...setting, [param.id]: fromKnob(param, from) },
    changes: [{ frame: at, param: param.id, value: fromKnob(param, to) }],
    frames: 2 * at,
    connected: optionalPorts(manifest),
    signal: { kind: "sine", frequencyHz: SINE_HZ, amplitude: AMPLITUDE },
  };
}

/** The largest jump after the step, where it stands out; else 0. */
function loudestJump({ plugin }: Subject, given: Case): number {
  const at = given.changes?.[0]?.frame;
  const { frames = 2 * STEP_AT, signal } = given;
  // Only a wave that is settled before the step and after it says anything about the step.
  if (at === undefined || signal?.kind !== "sine" || at < STEP_AT / 2 || frames < at + STEP_AT / 2) return 0;
  const settled = frames - (frames >> 2);
  let loudest = 0;
  for (const channel of play(plugin, given)) {
    const jumps = jumpsOf(channel);
    const steady = Math.max(peak(jumps, at >> 1, at - REACH), peak(jumps, settled, frames));
    const change = Math.abs(peak(channel, settled, frames) - peak(channel, at >> 1, at));
    const least = Math.max(STANDS_OUT * steady, QUIET_JUMP, steady + SMOOTH_SHARE * change);
    for (let i = at; i < frames - REACH; i++) {
      if (jumps[i] > Math.max(least, loudest) && jumps[i] > STANDS_OUT * around(jumps, i)) loudest = jumps[i];
    }
  }
  return loudest;
}

/** How much further the wave moves into each frame than it does into the frames before and after it. */
function jumpsOf(channel: Float32Array): Float32Array {
  const jumps = new Float32Array(channel.length);
  for (let i = 2; i < channel.length - 1; i++) {
    const beside = (channel[i - 1] - channel[i - 2] + channel[i + 1] - channel[i]) / 2;
    jumps[i] = Math.abs(channel[i] - channel[i - 1] - beside);
  }
  return jumps;
}

/** Frames around a click in which nothing like it happens; a click itself shows in the frames next to it. */
const REACH = 12;
const WIDTH = 3;

function around(jumps: Float32Array, i: number): number {
  return Math.max(peak(jumps, Math.max(0, i - REACH), i - WIDTH + 1), peak(jumps, i + WIDTH, i + REACH + 1));
}

function peak(channel: Float32Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(channel[i]));
  return largest;
}

export const ZIPPER_CHECKS: readonly Check[] = [zipper];
