import type { Case, Signal } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { optionalPorts, randomCases } from "../cases/random-cases.ts";
import { type Check, demand, NotRun } from "../check.ts";
import { allFinite, decibels, peakOf, sameBits, sane } from "../measuring/compare.ts";
import { play, playOn, signalOf, withProcessor } from "../playing/play.ts";
import { MAX_FRAMES, mainOutputOf, SAMPLE_RATE_HZ, stream } from "../playing/stream.ts";
import { property } from "../property.ts";

const SMALLEST_NORMAL = 2 ** -126;

const SIGNALS: readonly Signal[] = (["noise", "sine", "impulse", "dc", "square", "silence"] as const).map(
  (kind) => ({ kind }),
);

const finite = property({
  id: "P01",
  level: "must",
  title: "stays finite for noise, sine, impulse, DC, square and silence, up to ±1e6",
  listed: () =>
    [0.7, 1, 1e6].flatMap((amplitude) =>
      SIGNALS.map((signal): Case => ({ signal: { ...signal, amplitude } })),
    ),
  holds({ plugin, manifest }, given) {
    const all = { ...given, connected: optionalPorts(manifest) };
    allFinite(play(plugin, all), `with ${given.signal?.kind} of ±${given.signal?.amplitude}`);
  },
});

const subnormal = property({
  id: "P02",
  level: "should",
  title: "puts out no subnormal numbers",
  listed: () => [
    { frames: 48_000, signal: { kind: "noise", until: 4000 }, blocks: [512] },
    { frames: 48_000, signal: { kind: "impulse" }, blocks: [512] },
  ],
  random: (manifest) =>
    randomCases(manifest, { params: true, frames: 24_000 }).map((given) => ({
      ...given,
      signal: { kind: "noise", until: 2000 },
      blocks: [512],
    })),
  runs: 8,
  holds({ plugin }, given) {
    for (const [c, channel] of play(plugin, given).entries()) {
      for (let i = 0; i < channel.length; i++) {
        const size = Math.abs(channel[i]);
        if (size > 0 && size < SMALLEST_NORMAL)
          throw new CheckFailed(`channel ${c} is ${channel[i]} at frame ${i}, ${signalText(given)}`);
      }
    }
  },
});

function signalText({ signal }: Case): string {
  return signal?.until === undefined
    ? `of ${signal?.kind ?? "noise"}`
    : `${signal.kind} having ended at ${signal.until}`;
}

const POISONS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30];

const recovers: Check = {
  id: "P09",
  level: "must",
  title: "is as new after reset() when it was fed NaN, infinity and 1e30",
  run({ fresh, manifest, caseFrames }) {
    const given: Case = { connected: optionalPorts(manifest), frames: caseFrames };
    const plugin = fresh();
    const expected = play(plugin, given);
    for (const poison of POISONS) {
      withProcessor(plugin, given, (processor) => {
        const bad = signalOf(processor, { frames: 512 });
        for (const channel of bad) channel.fill(poison, 100, 110);
        stream(processor, bad);
        processor.reset();
        sameBits(playOn(processor, manifest, given), expected, `after ${poison} and reset()`);
      });
    }
  },
};

/** The longest wait for what is left of ±1e6. */
const MAX_WAIT_FRAMES = 10 * SAMPLE_RATE_HZ;

const calmsDown: Check = {
  id: "P10",
  level: "should",
  title: "comes back from an input of ±1e6 within its tail",
  run({ plugin, manifest }) {
    withProcessor(plugin, {}, (processor) => {
      stream(processor, signalOf(processor, { frames: 2400, signal: { kind: "noise", amplitude: 1e6 } }));
      const wait = processor.latencyFrames + processor.tailFrames;
      if (wait > MAX_WAIT_FRAMES)
        throw new NotRun(`its tail of ${processor.tailFrames} frames is longer than 10 s`);
      const after = playOn(processor, manifest, {
        frames: wait + 4800,
        signal: { kind: "silence" },
        blocks: [MAX_FRAMES],
      });
      const peak = peakOf(after, wait);
      // 1e6 is 120 dB above full scale; the tail is declared down to −120 dB.
      demand(peak <= 1, `${decibels(peak).toFixed(0)} dBFS are left ${wait} frames after ±1e6`);
    });
  },
};

const bounded = property({
  id: "P13",
  level: "must",
  title: "stays below +60 dBFS for full scale, at any parameters",
  listed: () => [{ signal: { kind: "noise", amplitude: 1 } }],
  random: (manifest) =>
    randomCases(manifest, { params: true, ports: true }).map((given) => ({
      ...given,
      signal: { ...given.signal, kind: "noise", amplitude: 1 },
    })),
  holds({ plugin }, given) {
    sane(play(plugin, given), "with these parameters");
  },
});

const offset: Check = {
  id: "P14",
  level: "info",
  title: "measures the DC that it adds",
  run({ plugin, manifest, measured }) {
    const given: Case = {
      frames: SAMPLE_RATE_HZ,
      signal: { kind: "sine", frequencyHz: 1000 },
      blocks: [512],
    };
    withProcessor(plugin, given, (processor) => {
      playOn(processor, manifest, given);
      const out = playOn(processor, manifest, given)[0];
      const mean = out.reduce((sum, x) => sum + x, 0) / out.length;
      measured(mean === 0 ? "none" : `${decibels(Math.abs(mean)).toFixed(0)} dBFS`);
    });
  },
};

const mirrored: Check = {
  id: "P15",
  level: "info",
  title: "tells whether left and right are alike",
  run({ fresh, measured, caseFrames }) {
    const through = (swap: boolean) =>
      withProcessor(fresh(), {}, (processor) => {
        const [left, right] = signalOf(processor, { frames: caseFrames });
        if (!right || mainOutputOf(processor).length !== 2) throw new NotRun("it is not stereo");
        return stream(processor, swap ? [right, left] : [left, right]);
      });
    const [left, right] = through(false);
    const [swappedLeft, swappedRight] = through(true);
    const distance = Math.max(
      peakOf([left.map((x, i) => x - swappedRight[i])]),
      peakOf([right.map((x, i) => x - swappedLeft[i])]),
    );
    measured(distance === 0 ? "alike, to the bit" : `they differ by ${decibels(distance).toFixed(0)} dBFS`);
  },
};

export const EXTREME_CHECKS: readonly Check[] = [
  finite,
  subnormal,
  recovers,
  calmsDown,
  bounded,
  offset,
  mirrored,
];
