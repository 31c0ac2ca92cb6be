/** H07: a plugin that breaks its word is faded out as its manifest says, built anew once, then off; the rest never hears of it. */

import { CheckFailed } from "../cases/check-failed.ts";
import { demand } from "../check.ts";
import { sine } from "../playing/signals.ts";
import { EVIL_PLUGINS, type Evil, FAILS_AT } from "./evil-plugins.ts";
import type { HostRender } from "./host-under-test.ts";
import { evilId } from "./kit-folder.ts";
import { echoManifest } from "./plain-plugins.ts";
import {
  type Asked,
  BLOCK_FRAMES,
  FRAMES,
  type HostCheck,
  SAMPLE_RATE_HZ,
  sameBus,
  type Trial,
} from "./trial.ts";

/** +60 dBFS: what a host never lets through. */
const LOUDEST = 1000;
/** Ends of plugins that a host has to notice while they run. */
const FAULTS: readonly string[] = ["trap", "non-finite", "overload", "hang"];
/** Long after the fade, and before the second failure. */
const REBUILT = [FAILS_AT + 2000, FAILS_AT + 4000] as const;
const AT_THE_END = [FRAMES - 2000, FRAMES] as const;
/** A tone of 165 Hz moves by 0.011 in a frame, and a fade over 5 ms by 0.001 more. A cut would show as 0.25. */
const MAX_STEP = 0.02;

const tones = [110, 165].map((hz) => sine(FRAMES, hz, SAMPLE_RATE_HZ, 0.5));
const good: Asked = {
  input: tones,
  nodes: [{ id: "good", plugin: echoManifest.id, from: "input" }],
  buses: [{ id: "clean", from: [{ node: "good" }, { node: "input" }] }],
};
const cleanOf = new WeakMap<Trial, Promise<HostRender>>();

/** The mix without any bad plugin, rendered once. */
async function withoutEvil(trial: Trial): Promise<readonly Float32Array[]> {
  const render = cleanOf.get(trial) ?? trial.render(good);
  cleanOf.set(trial, render);
  return (await render).buses.get("clean") ?? [];
}

function contains({ name, ends, state }: Evil, onFault: "bypass" | "silence"): HostCheck {
  return {
    id: "H07",
    title: `contains a plugin of the kind ${name}, onFault ${onFault}`,
    async run(trial) {
      const bad = { id: "bad", plugin: evilId(name, onFault), from: "input", ...(state && { state }) };
      const dirtyBus = { id: "dirty", from: [{ node: "bad" }] };
      const asked: Asked =
        trial.shape === "chain"
          ? { input: tones, nodes: [bad], buses: [dirtyBus] }
          : { ...good, nodes: [bad, ...good.nodes], buses: [dirtyBus, ...good.buses] };
      const rendered = await trial
        .render(asked)
        .catch((error: { readonly code?: unknown; message?: string }) => {
          // A host may refuse to begin; then it says with what.
          demand(ends === "refused", `the render ends with ${error.message}`);
          demand(typeof error.code === "string", `it refuses the plugin without a code: ${error.message}`);
        });
      if (!rendered) return;
      if (trial.shape === "graph")
        sameBus(rendered, "clean", await withoutEvil(trial), "the rest of the mix");
      const dirty = rendered.buses.get("dirty") ?? [];
      for (const channel of dirty) {
        const wild = channel.findIndex((x) => !(Math.abs(x) <= LOUDEST));
        demand(wild < 0, `${channel[wild]} is heard at frame ${wild}`);
      }
      if (FAULTS.includes(ends)) faded(rendered, dirty, ends, onFault);
    },
  };
}

function faded(
  { faults }: HostRender,
  dirty: readonly Float32Array[],
  ends: string,
  onFault: "bypass" | "silence",
): void {
  const codes = faults.filter(({ node }) => node === "bad").map(({ code }) => code);
  demand(codes.includes(ends), `its faults are ${codes.join(", ") || "none"}; it was to be ${ends}`);
  heard(dirty, 0.5, [0, FAILS_AT - BLOCK_FRAMES], "before it fails");
  // After a hang there is nothing to build anew with: its thread is gone.
  if (ends !== "hang") heard(dirty, 0.5, REBUILT, "built anew");
  heard(dirty, onFault === "bypass" ? 1 : 0, AT_THE_END, "at the end, by its onFault");
  for (const channel of dirty) {
    for (let i = 1; i < channel.length; i++) {
      const step = Math.abs(channel[i] - channel[i - 1]);
      if (step >= MAX_STEP)
        throw new CheckFailed(`a step of ${step.toFixed(3)} at frame ${i}: it is cut, not faded`);
    }
  }
}

/** The input times `share`, from one frame to another. */
function heard(
  dirty: readonly Float32Array[],
  share: number,
  [from, to]: readonly [number, number],
  when: string,
): void {
  for (const [c, channel] of dirty.entries()) {
    for (let i = from; i < to; i++) {
      const wanted = Math.fround(tones[c][i] * share);
      if (channel[i] !== wanted)
        throw new CheckFailed(`${when}: ${channel[i]} instead of ${wanted} at frame ${i}`);
    }
  }
}

export const CONTAINMENT_CHECKS: readonly HostCheck[] = EVIL_PLUGINS.flatMap((evil) => {
  const policies = FAULTS.includes(evil.ends) ? (["bypass", "silence"] as const) : (["bypass"] as const);
  return policies.map((onFault) => contains(evil, onFault));
});
