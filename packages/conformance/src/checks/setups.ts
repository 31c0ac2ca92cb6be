/** Everything that activate() may be asked for: rates, longest blocks, layouts, and which ports are connected. */
import type { Layout, LoadedPlugin, Manifest } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { layoutsOf, optionalPorts } from "../cases/random-cases.ts";
import { type Check, NotRun } from "../check.ts";
import { allFinite, firstDifference } from "../measuring/compare.ts";
import { play, playOn, setupOf, withProcessor } from "../playing/play.ts";
import { SAMPLE_RATE_HZ, start } from "../playing/stream.ts";
import { property } from "../property.ts";

/** Every host has these. */
const USUAL_RATES_HZ = [8000, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000];
/** A plugin may refuse these, with a message. */
const UNUSUAL_RATES_HZ = [1000, 44_100.5, 384_000, 768_000];
const SIZES = [1, 2, 3, 7, 31, 127, 128, 521, 1024, 4096, 16_384];
const SHORT = 1200;

const rates = property({
  id: "C07",
  level: "must",
  title: "runs at every rate from 8 to 192 kHz, and beyond runs or refuses with a message",
  listed: () =>
    [...USUAL_RATES_HZ, ...UNUSUAL_RATES_HZ].map((sampleRateHz) => ({ sampleRateHz, frames: SHORT })),
  holds({ plugin }, given) {
    const mayRefuse = !USUAL_RATES_HZ.includes(given.sampleRateHz ?? SAMPLE_RATE_HZ);
    if (mayRefuse && refuses(plugin, given)) return;
    allFinite(play(plugin, given), `at ${given.sampleRateHz} Hz`);
  },
});

function refuses(plugin: LoadedPlugin, given: Case): boolean {
  try {
    start(plugin, setupOf(given)).dispose();
    return false;
  } catch (error) {
    if (!(error instanceof CheckFailed) || /it failed in activate/.test(error.message)) throw error;
    return true;
  }
}

const sizes = property({
  id: "C08",
  level: "must",
  title: "runs with any longest block, from 1 to 16384 frames",
  listed: () =>
    SIZES.map((maxFrames) => ({ maxFrames, blocks: [maxFrames], frames: Math.max(SHORT, maxFrames) })),
  holds({ plugin }, given) {
    allFinite(play(plugin, given), `with blocks of ${given.maxFrames}`);
  },
});

const layouts = property({
  id: "C09",
  level: "must",
  title: "runs in every layout that it declares",
  listed: (manifest) => layoutsOf(manifest).map((layout: Layout) => ({ layout, frames: SHORT })),
  holds({ plugin }, given) {
    allFinite(play(plugin, given), `in ${given.layout}`);
  },
});

const MOST_SUBSETS = 64;

/** Subsets of the ports that may be unconnected: all of them, as far as there are not too many. */
function connections(manifest: Manifest): readonly (readonly string[])[] {
  const ports = optionalPorts(manifest);
  const count = Math.min(MOST_SUBSETS, 2 ** ports.length);
  return Array.from({ length: count }, (_, bits) => ports.filter((_, p) => (bits >> p) & 1));
}

const ports = property({
  id: "C10",
  level: "must",
  title: "runs with and without each port that may be left unconnected",
  listed: (manifest) => connections(manifest).map((connected) => ({ connected, frames: SHORT })),
  holds({ plugin, manifest }, given) {
    if (optionalPorts(manifest).length === 0) throw new NotRun("it has main ports alone");
    allFinite(play(plugin, given), `with ${given.connected?.join(", ") || "nothing"} connected`);
  },
});

const silentKey: Check = {
  id: "C11",
  level: "info",
  title: "tells whether an unconnected sidechain is as a silent one",
  run({ fresh, manifest, measured, caseFrames }) {
    const keys = manifest.inputs.filter((p) => p.role === "sidechain").map((p) => p.id);
    if (keys.length === 0) throw new NotRun("it has no sidechain");
    const given: Case = { frames: caseFrames };
    const without = play(fresh(), given);
    const silent = withProcessor(fresh(), { connected: keys }, (processor) => {
      const beforeBlock = () => {
        for (const [p, port] of processor.block.inputs.entries())
          if (keys.includes(manifest.inputs[p].id)) for (const channel of port) channel.fill(0);
      };
      return playOn(processor, manifest, given, { beforeBlock });
    });
    const same = firstDifference(silent, without) === undefined;
    measured(same ? "the same" : "not the same: unconnected, it listens to something else");
  },
};

export const SETUP_CHECKS: readonly Check[] = [rates, sizes, layouts, ports, silentKey];
