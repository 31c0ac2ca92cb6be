/** Latency, measured at the output and at the sidechain. */
import type { Manifest } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { layoutsOf } from "../cases/random-cases.ts";
import { type Check, demand, NotRun, undecided } from "../check.ts";
import { lagOf } from "../measuring/lag.ts";
import { playOn, withProcessor } from "../playing/play.ts";
import { property } from "../property.ts";

/** What comes late on purpose is no measure of latency: these effects need their dry end. */
const WET_ONLY = ["reverb", "delay", "echo"];

function restartSettings(manifest: Manifest): readonly Record<string, number>[] {
  const restart = manifest.params.filter((p) => p.applies === "restart" && !p.choices);
  const all = (knob: number) =>
    Object.fromEntries(restart.map((p) => [p.id, p.min + (p.max - p.min) * knob]));
  return restart.length === 0 ? [{}] : [{}, all(0), all(0.37), all(1)];
}

const latency = property({
  id: "T01",
  level: "must",
  title: "is late by exactly the latency that it declares, at every rate, layout and restart setting",
  listed: (manifest) => {
    const mix = manifest.params.find((p) => p.role === "mix");
    const dry = mix ? { [mix.id]: mix.min } : {};
    return restartSettings(manifest).flatMap((params) =>
      [48_000, 44_100, 96_000].flatMap((sampleRateHz) =>
        layoutsOf(manifest).map((layout): Case => ({ sampleRateHz, layout, params: { ...params, ...dry } })),
      ),
    );
  },
  holds({ plugin, manifest }, given) {
    const isWetOnly =
      manifest.features.some((feature) => WET_ONLY.includes(feature)) &&
      !manifest.params.some((p) => p.role === "mix");
    withProcessor(plugin, given, (processor) => {
      const declared = processor.latencyFrames;
      const measured = lagOf(processor, declared);
      if (measured === declared) return;
      if (isWetOnly) throw new NotRun('it is an effect of echoes without a parameter of the role "mix"');
      throw new CheckFailed(`declares a latency of ${declared} frames, measured ${measured}`);
    });
  },
});

/** What a detector may take before it moves the gain by a bit. */
const KEY_SLACK_FRAMES = 48;

const keyLatency: Check = {
  id: "T02",
  level: "should",
  title: "hears its sidechain no later than its input",
  run({ fresh, manifest, measured }) {
    const keys = manifest.inputs.filter((p) => p.role === "sidechain");
    if (keys.length === 0) throw new NotRun("it has no sidechain");
    const at = 4096;
    const given: Case = { connected: keys.map((p) => p.id), frames: 9600, signal: { kind: "sine" } };
    const keyed = (loudFrom: number) =>
      withProcessor(fresh(), given, (processor) => {
        const { block } = processor;
        const beforeBlock = (done: number, frames: number) => {
          for (const [p, port] of block.inputs.entries()) {
            if (manifest.inputs[p].role !== "sidechain") continue;
            for (const channel of port)
              for (let i = 0; i < frames; i++)
                channel[i] = done + i >= loudFrom ? (i % 2 === 0 ? 0.9 : -0.9) : 0;
          }
        };
        return { audio: playOn(processor, manifest, given, { beforeBlock }), late: processor.latencyFrames };
      });
    const quiet = keyed(Number.POSITIVE_INFINITY);
    const loud = keyed(at);
    let first: number | undefined;
    for (const [c, channel] of loud.audio.entries()) {
      const i = channel.findIndex((x, k) => !Object.is(x, quiet.audio[c][k]));
      if (i >= 0) first = Math.min(first ?? i, i);
    }
    if (first === undefined) throw new NotRun("at its default parameters a loud sidechain changes nothing");
    const lag = first - at;
    measured(`${lag} frames after the key, latency ${quiet.late}`);
    demand(
      lag <= quiet.late + KEY_SLACK_FRAMES,
      `answers a key after ${lag} frames; its latency is ${quiet.late}`,
    );
  },
};

export const LATENCY_CHECKS: readonly Check[] = [
  latency,
  keyLatency,
  undecided(
    "T08",
    "must",
    "is bypassed without a jump",
    "a host bypasses: it fades to the input late by the latency that T01 measures",
  ),
  undecided(
    "T09",
    "should",
    "does not comb with its own dry signal",
    "which of its settings are transparent is not in the manifest; T01 and P16 measure the alignment",
  ),
];
