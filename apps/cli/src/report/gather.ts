/** Measures what the report draws. */
import {
  averageSpectrum,
  bandedSpectrum,
  CorrelationMeter,
  type DspKernels,
  LoudnessMeter,
  measureAudio,
} from "@gainstage/dsp";
import type { GraphDescription } from "@gainstage/graph";
import type { Host, NodeLatency } from "@gainstage/host";
import type { Manifest } from "@gainstage/plugin-api";
import type { AudioReport, GraphReport } from "./report-data.ts";

export function audioReport(
  kernels: DspKernels,
  name: string,
  channels: readonly Float32Array[],
  sampleRateHz: number,
): AudioReport {
  const loudness = new LoudnessMeter(kernels, sampleRateHz, channels.length);
  loudness.process(channels);
  const correlation = new CorrelationMeter(kernels, sampleRateHz);
  if (channels.length > 1) correlation.process(channels[0], channels[1]);
  return {
    name,
    sampleRateHz,
    channels,
    measurement: measureAudio(kernels, channels, sampleRateHz),
    momentaryLufs: loudness.momentaryLufs,
    shortTermLufs: loudness.shortTermLufs,
    correlation: correlation.history,
    spectrum: bandedSpectrum(averageSpectrum(kernels, channels, sampleRateHz, { size: 16_384 }), 6),
  };
}

export function graphReport(
  host: Host,
  title: string,
  rendered: {
    readonly graph: GraphDescription;
    readonly latencyFrames: number;
    readonly latencies: ReadonlyMap<string, NodeLatency>;
  },
  sampleRateHz: number,
  channelNames: ReadonlyMap<string, string>,
): GraphReport {
  const manifests = new Map<string, Manifest>();
  for (const node of rendered.graph.nodes) {
    if (node.kind === "plugin") manifests.set(node.plugin, host.catalog.find(node.plugin).manifest);
  }
  const { graph, latencyFrames, latencies } = rendered;
  return { title, sampleRateHz, graph, latencyFrames, latencies, manifests, channelNames };
}
