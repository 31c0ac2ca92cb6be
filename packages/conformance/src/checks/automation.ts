/** Parameters and the transport while they move: at any frame, at every frame, and anywhere in the song. */
import { fromKnob, type Manifest } from "@gainstage/plugin-api";
import fc from "fast-check";
import type { Case, Change } from "../cases/case.ts";
import { liveParams, randomCases, songs } from "../cases/random-cases.ts";
import { type Check, NotRun, undecided } from "../check.ts";
import { sameBits, sane } from "../measuring/compare.ts";
import { play } from "../playing/play.ts";
import { random } from "../playing/signals.ts";
import { property } from "../property.ts";

const SHORT = 2400;

function needsLiveParams(manifest: Manifest): void {
  if (liveParams(manifest).length === 0) throw new NotRun("it has no parameter that acts while it runs");
}

const causal = property({
  id: "E01",
  level: "must",
  title: "sounds the same up to the frame at which a parameter changes",
  random: (manifest) => randomCases(manifest, { params: true, changes: true, frames: SHORT }),
  holds({ plugin, manifest }, given) {
    needsLiveParams(manifest);
    const [first] = [...(given.changes ?? [])].sort((a, b) => a.frame - b.frame);
    if (!first) return;
    const without = play(plugin, { ...given, changes: [] });
    const before = (audio: readonly Float32Array[]) =>
      audio.map((channel) => channel.subarray(0, first.frame));
    sameBits(before(play(plugin, given)), before(without), `before ${first.param} changes at ${first.frame}`);
  },
});

const rewritten = property({
  id: "E02",
  level: "must",
  title: "hears no difference when a value is written that is there already",
  random: (manifest) =>
    fc
      .tuple(
        randomCases(manifest, { params: true, frames: SHORT }),
        fc.array(fc.nat({ max: SHORT - 1 }), { maxLength: 8 }),
      )
      .map(([given, frames]): Case => {
        const [param] = liveParams(manifest);
        if (!param) return given;
        const value = given.params?.[param.id] ?? param.default;
        return { ...given, changes: frames.map((frame): Change => ({ frame, param: param.id, value })) };
      }),
  runs: 20,
  holds({ plugin, manifest }, given) {
    needsLiveParams(manifest);
    sameBits(
      play(plugin, given),
      play(plugin, { ...given, changes: [] }),
      "with its own values written again",
    );
  },
});

/** Every so many frames, on so many parameters: end to end and anywhere between. */
const automation = property({
  id: "E05",
  level: "must",
  title: "stays finite and below +60 dBFS while parameters change every 1, 10, 100 or 1000 frames",
  listed: (manifest) => {
    const live = liveParams(manifest);
    return [1, 10, 100, 1000].flatMap((every) =>
      [1, 2, 10, live.length].map((count): Case => {
        const next = random(100 * every + count);
        const frames = Math.min(8000, Math.max(600, 8 * every));
        const changes = Array.from({ length: Math.floor(frames / every) }, (_, k) =>
          live.slice(0, count).map((p): Change => {
            const knob = next();
            return {
              frame: k * every,
              param: p.id,
              value: fromKnob(p, knob < 0.3 ? 0 : knob > 0.7 ? 1 : knob),
            };
          }),
        );
        return { frames, changes: changes.flat(), signal: { kind: "noise", amplitude: 1 } };
      }),
    );
  },
  holds({ plugin, manifest }, given) {
    needsLiveParams(manifest);
    sane(play(plugin, given), "while parameters change");
  },
});

const everyFrame = property({
  id: "E09",
  level: "must",
  title: "runs through ten thousand changes, one at each frame",
  listed: (manifest) => {
    const live = liveParams(manifest);
    if (live.length === 0) return [{}];
    return [
      {
        frames: 10_000,
        changes: Array.from({ length: 10_000 }, (_, frame): Change => {
          const param = live[frame % live.length];
          return {
            frame,
            param: param.id,
            value: frame % (2 * live.length) < live.length ? param.max : param.min,
          };
        }),
      },
    ];
  },
  holds({ plugin, manifest }, given) {
    needsLiveParams(manifest);
    sane(play(plugin, given), "with a change at each frame");
  },
});

const anySong = property({
  id: "E15",
  level: "must",
  title: "stays finite with no transport, and with one that stops, jumps, loops and runs at 1 to 999 bpm",
  listed: () => [
    {},
    ...[1, 999].map((tempoBpm): Case => ({ transport: { tempoBpm } })),
    { transport: { tempoBpm: 120, playing: false } },
    { transport: { tempoBpm: 120, loopFrames: 100 } },
    { transport: { tempoBpm: 120, from: -96_000, jumps: [{ at: 1000, to: 10_000_000 }] } },
  ],
  random: (manifest) =>
    fc
      .tuple(randomCases(manifest, { params: true, frames: SHORT }), songs)
      .map(([c, transport]) => ({ ...c, transport })),
  runs: 20,
  holds({ plugin }, given) {
    sane(play(plugin, given), "with this transport");
  },
});

export const AUTOMATION_CHECKS: readonly Check[] = [
  causal,
  rewritten,
  automation,
  undecided("E06", "must", "adds modulation to parameters", "API 1.0 has no modulation"),
  undecided(
    "E08",
    "must",
    "skips events that it does not know",
    "API 1.0 has no events: parameters are values",
  ),
  everyFrame,
  undecided(
    "E10",
    "should",
    "takes changes of one frame in any order",
    "a plugin sees the values after all of them: there is no order",
  ),
  anySong,
];
