/**
 * A module plugin that keeps every promise, small enough to break one at a time:
 *
 *   in ─▶ delay lookaheadFrames ─┬─▶ one-pole low-pass ─▶ × gain ─▶ × ducking by the key ─▶ ⊕ ─▶ out
 *                                └───────────────────────────────────────────────── × dry ──┘
 *
 * All of gain, cutoff, ducking and mix are smoothed per sample. Its state is a polarity; its curve is the low-pass.
 */
import type { Block, Manifest, Plugin, Processor, ProcessSetup } from "@gainstage/plugin-api";
import { approach, framesToArrive } from "./smoothing.ts";

/** A plugin that exists in memory alone. */
export interface MemoryPlugin {
  readonly manifest: Manifest;
  readonly activate: Plugin["activate"];
}

export const soundManifest: Manifest = {
  api: "1.0",
  id: "com.example.sound",
  name: "Sound",
  vendor: "Example",
  version: "1.0.0",
  license: "MIT",
  features: ["filter"],
  entry: { module: "sound.js" },
  inputs: [
    { id: "in", name: "Input", role: "main", layouts: ["stereo", "mono"] },
    { id: "key", name: "Key", role: "sidechain", layouts: ["stereo", "mono"] },
  ],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo", "mono"] }],
  params: [
    { id: "gainDb", name: "Gain", unit: "dB", min: -24, max: 24, default: 0 },
    { id: "cutoffHz", name: "Cutoff", unit: "Hz", min: 100, max: 3000, default: 2000, scale: "log" },
    { id: "duckPercent", name: "Ducking", unit: "percent", min: 0, max: 100, default: 50 },
    { id: "mixPercent", name: "Mix", unit: "percent", min: 0, max: 100, default: 100, role: "mix" },
    {
      id: "lookaheadFrames",
      name: "Lookahead",
      unit: "frames",
      min: 0,
      max: 512,
      step: 1,
      default: 64,
      applies: "restart",
    },
  ],
  meters: [{ id: "level", name: "Level", kind: "level", unit: "none", min: 0, max: 1000 }],
  extensions: ["state/1", "curve/1"],
  stateVersion: 1,
};

export const GAIN = 0;
export const CUTOFF = 1;
const DUCK = 2;
const MIX = 3;
const LOOKAHEAD = 4;
const LOWEST_HZ = 100;
/** Time constants of the lowest cutoff after which even +60 dB has come below FLOOR. */
const RING_TIME_CONSTANTS = 40;
const FLOOR = 1e-12;
/** Of the way to a parameter's new value, in each frame. */

/** Two bytes: a letter, and 1 for an inverted output. */
const STATE_LETTER = 0x53;

function polarityOf({ state }: ProcessSetup): number {
  if (!state) return 0;
  const { bytes } = state;
  if (bytes.length !== 2 || bytes[0] !== STATE_LETTER || bytes[1] > 1)
    throw new Error("this is no state of mine");
  return bytes[1];
}

export const activateSound: Plugin["activate"] = (setup) => {
  const { sampleRateHz, inputs, params } = setup;
  const inverted = polarityOf(setup);
  const latencyFrames = Math.round(params[LOOKAHEAD]);
  const tailFrames = Math.ceil((RING_TIME_CONSTANTS * sampleRateHz) / (2 * Math.PI * LOWEST_HZ));
  const rings = Array.from({ length: inputs[0].channels }, () => new Float64Array(latencyFrames + 1));
  const state = new Float64Array(inputs[0].channels);
  const heard = new Float64Array(4);
  const wanted = new Float64Array(4);
  const count = new Float64Array(2);
  const [HEAD, SILENT] = [0, 1];

  const reset = () => {
    for (const ring of rings) ring.fill(0);
    state.fill(0);
    heard.fill(Number.NaN);
    count[HEAD] = 0;
    count[SILENT] = latencyFrames + tailFrames;
  };
  reset();

  return {
    latencyFrames,
    tailFrames,
    reset,
    process(block: Block) {
      const [main, key] = block.inputs;
      const [out] = block.outputs;
      wanted[0] = 10 ** (block.params[GAIN] / 20);
      wanted[1] = 1 - Math.exp((-2 * Math.PI * block.params[CUTOFF]) / sampleRateHz);
      wanted[2] = inputs[1].connected ? block.params[DUCK] / 100 : 0;
      wanted[3] = block.params[MIX] / 100;
      let level = 0;
      if (Number.isNaN(heard[0])) heard.set(wanted);
      for (let i = 0; i < block.frames; i++) {
        approach(heard, wanted);
        count[SILENT]++;
        const head = count[HEAD];
        for (let c = 0; c < out.length; c++) {
          if (main[c][i] !== 0) count[SILENT] = 0;
          const ring = rings[c];
          ring[head] = main[c][i];
          const delayed = ring[head === latencyFrames ? 0 : head + 1];
          state[c] += (delayed - state[c]) * heard[1];
          if (Math.abs(state[c]) < FLOOR) state[c] = 0;
          const ducked =
            heard[0] * (1 - heard[2] * Math.min(1, Math.abs(key[Math.min(c, key.length - 1)][i])));
          const mixed = delayed * (1 - heard[3]) + state[c] * ducked * heard[3];
          out[c][i] = inverted === 1 ? -mixed : mixed;
          level = Math.max(level, Math.abs(out[c][i]));
        }
        count[HEAD] = head === latencyFrames ? 0 : head + 1;
      }
      block.meters[0] = Math.min(1000, level);
      return Math.max(0, latencyFrames + tailFrames - count[SILENT], framesToArrive(heard, wanted));
    },
    extension<I extends "state/1" | "curve/1">(id: I) {
      const offered = {
        "state/1": { save: () => Uint8Array.of(STATE_LETTER, inverted) },
        "curve/1": {
          curve: (kind: "magnitude" | "transfer", x: Float64Array, y: Float64Array) => {
            if (kind !== "magnitude") return false;
            for (const [i, hz] of x.entries()) y[i] = magnitudeDb(hz, sampleRateHz, params);
            return true;
          },
        },
      };
      return offered[id];
    },
  };
};

/** |1 − m + m·g·a / (1 − (1 − a) e^(−jω))| */
function magnitudeDb(hz: number, sampleRateHz: number, params: Float64Array): number {
  const omega = (2 * Math.PI * hz) / sampleRateHz;
  const a = 1 - Math.exp((-2 * Math.PI * params[CUTOFF]) / sampleRateHz);
  const wet = (params[MIX] / 100) * 10 ** (params[GAIN] / 20) * a;
  const [re, im] = [1 - (1 - a) * Math.cos(omega), (1 - a) * Math.sin(omega)];
  const power = re * re + im * im;
  return 20 * Math.log10(Math.hypot(1 - params[MIX] / 100 + (wet * re) / power, (wet * im) / power));
}

/** The sound plugin with other code, or another manifest. */
export function memoryPlugin(activate: Plugin["activate"], changes: Partial<Manifest> = {}): MemoryPlugin {
  return { manifest: { ...soundManifest, ...changes }, activate };
}

/** The sound plugin, with something done to each of its processors. */
export function spoilt(
  spoil: (processor: Processor, setup: ProcessSetup) => Processor,
  changes: Partial<Manifest> = {},
): MemoryPlugin {
  return memoryPlugin((setup, host) => spoil(activateSound(setup, host), setup), changes);
}
