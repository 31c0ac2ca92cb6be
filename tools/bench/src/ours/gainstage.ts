/** The workloads in Gainstage. */
import { readFileSync } from "node:fs";
import { DspKernels, kernelsUrl, LoudnessMeter, TruePeakMeter } from "@gainstage/dsp";
import { createHost, type Host } from "@gainstage/host";
import { type Entrant, type Outcome, timed } from "../entrant.ts";
import type { Material, Stereo } from "../material.ts";
import { BLOCK_FRAMES, SAMPLE_RATE_HZ, TRACKS, type WorkloadId } from "../workloads.ts";
import { convolverNode } from "./convolver.ts";
import { w1Graph, w2Graph, w3Graph, w5Graph } from "./graphs.ts";
import { prepared } from "./one-core.ts";

/** The renderer's own block; a plugin's latency does not depend on it. */
const OFFLINE_FRAMES = 2048;

export class Gainstage {
  readonly host: Host = createHost();

  /** One entrant, or one a number of cores. Each has made nothing yet. */
  async enter(workload: WorkloadId, material: Material): Promise<readonly Entrant[]> {
    const { catalog } = this.host;
    switch (workload) {
      case "W1":
        return [await this.#graph("W1", w1Graph(catalog), OFFLINE_FRAMES, material)];
      case "W2":
        return [await this.#mastering(material)];
      case "W3":
        return this.#mix(material);
      case "W4":
        return [loudnessEntrant(material)];
      case "W5":
        return [await this.#graph("W5", w5Graph(), BLOCK_FRAMES, material)];
    }
  }

  async #graph(name: string, graph: ReturnType<typeof w5Graph>, block: number, { source, frames }: Material) {
    const { render } = await prepared(this.host, graph, block);
    const output = silence(frames);
    return entrant(name, () => {
      render(new Map([["in", source]]), output);
      return { channels: output };
    });
  }

  async #mastering({ source, frames }: Material): Promise<Entrant> {
    const { render } = await prepared(this.host, w2Graph(this.host.catalog), OFFLINE_FRAMES);
    const kernels = newKernels();
    const output = silence(frames);
    return entrant("W2", () => {
      render(new Map([["in", source]]), output);
      const meter = new LoudnessMeter(kernels, SAMPLE_RATE_HZ, 2);
      meter.process(output);
      return { channels: output, integratedLufs: meter.integratedLufs };
    });
  }

  async #mix({ tracks, frames, response }: Material): Promise<readonly Entrant[]> {
    const graph = w3Graph(this.host.catalog, response && convolverNode(this.host.catalog, response));
    const sources = new Map(Array.from({ length: TRACKS }, (_, t) => [`track${t}`, tracks[t]]));
    const { render } = await prepared(this.host, graph, OFFLINE_FRAMES);
    const output = silence(frames);
    const { renderer } = createHost();
    const request = {
      graph,
      sampleRateHz: SAMPLE_RATE_HZ,
      frames,
      sources,
      jobs: 2,
    };
    // The renderer is timed with all that belongs to a render: plugins activated, parts sent to their threads.
    const onTwoCores = entrant("W3 on two cores", async () => {
      const channels = (await renderer.render(request)).outputs.get("out")!;
      return { channels: [channels[0], channels[1]] as const };
    });
    return [
      entrant("W3", () => {
        render(sources, output);
        return { channels: output };
      }),
      { ...onTwoCores, close: () => renderer.close() },
    ];
  }
}

function loudnessEntrant({ source }: Material): Entrant {
  const kernels = newKernels();
  return entrant("W4", () => {
    const loudness = new LoudnessMeter(kernels, SAMPLE_RATE_HZ, 2);
    const peaks = new TruePeakMeter(kernels, 2);
    loudness.process(source);
    peaks.process(source);
    return { integratedLufs: loudness.integratedLufs, truePeakDbtp: peaks.overall.truePeakDbtp };
  });
}

/** `work` renders once. */
export function entrant(name: string, work: () => Outcome | Promise<Outcome>): Entrant {
  return {
    name,
    run: () => timed(work),
    firstRun: async () => {
      let outcome: Outcome = {};
      const seconds = await timed(async () => {
        outcome = await work();
      });
      return { outcome, seconds };
    },
  };
}

const newKernels = () => DspKernels.instantiate(readFileSync(kernelsUrl));

function silence(frames: number): Stereo {
  return [new Float32Array(frames), new Float32Array(frames)];
}
