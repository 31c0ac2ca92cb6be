/**
 * A plugin for the random graphs: late by any number of frames, with a side chain, a second output, and a parameter
 * that shows where blocks were cut.
 *
 *   level × (in / 2 + key / 4) ─▶ late ─▶ out (stereo)
 *   (left + right of in) / 4 ───▶ late ─▶ aux (mono)
 *
 * No manifest of API 0.1 may declare the second output; plans are ready for it.
 */
import { type Block, type Manifest, ModulePlugin, processSetup } from "@gainstage/plugin-api";
import type { ProcessorNode } from "../src/index.ts";

const manifest: Manifest = {
  api: "1.0",
  id: "test.late.gain",
  name: "Late gain",
  vendor: "test",
  version: "0.0.1",
  features: ["utility"],
  entry: { module: "none.js" },
  params: [{ id: "level", name: "Level", unit: "none", min: 0, max: 1, default: 1 }],
  inputs: [
    { id: "in", name: "In", role: "main", layouts: ["stereo"] },
    { id: "key", name: "Key", role: "sidechain", layouts: ["stereo"] },
  ],
  outputs: [
    { id: "out", name: "Out", role: "main", layouts: ["stereo"] },
    { id: "aux", name: "Aux", role: "sidechain", layouts: ["mono"] },
  ],
};

export function lateGain(latencyFrames: number, maxFrames: number): ProcessorNode {
  const plugin = new ModulePlugin(manifest, {
    activate: () => {
      const silence = () => Array.from({ length: latencyFrames }, (): [number, number, number] => [0, 0, 0]);
      let line = silence();
      let silentFrames = latencyFrames;
      return {
        latencyFrames,
        tailFrames: 0,
        reset: () => {
          line = silence();
          silentFrames = latencyFrames;
        },
        process: ({ frames, inputs, outputs, params }: Block) => {
          const [[l, r], [kl, kr]] = inputs;
          const [[ol, or], [aux]] = outputs;
          for (let i = 0; i < frames; i++) {
            const left = params[0] * (0.5 * l[i] + 0.25 * kl[i]);
            const right = params[0] * (0.5 * r[i] + 0.25 * kr[i]);
            const aside = (l[i] + r[i]) / 4;
            line.push([left, right, aside]);
            silentFrames = [left, right, aside].every((x) => Object.is(x, 0)) ? silentFrames + 1 : 0;
            [ol[i], or[i], aux[i]] = line.shift()!;
          }
          return Math.max(0, latencyFrames - silentFrames);
        },
      };
    },
  });
  const setup = processSetup(manifest, { sampleRateHz: 48_000, maxFrames, connected: ["key"] });
  return { manifest, processor: plugin.activate(setup) };
}
