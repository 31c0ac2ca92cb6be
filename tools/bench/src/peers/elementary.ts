/** Elementary's offline renderer, W1 and W5, where it is installed: it is no dependency of ours. */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Entrant, timed } from "../entrant.ts";
import type { Material, Stereo } from "../material.ts";
import {
  CHAIN_GAIN,
  CHAINS,
  COMPRESSOR,
  dbToGain,
  EQ8,
  GAIN,
  GAINS_PER_CHAIN,
  PAN,
  SAMPLE_RATE_HZ,
} from "../workloads.ts";
import type { Peer } from "./peer.ts";

/** A node of its graphs, which we only hand on. */
type Signal = { readonly elementarySignal: never };

interface Elements {
  in(props: { readonly channel: number }): Signal;
  lowshelf(hz: number, q: number, gainDb: number, x: Signal): Signal;
  peak(hz: number, q: number, gainDb: number, x: Signal): Signal;
  highshelf(hz: number, q: number, gainDb: number, x: Signal): Signal;
  skcompress(
    attackMs: number,
    releaseMs: number,
    thresholdDb: number,
    ratio: number,
    kneeDb: number,
    side: Signal,
    x: Signal,
  ): Signal;
  abs(x: Signal): Signal;
  max(a: Signal, b: Signal): Signal;
  mul(gain: Signal | number, x: Signal): Signal;
  add(...x: readonly Signal[]): Signal;
  const(props: { readonly key: string; readonly value: number }): Signal;
}

interface Renderer {
  initialize(options: object): Promise<void>;
  render(left: Signal, right: Signal): Promise<unknown>;
  process(inputs: readonly Float32Array[], outputs: readonly Float32Array[]): void;
}

const FILTERS = { "low-shelf": "lowshelf", bell: "peak", "high-shelf": "highshelf" } as const;
/** Four rounds of the 20 ms fade with which its graphs begin. */
const FADE_FRAMES = 4096;

/** `folder` has a node_modules in it, or a folder above it has. */
export function elementary(folder: string): Peer {
  const require = createRequire(resolve(folder, "peers.mjs"));
  const find = (name: string) => {
    try {
      return require.resolve(name);
    } catch {
      throw new Error(`${name} is not installed in ${folder}`);
    }
  };
  const load = (name: string) => import(pathToFileURL(find(name)).href);
  const peer: Peer = {
    name: "Elementary",
    workloads: ["W1", "W5"],
    install: "npm install --prefix DIR @elemaudio/offline-renderer @elemaudio/core, and --peers-from DIR",
    version: async () => {
      find("@elemaudio/core");
      return require(find("@elemaudio/offline-renderer/package.json")).version;
    },
    enter: async (workload, { source, frames }: Material): Promise<Entrant> => {
      // It puts a property of this name into its place, which newer versions of Node do not let it.
      Object.defineProperty(globalThis, "crypto", { value: crypto, writable: true, configurable: true });
      const { default: OfflineRenderer } = await load("@elemaudio/offline-renderer");
      const { el } = await load("@elemaudio/core");
      const renderer: Renderer = new OfflineRenderer();
      await renderer.initialize({
        numInputChannels: 2,
        numOutputChannels: 2,
        sampleRate: SAMPLE_RATE_HZ,
        blockSize: 512,
      });
      const [left, right] = workload === "W1" ? w1(el) : w5(el);
      await renderer.render(left, right);
      const silence = [new Float32Array(FADE_FRAMES), new Float32Array(FADE_FRAMES)];
      renderer.process(
        silence,
        silence.map((channel) => channel.slice()),
      );
      const output: Stereo = [new Float32Array(frames), new Float32Array(frames)];
      const run = () => timed(() => renderer.process([...source], [...output]));
      return {
        name: peer.name,
        run,
        firstRun: async () => {
          const seconds = await run();
          return { outcome: { channels: output }, seconds };
        },
      };
    },
  };
  return peer;
}

function w1(el: Elements): readonly [Signal, Signal] {
  const equalized = [0, 1].map((channel) =>
    EQ8.reduce(
      (x, { type, frequencyHz, q, gainDb }) => el[FILTERS[type]](frequencyHz, q, gainDb, x),
      el.in({ channel }),
    ),
  );
  const { attackMs, releaseMs, thresholdDb, ratio, kneeDb, makeupDb } = COMPRESSOR;
  const louder = el.max(el.abs(equalized[0]), el.abs(equalized[1]));
  const makeup = GAIN * dbToGain(makeupDb);
  const channel = (x: Signal, gain: number) =>
    el.mul(gain, el.skcompress(attackMs, releaseMs, thresholdDb, ratio, kneeDb, louder, x));
  return [channel(equalized[0], makeup * (1 - PAN)), channel(equalized[1], makeup)];
}

/** Its gains are keyed apart: equal nodes would be made one. */
function w5(el: Elements): readonly [Signal, Signal] {
  const channel = (index: number) => {
    const chains = Array.from({ length: CHAINS }, (_, c) => {
      let x = el.in({ channel: index });
      for (let g = 0; g < GAINS_PER_CHAIN; g++) {
        x = el.mul(el.const({ key: `${index}.${c}.${g}`, value: CHAIN_GAIN }), x);
      }
      return x;
    });
    return el.add(...chains);
  };
  return [channel(0), channel(1)];
}
