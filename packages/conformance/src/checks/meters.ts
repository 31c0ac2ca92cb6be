/** Meters: what the plugin shows is what it does. */
import type { Manifest, MeterInfo, RunningProcessor } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { optionalPorts, randomCases } from "../cases/random-cases.ts";
import { type Check, demand, NotRun } from "../check.ts";
import { decibels, sameBits } from "../measuring/compare.ts";
import { magnitudeAt } from "../measuring/response.ts";
import { play, playOn, signalOf, withProcessor } from "../playing/play.ts";
import { sine } from "../playing/signals.ts";
import { mainInputOf, SAMPLE_RATE_HZ, stream } from "../playing/stream.ts";
import { property } from "../property.ts";

const inRange = property({
  id: "G01",
  level: "must",
  title: "writes every meter at every call, finite and within its range",
  listed: (manifest) => [{ signal: { kind: "noise", amplitude: 1 }, connected: optionalPorts(manifest) }],
  random: (manifest) =>
    randomCases(manifest, { params: true, blocks: true }).map((given) => ({
      ...given,
      signal: { kind: "noise", amplitude: 1 },
    })),
  runs: 20,
  holds({ plugin, manifest }, given) {
    const { meters = [] } = manifest;
    if (meters.length === 0) throw new NotRun("it has no meters");
    withProcessor(plugin, given, (processor) => {
      const { block } = processor;
      const beforeBlock = () => block.meters.fill(Number.NaN);
      const onBlock = (_: number, done: number) => {
        for (const [i, { id, min, max }] of meters.entries()) {
          const value = block.meters[i];
          if (value >= min && value <= max) continue;
          throw new CheckFailed(`meter ${id} reads ${value} before frame ${done}, declared ${min} to ${max}`);
        }
      };
      playOn(processor, manifest, given, { beforeBlock, onBlock });
    });
  },
});

function gainMeter({ meters = [] }: Manifest): { readonly index: number; readonly meter: MeterInfo } {
  const index = meters.findIndex((m) => m.kind === "gain-change");
  if (index < 0) throw new NotRun('it has no meter of the kind "gain-change"');
  return { index, meter: meters[index] };
}

const REDUCES = ["compressor", "limiter"];

const atRest: Check = {
  id: "G02",
  level: "must",
  title: "shows a gain change of 0 at rest, and none above 0 where it compresses",
  run({ plugin, manifest }) {
    const { index, meter } = gainMeter(manifest);
    withProcessor(plugin, {}, (processor) => {
      const { block } = processor;
      stream(processor, signalOf(processor, { signal: { kind: "silence" }, frames: 9600 }));
      demand(block.meters[index] === 0, `meter ${meter.id} reads ${block.meters[index]} at rest`);
      const onBlock = () => {
        const reading = block.meters[index];
        if (REDUCES.some((feature) => manifest.features.includes(feature)) && reading > 0)
          throw new CheckFailed(`meter ${meter.id} reads +${reading} dB on loud noise`);
      };
      stream(processor, signalOf(processor, { signal: { kind: "noise", amplitude: 1 }, frames: 9600 }), {
        onBlock,
      });
    });
  },
};

const TONE_HZ = 1000;
/** Long enough for the slowest gain to settle, in one-second steps. */
const SETTLE_SECONDS = 3;
const QUIET_DB = -70;
const MAX_METER_ERROR_DB = 0.5;

/** The level of a steady tone after the plugin, in dB, and what its meter shows. */
function settled(
  processor: RunningProcessor,
  levelDb: number,
  index: number,
): { gainDb: number; meterDb: number } {
  processor.reset();
  const tone = sine(SAMPLE_RATE_HZ * SETTLE_SECONDS, TONE_HZ, SAMPLE_RATE_HZ, 10 ** (levelDb / 20));
  const [output] = stream(
    processor,
    mainInputOf(processor).map(() => tone),
    { blocks: [480] },
  );
  const heard = magnitudeAt(output.subarray(-SAMPLE_RATE_HZ / 2), TONE_HZ, SAMPLE_RATE_HZ);
  return { gainDb: decibels(heard) - levelDb, meterDb: processor.block.meters[index] };
}

const truthful: Check = {
  id: "G03",
  level: "should",
  title: "shows a gain change that agrees with what it does to steady tones, within 0.5 dB",
  run({ plugin, manifest, measured }) {
    const { index, meter } = gainMeter(manifest);
    const mix = manifest.params.find((p) => p.role === "mix");
    const given: Case = mix ? { params: { [mix.id]: mix.max } } : {};
    withProcessor(plugin, given, (processor) => {
      // What the plugin does to a tone far below any threshold is make-up gain, which the meter leaves out.
      const base = settled(processor, QUIET_DB, index);
      let worst = 0;
      for (const levelDb of [-40, -30, -20, -12, -6, -3, 0]) {
        const { gainDb, meterDb } = settled(processor, levelDb, index);
        const doneDb = gainDb - base.gainDb;
        const errorDb = meterDb - base.meterDb - doneDb;
        worst = Math.max(worst, Math.abs(errorDb));
        demand(
          Math.abs(errorDb) <= MAX_METER_ERROR_DB,
          `meter ${meter.id} shows ${meterDb.toFixed(2)} dB for a tone at ${levelDb} dBFS, whose gain changes by ${doneDb.toFixed(2)} dB`,
        );
      }
      measured(`within ${worst.toFixed(2)} dB`);
    });
  },
};

const unobserved = property({
  id: "G05",
  level: "must",
  title: "sounds the same whatever lies in its meters before a call",
  random: (manifest) => randomCases(manifest, { params: true }),
  runs: 8,
  holds({ plugin, manifest }, given) {
    if ((manifest.meters ?? []).length === 0) throw new NotRun("it has no meters");
    const expected = play(plugin, given);
    withProcessor(plugin, given, (processor) => {
      const beforeBlock = () => processor.block.meters.fill(1e9);
      sameBits(playOn(processor, manifest, given, { beforeBlock }), expected, "with its meters overwritten");
    });
  },
});

export const METER_CHECKS: readonly Check[] = [inRange, atRest, truthful, unobserved];
