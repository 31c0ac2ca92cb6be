/** A manifest with one of everything, with nothing wrong in it. A fresh copy at every call. */
import type { Manifest } from "../src/index.ts";

export function soundManifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    api: "1.0",
    id: "com.example.pass",
    name: "Pass",
    vendor: "Example",
    version: "1.0.0",
    description: "Copies its input.",
    license: "MIT",
    features: ["utility"],
    entry: { wasm: "pass.wasm" },
    inputs: [{ id: "in", name: "Input", role: "main", layouts: ["stereo", "mono"] }],
    outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo", "mono"] }],
    params: [
      { id: "gainDb", name: "Gain", unit: "dB", min: -60, max: 12, default: 0 },
      { id: "cutoffHz", name: "Cutoff", unit: "Hz", min: 20, max: 20_000, default: 1000, scale: "log" },
      {
        id: "mode",
        name: "Mode",
        group: "Character",
        unit: "none",
        min: 0,
        max: 2,
        default: 1,
        choices: [
          { id: "soft", label: "Soft" },
          { id: "hard", label: "Hard" },
          { id: "tube", label: "Tube" },
        ],
      },
      { id: "on", name: "On", unit: "bool", min: 0, max: 1, default: 1, applies: "restart" },
    ],
    meters: [{ id: "level", name: "Level", kind: "level", unit: "dB", min: -120, max: 12 }],
    onFault: "bypass",
    ...changes,
  };
}
