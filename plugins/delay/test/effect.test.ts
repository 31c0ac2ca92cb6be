/** What every plugin owes its host, and the kernel against its scalar twin. */
import { describePlugin, noise, random, start, stream } from "@gainstage/conformance";
import { fromKnob, ModulePlugin } from "@gainstage/plugin-api";
import { expect, test } from "vitest";
import delay from "../src/delay.ts";
import { folder, kernel } from "./delay-runs.ts";

describePlugin(folder, { strict: true });

const { params } = kernel.manifest;
const twin = new ModulePlugin(kernel.manifest, delay);
const FRAMES = 9000;

/** Any parameters, leaning to times that are over within the test, changing while it runs, with and without a song. */
function randomRun(seed: number) {
  const next = random(seed * 7919);
  const knob = (id: string) => (["timeMs", "note"].includes(id) ? 0.55 * next() : next());
  const anything = () => Object.fromEntries(params.map((p) => [p.id, fromKnob(p, knob(p.id))]));
  const changes = Array.from({ length: Math.floor(8 * next()) }, () => {
    const param = Math.floor(params.length * next());
    return {
      frame: Math.floor(FRAMES * next()),
      param,
      value: fromKnob(params[param], knob(params[param].id)),
    };
  });
  const channels = next() < 0.25 ? 1 : 2;
  const signal = Array.from({ length: channels }, (_, c) => noise(FRAMES, 1000 * seed + c, 0.9));
  const [from, to] = [FRAMES * next(), FRAMES * next()];
  for (const channel of signal) channel.fill(0, Math.min(from, to), Math.max(from, to));
  return {
    setup: { params: anything(), layout: channels === 1 ? ("mono" as const) : ("stereo" as const) },
    signal,
    options: {
      blocks: Array.from({ length: 5 }, () => 1 + Math.floor(1000 * next())),
      changes: changes.sort((a, b) => a.frame - b.frame),
      song: next() < 0.5 ? { tempoBpm: 60 + 240 * next() } : undefined,
    },
  };
}

test.each(Array.from({ length: 60 }, (_, k) => k + 1))("is its scalar twin, random run %d", (seed) => {
  const { setup, signal, options } = randomRun(seed);
  const expected = stream(start(twin, setup), signal, options);
  const actual = stream(start(kernel, setup), signal, options);
  for (const [c, channel] of actual.entries()) {
    const worst = channel.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[c][i])), 0);
    expect(worst, `channel ${c}, ${JSON.stringify(setup.params)}`).toBeLessThan(1e-5);
  }
});
