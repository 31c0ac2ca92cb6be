/**
 * A module plugin that keeps every promise, small enough to break one at a time:
 *
 *   in ─▶ delay lookaheadFrames ─▶ one-pole low-pass ─▶ × smoothed gain ─▶ × ducking by the key ─▶ out
 */
import { type Block, type Manifest, ModulePlugin, type Plugin, type Processor } from "@gainstage/plugin-api";

export const soundManifest: Manifest = {
  api: "0.1",
  id: "com.example.sound",
  name: "Sound",
  vendor: "Example",
  version: "1.0.0",
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
    {
      id: "lookaheadFrames",
      name: "Lookahead",
      unit: "none",
      min: 0,
      max: 512,
      default: 64,
      applies: "restart",
    },
  ],
  meters: [{ id: "level", name: "Level", kind: "level", unit: "none", min: 0, max: 1000 }],
};

export const GAIN = 0;
export const CUTOFF = 1;
const DUCK = 2;
const LOOKAHEAD = 3;
const LOWEST_HZ = 100;
/** Time constants of the lowest cutoff after which even +60 dB has come below FLOOR. */
const RING_TIME_CONSTANTS = 40;
const FLOOR = 1e-12;

export const activateSound: Plugin["activate"] = ({ sampleRateHz, inputs, params }) => {
  const latencyFrames = Math.round(params[LOOKAHEAD]);
  const tailFrames = Math.ceil((RING_TIME_CONSTANTS * sampleRateHz) / (2 * Math.PI * LOWEST_HZ));
  const rings = Array.from({ length: inputs[0].channels }, () => new Float64Array(latencyFrames + 1));
  const state = new Float64Array(inputs[0].channels);
  let head = 0;
  let gain = Number.NaN;
  let silentFrames = latencyFrames + tailFrames;

  return {
    latencyFrames,
    tailFrames,
    reset() {
      for (const ring of rings) ring.fill(0);
      state.fill(0);
      head = 0;
      gain = Number.NaN;
      silentFrames = latencyFrames + tailFrames;
    },
    process(block: Block) {
      const [main, key] = block.inputs;
      const [out] = block.outputs;
      const wanted = 10 ** (block.params[GAIN] / 20);
      const coefficient = 1 - Math.exp((-2 * Math.PI * block.params[CUTOFF]) / sampleRateHz);
      const duck = inputs[1].connected ? block.params[DUCK] / 100 : 0;
      let level = 0;
      if (Number.isNaN(gain)) gain = wanted;
      for (let i = 0; i < block.frames; i++) {
        gain += (wanted - gain) * 0.01;
        silentFrames++;
        for (let c = 0; c < out.length; c++) {
          if (main[c][i] !== 0) silentFrames = 0;
          const ring = rings[c];
          ring[head] = main[c][i];
          const delayed = ring[head === latencyFrames ? 0 : head + 1];
          state[c] += (delayed - state[c]) * coefficient;
          if (Math.abs(state[c]) < FLOOR) state[c] = 0;
          const ducked = gain * (1 - duck * Math.min(1, Math.abs(key[Math.min(c, key.length - 1)][i])));
          out[c][i] = state[c] * ducked;
          level = Math.max(level, Math.abs(out[c][i]));
        }
        head = head === latencyFrames ? 0 : head + 1;
      }
      block.meters[0] = Math.min(1000, level);
      return Math.max(0, latencyFrames + tailFrames - silentFrames);
    },
  };
};

export function modulePlugin(activate: Plugin["activate"], changes: Partial<Manifest> = {}): ModulePlugin {
  return new ModulePlugin({ ...soundManifest, ...changes }, { activate });
}

/** The sound plugin, with something done to each of its processors. */
export function spoilt(spoil: (processor: Processor, setup: Parameters<Plugin["activate"]>[0]) => Processor) {
  return modulePlugin((setup) => spoil(activateSound(setup), setup));
}
