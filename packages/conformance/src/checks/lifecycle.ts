/** activate → (process | reset)* → dispose, in any order that the contract allows. */
import { clampParam, type Manifest, type RunningProcessor } from "@gainstage/plugin-api";
import fc from "fast-check";
import type { Case, Step } from "../cases/case.ts";
import { liveParams, paramValues, randomCases } from "../cases/random-cases.ts";
import type { Check } from "../check.ts";
import { allFinite, sameBits } from "../measuring/compare.ts";
import { play, playOn, setupOf, signalOf, withProcessor } from "../playing/play.ts";
import { noise } from "../playing/signals.ts";
import { MAX_FRAMES, SAMPLE_RATE_HZ, start, stream } from "../playing/stream.ts";
import { property } from "../property.ts";

const SHORT = 1200;

const anotherRate = property({
  id: "C01",
  level: "must",
  title: "activates at another rate while a processor is there already",
  listed: () => [44_100, 96_000].map((sampleRateHz) => ({ sampleRateHz, frames: SHORT })),
  holds({ fresh, manifest }, given) {
    const alone = play(fresh(), given);
    const alone48 = play(fresh(), { frames: SHORT });
    const plugin = fresh();
    withProcessor(plugin, { frames: SHORT }, (first) => {
      sameBits(play(plugin, given), alone, `at ${given.sampleRateHz} Hz, beside one at ${SAMPLE_RATE_HZ} Hz`);
      sameBits(playOn(first, manifest, { frames: SHORT }), alone48, "the one that was there already");
    });
  },
});

const twice = property({
  id: "C02",
  level: "must",
  title: "sounds the same when it is activated a second time",
  random: (manifest) => randomCases(manifest, { params: true, frames: SHORT }),
  runs: 12,
  holds({ fresh }, given) {
    const plugin = fresh();
    const first = play(plugin, given);
    sameBits(play(plugin, given), first, "the second activation");
  },
});

const HISTORY_FRAMES = 9000;

const reset = property({
  id: "C03",
  level: "must",
  title: "is after reset() as after activate(), bit for bit",
  random: (manifest) =>
    fc
      .tuple(
        randomCases(manifest, { params: true, ports: true }),
        fc.integer({ min: 1, max: HISTORY_FRAMES }),
      )
      .map(([given, frames]): Case => ({ ...given, before: [{ do: "process", on: 0, frames }] })),
  // A line that is not cleared shows only once it is full.
  listed: (_, caseFrames) => [
    { before: [{ do: "process", on: 0, frames: Math.max(HISTORY_FRAMES, caseFrames) }] },
  ],
  holds({ fresh, manifest }, given) {
    const plugin = fresh();
    const expected = play(plugin, given);
    withProcessor(plugin, given, (processor) => {
      for (const step of given.before ?? [])
        if (step.do === "process") hear(processor, step.frames, given, 13);
      processor.reset();
      sameBits(playOn(processor, manifest, given), expected, "after reset()");
    });
  },
});

/** Loud noise that the case itself does not have. */
function hear(processor: RunningProcessor, frames: number, given: Case, seed: number): void {
  const signal = signalOf(processor, { ...given, frames }).map((_, c) => noise(frames, seed + c, 0.9));
  stream(processor, signal, { blocks: [MAX_FRAMES] });
}

const resetKeepsParams = property({
  id: "C04",
  level: "must",
  title: "keeps its parameters through reset()",
  random: (manifest) => randomCases(manifest, { params: true, frames: SHORT }),
  runs: 15,
  holds({ fresh, manifest }, given) {
    const plugin = fresh();
    const restart = Object.fromEntries(
      Object.entries(given.params ?? {}).filter(([id]) => isRestart(manifest, id)),
    );
    const expected = play(plugin, given);
    withProcessor(plugin, { ...given, params: restart }, (processor) => {
      writeParams(processor, manifest, given);
      hear(processor, 500, given, 23);
      processor.reset();
      sameBits(playOn(processor, manifest, given), expected, "with values written before reset()");
    });
  },
});

function isRestart({ params }: Manifest, id: string): boolean {
  return params.find((p) => p.id === id)?.applies === "restart";
}

