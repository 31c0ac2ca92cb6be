/** What the page of live-browser.test.ts plays, and Node renders: nothing here is of Node alone. */
import type { GraphDescription } from "@gainstage/graph";

export const RATE_HZ = 48_000;
export const FRAMES = RATE_HZ;
export const SOUGHT = 20_003;
/** Room for what the transport adds. */
export const CAPTURED = 3 * RATE_HZ;
export const EFFECTS = ["compressor", "reverb", "limiter"] as const;

const effect = (name: (typeof EFFECTS)[number], params = {}) =>
  ({ kind: "plugin", id: name, plugin: `dev.gainstage.${name}`, channels: 2, params }) as const;

const ids = ["in", ...EFFECTS, "out"];

export const graph: GraphDescription = {
  nodes: [
    { kind: "input", id: "in", channels: 2 },
    effect("compressor", { lookaheadMs: 5, thresholdDb: -30 }),
    effect("reverb"),
    effect("limiter"),
    { kind: "output", id: "out", channels: 2 },
  ],
  edges: ids.slice(1).map((to, i) => ({ from: { node: ids[i], port: "out" }, to: { node: to, port: "in" } })),
};

/** Two channels of noise, from a frame of it on, in memory as `channel` gives it. */
export function noiseFrom(
  frame: number,
  channel: (frames: number) => Float32Array,
): ReadonlyMap<string, readonly Float32Array[]> {
  const channels = [1, 2].map((seed) => {
    const samples = channel(FRAMES - frame);
    for (let i = 0, x = seed; i < FRAMES; i++) {
      x = Math.imul(x, 1664525) + 1013904223;
      if (i >= frame) samples[i - frame] = x / 2 ** 32;
    }
    return samples;
  });
  return new Map([["in", channels]]);
}
