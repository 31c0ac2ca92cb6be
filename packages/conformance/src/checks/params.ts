/** Parameters: at every corner, in every combination; and each of them does something. */
import { clampParam, fromKnob, type ParamInfo } from "@gainstage/plugin-api";
import fc from "fast-check";
import type { Case, Song } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { cornersOf } from "../cases/corners.ts";
import { optionalPorts, paramSets, randomCases } from "../cases/random-cases.ts";
import { type Check, demand, undecided } from "../check.ts";
import { allFinite, firstDifference, sameBits, sane } from "../measuring/compare.ts";
import { play, playOn, withProcessor } from "../playing/play.ts";
import { property } from "../property.ts";
import { writeParams } from "./lifecycle.ts";

const SHORT = 2400;

const anySet = property({
  id: "E03",
  level: "must",
  title: "stays finite with any set of parameters",
  random: (manifest) => randomCases(manifest, { params: true, ports: true, frames: SHORT }),
  runs: 80,
  holds({ plugin }, given) {
    allFinite(play(plugin, given), "with these parameters");
  },
});

const corners = property({
  id: "E04",
  level: "must",
  title: "stays finite and below +60 dBFS at the ends of every parameter, alone and in every pair",
  listed: (manifest) => {
    const alone = manifest.params.flatMap((p) => [{ [p.id]: p.min }, { [p.id]: p.max }]);
    const connected = optionalPorts(manifest);
    return [...alone, ...cornersOf(manifest)].map((params) => ({
      params,
      connected,
      frames: SHORT,
      signal: { kind: "noise", amplitude: 1 },
    }));
  },
  holds({ plugin }, given) {
    sane(play(plugin, given), "with these parameters");
  },
});

const restartOnly = property({
  id: "E12",
  level: "must",
  title:
    "has a latency that its live parameters leave alone, and restart parameters that act in activate() alone",
  random: (manifest) => randomCases(manifest, { params: true, frames: SHORT }),
  runs: 25,
  holds({ plugin, manifest }, given) {
    const isRestart = (id: string) => manifest.params.find((p) => p.id === id)?.applies === "restart";
    const params = Object.entries(given.params ?? {});
    const restart = Object.fromEntries(params.filter(([id]) => isRestart(id)));
    const latency = (set: Case) => withProcessor(plugin, set, (processor) => processor.latencyFrames);
    const [there, here] = [latency({ params: restart }), latency(given)];
    if (here !== there)
      throw new CheckFailed(`has a latency of ${here} frames with these live parameters, ${there} without`);
    const later = withProcessor(plugin, { ...given, params: without(given, restart) }, (processor) => {
      for (const [i, p] of manifest.params.entries())
        if (p.id in restart) processor.block.params[i] = clampParam(p, restart[p.id]);
      return playOn(processor, manifest, given);
    });
    const never = play(plugin, { ...given, params: without(given, restart) });
    sameBits(later, never, `with ${Object.keys(restart).join(", ")} written while it runs`);
  },
});

function without({ params = {} }: Case, gone: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(params).filter(([id]) => !(id in gone)));
}

const fromTheStart: Check = {
  id: "E13",
  level: "info",
  title: "tells what it makes of parameters written between activate() and its first call",
  run({ fresh, manifest, seed, measured }) {
    const [drawn] = fc.sample(paramSets(manifest), { seed, numRuns: 1 });
    const isLive = (id: string) => manifest.params.find((p) => p.id === id)?.applies !== "restart";
    const given: Case = { params: drawn, frames: SHORT };
    const restart = Object.fromEntries(Object.entries(drawn).filter(([id]) => !isLive(id)));
    const plugin = fresh();
    const written = withProcessor(plugin, { ...given, params: restart }, (processor) => {
      writeParams(processor, manifest, given);
      return playOn(processor, manifest, given);
    });
    const same = firstDifference(written, play(plugin, given)) === undefined;
    measured(
      same
        ? "takes them as those of activate()"
        : "glides to them from those of activate(); reset() takes them at once",
    );
  },
};

/** A parameter may matter only where there is a song, or only where there is none. */
const SONGS = [{ tempoBpm: 120 }, undefined];
/** Random settings around which a parameter gets a chance to be heard. */
const BASES = 24;
/** And, where it was not heard, so many more: it may act for one choice of another parameter alone, or slowly. */
const MORE_BASES = 160;
const SLOW_FRAMES = 9600;

const alive: Check = {
  id: "E14",
  level: "should",
  title: "has no parameter that changes nothing",
  run({ fresh, manifest, seed, measured, caseFrames }) {
    const bases = [{}, ...cornersOf(manifest), ...fc.sample(paramSets(manifest), { seed, numRuns: BASES })];
    const slow = Math.max(SLOW_FRAMES, caseFrames);
    const more = fc.sample(paramSets(manifest), { seed: seed + 1, numRuns: MORE_BASES });
    const dead = manifest.params.filter(
      (param) =>
        // What takes long is tried last.
        !heardAt(param, bases, SHORT) && !heardAt(param, bases, slow) && !heardAt(param, more, SLOW_FRAMES),
    );
    const tried = bases.length + more.length;
    demand(
      dead.length === 0,
      `changes nothing at ${tried} settings, with a song and without: ${dead.map((p) => p.id).join(", ")}`,
    );
    measured(`${manifest.params.length} parameters`);

    function heardAt(param: ParamInfo, settings: readonly Record<string, number>[], frames: number): boolean {
      return settings.some((base) => SONGS.some((song) => isHeard(param, base, song, frames)));
    }

    function isHeard(
      param: ParamInfo,
      base: Record<string, number>,
      song: Song | undefined,
      frames: number,
    ): boolean {
      const at = (knob: number): Case => ({
        params: { ...base, [param.id]: fromKnob(param, knob) },
        connected: optionalPorts(manifest),
        ...(song && { transport: song }),
        frames,
      });
      const plugin = fresh();
      const [low, ...others] = [0, 0.5, 1].map((knob) =>
        withProcessor(plugin, at(knob), (processor) => [
          ...playOn(processor, manifest, at(knob)),
          processor.block.meters.slice(),
        ]),
      );
      return others.some((other) => firstDifference(other, low) !== undefined);
    }
  },
};

export const PARAM_CHECKS: readonly Check[] = [
  anySet,
  corners,
  undecided(
    "E07",
    "must",
    "clamps values that are out of range",
    "a host clamps and rounds before a plugin sees a value (clampParam)",
  ),
  restartOnly,
  fromTheStart,
  alive,
];
