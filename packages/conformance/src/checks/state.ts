/** "state/1": what a plugin saves beside its parameters, given back as a session gives it. */
import { type LoadedPlugin, type Manifest, processSetup } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { randomCases } from "../cases/random-cases.ts";
import { type Check, demand, NotRun, undecided } from "../check.ts";
import { allFinite, sameBits } from "../measuring/compare.ts";
import { play, playOn, setupOf, withProcessor } from "../playing/play.ts";
import { noise } from "../playing/signals.ts";
import { SAMPLE_RATE_HZ, start, stream } from "../playing/stream.ts";
import { property } from "../property.ts";

const SHORT = 2400;

export function stateVersionOf({ stateVersion }: Manifest): number {
  if (stateVersion === undefined)
    throw new NotRun('it does not offer "state/1": its parameters are all of its state');
  return stateVersion;
}

export function saved(plugin: LoadedPlugin, given: Case): Uint8Array {
  return withProcessor(plugin, given, (processor) => {
    playOn(processor, plugin.manifest, { ...given, frames: SHORT });
    const state = processor.extension("state/1");
    if (!state) throw new CheckFailed('lists "state/1" and does not offer it');
    try {
      return state.save();
    } catch (error) {
      throw new CheckFailed(`cannot save: ${(error as Error).message}`);
    }
  });
}

export const withState = (given: Case, version: number, bytes: Uint8Array) => ({
  ...setupOf(given),
  state: { version, bytes },
});

const survives = property({
  id: "S01",
  level: "must",
  title: "has parameters that come back from a session as they were",
  random: (manifest) => randomCases(manifest, { params: true, frames: 512 }),
  runs: 20,
  holds({ plugin, manifest }, given) {
    const back = JSON.parse(JSON.stringify({ ...given.params })) as Record<string, number>;
    const [before, after] = [given.params ?? {}, back].map(
      (params) => processSetup(manifest, { sampleRateHz: SAMPLE_RATE_HZ, maxFrames: 128, params }).params,
    );
    const at = before.findIndex((value, i) => !Object.is(value, after[i]));
    if (at >= 0) throw new CheckFailed(`${manifest.params[at].id} was ${before[at]} and is ${after[at]}`);
    sameBits(
      play(plugin, { ...given, params: back }),
      play(plugin, given),
      "with parameters out of a session",
    );
  },
});

const sameBytes: Check = {
  id: "S02",
  level: "must",
  title: "saves the same bytes twice, and again after loading them",
  run({ plugin, fresh, manifest }) {
    const version = stateVersionOf(manifest);
    const first = saved(plugin, {});
    const same = (bytes: Uint8Array, what: string) =>
      demand(
        Buffer.compare(bytes, first) === 0,
        `${what}: other bytes, ${bytes.length} instead of ${first.length} long`,
      );
    same(saved(fresh(), {}), "saved by another instance that did the same");
    const processor = start(fresh(), withState({}, version, first));
    same(processor.extension("state/1")!.save(), "loaded and saved");
    processor.dispose();
  },
};

const soundsTheSame = property({
  id: "S03",
  level: "must",
  title: "sounds, with its saved state, as the original after reset()",
  random: (manifest) => randomCases(manifest, { params: true, frames: SHORT }),
  runs: 10,
  holds({ fresh, manifest }, given) {
    const version = stateVersionOf(manifest);
    const plugin = fresh();
    const { state, audio } = withProcessor(plugin, given, (processor) => {
      playOn(processor, manifest, given);
      const bytes = processor.extension("state/1")!.save();
      processor.reset();
      return { state: bytes, audio: playOn(processor, manifest, given) };
    });
    const loaded = start(fresh(), withState(given, version, state));
    sameBits(playOn(loaded, manifest, given), audio, "with the saved state");
    loaded.dispose();
  },
});

const timingWithState: Check = {
  id: "S09",
  level: "must",
  title: "has with its saved state the latency and the tail that it had",
  run({ plugin, fresh, manifest }) {
    const version = stateVersionOf(manifest);
    const timing = withProcessor(
      plugin,
      {},
      ({ latencyFrames, tailFrames }) => `${latencyFrames} and ${tailFrames}`,
    );
    const loaded = start(fresh(), withState({}, version, saved(plugin, {})));
    const now = `${loaded.latencyFrames} and ${loaded.tailFrames}`;
    loaded.dispose();
    demand(
      now === timing,
      `has a latency and a tail of ${now} frames with its saved state, ${timing} before`,
    );
  },
};

const otherRate: Check = {
  id: "S10",
  level: "should",
  title: "loads at 96 kHz what it saved at 44.1 kHz",
  run({ plugin, fresh, manifest }) {
    const version = stateVersionOf(manifest);
    const bytes = saved(plugin, { sampleRateHz: 44_100 });
    const loaded = start(fresh(), withState({ sampleRateHz: 96_000 }, version, bytes));
    allFinite(stream(loaded, [noise(SHORT, 1)]), "at 96 kHz");
    demand(Buffer.compare(loaded.extension("state/1")!.save(), bytes) === 0, "saves other bytes at 96 kHz");
    loaded.dispose();
  },
};

export const STATE_CHECKS: readonly Check[] = [
  survives,
  sameBytes,
  soundsTheSame,
  undecided("S06", "must", "loads its state in pieces", "state/1 hands over all bytes at once"),
  undecided(
    "S07",
    "must",
    "loads the state of every version that was published",
    "API 1.0 names no place where old states are kept",
  ),
  timingWithState,
  otherRate,
];