export function writeParams(processor: RunningProcessor, { params }: Manifest, given: Case): void {
  for (const [index, param] of params.entries()) {
    if (param.applies === "restart") continue;
    processor.block.params[index] = clampParam(param, given.params?.[param.id] ?? param.default);
  }
}

const startsThere = property({
  id: "C05",
  level: "must",
  title: "sounds from its first frame as the parameters of activate() say",
  random: (manifest) => randomCases(manifest, { params: true, frames: SHORT }),
  runs: 15,
  holds({ fresh, manifest }, given) {
    const plugin = fresh();
    const expected = play(plugin, given);
    // The host's copy of the values, written once more: a plugin that reads no other must not tell the difference.
    withProcessor(plugin, given, (processor) => {
      writeParams(processor, manifest, given);
      processor.reset();
      sameBits(
        playOn(processor, manifest, given),
        expected,
        "after activate() alone and after reset() as well",
      );
    });
  },
});

function stepsOf(manifest: Manifest): fc.Arbitrary<readonly Step[]> {
  const on = fc.nat({ max: 3 });
  const live = liveParams(manifest);
  const only = <S extends Step["do"]>(name: S) => fc.constant(name);
  const steps: fc.Arbitrary<Step>[] = [
    fc.record({ do: only("activate"), sampleRateHz: fc.constantFrom(44_100, 48_000, 96_000) }),
    fc.record({ do: only("process"), on, frames: fc.integer({ min: 1, max: MAX_FRAMES }) }),
    fc.record({ do: only("process"), on, frames: fc.integer({ min: 1, max: MAX_FRAMES }) }),
    fc.record({ do: only("reset"), on }),
    fc.record({ do: only("save"), on }),
    fc.record({ do: only("curve"), on }),
    fc.record({ do: only("dispose"), on }),
  ];
  if (live.length > 0) {
    const set = fc
      .constantFrom(...live)
      .chain((p) => fc.record({ do: only("set"), on, param: fc.constant(p.id), value: paramValues(p) }));
    steps.push(set);
  }
  return fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 25 });
}

const anyOrder = property({
  id: "C06",
  level: "must",
  title: "runs through any sequence of calls that the contract allows",
  random: (manifest) => stepsOf(manifest).map((before): Case => ({ before, frames: 64 })),
  holds({ fresh, manifest }, given) {
    const plugin = fresh();
    let processors = [start(plugin, setupOf(given))];
    for (const [k, step] of (given.before ?? []).entries()) {
      const on = "on" in step ? processors[step.on % processors.length] : processors[0];
      if (step.do === "activate")
        processors.push(start(plugin, setupOf({ sampleRateHz: step.sampleRateHz })));
      else if (step.do === "process")
        allFinite(stream(on, [noise(step.frames, 3 + k)], { blocks: [step.frames] }), `call ${k}`);
      else if (step.do === "reset") on.reset();
      else if (step.do === "set") {
        const index = manifest.params.findIndex((p) => p.id === step.param);
        on.block.params[index] = clampParam(manifest.params[index], step.value);
      } else if (step.do === "save") on.extension("state/1")?.save();
      else if (step.do === "curve")
        on.extension("curve/1")?.curve("magnitude", Float64Array.of(997), new Float64Array(1));
      else if (processors.length > 1) {
        on.dispose();
        processors = processors.filter((p) => p !== on);
      }
    }
    // Whatever happened around it, a processor that comes new is as new.
    sameBits(play(plugin, { frames: 64 }), play(fresh(), { frames: 64 }), "a processor made at the end");
    for (const processor of processors) processor.dispose();
  },
});

const disposal = property({
  id: "C12",
  level: "must",
  title: "is disposed of without ever having run, and others go on",
  listed: () => [{ frames: SHORT }],
  holds({ fresh, manifest }, given) {
    const expected = play(fresh(), given);
    const plugin = fresh();
    withProcessor(plugin, given, (survivor) => {
      start(plugin, setupOf(given)).dispose();
      sameBits(playOn(survivor, manifest, given), expected, "beside one that was disposed of");
    });
    sameBits(play(plugin, given), expected, "after one that was disposed of");
  },
});

export const LIFECYCLE_CHECKS: readonly Check[] = [
  anotherRate,
  twice,
  reset,
  resetKeepsParams,
  startsThere,
  anyOrder,
  disposal,
];
