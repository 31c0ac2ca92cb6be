/** Engines of one plugin to swap between, and a run of many blocks through them. */
import { readFileSync } from "node:fs";
import { type Block, type Manifest, ModulePlugin, type Processor, processSetup } from "@gainstage/plugin-api";
import { type AutomationLane, Engine, engineUrl, type SwappableEngine } from "../src/index.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
export const RATE_HZ = 48_000;
export const MAX_FRAMES = 512;
/** At 48 kHz: 20 ms, and half a second. */
export const FADE = 960;
export const PRIMING = 24_000;

const manifest: Manifest = {
  api: "1.0",
  id: "test.swapped",
  name: "Swapped",
  vendor: "test",
  version: "0.0.1",
  features: ["utility"],
  entry: { module: "none.js" },
  params: [{ id: "level", name: "Level", unit: "none", min: 0, max: 1, default: 1 }],
  inputs: [{ id: "in", name: "In", role: "main", layouts: ["mono"] }],
  outputs: [{ id: "out", name: "Out", role: "main", layouts: ["mono"] }],
};

/** in ─▶ fader ─▶ plugin ─▶ out, all mono. */
export function engineOf(processor: Processor, lanes: readonly AutomationLane[] = []): Engine {
  const plugin = new ModulePlugin(manifest, { activate: () => processor });
  const setup = processSetup(manifest, { sampleRateHz: RATE_HZ, maxFrames: MAX_FRAMES });
  const ids = ["in", "fader", "plugin", "out"];
  return Engine.create(
    module,
    {
      nodes: [
        { kind: "input", id: "in", channels: 1 },
        { kind: "gain", id: "fader", channels: 1, gainDb: 0 },
        { kind: "plugin", id: "plugin", plugin: manifest.id, channels: 1, params: {} },
        { kind: "output", id: "out", channels: 1 },
      ],
      edges: ids.slice(1).map((to, i) => ({
        from: { node: ids[i], port: "out" },
        to: { node: to, port: "in" },
      })),
      lanes,
    },
    {
      sampleRateHz: RATE_HZ,
      maxFrames: MAX_FRAMES,
      processors: new Map([["plugin", { manifest, processor: plugin.activate(setup) }]]),
    },
  );
}

/** y[n] = gain × level × x[n − latency] */
export function lateGain(gain: number, latencyFrames = 0): Processor {
  const line = new Float32Array(Math.max(1, latencyFrames));
  let at = 0;
  return {
    latencyFrames,
    tailFrames: 0,
    reset() {
      line.fill(0);
      at = 0;
    },
    process({ frames, inputs, outputs, params }: Block) {
      const x = inputs[0][0];
      const y = outputs[0][0];
      for (let i = 0; i < frames; i++) {
        const late = line[at];
        line[at] = x[i];
        y[i] = gain * params[0] * (latencyFrames === 0 ? x[i] : late);
        if (++at === line.length) at = 0;
      }
      return 0;
    },
  };
}

/** y[n] = x[n] + (y[n−1] − x[n]) p, which after n frames has forgotten all but p^n of what was. */
export function onePole(p: number): Processor {
  let y = 0;
  return {
    latencyFrames: 0,
    tailFrames: 0,
    reset() {
      y = 0;
    },
    process({ frames, inputs, outputs }: Block) {
      for (let i = 0; i < frames; i++) {
        y = inputs[0][0][i] + (y - inputs[0][0][i]) * p;
        outputs[0][0][i] = y;
      }
      return 0;
    },
  };
}

type Runs = Pick<SwappableEngine | Engine, "inputs" | "outputs" | "run">;

/** Runs `x` in blocks that take turns; `between` is told before each block where it begins. */
export function through(
  engine: Runs,
  x: Float32Array,
  blocks: readonly number[] = [MAX_FRAMES],
  between: (frame: number) => void = () => {},
): Float32Array {
  const y = new Float32Array(x.length);
  for (let at = 0, k = 0; at < x.length; k++) {
    between(at);
    const frames = Math.min(blocks[k % blocks.length], x.length - at);
    engine.inputs.get("in")![0].set(x.subarray(at, at + frames));
    engine.run(frames);
    y.set(engine.outputs.get("out")![0].subarray(0, frames), at);
    at += frames;
  }
  return y;
}

/** Throws an Error that names the first frame at which two signals are further apart than `most`. */
export function expectSame(
  found: Float32Array,
  wanted: (n: number) => number,
  from: number,
  to: number,
  most = 0,
): void {
  for (let n = from; n < to; n++) {
    const w = Math.fround(wanted(n));
    if (!(Math.abs(found[n] - w) <= most)) throw new Error(`frame ${n} is ${found[n]}, wanted ${w}`);
  }
}
