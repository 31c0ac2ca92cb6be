/** A second plugin that keeps every promise, with a gain-change meter: in ─▶ × gain(envelope of the loudest channel) ─▶ out */
import type { Block, CurveExtension, Manifest, Plugin, Processor } from "@gainstage/plugin-api";
import { approach, framesToArrive } from "./smoothing.ts";

export const compressorManifest: Manifest = {
  api: "1.0",
  id: "com.example.sound-compressor",
  name: "Sound compressor",
  vendor: "Example",
  version: "1.0.0",
  license: "MIT",
  features: ["compressor"],
  entry: { module: "sound-compressor.js" },
  inputs: [{ id: "in", name: "Input", role: "main", layouts: ["stereo"] }],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo"] }],
  params: [{ id: "thresholdDb", name: "Threshold", unit: "dB", min: -60, max: 0, default: -18 }],
  extensions: ["curve/1"],
  meters: [{ id: "gainChangeDb", name: "Gain change", kind: "gain-change", unit: "dB", min: -100, max: 0 }],
};

const RELEASE_SECONDS = 0.5;
const FLOOR = 1e-9;

/** 2:1 above the threshold. */
export const activateCompressor: Plugin["activate"] = ({ sampleRateHz, params: start }) => {
  const decay = Math.exp(-1 / (RELEASE_SECONDS * sampleRateHz));
  const envelope = new Float64Array(1);
  const threshold = new Float64Array(1);
  const wanted = new Float64Array(1);
  const reset = () => {
    envelope[0] = 0;
    threshold[0] = Number.NaN;
  };
  reset();
  const drawn: CurveExtension["curve"] = (kind, x, y) => {
    if (kind !== "transfer") return false;
    for (const [i, levelDb] of x.entries()) y[i] = levelDb - Math.max(0, levelDb - start[0]) / 2;
    return true;
  };
  return {
    latencyFrames: 0,
    tailFrames: 0,
    reset,
    process({ frames, inputs: [input], outputs: [output], params, meters }: Block) {
      wanted[0] = 10 ** (params[0] / 20);
      if (Number.isNaN(threshold[0])) threshold[0] = wanted[0];
      let gain = 1;
      for (let i = 0; i < frames; i++) {
        approach(threshold, wanted);
        envelope[0] = Math.max(Math.abs(input[0][i]), Math.abs(input[1][i]), envelope[0] * decay);
        if (envelope[0] < FLOOR) envelope[0] = 0;
        gain = envelope[0] > threshold[0] ? Math.sqrt(threshold[0] / envelope[0]) : 1;
        output[0][i] = input[0][i] * gain;
        output[1][i] = input[1][i] * gain;
      }
      meters[0] = Math.max(-100, 20 * Math.log10(gain));
      const moving = framesToArrive(threshold, wanted);
      if (envelope[0] === 0) return moving;
      return Math.max(moving, Math.ceil(Math.log(FLOOR / envelope[0]) / Math.log(decay)) + 2);
    },
    extension: ((id: "curve/1") => (id === "curve/1" ? { curve: drawn } : undefined)) as NonNullable<
      Processor["extension"]
    >,
  };
};
