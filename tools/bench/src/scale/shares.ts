/** Where the time of a workload goes: each of its plugins alone, on what it hears there, and what the engine adds. */
import { readFileSync } from "node:fs";
import { DspKernels, kernelsUrl, LoudnessMeter, TruePeakMeter } from "@gainstage/dsp";
import type { GraphDescription } from "@gainstage/graph";
import { type Host, instantiate, readCode, shortName } from "@gainstage/host";
import { Material, type Stereo } from "../material.ts";
import { convolverNode, hasConvolver } from "../ours/convolver.ts";
import { w1Graph, w2Graph, w3Graph } from "../ours/graphs.ts";
import { prepared } from "../ours/one-core.ts";
import { SAMPLE_RATE_HZ, TRACKS } from "../workloads.ts";
import { runOf } from "./plugin-cost.ts";
import { inTurn } from "./repeated.ts";

const SECONDS = 2;
const BLOCK_FRAMES = 512;

export interface Share {
  readonly workload: string;
  /** "compressor × 32", "the whole graph". */
  readonly what: string;
  /** Nanoseconds per frame of the workload. */
  readonly nsPerFrame: number;
}

export async function shares(host: Host, rounds: number): Promise<readonly Share[]> {
  const material = new Material(SECONDS, { withTracks: true, withConvolution: hasConvolver(host.catalog) });
  try {
    const one = new Map([["in", material.source]]);
    const all = new Map(material.tracks.map((track, t) => [`track${t}`, track] as const));
    const convolver = material.response && convolverNode(host.catalog, material.response);
    return [
      ...(await sharesOf("W1", host, w1Graph(host.catalog), one, rounds)),
      ...(await sharesOf("W2", host, w2Graph(host.catalog), one, rounds)),
      ...(await sharesOf("W3", host, w3Graph(host.catalog, convolver), all, rounds)),
      ...meterShares(material.source, rounds),
    ];
  } finally {
    material.dispose();
  }
}

/** A plugin that is there once a track is measured on the first one. */
async function sharesOf(
  workload: string,
  host: Host,
  graph: GraphDescription,
  sources: ReadonlyMap<string, Stereo>,
  rounds: number,
): Promise<Share[]> {
  const frames = SECONDS * SAMPLE_RATE_HZ;
  const empty = (): Stereo => [new Float32Array(frames), new Float32Array(frames)];
  const whole = await prepared(host, graph, BLOCK_FRAMES);
  const output = empty();
  const plugins: { readonly what: string; readonly times: number; readonly run: () => void }[] = [];
  for (const node of graph.nodes) {
    if (node.kind !== "plugin") continue;
    const track = /\d+$/.exec(node.id)?.[0];
    if (track !== undefined && track !== "0") continue;
    const times = track === undefined ? 1 : TRACKS;
    const input = empty();
    (await prepared(host, upTo(node.id, graph), BLOCK_FRAMES)).render(sources, input);
    const plugin = await instantiate(readCode(host.catalog.find(node.plugin), host.loading));
    const name = shortName(node.plugin);
    plugins.push({
      what: times > 1 ? `${name} × ${times}` : name,
      times,
      run: runOf(plugin, node, input),
    });
  }
  const [all, ...each] = inTurn(
    [() => whole.render(sources, output), ...plugins.map(({ run }) => run)],
    rounds,
  );
  const lines = plugins.map(({ what, times }, i) => ({
    workload,
    what,
    nsPerFrame: (each[i] * times) / frames,
  }));
  const alone = lines.reduce((sum, { nsPerFrame }) => sum + nsPerFrame, 0);
  return [
    { workload, what: "the whole graph", nsPerFrame: all / frames },
    ...lines,
    { workload, what: "the rest: engine, own nodes, copies", nsPerFrame: all / frames - alone },
  ];
}

/** The same graph, with what a node hears as its output. */
function upTo(node: string, { nodes, edges }: GraphDescription): GraphDescription {
  const heard = edges.filter(({ to }) => to.node === node);
  const others = edges.filter(({ to }) => to.node !== "out");
  return {
    nodes,
    edges: [...others, ...heard.map(({ from }) => ({ from, to: { node: "out", port: "in" } }))],
  };
}

function meterShares(source: Stereo, rounds: number): Share[] {
  const kernels = DspKernels.instantiate(readFileSync(kernelsUrl));
  const work = [
    () => new LoudnessMeter(kernels, SAMPLE_RATE_HZ, 2).process(source),
    () => new TruePeakMeter(kernels, 2).process(source),
  ];
  const [loudness, peaks] = inTurn(work, rounds).map((ns) => ns / source[0].length);
  return [
    { workload: "W2, W4", what: "loudness meter", nsPerFrame: loudness },
    { workload: "W4", what: "true-peak meter", nsPerFrame: peaks },
  ];
}
